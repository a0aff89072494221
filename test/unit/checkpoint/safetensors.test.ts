/** @file Checkpoint bytes: what is written is read back bit for bit; anything else is refused, never a crash. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
} from "../../../src/checkpoint/safetensors.ts";

const tensor = fc
  .record({ rows: fc.nat(4), columns: fc.integer({ min: 1, max: 4 }) })
  .chain(({ rows, columns }) =>
    fc
      .uint8Array({ minLength: 4 * rows * columns, maxLength: 4 * rows * columns })
      .map((bytes) => ({
        shape: [rows, columns],
        // Any bit pattern, NaN payloads included.
        values: new Float32Array(new Uint8Array(bytes).buffer),
      })),
  );

const tensors: fc.Arbitrary<NamedTensor[]> = fc
  .uniqueArray(fc.stringMatching(/^[a-zé][a-z.0-9]{0,8}$/), { maxLength: 4 })
  .chain((names) => fc.tuple(...names.map((name) => tensor.map((one) => ({ name, ...one })))));

const bitsOf = (values: Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);

const EXAMPLE: readonly NamedTensor[] = [
  { name: "a", shape: [2, 2], values: Float32Array.of(1, -0, Number.NaN, 4) },
  { name: "b", shape: [3], values: Float32Array.of(5, 6, 7) },
];
const BYTES = encodeSafetensors(EXAMPLE, { format: "pt" });

function refuses(
  bytes: Uint8Array,
  expected: readonly Pick<NamedTensor, "name" | "shape">[],
): void {
  assert.throws(
    () => decodeSafetensors(bytes, expected),
    (error) => isAssayError(error, "checkpoint-invalid"),
  );
}

/** The example with its header text changed by `edit`, at the same length. */
function withHeader(edit: (text: string) => string): Uint8Array {
  const length = Number(new DataView(BYTES.buffer).getBigUint64(0, true));
  const text = edit(Buffer.from(BYTES.subarray(8, 8 + length)).toString("utf8"));
  const bytes = BYTES.slice();
  bytes.set(Buffer.from(text.padEnd(length).slice(0, length)), 8);
  return bytes;
}

test("what is encoded decodes to the same names, shapes and bits, also out of a Buffer", () => {
  fc.assert(
    fc.property(tensors, fc.boolean(), (given, asBuffer) => {
      const bytes = encodeSafetensors(given, { format: "pt" });
      const decoded = decodeSafetensors(asBuffer ? Buffer.from(bytes) : bytes, given);
      assert.deepEqual(
        decoded.map(({ name, shape, values }) => ({ name, shape, bits: bitsOf(values) })),
        given.map(({ name, shape, values }) => ({ name, shape, bits: bitsOf(values) })),
      );
      assert.deepEqual(encodeSafetensors(decoded, { format: "pt" }), bytes);
    }),
  );
});

test("tensor bytes begin at a multiple of eight, whatever letters the names have", () => {
  fc.assert(
    fc.property(tensors, (given) => {
      const bytes = encodeSafetensors(given, {});
      const header = new DataView(bytes.buffer).getBigUint64(0, true);
      assert.equal(header % 8n, 0n);
    }),
  );
});

test("a mutated file is refused as a fault or decodes to exactly its own data section", () => {
  const change = fc.record({ at: fc.nat(BYTES.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 4 }),
      fc.nat(BYTES.length),
      fc.boolean(),
      (changes, length, cut) => {
        const bytes = BYTES.slice(0, cut ? length : BYTES.length);
        for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
        let decoded: readonly NamedTensor[];
        try {
          decoded = decodeSafetensors(bytes, EXAMPLE);
        } catch (error) {
          assert.ok(isAssayError(error, "checkpoint-invalid"), String(error));
          return;
        }
        const data = Buffer.concat(decoded.map(({ values }) => bitsOf(values)));
        assert.deepEqual(data, Buffer.from(bytes.subarray(bytes.length - data.length)));
        const again = decodeSafetensors(encodeSafetensors(decoded, {}), EXAMPLE);
        assert.deepEqual(Buffer.concat(again.map(({ values }) => bitsOf(values))), data);
      },
    ),
    { numRuns: 500 },
  );
});

test("random bytes are refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => refuses(bytes, EXAMPLE)));
});

test("other tensors, holes, overlaps, trailing bytes and giant headers are refused", () => {
  const [a, b] = EXAMPLE;
  assert.ok(a !== undefined && b !== undefined);
  refuses(BYTES, [a]);
  refuses(BYTES, [b, a]);
  refuses(BYTES, [a, { ...b, name: "c" }]);
  refuses(BYTES, [a, { ...b, shape: [1, 3] }]);
  refuses(BYTES, [{ ...a, shape: [4] }, b]);
  refuses(Buffer.concat([BYTES, Buffer.of(0)]), EXAMPLE);
  refuses(
    withHeader((text) => text.replace("[16,28]", "[12,24]")),
    EXAMPLE,
  );
  refuses(
    withHeader((text) => text.replaceAll("F32", "F16")),
    EXAMPLE,
  );
  refuses(
    withHeader(() => "[]"),
    EXAMPLE,
  );
  refuses(Buffer.from("ffffffffffffffff7b7d", "hex"), EXAMPLE);
});
