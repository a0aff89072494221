/** @file One window of a run without a chain: every process of the bench makes the same, so that they share nothing but requests. */
import { uint32Stream } from "../../kernels/random.ts";
import { initialParameters } from "../../kernels/nn/model.ts";
import { startEngine } from "../../kernels/engine/engine.ts";
import { keptOfTensor, type SparseUpdate, type UpdateLayout } from "../../src/protocol/codec.ts";
import { type Hex, updateDigest } from "../../src/protocol/digest.ts";
import { encodeWholeUpdate } from "../../src/protocol/update.ts";
import { demoManifest, MODELS } from "../../src/run/presets.ts";
import { engineOptionsOf, type Run } from "../../src/run/run.ts";
import { materialOf } from "../../simulation/material.ts";
import { only } from "../../simulation/only.ts";
import type { Measurer } from "../../validator/worker/measure.ts";

/** Models that the bench takes. */
export type Size = "nano" | "1m" | "10m";

/** The size of that name; 1m for any other. */
export function sizeOf(name: string): Size {
  return (["nano", "1m", "10m"] as const).find((one) => one === name) ?? "1m";
}

/** A miner's update, as it lies in the blob stores. */
export type Candidate = {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly digest: Hex;
  readonly bytes: Uint8Array;
};

const TEXT_BYTES = 1 << 21;
const GENESIS: Hex = `0x${"07".repeat(32)}`;
/** Digest of theta, which nobody moves. */
export const THETA: Hex = `0x${"08".repeat(32)}`;
export const WINDOW = 0;

/** Bytes that look random and are the same in every process. */
function bytesOf(count: number, seed: number): Uint8Array {
  const draw = uint32Stream(seed, 0);
  return Uint8Array.from({ length: count }, () => 97 + (draw() % 26));
}

function runOf(size: Size): Run {
  const model = MODELS[size];
  const material = materialOf({
    training: bytesOf(TEXT_BYTES, 1),
    heldOut: bytesOf(64 * (model.context + 1), 2),
    tokenBytes: 1,
    vocabulary: 256,
    model,
    sequencesPerPage: 8,
    manifest({ dataManifest, pages, ...parts }) {
      const data = { manifest: dataManifest, pages };
      return { ...demoManifest({ ...parts, name: "bench", windows: 60, data }), model };
    },
  });
  return material.on(GENESIS);
}

/** An update as large as a miner's, at places of its own; it hardly moves the model. */
function updateOf({ lengths, k, chunk }: UpdateLayout, uid: number): SparseUpdate {
  return lengths.map((length) => {
    const indices: number[] = [];
    for (let start = 0; start < length; start += chunk) {
      const room = Math.min(chunk, length - start);
      const kept = keptOfTensor(room, k, chunk);
      const stride = Math.floor(room / kept);
      for (let n = 0; n < kept; n++) indices.push(start + n * stride + (uid % stride));
    }
    return {
      indices: Uint32Array.from(indices),
      values: new Float32Array(indices.length).fill(2 ** -12),
    };
  });
}

/** A run, the candidates of its first window, and the hotkeys by uid. */
export type Stage = {
  readonly run: Run;
  readonly candidates: readonly Candidate[];
  readonly hotkeys: readonly Hex[];
};

/** The run, and so many candidates of its first window. */
export function stageOf(size: Size, count: number): Stage {
  const run = runOf(size);
  const candidates = Array.from({ length: count }, (_, uid): Candidate => {
    const hotkey: Hex = `0x${uid.toString(16).padStart(64, "0")}`;
    const header = run.expectedHeader(WINDOW, hotkey, THETA);
    const update = updateOf(run.updateLayout, uid);
    const bytes = encodeWholeUpdate(
      { ...header, window: BigInt(WINDOW) },
      update,
      run.updateLayout,
    );
    return { uid, hotkey, bytes, digest: updateDigest(bytes) };
  });
  return { run, candidates, hotkeys: candidates.map(({ hotkey }) => hotkey) };
}

/** A node that stands in the window, with an engine of one thread. */
export async function nodeOf({ run, candidates, hotkeys }: Stage): Promise<Measurer> {
  const engine = await startEngine({ ...engineOptionsOf(run.manifest), threads: 1, device: "cpu" });
  await engine.setParameters(initialParameters(run.manifest.model, 1));
  const payloads = new Map(candidates.map(({ digest, bytes }) => [digest, bytes]));
  const subnet = only<Measurer["subnet"]>("subnet", {
    blocks: only<Measurer["subnet"]["blocks"]>("clock", {
      current: { number: 0, hash: GENESIS },
      hashOf: async () => GENESIS,
    }),
    finder: only<Measurer["subnet"]["finder"]>("finder", {
      async find(digest) {
        const bytes = payloads.get(digest);
        if (bytes === undefined) throw new Error(`no payload ${digest}`);
        return bytes;
      },
    }),
  });
  return {
    run,
    engine,
    subnet,
    record: only<Measurer["record"]>("record", { hotkeys: async () => hotkeys }),
    follower: only<Measurer["follower"]>("follower", {
      digest: THETA,
      expectedHeader: (hotkey) => run.expectedHeader(WINDOW, hotkey, THETA),
    }),
    neuron: { signal: new AbortController().signal },
  };
}
