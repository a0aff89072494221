/** @file What training a model would take: memory of a peer, bytes of a window, and how much of it the devices compute. Pure arithmetic. */
import {
  activationBytes,
  type MomentBits,
  parametersOf,
  stateBytes,
  trainingFlops,
} from "../../kernels/nn/memory.ts";
import { layoutOf, type ModelConfig, specsOf } from "../../kernels/nn/model.ts";
import { maximumBodyBytes } from "../protocol/codec.ts";

/** A peer, its lines and the window that it takes part in. */
export type Peer = {
  /** Devices that share the state and a step evenly. */
  readonly devices: number;
  /** Floating-point operations that one device does in a second of training, times 10^12. */
  readonly teraflops: number;
  /** Cores of its host: what is exact to the bit runs there, in shards that do not depend on each other. */
  readonly cores: number;
  readonly uplinkMbps: number;
  readonly downlinkMbps: number;
};

/** The window of a run. */
export type WindowPlan = {
  /** Inner steps. */
  readonly steps: number;
  /** Sequences of a step of one peer. */
  readonly batch: number;
  /** Miners whose updates are accepted; each node fetches all of them but its own. */
  readonly peers: number;
  /** Nodes besides that fetch every update: validators. */
  readonly validators: number;
  /** Whether an update is taken from its miner by every node, or sent once and taken from a store with enough bandwidth. */
  readonly delivery: "direct" | "store";
  readonly k: number;
  readonly chunk: number;
  readonly momentBits: MomentBits;
  /** Sequences that a peer takes at once; the batch is made of them. */
  readonly microBatch: number;
};

/** What it takes. */
export type Plan = {
  readonly parameters: number;
  /** Bytes of a miner, by part; activations as this engine keeps them, and with each layer computed again. */
  readonly miner: Readonly<Record<string, number>>;
  /** All of the parts, with activations computed again. */
  readonly minerBytes: number;
  readonly validatorBytes: number;
  /** Most bytes of one update, and bits for each parameter. */
  readonly updateBytes: number;
  readonly bitsPerParameter: number;
  /** Bytes that a miner sends and fetches in a window. */
  readonly sentBytes: number;
  readonly fetchedBytes: number;
  /** Mbit/s with which sending and fetching, half of the time each, leave the published utilisation. */
  readonly neededUplinkMbps: number;
  readonly neededDownlinkMbps: number;
  /** What happens one after the other in a window, seconds. */
  readonly seconds: Readonly<Record<Stage, number>>;
  /** Computing over the whole window. */
  readonly utilisation: number;
};

/** What a window consists of, in this order. */
export const STAGES = ["compute", "compress", "upload", "download", "outerStep", "digest"] as const;

type Stage = (typeof STAGES)[number];

/** Share of a window that is left for everything but computing where the published system left 5.5 %. */
const PUBLISHED_REST = 0.055;

/**
 * Seconds of one core for each parameter, measured on the reference machine (kernels/exact/README.md): cutting an update and taking
 * the outer step of ten peers, which grows with them; then Blake2b in JavaScript at 100 MB/s.
 */
const COMPRESS = 2.2e-9;
const OUTER_STEP_OF_TEN = 3e-9;
const DIGEST = 4 / 100e6;

function minerParts(model: ModelConfig, parameters: number, window: WindowPlan) {
  const { momentBits, microBatch, batch } = window;
  const state = stateBytes(parameters, { momentBits, accumulates: microBatch < batch });
  return {
    ...state,
    activations: microBatch * activationBytes(model),
    activationsRecomputed: microBatch * activationBytes(model, true),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
const secondsOf = (bytes: number, mbps: number): number => (8 * bytes) / (mbps * 1e6);

/** What training `model` takes when every peer is `peer`. */
export function planOf(model: ModelConfig, peer: Peer, window: WindowPlan): Plan {
  const parameters = parametersOf(model);
  const { lengths } = layoutOf(specsOf(model));
  const updateBytes = maximumBodyBytes({ lengths, k: window.k, chunk: window.chunk });
  const copies = window.delivery === "store" ? 1 : window.peers - 1 + window.validators;
  const [sentBytes, fetchedBytes] = [copies * updateBytes, (window.peers - 1) * updateBytes];
  const tokens = window.steps * window.batch * model.context;
  const { cores } = peer;
  const compute =
    (tokens * trainingFlops(model, parameters)) / (peer.devices * peer.teraflops * 1e12);
  const seconds = {
    compute,
    compress: (parameters * COMPRESS) / cores,
    upload: secondsOf(sentBytes, peer.uplinkMbps),
    download: secondsOf(fetchedBytes, peer.downlinkMbps),
    outerStep: (parameters * OUTER_STEP_OF_TEN * (window.peers / 10)) / cores,
    digest: (parameters * DIGEST) / cores,
  };
  const { activations: _, ...lean } = minerParts(model, parameters, window);
  const local = seconds.compress + seconds.outerStep + seconds.digest;
  const spare = Math.max(0, (compute * PUBLISHED_REST) / (1 - PUBLISHED_REST) - local);
  const mbpsFor = (bytes: number): number =>
    spare === 0 ? Infinity : (8 * bytes) / (spare / 2) / 1e6;
  return {
    parameters,
    miner: minerParts(model, parameters, window),
    minerBytes: sum(Object.values(lean)),
    validatorBytes: 8 * parameters,
    updateBytes,
    bitsPerParameter: (8 * updateBytes) / parameters,
    sentBytes,
    fetchedBytes,
    neededUplinkMbps: mbpsFor(sentBytes),
    neededDownlinkMbps: mbpsFor(fetchedBytes),
    seconds,
    utilisation: compute / sum(Object.values(seconds)),
  };
}
