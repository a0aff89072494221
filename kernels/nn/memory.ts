/** @file Bytes that training a model takes: state by vector, activations by sequence. */
import { blockSize } from "../graph/attention.ts";
import { layoutOf, type ModelConfig, specsOf } from "./model.ts";
import { BLOCK_ROWS } from "./programs.ts";

/** Bits of a number of the optimiser's moments: float32, or codes in blocks that share a scale. */
export type MomentBits = 32 | 8;

const FLOAT = 4;

/** Moments of one parameter, bytes: two floats, or two codes and their share of two scales a block of 256. */
const MOMENT_BYTES: Readonly<Record<MomentBits, number>> = { 32: 8, 8: 2 + 8 / 256 };

/** Bytes of the parts of a state. */
export type StateBytes = {
  readonly theta: number;
  readonly working: number;
  readonly moments: number;
  readonly errorFeedback: number;
  readonly gradient: number;
  /** The sum over micro-batches, where a batch takes several. */
  readonly accumulated: number;
  /** The outer optimiser's, where it has one. */
  readonly outerMomentum: number;
  /** What the inner optimiser works in: Muon's products. */
  readonly scratch: number;
};

/** What a state depends on beside the model. */
export type StateParts = {
  readonly momentBits: MomentBits;
  readonly accumulates: boolean;
  /** Whether the outer optimiser has a momentum. Default: no. */
  readonly hasMomentum?: boolean;
  /** Floats that the inner optimiser works in. Default: none. */
  readonly scratchFloats?: number;
};

/** Bytes of the state of a model that trains. */
export function stateBytes(
  parameters: number,
  { momentBits, accumulates, hasMomentum = false, scratchFloats = 0 }: StateParts,
): StateBytes {
  const vector = FLOAT * parameters;
  return {
    theta: vector,
    working: vector,
    moments: MOMENT_BYTES[momentBits] * parameters,
    errorFeedback: vector,
    gradient: vector,
    accumulated: accumulates ? vector : 0,
    outerMomentum: hasMomentum ? vector : 0,
    scratch: FLOAT * scratchFloats,
  };
}

/** Parameters of a model. @throws KernelError bad-config */
export function parametersOf(config: ModelConfig): number {
  return layoutOf(specsOf(config)).lengths.reduce((sum, length) => sum + length, 0);
}

/** What onnxruntime's arena takes beside the tensors that live at once, for the gaps between them; more where layers are made again. */
const GAPS = { kept: 1.35, again: 1.6 } as const;

/** Floats of a token that a layer keeps for its backward pass, and that the backward pass of one layer works in. */
function layerFloats(config: ModelConfig): { readonly kept: number; readonly working: number } {
  const { context, heads, keyValueHeads, width, hidden } = config;
  const block = blockSize(context);
  // Its input, what both norms give, queries, mixed values and the sum behind attention; keys and values; shares up to the last position of each block.
  const inputs = 6 * width + (2 * width * keyValueHeads) / heads;
  const kept = inputs + (heads * (context + block)) / 2 + 4 * hidden;
  return { kept, working: 10 * width + 5 * hidden + 3 * heads * block };
}

/**
 * Estimated bytes that one sequence of a training step takes in onnxruntime on the CPU: what the forward pass keeps and the backward pass
 * works in: 0.9 to 1.9 times what was measured (bench/README.md#train).
 * @param recompute whether only the layers' inputs are kept, and one layer at a time
 */
export function activationBytes(config: ModelConfig, recompute = false): number {
  const { context, width, layers, vocabulary } = config;
  const { kept, working } = layerFloats(config);
  // In blocks there are the logits and their exponentials, else the shares and two steps of their gradient.
  const head = vocabulary * (vocabulary > BLOCK_ROWS ? 2 : 3);
  const all = recompute ? 2 * layers * width + kept : layers * kept;
  const gaps = recompute ? GAPS.again : GAPS.kept;
  return Math.ceil(gaps * FLOAT * context * (all + Math.max(working, head)));
}

/** Floating-point operations of training on one token: 6 for each parameter, and attention over the whole context. */
export function trainingFlops(config: ModelConfig, parameters: number): number {
  return 6 * parameters + 12 * config.layers * config.context * config.width;
}

/**
 * Estimated bytes that one sequence of an evaluation takes: nothing is kept for a backward pass, so it is the largest layer or the
 * logits.
 */
function evaluationBytes({ context, heads, width, hidden, vocabulary }: ModelConfig): number {
  const layer = width * 12 + hidden * 4 + heads * blockSize(context) * 3;
  return FLOAT * context * Math.max(layer, vocabulary * 3);
}

/** The largest divisor of `batch` whose sequences fit in `bytes`; 1 if not even one does. */
export function largestMicroBatch(
  config: ModelConfig,
  batch: number,
  { bytes, recompute }: { readonly bytes: number; readonly recompute: boolean },
): number {
  const most = Math.max(1, Math.floor(bytes / activationBytes(config, recompute)));
  let micro = Math.min(batch, most);
  while (batch % micro !== 0) micro -= 1;
  return micro;
}

/** How many of `batch` sequences are evaluated at once in `bytes`; 1 if not even one fits. */
export function largestEvaluationBatch(config: ModelConfig, batch: number, bytes: number): number {
  return Math.max(1, Math.min(batch, Math.floor(bytes / evaluationBytes(config))));
}
