/** @file Who may read metrics, as an operator writes it. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { readersOf } from "../../../src/command/readers.ts";

const reads = (text: string, ip: string): boolean => readersOf(text)?.(ip) ?? assert.fail(text);

test("words, addresses and networks, IPv4 in IPv6 clothes too", () => {
  assert.ok(reads("loopback", "127.0.0.1") && reads("loopback", "127.8.9.1"));
  assert.ok(reads("loopback", "::1") && reads("loopback", "::ffff:127.0.0.1"));
  for (const ip of ["10.0.0.1", "::2", "::ffff:10.0.0.1", "", "localhost"])
    assert.ok(!reads("loopback", ip), ip);
  assert.ok(!reads("none", "127.0.0.1"));
  assert.ok(
    reads("loopback, 172.18.0.0/16", "172.18.4.5") && reads("2001:db8::/32", "2001:db8::9"),
  );
  assert.ok(!reads("172.18.0.0/16", "127.0.0.1"), "loopback is not among them unless it is named");
});

test("what is neither is refused", () => {
  for (const text of [
    "",
    "everybody",
    "10.0.0.0/33",
    "10.0.0.0/",
    "::/129",
    "10.0.0.0/8/8",
    "localhost",
    "fe80::1%eth0",
    "10.0.0.1,,",
    "toString",
  ])
    assert.equal(readersOf(text), null, text);
});

test("whatever is written, a reader is named or nobody is", () => {
  fc.assert(
    fc.property(fc.string(), fc.ipV4(), (text, ip) => {
      const named = readersOf(text);
      assert.ok(named === null || typeof named(ip) === "boolean");
    }),
  );
  fc.assert(fc.property(fc.ipV4(), (ip) => assert.equal(readersOf(ip)?.(ip), true)));
});
