/** @file Two windows of a run without a chain: every process of the bench makes the same, so that they share nothing but requests. */
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
/** The window in which processes become warm: compiled and connected. A worker that serves for weeks does so once. */
const WARM_UP = 0;
/** The window that is measured. */
const MEASURED = 1;
/** Both, in order. */
export const WINDOWS = [WARM_UP, MEASURED] as const;
/** One of so many candidates is there to become warm with. */
const WARM_OF = 2;

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

/** A run, the candidates of its windows, and the hotkeys by uid. */
export type Stage = {
  readonly run: Run;
  /** By window. */
  readonly candidates: readonly (readonly Candidate[])[];
  readonly hotkeys: readonly Hex[];
};

function candidateOf(run: Run, window: number, { uid, hotkey }: Pick<Candidate, "uid" | "hotkey">) {
  const header = { ...run.expectedHeader(window, hotkey, THETA), window: BigInt(window) };
  const bytes = encodeWholeUpdate(header, updateOf(run.updateLayout, uid), run.updateLayout);
  return { uid, hotkey, bytes, digest: updateDigest(bytes) };
}

/** The run, so many candidates of the window that is measured, and some of the one before. */
export function stageOf(size: Size, count: number): Stage {
  const run = runOf(size);
  const seats = Array.from({ length: count }, (_, uid) => {
    const hotkey: Hex = `0x${uid.toString(16).padStart(64, "0")}`;
    return { uid, hotkey };
  });
  const candidates = WINDOWS.map((window) =>
    seats
      .slice(0, window === WARM_UP ? Math.ceil(count / WARM_OF) : count)
      .map((seat) => candidateOf(run, window, seat)),
  );
  return { run, candidates, hotkeys: seats.map(({ hotkey }) => hotkey) };
}

/** The same node in another window. */
export function standingIn(node: Measurer, window: number): Measurer {
  return {
    ...node,
    follower: only<Measurer["follower"]>("follower", {
      digest: THETA,
      expectedHeader: (hotkey) => node.run.expectedHeader(window, hotkey, THETA),
    }),
  };
}

/** A node that stands in the first window, with an engine of one thread. */
export async function nodeOf({ run, candidates, hotkeys }: Stage): Promise<Measurer> {
  const engine = await startEngine({ ...engineOptionsOf(run.manifest), threads: 1, device: "cpu" });
  await engine.setParameters(initialParameters(run.manifest.model, 1));
  const payloads = new Map(candidates.flat().map(({ digest, bytes }) => [digest, bytes]));
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
  const record = only<Measurer["record"]>("record", { hotkeys: async () => hotkeys });
  const neuron = { signal: new AbortController().signal };
  const follower = only<Measurer["follower"]>("follower", {});
  return standingIn({ run, engine, subnet, record, follower, neuron }, WARM_UP);
}
