/**
 * @file Bytes and speed of the codec on real updates of the 10m model at k = 64 of 4,096: bits a parameter with every header byte beside
 * other codes, ways to send values by their error, and compress, decode and apply on one core against PyTorch's same steps.
 *
 * --updates=FOLDER   where the updates are; made there first (some minutes) if it has none
 * --python=FILE      a Python with PyTorch; without it the ratios against PyTorch are left out
 * --rounds=7         rounds of the interleaved measurement
 * --values=SEEDS     instead: the final loss of nano models by the way their values are sent
 * --text=FOLDER      text to train on (node_modules)
 * --json             ends with one line {"bitsPerParameter", "compressRatio", "decodeRatio", "applyRatio"}
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { compressUpdate } from "../kernels/compress/compress.ts";
import { loadExactModule } from "../kernels/compress/exact-module.ts";
import { openExact } from "../kernels/exact/exact.ts";
import { initialParameters } from "../kernels/nn/model.ts";
import { decodeBody, encodeBody, keptOf, type SparseUpdate } from "../src/protocol/codec.ts";
import { UPDATE_HEADER_BYTES } from "../src/protocol/update.ts";
import { MODELS } from "../src/run/presets.ts";
import { rangeDecode, rangeEncode, riceBits } from "./codec/index-codes.ts";
import { compareValues } from "./codec/quality.ts";
import { QUANTISER_NAMES, QUANTISERS } from "./codec/quantisers.ts";
import { type Rival, type RivalStep, startRival } from "./codec/rival.ts";
import { chunkEnds, type RealUpdates, realUpdates, RULE } from "./codec/updates.ts";
import { flagsOf } from "./support/flags.ts";

const PINNED = "ASSAY_BENCH_PINNED";
/** Runs of a step in a round, the first of which warms the cache. */
const RUNS = 5;
/** Of one that is measured behind its like: so long until the third-level cache holds what it touches. */
const RUNS_AGAIN = 25;
const ALPHA = 0.35;

const flags = flagsOf({
  updates: { type: "string", default: join(tmpdir(), "assay-codec-updates") },
  python: { type: "string", default: "" },
  rounds: { type: "string", default: "7" },
  values: { type: "string", default: "" },
  text: { type: "string", default: "node_modules" },
  json: { type: "boolean", default: false },
});
const print = (line: object): void => console.log(JSON.stringify(line));
const round = (x: number, digits = 4): number => Number(x.toFixed(digits));

function medianOf(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
}

/** Bits a parameter of each update, whole and by other codes of its indices. */
function sizes({ layout, updates }: RealUpdates): number {
  const parameters = layout.lengths.reduce((sum, length) => sum + length, 0);
  const form = { lengths: layout.lengths, ...RULE };
  const bitsOf = (bytes: number): number => round((8 * bytes) / parameters, 5);
  const all = updates.map((update, index) => {
    const body = encodeBody(update, form).length;
    const kept = update.reduce((sum, { indices }) => sum + indices.length, 0);
    const chunks = layout.lengths.reduce((n, length) => n + Math.ceil(length / RULE.chunk), 0);
    const others = UPDATE_HEADER_BYTES + chunks + Math.ceil(kept / 8);
    const range = rangeEncode(update, layout.lengths, RULE.chunk);
    const indices = body - chunks - Math.ceil(kept / 8);
    const twoMagnitudes = UPDATE_HEADER_BYTES + 8 * layout.lengths.length + Math.ceil(kept / 4);
    const rice = riceBits(update, RULE.chunk) / 8;
    print({
      case: "codec-bytes",
      update: index,
      parameters,
      bitsPerParameter: bitsOf(UPDATE_HEADER_BYTES + body),
      withRice: bitsOf(others + rice),
      withEnumeration: bitsOf(others + range.length),
      withTwoBitValues: bitsOf(twoMagnitudes + indices),
      protocol2: bitsOf(twoMagnitudes + rice),
      bitsPerIndex: round((8 * indices) / kept),
      enumerationPerIndex: round((8 * range.length) / kept),
    });
    return (8 * (UPDATE_HEADER_BYTES + body)) / parameters;
  });
  return Math.max(...all);
}

