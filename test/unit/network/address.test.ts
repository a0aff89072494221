/** @file Addresses that a stranger on the chain may not point a node at. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isPrivateAddress, networkOf, remoteOf } from "../../../src/network/address.ts";

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

test("one remote: an IPv4 address however it is written, and the first 64 bits of an IPv6 address", () => {
  fc.assert(
    fc.property(fc.ipV4(), (ip) => {
      assert.equal(remoteOf(ip), ip);
      assert.equal(remoteOf(`::ffff:${ip}`), ip);
    }),
  );
  const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
  const groups = fc.array(group, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(groups, groups, groups, (network, one, other) => {
      const written = new URL(`http://[${[...network, ...one].join(":")}]`).hostname.slice(1, -1);
      const same = remoteOf([...network, ...other].join(":"));
      assert.equal(remoteOf(written), same);
      assert.equal(same, `${network.join(":")}::/64`);
      assert.equal(networkOf(written), `${network.slice(0, 3).join(":")}::/48`);
    }),
  );
  assert.equal(remoteOf("fe80::1%eth0"), "fe80:0:0:0::/64");
  assert.equal(remoteOf("::1"), "0:0:0:0::/64");
  assert.equal(networkOf("10.1.2.3"), "10.1.2.0/24");
  assert.equal(networkOf("::ffff:10.1.2.3"), "10.1.2.0/24");
});
