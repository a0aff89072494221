/** @file SCALE of the runtime API `Benchmark` (frame-benchmarking, version 2): what there is to measure, and what came out. */
import { concat } from "../embedded/codec/bytes.ts";
import { ScaleReader, compact, textVector, u32 } from "../embedded/codec/scale.ts";

/** A component: the letter that its benchmark calls it, least and highest value. */
export type Component = { readonly name: string; readonly low: number; readonly high: number };

/** A benchmark: the crate of its pallet, what FRAME calls its instance, its own name. */
export type Benchmark = {
  readonly pallet: string;
  readonly instance: string;
  readonly name: string;
  readonly components: readonly Component[];
};

/** Values of components, by letter, in the benchmark's order. */
export type Point = Readonly<Record<string, number>>;

/** One run: nanoseconds of the call, and of hashing what it wrote. */
type Run = {
  readonly components: Point;
  readonly callNs: number;
  readonly rootNs: number;
};

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

function letter(reader: ScaleReader): string {
  const index = reader.u8();
  const name = LETTERS[index];
  if (name === undefined) throw new RangeError(`there is no component ${index}`);
  return name;
}

/** u128 as a number: nanoseconds that fit in 53 bits. */
function nanoseconds(reader: ScaleReader): number {
  const low = reader.u64();
  const high = reader.u64();
  if (high !== 0n || low > BigInt(Number.MAX_SAFE_INTEGER))
    throw new RangeError("a run lasted longer than 2^53 ns");
  return Number(low);
}

function readMetadata(reader: ScaleReader): { name: string; components: Component[] } {
  const name = reader.text();
  const components = reader.list((item) => ({
    name: letter(item),
    low: item.u32(),
    high: item.u32(),
  }));
  // Modes of proofs: there are none here.
  reader.list((item) => [item.bytes(), item.bytes()]);
  return { name, components };
}

/** Reads what `Benchmark_benchmark_metadata` answers; the storage items after it are left. @throws RangeError */
export function decodeBenchmarks(bytes: Uint8Array): Benchmark[] {
  const lists = new ScaleReader(bytes).list((reader) => {
    const [pallet, instance] = [reader.text(), reader.text()];
    const found = reader.list(readMetadata);
    return found.map((one): Benchmark => ({ pallet, instance, ...one }));
  });
  return lists.flat();
}

/** Arguments of `Benchmark_dispatch_benchmark`. */
export function encodeConfig(benchmark: Benchmark, point: Point, repeats: number): Uint8Array {
  const selected = benchmark.components.map(({ name, high }) =>
    concat(Uint8Array.of(LETTERS.indexOf(name)), u32(point[name] ?? high)),
  );
  return concat(
    textVector(benchmark.pallet),
    textVector(benchmark.instance),
    textVector(benchmark.name),
    concat(compact(selected.length), ...selected),
    Uint8Array.of(0),
    u32(repeats),
  );
}

function readRun(reader: ScaleReader): Run {
  const components = Object.fromEntries(
    reader.list((item): [string, number] => [letter(item), item.u32()]),
  );
  const [callNs, rootNs] = [nanoseconds(reader), nanoseconds(reader)];
  // Reads, repeated reads, writes, repeated writes, size of the proof, keys: this host counts none.
  reader.take(5 * 4);
  reader.list((item) => [item.bytes(), item.take(4 + 4 + 1)]);
  return { components, callNs, rootNs };
}

/** What a benchmark answered: its runs, or why it could not run. */
export type Answer =
  | { readonly ok: true; readonly runs: readonly Run[] }
  | { readonly ok: false; readonly reason: string };

/** Reads what `Benchmark_dispatch_benchmark` answers. @throws RangeError */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const reader = new ScaleReader(bytes);
  if (reader.u8() !== 0) return { ok: false, reason: reader.text() };
  const batches = reader.list((batch) => {
    for (let skipped = 0; skipped < 3; skipped++) batch.bytes();
    return batch.list(readRun);
  });
  if (batches.length === 0) return { ok: false, reason: "the benchmark asked to be skipped" };
  return { ok: true, runs: batches.flat() };
}