/** Share of the squared norm of the kept values that each way to send them loses. */
function errors({ layout, updates }: RealUpdates): void {
  for (const name of QUANTISER_NAMES) {
    const lost = updates.map((update) => {
      let [away, whole] = [0, 0];
      for (const [tensor, { values }] of update.entries()) {
        const ends = chunkEnds(layout.lengths[tensor] ?? 0);
        const sent = QUANTISERS[name].quantise(values, ends);
        for (const [at, value] of values.entries()) {
          away += (value - (sent[at] ?? 0)) ** 2;
          whole += value ** 2;
        }
      }
      return round(away / whole, 5);
    });
    print({ case: "codec-values", values: name, bits: QUANTISERS[name].bits, lostSquares: lost });
  }
}

type Step = {
  readonly name: string;
  /** Done before each run, and not measured. */
  readonly before?: () => void;
  readonly work: () => void;
  readonly rivals: readonly RivalStep[];
  /** Of a round (RUNS). */
  readonly runs?: number;
};

type Steps = {
  readonly body: Uint8Array;
  readonly theta: Float32Array;
  readonly steps: readonly Step[];
};

/** Runs of our steps and PyTorch's in turn; medians, the spread of the rounds, and ratios. */
async function speeds(rival: Rival | null, steps: readonly Step[]): Promise<Map<string, number>> {
  const rounds = Number(flags.rounds);
  const times = new Map<string, number[]>();
  const note = (name: string, ms: number): void =>
    void times.set(name, [...(times.get(name) ?? []), ms]);
  for (const { work } of steps) for (let i = 0; i < 20; i += 1) work();
  for (let one = 0; one < rounds; one += 1)
    for (const { name, before, work, rivals, runs = RUNS } of steps) {
      const own = Array.from({ length: runs }, () => {
        before?.();
        const begin = performance.now();
        work();
        return performance.now() - begin;
      });
      note(name, medianOf(own.slice(1)));
      for (const step of rivals)
        if (rival !== null) note(`torch ${step}`, await rival.measure(step, runs));
    }
  for (const [name, list] of times)
    print({
      case: "codec-speed",
      step: name,
      ms: round(medianOf(list), 3),
      least: round(Math.min(...list), 3),
      most: round(Math.max(...list), 3),
      rounds,
    });
  return new Map([...times].map(([name, list]) => [name, medianOf(list)]));
}

const keptOfChunk = (length: number): number => keptOf(length, RULE.k, RULE.chunk);

/** Floats of a cache line. */
const LINE = 16;

/** A float of each cache line that an update touches. */
function linesOf({ offsets }: RealUpdates["layout"], update: SparseUpdate): Uint32Array {
  const lines = update.flatMap(({ indices }, tensor) =>
    Array.from(indices, (index) => Math.floor(((offsets[tensor] ?? 0) + index) / LINE)),
  );
  return Uint32Array.from(new Set(lines), (line) => line * LINE);
}

