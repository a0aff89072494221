/** @file Addresses that a stranger on the chain may not point a node at. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isPrivateAddress } from "../../../src/network/address.ts";

test("the own machine, the own network and what is no address are private", () => {
  const own = [
    ["127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
    ["169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255"],
    ["::1", "::", "fe80::1", "fd00::1", "ff02::1"],
    ["", "localhost", "1.2.3", "example.org", "1.2.3.4:80", "[::1]"],
  ].flat();
  for (const ip of own) assert.ok(isPrivateAddress(ip), ip);
});

test("public addresses are not, next to the borders too", () => {
  const others = ["8.8.8.8", "172.15.0.1", "172.32.0.1", "11.0.0.1", "126.0.0.1", "192.169.0.1"];
  for (const ip of [...others, "100.63.255.255", "100.128.0.0", "2001:db8:1::1", "2606:4700::1"])
    assert.ok(!isPrivateAddress(ip), ip);
});

test("an IPv4 address in IPv6 clothes is what it is", () => {
  fc.assert(
    fc.property(fc.ipV4(), (ip) => {
      assert.equal(isPrivateAddress(`::ffff:${ip}`), isPrivateAddress(ip));
    }),
  );
});
