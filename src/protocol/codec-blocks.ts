/** @file What a layout alone decides of a body: how many coordinates each chunk keeps, the size of each plane, the blocks it is read in. */
import {
  BLOCK_ENTRIES,
  type BodyBlock,
  type BodyRun,
  MOST_RUNS,
  remainderBits,
} from "../../kernels/exact/body.ts";
import { gapCode, mostQuotientBits } from "./codec-gaps.ts";
import { magnitudesOf } from "./codec-magnitudes.ts";

/** What fixes the form of a body: elements per tensor, and `k` kept of every `chunk`. */
export type UpdateLayout = {
  readonly lengths: readonly number[];
  readonly k: number;
  readonly chunk: number;
};

/** The bytes that hold so many bits. */
export function bytesOfBits(bits: number): number {
  return Math.ceil(bits / 8);
}

/** Coordinates kept of a chunk of `length` elements: max(1, ceil(k * length / chunk)). */
export function keptOf(length: number, k: number, chunk: number): number {
  return Math.max(1, Math.ceil((k * length) / chunk));
}

/** Coordinates kept of a whole tensor. */
export function keptOfTensor(length: number, k: number, chunk: number): number {
  const full = Math.floor(length / chunk);
  const rest = length - full * chunk;
  return full * keptOf(chunk, k, chunk) + (rest === 0 ? 0 : keptOf(rest, k, chunk));
}

/** The chunks of a tensor: the whole ones, and the short one at its end if there is one. */
function runsOf(length: number, { k, chunk }: UpdateLayout): readonly BodyRun[] {
  const chunks = Math.floor(length / chunk);
  const start = chunks * chunk;
  const runs = [
    { chunks, length: chunk, count: keptOf(chunk, k, chunk), start: 0 },
    { chunks: 1, length: length - start, count: keptOf(length - start, k, chunk), start },
  ];
  return runs.flatMap((run) =>
    run.chunks === 0 || run.length === 0 ? [] : [{ ...run, ...gapCode(run) }],
  );
}

/** Bytes of the planes. */
export type PlaneBytes = {
  readonly magnitudes: number;
  readonly signs: number;
  readonly large: number;
  readonly remainders: number;
  /** The last plane's size is what the gaps make it, up to this. */
  readonly mostQuotients: number;
};

/** Runs that are read or written together, and the tensor that each of them is of. */
type Block = BodyBlock & { readonly tensors: readonly number[] };

/** All that a layout decides. */
export type BodyPlan = {
  /** Entries of each tensor, and of all. */
  readonly counts: readonly number[];
  readonly entries: number;
  /** Magnitudes of a chunk. */
  readonly each: 1 | 2;
  readonly bytes: PlaneBytes;
  /** All chunks in order, as many in a block as fit one, and one at least. */
  readonly blocks: readonly Block[];
};

const plans = new WeakMap<UpdateLayout, BodyPlan>();

/** The plan of a layout, which is made once for each object. */
export function planOf(layout: UpdateLayout): BodyPlan {
  const known = plans.get(layout);
  if (known !== undefined) return known;
  const { lengths, k, chunk } = layout;
  const runs = lengths.map((length) => runsOf(length, layout));
  const counts = lengths.map((length) => keptOfTensor(length, k, chunk));
  const plan: BodyPlan = {
    counts,
    entries: counts.reduce((sum, count) => sum + count, 0),
    each: magnitudesOf(layout),
    bytes: planeBytes(runs.flat(), magnitudesOf(layout)),
    blocks: blocksOf(runs),
  };
  plans.set(layout, plan);
  return plan;
}

function planeBytes(runs: readonly BodyRun[], each: 1 | 2): PlaneBytes {
  const over = (of: (run: BodyRun) => number): number =>
    runs.reduce((sum, run) => sum + run.chunks * of(run), 0);
  const signs = bytesOfBits(over(({ count }) => count));
  return {
    magnitudes: over(() => each),
    signs,
    large: each === 2 ? signs : 0,
    remainders: bytesOfBits(over(remainderBits)),
    mostQuotients: bytesOfBits(over(mostQuotientBits)),
  };
}

type Growing = {
  runs: BodyRun[];
  tensors: number[];
  chunks: number;
  entries: number;
  quotientBits: number;
};

function blocksOf(tensors: readonly (readonly BodyRun[])[]): readonly Block[] {
  const blocks: Growing[] = [];
  const next = (): Growing => {
    const block = { runs: [], tensors: [], chunks: 0, entries: 0, quotientBits: 0 };
    blocks.push(block);
    return block;
  };
  let block = next();
  for (const [tensor, runs] of tensors.entries())
    for (const run of runs)
      for (let done = 0; done < run.chunks;) {
        const room = Math.floor((BLOCK_ENTRIES - block.entries) / run.count);
        const isFull = room === 0 || block.runs.length === MOST_RUNS;
        if (isFull && block.entries > 0) block = next();
        const fitting = Math.floor((BLOCK_ENTRIES - block.entries) / run.count);
        const chunks = Math.min(Math.max(1, fitting), run.chunks - done);
        block.runs.push({ ...run, chunks, start: run.start + done * run.length });
        block.tensors.push(tensor);
        block.chunks += chunks;
        block.entries += chunks * run.count;
        block.quotientBits += chunks * mostQuotientBits(run);
        done += chunks;
      }
  return blocks;
}