/** The product's steps, each beside the rival's, and the update as bytes for it. */
function stepsOf({ layout, error: feedback }: RealUpdates): Steps {
  const form = { lengths: layout.lengths, ...RULE };
  const exact = openExact(loadExactModule(), 3 * layout.total);
  const [error, theta, other] = [0, 1, 2].map(() => exact.vector(layout.total));
  if (!error || !theta || !other) throw new RangeError("three vectors");
  theta.view.set(initialParameters(MODELS["10m"], 1));
  error.view.set(feedback);
  const body = encodeBody(compressUpdate(exact, error, layout, RULE), form);
  const update: SparseUpdate = decodeBody(body, form);
  exact.addSent(error, layout, update);
  const range = rangeEncode(update, layout.lengths, RULE.chunk);
  const found = rangeDecode(range, layout.lengths, RULE.chunk, keptOfChunk);
  if (!found.every((indices, at) => indices.every((one, i) => one === update[at]?.indices[i])))
    throw new Error("the range coder reads other coordinates than it wrote");
  // What was sent leaves the feedback, and comes back for the next run: PyTorch is spared the second.
  const compress = (): void => {
    const one = compressUpdate(exact, error, layout, RULE);
    encodeBody(one, form);
    exact.addSent(error, layout, one);
  };
  const enumerate = (): void => void rangeDecode(range, layout.lengths, RULE.chunk, keptOfChunk);
  const apply = (): void => {
    exact.applyUpdate(theta, theta, layout, { update, factor: ALPHA });
  };
  const copy = (): void => {
    exact.copy(other, theta);
  };
  const lines = linesOf(layout, update);
  // No apply can be quicker: it stores to every line, and knows less beforehand.
  const touch = (): void => {
    for (let at = 0; at < lines.length; at += 1) theta.view[lines[at] ?? 0] = 0.5;
  };
  return {
    body,
    theta: theta.view,
    steps: [
      { name: "compress", work: compress, rivals: ["compress"] },
      { name: "decode", work: () => void decodeBody(body, form), rivals: ["decode", "published"] },
      { name: "decode by enumeration", work: enumerate, rivals: [] },
      { name: "apply", before: copy, work: apply, rivals: ["apply", "scatter"] },
      { name: "apply again", work: apply, rivals: ["scatter again"], runs: RUNS_AGAIN },
      { name: "stores alone", before: copy, work: touch, rivals: [] },
      { name: "stores alone again", work: touch, rivals: [], runs: RUNS_AGAIN },
      { name: "copy", work: copy, rivals: ["copy"] },
    ],
  };
}

async function measure(): Promise<void> {
  const data = await realUpdates(flags.updates, flags.text);
  const bitsPerParameter = sizes(data);
  errors(data);
  const { body, theta, steps } = stepsOf(data);
  const numbers = { error: data.error, theta, body };
  const how = { layout: data.layout, ...RULE };
  const rival = flags.python === "" ? null : await startRival(flags.python, numbers, how);
  const medians = await speeds(rival, steps);
  rival?.close();
  const of = (name: string): number => medians.get(name) ?? Number.NaN;
  const ratios = {
    bitsPerParameter: round(bitsPerParameter, 5),
    compressRatio: round(of("torch compress") / of("compress"), 2),
    decodeRatio: round(of("torch decode") / of("decode"), 2),
    applyRatio: round(Math.min(of("torch apply"), of("torch scatter")) / of("apply"), 2),
  };
  const copied = Math.min(of("copy"), rival === null ? Infinity : of("torch copy"));
  const torchApply = Math.min(of("torch apply"), of("torch scatter"));
  print({
    case: "codec",
    decodeAndApplyOfCopy: round((of("decode") + of("apply")) / copied, 2),
    decodeOfPublished: round(of("torch published") / of("decode"), 2),
    applyAgainRatio: round(of("torch scatter again") / of("apply again"), 2),
    // What the ratio of apply would be if it did nothing but store.
    mostApplyRatio: round(torchApply / of("stores alone"), 2),
    mostApplyAgainRatio: round(of("torch scatter again") / of("stores alone again"), 2),
    ...ratios,
  });
  if (flags.json) print(ratios);
}

/** This process again on one core, which PyTorch's then is on as well. */
function onOneCore(): number | null {
  const command = ["-c", "0", process.execPath, ...process.argv.slice(1)];
  const run = spawnSync("taskset", command, {
    stdio: "inherit",
    env: { ...process.env, [PINNED]: "1" },
  });
  return run.error === undefined ? (run.status ?? 1) : null;
}

if (flags.values !== "") await compareValues(flags.text, Number(flags.values), print);
else {
  const status = process.env[PINNED] === undefined ? onOneCore() : null;
  if (status !== null) process.exitCode = status;
  else await measure();
}
