/** @file Event files of TensorBoard: checksums of the standard, every record read back by a reader of our own, files that only grow. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { CurveFile, pointsOf } from "../../../src/metrics/curves.ts";
import { crc32c, firstRecord, type Scalar, scalarRecord } from "../../../src/metrics/event-file.ts";

/** RFC 3720, B.4. */
const VECTORS: readonly (readonly [string, Uint8Array, number])[] = [
  ["zeros", new Uint8Array(32), 0x8a9136aa],
  ["ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["incrementing", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ["decrementing", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ["check", Buffer.from("123456789"), 0xe3069283],
];

test("CRC-32C as RFC 3720 has it", () => {
  for (const [name, bytes, crc] of VECTORS) assert.equal(crc32c(bytes), crc, name);
});

function unmasked(crc: number): number {
  const turned = (crc - 0xa282ead8) >>> 0;
  return ((turned >>> 17) | (turned << 15)) >>> 0;
}

/** The messages of a file, whose checksums all hold. */
function eventsOf(file: Buffer): Buffer[] {
  const events: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    assert.equal(unmasked(file.readUInt32LE(at + 8)), crc32c(file.subarray(at, at + 8)));
    const event = file.subarray(at + 12, at + 12 + length);
    assert.equal(unmasked(file.readUInt32LE(at + 12 + length)), crc32c(event));
    events.push(event);
    at += 16 + length;
  }
  return events;
}

type Field = { readonly number: number; readonly bytes: Buffer; readonly value: bigint };

/** Fields of a message of protocol buffers. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => message.subarray(at, (at += length));
  while (at < message.length) {
    const key = Number(varint());
    const wire = key & 7;
    if (wire === 0) fields.push({ number: key >> 3, bytes: Buffer.alloc(0), value: varint() });
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint());
      fields.push({ number: key >> 3, bytes: take(length), value: 0n });
    }
  }
  return fields;
}

const field = (message: Buffer, number: number): Field =>
  fieldsOf(message).find((one) => one.number === number) ?? assert.fail(`no field ${number}`);

function scalarIn(event: Buffer): Scalar & { readonly seconds: number } {
  const one = field(field(event, 5).bytes, 1).bytes;
  return {
    seconds: field(event, 1).bytes.readDoubleLE(),
    step: Number(field(event, 2).value),
    tag: field(one, 1).bytes.toString(),
    value: field(one, 2).bytes.readFloatLE(),
  };
}

test("whatever is written is read again", () => {
  const scalar = fc.record({
    tag: fc.string({ unit: "binary", minLength: 1, maxLength: 300 }),
    step: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    value: fc.float(),
  });
  fc.assert(
    fc.property(
      fc.array(scalar, { maxLength: 5 }),
      fc.double({ noNaN: true }),
      (scalars, seconds) => {
        const file = Buffer.concat([
          firstRecord(seconds),
          ...scalars.map((one) => scalarRecord(one, seconds)),
        ]);
        const [first, ...events] = eventsOf(file);
        assert.equal(field(first ?? Buffer.alloc(0), 3).bytes.toString(), "brain.Event:2");
        assert.deepEqual(
          events.map(scalarIn),
          scalars.map((one) => ({ ...one, seconds })),
        );
      },
    ),
  );
  for (const step of [-1, 0.5, Number.NaN, 2 ** 53])
    assert.throws(() => scalarRecord({ tag: "a", step, value: 1 }, 0), RangeError);
});

const FOLDER = mkdtempSync(join(tmpdir(), "assay-curves-"));
test.after(() => rmSync(FOLDER, { recursive: true }));

const readBack = (folder: string): (readonly [string, number, number])[] => {
  const [name = ""] = readdirSync(folder);
  assert.match(name, /^events\.out\.tfevents\.\d+\./);
  const [, ...events] = eventsOf(readFileSync(join(folder, name)));
  return events.map(scalarIn).map(({ tag, step, value }) => [tag, step, value]);
};

test("a point is written once, none of before the first window, all in order", async () => {
  const folder = join(FOLDER, "a", "b");
  const file = new CurveFile({ folder, first: 5, fault: (error) => assert.fail(String(error)) });
  await file.add([{ tag: "loss", step: 4, value: 9 }]);
  await Promise.all([
    file.add([{ tag: "loss", step: 5, value: 3 }]),
    file.add([
      { tag: "loss", step: 5, value: 3 },
      { tag: "other", step: 5, value: 1 },
    ]),
    file.add([{ tag: "loss", step: 6, value: 2 }]),
  ]);
  assert.deepEqual(readBack(folder), [
    ["loss", 5, 3],
    ["other", 5, 1],
    ["loss", 6, 2],
  ]);
});

test("a folder that cannot be written to is told, and ends nothing", async () => {
  const inTheWay = join(FOLDER, "file");
  writeFileSync(inTheWay, "");
  const faults: unknown[] = [];
  const file = new CurveFile({ folder: inTheWay, first: 0, fault: (error) => faults.push(error) });
  await file.add([{ tag: "loss", step: 1, value: 3 }]);
  await file.add([{ tag: "loss", step: 2, value: 3 }]);
  assert.equal(faults.length, 2);
});

test("points are the samples of what is a curve, at its window, labels behind the name", () => {
  const metrics = [
    {
      name: "assay_a",
      kind: "gauge" as const,
      help: "A.",
      labels: ["uid"],
      curve: (state: { readonly window: number | null }) => state.window,
      of: () => [
        { labels: { uid: "3" }, value: 0.5 },
        { labels: { uid: "4" }, value: 0.25 },
      ],
    },
    { name: "assay_b", kind: "gauge" as const, help: "B.", of: () => [{ value: 1 }] },
  ];
  assert.deepEqual(pointsOf(metrics, { window: 7 }), [
    { tag: "assay_a/uid=3", step: 7, value: 0.5 },
    { tag: "assay_a/uid=4", step: 7, value: 0.25 },
  ]);
  for (const window of [null, -1]) assert.deepEqual(pointsOf(metrics, { window }), []);
});
