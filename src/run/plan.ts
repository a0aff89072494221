/** @file What training a model would take: memory of a peer, bytes of a window, and how much of it the devices compute. Pure. */
import {
  activationBytes,
  type MomentBits,
  parametersOf,
  stateBytes,
  trainingFlops,
} from "../../kernels/nn/memory.ts";
import { layoutOf, type ModelConfig, specsOf } from "../../kernels/nn/model.ts";
import { maximumBodyBytes } from "../protocol/codec.ts";
import {
  simulateWindow,
  type StageSeconds,
  UNLIMITED,
  utilisationOf,
  type WindowSetting,
} from "./window-simulation.ts";

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
  /** Sequences with which a validator tries an update at the gate, and machines like a peer's that share its updates. */
  readonly sequences: number;
  readonly workers: number;
  /** Of the chain. */
  readonly blockSeconds: number;
  readonly finalityBlocks: number;
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
  /** The window as it is simulated, and its stages in seconds. */
  readonly setting: WindowSetting;
  readonly seconds: StageSeconds;
  /** Computing over the whole window. */
  readonly utilisation: number;
};

/**
 * Seconds of one core for each parameter, measured on the reference machine (kernels/exact/README.md): cutting an update and taking
 * the outer step of ten peers, which grows with them; then Blake2b in WebAssembly, ten times the 100 MB/s of JavaScript.
 */
const COMPRESS = 2.2e-9;
const OUTER_STEP_OF_TEN = 3e-9;
const DIGEST = 4 / 1000e6;

/** Of a training step's operations. */
const FORWARD = 1 / 3;
/** As shards of tokens have them. */
const TOKEN_BYTES = 4;
const [LEAST_MBPS, MOST_MBPS, PRECISION] = [1e-3, 1e9, 1.001];

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
/** What training `model` takes when every peer is `peer`. */
export function planOf(model: ModelConfig, peer: Peer, window: WindowPlan): Plan {
  const parameters = parametersOf(model);
  const { lengths } = layoutOf(specsOf(model));
  const updateBytes = maximumBodyBytes({ lengths, k: window.k, chunk: window.chunk });
  const copies = window.delivery === "store" ? 1 : window.peers - 1 + window.validators;
  const [sentBytes, fetchedBytes] = [copies * updateBytes, (window.peers - 1) * updateBytes];
  const setting = settingOf(model, peer, { ...window, updateBytes });
  const seconds = simulateWindow(setting);
  const { activations: _, ...lean } = minerParts(model, parameters, window);
  return {
    parameters,
    miner: minerParts(model, parameters, window),
    minerBytes: sum(Object.values(lean)),
    validatorBytes: 8 * parameters,
    updateBytes,
    bitsPerParameter: (8 * updateBytes) / parameters,
    sentBytes,
    fetchedBytes,
    setting,
    seconds,
    utilisation: utilisationOf(seconds),
  };
}

/** A window of such peers in seconds and bytes. */
function settingOf(
  model: ModelConfig,
  { devices, teraflops, cores, uplinkMbps, downlinkMbps }: Peer,
  window: WindowPlan & { readonly updateBytes: number },
): WindowSetting {
  const parameters = parametersOf(model);
  const { peers, validators, delivery, updateBytes, blockSeconds, finalityBlocks } = window;
  const flops = trainingFlops(model, parameters);
  const perSecond = devices * teraflops * 1e12;
  const tokens = window.steps * window.batch * model.context;
  const tried = window.sequences * model.context;
  return {
    miners: peers,
    validators,
    delivery,
    line: { uplinkMbps, downlinkMbps },
    validatorLine: { uplinkMbps, downlinkMbps },
    updateBytes,
    pageBytes: tokens * TOKEN_BYTES,
    seconds: {
      compute: (tokens * flops) / perSecond,
      compress: (parameters * COMPRESS) / cores,
      gate: (tried * flops * FORWARD) / perSecond / window.workers,
      outerStep: (parameters * OUTER_STEP_OF_TEN * (peers / 10)) / cores,
      digest: (parameters * DIGEST) / cores,
    },
    blockSeconds,
    finalityBlocks,
  };
}

/** Mbit/s of every miner in both directions, and of every validator that has a limit, with which a window has this utilisation, to a part in a thousand; Infinity where no line is fast enough. */
export function lineFor(utilisation: number, setting: WindowSetting): number {
  const reaches = (mbps: number): boolean => {
    const line = { uplinkMbps: mbps, downlinkMbps: mbps };
    const validatorLine = setting.validatorLine === UNLIMITED ? UNLIMITED : line;
    return utilisationOf(simulateWindow({ ...setting, line, validatorLine })) >= utilisation;
  };
  let [fails, fits] = [LEAST_MBPS, MOST_MBPS];
  if (!reaches(fits)) return Infinity;
  while (fits / fails > PRECISION) {
    const middle = Math.sqrt(fails * fits);
    if (reaches(middle)) fits = middle;
    else fails = middle;
  }
  return fits;
}
