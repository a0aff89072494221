/** @file A whole update: 142 bytes of header, each binding with its own refusal. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import { encodeBody, type SparseUpdate, type UpdateLayout } from "../../../src/protocol/codec.ts";
import { type Hex } from "../../../src/protocol/digest.ts";
import {
  decodeUpdate,
  encodeUpdate,
  encodeWholeUpdate,
  type ExpectedUpdate,
  readUpdate,
  UPDATE_HEADER_BYTES,
  type UpdateHeader,
} from "../../../src/protocol/update.ts";

const bytes32 = (byte: string): Hex => `0x${byte.repeat(32)}`;
const layout: UpdateLayout = { lengths: [8, 3], k: 2, chunk: 4 };
const update: SparseUpdate = [
  { indices: Uint32Array.of(0, 3, 5, 6), values: Float32Array.of(0.5, -0.5, 2, -2) },
  { indices: Uint32Array.of(0, 2), values: Float32Array.of(0.125, -0.125) },
];
const header: UpdateHeader = {
  genesis: bytes32("01"),
  runId: bytes32("02"),
  netuid: 3,
  window: 41n,
  hotkey: bytes32("03"),
  baseDigest: bytes32("04"),
};
const expected: ExpectedUpdate = {
  genesis: header.genesis,
  runId: header.runId,
  netuid: 3,
  window: 41,
  hotkey: header.hotkey,
  baseDigest: header.baseDigest,
};
const bytes = encodeUpdate(header, encodeBody(update, layout));

test("header and update survive the round trip", () => {
  assert.equal(UPDATE_HEADER_BYTES, 142);
  assert.deepEqual(decodeUpdate(bytes, layout, expected), { header, update });
  assert.deepEqual(encodeWholeUpdate(header, update, layout), bytes);
});

test("the header lies as docs/protocol.md#header says", () => {
  const view = new DataView(bytes.buffer);
  assert.equal(new TextDecoder().decode(bytes.subarray(0, 4)), "ASY3");
  for (const [from, byte] of [
    [4, 1],
    [36, 2],
    [78, 3],
    [110, 4],
  ] as const)
    assert.deepEqual(bytes.slice(from, from + 32), new Uint8Array(32).fill(byte));
  assert.equal(view.getUint16(68, true), 3);
  assert.equal(view.getBigUint64(70, true), 41n);
  assert.deepEqual(bytes.slice(142), encodeBody(update, layout));
});

const BINDINGS: readonly [string, Partial<ExpectedUpdate>][] = [
  ["wrong-run", { genesis: bytes32("09") }],
  ["wrong-run", { runId: bytes32("09") }],
  ["wrong-run", { netuid: 4 }],
  ["wrong-window", { window: 42 }],
  ["wrong-hotkey", { hotkey: bytes32("09") }],
  ["stale-base", { baseDigest: bytes32("09") }],
];

for (const [code, change] of BINDINGS) {
  test(`${code} when ${Object.keys(change).join()} differs`, () => {
    const reading = readUpdate(bytes, layout, { ...expected, ...change });
    assert.ok(!reading.ok);
    assert.equal(reading.code, code);
    assert.throws(
      () => decodeUpdate(bytes, layout, { ...expected, ...change }),
      (error) =>
        isAssayError(error, "update-malformed") && error.message.includes(`encoding: ${code}: `),
    );
  });
}

const FRAMES: readonly [string, (copy: Uint8Array) => Uint8Array, RegExp][] = [
  ["short", (copy) => copy.subarray(0, 141), /fewer than the header/],
  ["empty", () => new Uint8Array(), /fewer than the header/],
  ["truncated", (copy) => copy.subarray(0, copy.length - 1), /gaps/],
  ["extended", (copy) => Uint8Array.from([...copy, 0]), /follow|more than/],
  ["magic", (copy) => copy.fill(0, 0, 1), /ASY3/],
  ["of protocol 2", (copy) => copy.fill(0x32, 3, 4), /ASY3/],
  ["no body", (copy) => copy.subarray(0, 142), /end before/],
];

for (const [name, damage, reason] of FRAMES) {
  test(`malformed: ${name}`, () => {
    const reading = readUpdate(damage(bytes.slice()), layout, expected);
    assert.ok(!reading.ok && reading.code === "malformed");
    assert.match(reading.reason, reason);
  });
}

test("every single-bit damage is refused or is another valid update with the same encoding", () => {
  let accepted = 0;
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const damaged = bytes.slice();
    damaged[bit >>> 3] = (damaged[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
    const reading = readUpdate(damaged, layout, expected);
    if (!reading.ok) continue;
    accepted += 1;
    assert.deepEqual(encodeWholeUpdate(reading.header, reading.update, layout), damaged);
  }
  assert.ok(accepted > 0);
});

test("random bytes never crash the reader", () => {
  const prefixed = fc
    .tuple(fc.nat(bytes.length), fc.uint8Array({ maxLength: 300 }))
    .map(([kept, tail]) => Uint8Array.from([...bytes.subarray(0, kept), ...tail]));
  fc.assert(
    fc.property(prefixed, (input) => {
      const reading = readUpdate(input, layout, expected);
      if (!reading.ok) return;
      assert.deepEqual(encodeWholeUpdate(reading.header, reading.update, layout), input);
    }),
    { numRuns: 5000 },
  );
});

test("header fields that do not fit are refused, not wrapped", () => {
  for (const change of [{ netuid: 65536 }, { window: -1n }, { window: 2n ** 64n }]) {
    assert.throws(() => encodeUpdate({ ...header, ...change }, new Uint8Array()), RangeError);
  }
  assert.throws(() => encodeUpdate({ ...header, genesis: "0x00" }, new Uint8Array()), RangeError);
});
