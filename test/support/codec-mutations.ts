/**
 * @file Bodies of updates, damaged with a plan: is any accepted that is none, and does any cost more than its size allows?
 * `node test/support/codec-mutations.ts [--count 1000000] [--seed 1]` prints one line, and fails if so. Some minutes.
 */
import { isDeepStrictEqual, parseArgs } from "node:util";
import { isAssayError } from "../../src/errors.ts";
import {
  decodeBody,
  encodeBody,
  type SparseUpdate,
  type UpdateLayout,
} from "../../src/protocol/codec.ts";
import { uint32Stream } from "../../kernels/random.ts";
import { uniformUpdate } from "../unit/protocol/uniform-update.ts";
import { oracle } from "./codec-oracle.ts";
import { decodeBodyTwin } from "./codec-twin.ts";
import { countedBody } from "./counted-body.ts";

/** One and two magnitudes, odd and even pairs, singles, short last chunks, chunks that keep all. */
const LAYOUTS: readonly UpdateLayout[] = [
  { lengths: [100, 7], k: 8, chunk: 64 },
  { lengths: [256, 130], k: 2, chunk: 128 },
  { lengths: [600], k: 3, chunk: 200 },
  { lengths: [320, 9], k: 5, chunk: 160 },
  { lengths: [12, 3], k: 6, chunk: 6 },
  { lengths: [4096], k: 16, chunk: 4096 },
];
const BODIES = 24;

type Draw = (below: number) => number;

function oneOf<T>(list: readonly T[], draw: Draw): T {
  const one = list[draw(list.length)];
  if (one === undefined) throw new RangeError("an empty list");
  return one;
}

/** A place in a body: its ends more often than the rest. */
function place(draw: Draw, length: number): number {
  if (length === 0) return 0;
  return [0, length - 1, draw(length), draw(length), draw(length)][draw(5)] ?? 0;
}

function spliced(
  body: Uint8Array,
  at: number,
  removed: number,
  added: ArrayLike<number>,
): Uint8Array {
  return Uint8Array.from([
    ...body.subarray(0, at),
    ...Array.from(added),
    ...body.subarray(at + removed),
  ]);
}

function changed(body: Uint8Array, at: number, value: (old: number) => number): Uint8Array {
  return body.map((byte, index) => (index === at ? value(byte) & 255 : byte));
}

type Mutation = (body: Uint8Array, draw: Draw, other: Uint8Array) => Uint8Array;

/** By what they do. */
const MUTATIONS: readonly Mutation[] = [
  (body, draw) => changed(body, place(draw, body.length), (old) => old ^ (1 << draw(8))),
  (body, draw) => changed(body, place(draw, body.length), (old) => old ^ (128 >> draw(3))),
  (body, draw) => changed(body, place(draw, body.length), () => [0, 255, draw(256)][draw(3)] ?? 0),
  (body, draw) => changed(body, place(draw, body.length), (old) => old + 1 - 2 * draw(2)),
  (body, draw) => body.slice(0, draw(body.length + 1)),
  (body, draw) => spliced(body, body.length, 0, new Uint8Array(1 + draw(9)).fill(draw(2) * 255)),
  (body, draw) => spliced(body, place(draw, body.length), 0, [draw(256)]),
  (body, draw) => spliced(body, place(draw, body.length), 1, []),
  (body, draw) => spliced(body, place(draw, body.length), 1 + draw(8), new Uint8Array(draw(9))),
  (body, draw) => {
    const other = body[place(draw, body.length)] ?? 0;
    return changed(body, place(draw, body.length), () => other);
  },
  (body, draw, other) => {
    const at = place(draw, body.length);
    return spliced(body, at, body.length, other.subarray(at));
  },
  (body, draw, other) => {
    const at = place(draw, body.length);
    const size = 1 + draw(12);
    return spliced(body, at, size, other.subarray(at, at + size));
  },
  (body, draw) => body.map((byte) => (draw(4) === 0 ? draw(256) : byte)),
];

const counted = countedBody();

/** Loads and stores of the reader while `work` runs. */
function touchesIn(work: () => void): number {
  const before = counted.touches;
  work();
  return counted.touches - before;
}

function decoded(
  body: Uint8Array,
  layout: UpdateLayout,
  read: typeof decodeBody,
): SparseUpdate | string {
  try {
    return read(body, layout);
  } catch (error) {
    if (isAssayError(error, "update-malformed")) return error.message;
    throw error;
  }
}

/** As it is shipped, as it is counted, and by its slow twin: the same numbers, or the same reason. */
function readByAll(body: Uint8Array, layout: UpdateLayout): SparseUpdate | null {
  const own = decoded(body, layout, decodeBody);
  const twin = decoded(body, layout, decodeBodyTwin);
  const again = decoded(body, layout, (bytes, form) => decodeBody(bytes, form, counted.codec));
  if (!isDeepStrictEqual(own, twin) || !isDeepStrictEqual(own, again))
    throw new Error(
      `the decoder, its twin and its counted self differ on ${Buffer.from(body).toString("hex")}`,
    );
  return typeof own === "string" ? null : own;
}

/** What came of it. `worstWork`: the most loads and stores of one, over those of the valid body of its layout that takes fewest. */
export type MutationReport = {
  readonly count: number;
  readonly accepted: number;
  readonly wronglyAccepted: number;
  readonly wronglyRefused: number;
  readonly readDifferently: number;
  readonly worstWork: number;
};

/** Damages `count` bodies; the seed fixes how. */
export function mutate(count: number, seed: number): MutationReport {
  const next = uint32Stream(seed);
  const draw: Draw = (below) => next() % below;
  const cases = LAYOUTS.map((layout) => {
    const bodies = Array.from({ length: BODIES }, (_, one) =>
      encodeBody(uniformUpdate(layout, one), layout),
    );
    const fewest = Math.min(...bodies.map((body) => touchesIn(() => void readByAll(body, layout))));
    return { layout, bodies, fewest };
  });
  const report = { accepted: 0, wronglyAccepted: 0, wronglyRefused: 0, readDifferently: 0 };
  let worstWork = 0;
  for (let one = 0; one < count; one += 1) {
    const { layout, bodies, fewest } = oneOf(cases, draw);
    let body = oneOf(bodies, draw);
    for (let times = 1 + draw(3); times > 0; times -= 1)
      body = oneOf(MUTATIONS, draw)(body, draw, oneOf(bodies, draw));
    let found: SparseUpdate | null = null;
    const own = touchesIn(() => (found = readByAll(body, layout)));
    worstWork = Math.max(worstWork, own / fewest);
    tally(report, found, oracle(body, layout));
  }
  return { count, ...report, worstWork };
}

function tally(
  report: { -readonly [K in keyof MutationReport]?: number },
  found: SparseUpdate | null,
  truth: ReturnType<typeof oracle>,
): void {
  const count = (key: keyof MutationReport): void => void (report[key] = (report[key] ?? 0) + 1);
  if (found === null) return truth === null ? undefined : count("wronglyRefused");
  count("accepted");
  if (truth === null) return count("wronglyAccepted");
  const plain = found.map(({ indices, values }) => ({
    indices: [...indices],
    values: [...values],
  }));
  if (!isDeepStrictEqual(plain, truth)) count("readDifferently");
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "1000000" },
      seed: { type: "string", default: "1" },
    },
  });
  const report = mutate(Number(values.count), Number(values.seed));
  console.log(JSON.stringify(report));
  const wrong = report.wronglyAccepted + report.wronglyRefused + report.readDifferently;
  if (wrong > 0 || report.worstWork > 4) process.exitCode = 1;
}
