/** @file Real updates to measure codecs on: the 10m model is trained briefly, and what one miner would send is kept in a folder. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Layout, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { keptOf, keptOfTensor, type SparseUpdate } from "../../src/protocol/codec.ts";
import { MODELS } from "../../src/run/presets.ts";
import { play, textBelow } from "./play.ts";
import { QUANTISERS } from "./quantisers.ts";

/** What is measured at: the setting that the goals name. */
export const RULE = { k: 64, chunk: 4096 } as const;

const WINDOWS = 12;
/** Every so many windows an update is kept. */
const EVERY = 4;
const TEXT_BYTES = 8 << 20;
const ERROR_FILE = "error.f32";

/** Updates before their values were quantised, and the error feedback that the last one was cut out of. */
export type RealUpdates = {
  readonly layout: Layout;
  readonly updates: readonly SparseUpdate[];
  readonly error: Float32Array;
};

/** Behind which kept coordinate each chunk of a tensor of `length` ends. */
export function chunkEnds(length: number): number[] {
  let end = 0;
  return Array.from({ length: Math.ceil(length / RULE.chunk) }, (_, index) => {
    const size = Math.min(RULE.chunk, length - index * RULE.chunk);
    end += keptOf(size, RULE.k, RULE.chunk);
    return end;
  });
}

function bytesOf(array: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

async function make(folder: string, textFolder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await play(await textBelow(textFolder, TEXT_BYTES), {
    ...RULE,
    model: MODELS["10m"],
    miners: 1,
    windows: WINDOWS,
    steps: 5,
    batch: 4,
    rate: 0.001,
    alpha: 0.7,
    errorDecay: 0.9,
    seed: 1,
    quantise: QUANTISERS["chunk-magnitudes"].quantise,
    onUpdate: (window, update, error) => {
      console.error(`window ${window + 1} of ${WINDOWS}`);
      if ((window + 1) % EVERY !== 0) return;
      // All indices, then all values: little-endian u32 and f32, tensor after tensor.
      const parts = [...update.map((one) => one.indices), ...update.map((one) => one.values)];
      const name = `update-${String(window).padStart(3, "0")}.bin`;
      writeFileSync(join(folder, ERROR_FILE), bytesOf(error));
      writeFileSync(join(folder, name), Buffer.concat(parts.map(bytesOf)));
    },
  });
}

/** A copy: what is read from a file lies anywhere in a larger buffer. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** The updates in `folder`; they are made there first if it has none, which takes some minutes. */
export async function realUpdates(folder: string, textFolder: string): Promise<RealUpdates> {
  if (!existsSync(join(folder, ERROR_FILE))) await make(folder, textFolder);
  const layout = layoutOf(specsOf(MODELS["10m"]));
  const files = readdirSync(folder).filter((name) => name.startsWith("update-"));
  const updates = files.toSorted().map((name): SparseUpdate => {
    const bytes = readFileSync(join(folder, name));
    const indices = new Uint32Array(bufferOf(bytes.subarray(0, bytes.length / 2)));
    const values = new Float32Array(bufferOf(bytes.subarray(bytes.length / 2)));
    let at = 0;
    return layout.lengths.map((length) => {
      const from = at;
      at += keptOfTensor(length, RULE.k, RULE.chunk);
      return { indices: indices.slice(from, at), values: values.slice(from, at) };
    });
  });
  return {
    layout,
    updates,
    error: new Float32Array(bufferOf(readFileSync(join(folder, ERROR_FILE)))),
  };
}
