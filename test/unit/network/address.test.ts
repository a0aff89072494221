import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isPrivateAddress } from "../../../src/network/address.ts";

test("addresses of one's own network are private, also when written as IPv6", () => {
  for (const ip of [
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "100.64.0.1",
  ]) {
    assert.equal(isPrivateAddress(ip), true, ip);
    assert.equal(isPrivateAddress(`::ffff:${ip}`), true, `::ffff:${ip}`);
  }
  for (const ip of ["::1", "::", "fe80::1", "fd00::1", "ff02::1", "", "localhost", "1.2.3"])
    assert.equal(isPrivateAddress(ip), true, ip);
});

test("public addresses are not", () => {
  for (const ip of ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
    assert.equal(isPrivateAddress(ip), false, ip);
});

test("anything that is no address is refused", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 20 }),
      (text) => /^[\d.]+$|:/.test(text) || isPrivateAddress(text),
    ),
  );
});
