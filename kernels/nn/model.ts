/** @file What a model is: its configuration, its tensors in manifest order, where they lie in a flat vector, its first parameters. */
import { KernelError } from "../errors.ts";
import { exactNormal, uint32Stream } from "../random.ts";
import { sizeOf } from "../tensor.ts";

/** One trained tensor. `decay` is true where AdamW's weight decay applies (matrices). */
type TensorSpec = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly decay: boolean;
};

/**
 * Where the tensors lie in a flat vector, in units of floats. Each tensor starts at a multiple of four
 * (one 128-bit lane), so that SIMD kernels need no tail; the gaps hold zeros and stay zeros.
 */
export type Layout = {
  readonly specs: readonly TensorSpec[];
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
  /** Length of the flat vector, gaps included. */
  readonly total: number;
};

/** A transformer: Llama (RMSNorm, rotary positions, SwiGLU) or GPT-2 (LayerNorm, learned positions, GELU). */
export type ModelConfig = {
  readonly architecture: "llama" | "gpt2";
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; fewer than `heads` is grouped-query attention (llama only). */
  readonly keyValueHeads: number;
  readonly width: number;
  /** Width inside the feed-forward layer. */
  readonly hidden: number;
  /** Positions the model sees. */
  readonly context: number;
  readonly vocabulary: number;
  /** Base of the rotary frequencies (llama only). */
  readonly ropeBase: number;
  readonly normEpsilon: number;
  /** Whether norms and products have biases (gpt2 only); without it, no. */
  readonly bias?: boolean | undefined;
  /** Whether the head is a matrix of its own; without it, it is the embedding. */
  readonly untied?: boolean | undefined;
};

function demand(holds: boolean, message: string): void {
  if (!holds) throw new KernelError("bad-config", message);
}

/**
 * Checks that a model can be built.
 * @throws KernelError bad-config naming the field
 */
function checkConfig(config: ModelConfig): void {
  const counts = [
    "layers",
    "heads",
    "keyValueHeads",
    "width",
    "hidden",
    "context",
    "vocabulary",
  ] as const;
  for (const field of counts)
    demand(
      Number.isSafeInteger(config[field]) && config[field] > 0,
      `${field} must be a positive integer, not ${config[field]}`,
    );
  demand(config.width % config.heads === 0, "width must be a multiple of heads");
  demand(config.heads % config.keyValueHeads === 0, "heads must be a multiple of keyValueHeads");
  demand(config.normEpsilon > 0, "normEpsilon must be positive");
  if (config.architecture === "gpt2")
    demand(config.heads === config.keyValueHeads, "gpt2 needs keyValueHeads = heads");
  else {
    demand(config.bias !== true, "llama has no bias");
    demand((config.width / config.heads) % 2 === 0, "a llama head must have an even size");
    demand(config.ropeBase > 1, "ropeBase must be above 1");
  }
}

const matrix = (name: string, rows: number, columns: number): TensorSpec => ({
  name,
  shape: [rows, columns],
  decay: true,
});
const gain = (name: string, width: number): TensorSpec => ({ name, shape: [width], decay: false });

function llamaLayer(config: ModelConfig, layer: string): TensorSpec[] {
  const { width, hidden, heads, keyValueHeads } = config;
  const keyValueWidth = (width / heads) * keyValueHeads;
  return [
    gain(`${layer}.attention.norm`, width),
    matrix(`${layer}.attention.query`, width, width),
    matrix(`${layer}.attention.key`, keyValueWidth, width),
    matrix(`${layer}.attention.value`, keyValueWidth, width),
    matrix(`${layer}.attention.output`, width, width),
    gain(`${layer}.feedForward.norm`, width),
    matrix(`${layer}.feedForward.gate`, hidden, width),
    matrix(`${layer}.feedForward.up`, hidden, width),
    matrix(`${layer}.feedForward.down`, width, hidden),
  ];
}

function gpt2Layer({ width, hidden }: ModelConfig, layer: string): TensorSpec[] {
  return [
    gain(`${layer}.attention.norm`, width),
    matrix(`${layer}.attention.query`, width, width),
    matrix(`${layer}.attention.key`, width, width),
    matrix(`${layer}.attention.value`, width, width),
    matrix(`${layer}.attention.output`, width, width),
    gain(`${layer}.feedForward.norm`, width),
    matrix(`${layer}.feedForward.up`, hidden, width),
    matrix(`${layer}.feedForward.down`, width, hidden),
  ];
}

/** Each tensor with its bias behind it, one value for each of its outputs. */
function withBiases(specs: readonly TensorSpec[]): TensorSpec[] {
  return specs.flatMap((spec) => [spec, gain(`${spec.name}.bias`, spec.shape[0]!)]);
}

/**
 * The model's tensors in manifest order. Matrices are [out, in], as PyTorch stores them.
 * @throws KernelError bad-config
 */
export function specsOf(config: ModelConfig): TensorSpec[] {
  checkConfig(config);
  const { architecture, layers, width, vocabulary, context } = config;
  const layerSpecs = architecture === "llama" ? llamaLayer : gpt2Layer;
  const modules = [
    ...Array.from({ length: layers }, (_, i) => layerSpecs(config, `layers.${i}`)).flat(),
    gain("norm", width),
  ];
  return [
    matrix("embedding", vocabulary, width),
    ...(architecture === "gpt2" ? [matrix("positions", context, width)] : []),
    ...(config.bias === true ? withBiases(modules) : modules),
    ...(config.untied === true ? [matrix("head", vocabulary, width)] : []),
  ];
}

/** Lays tensors out one behind the other, each start padded to a multiple of four floats. */
export function layoutOf(specs: readonly TensorSpec[]): Layout {
  const offsets: number[] = [];
  const lengths: number[] = [];
  let total = 0;
  for (const { shape } of specs) {
    const length = sizeOf(shape);
    offsets.push(total);
    lengths.push(length);
    total += Math.ceil(length / 4) * 4;
  }
  return { specs, offsets, lengths, total };
}

/**
 * The first parameters: gains 1, biases 0; matrices normal with deviation 0.02, and 0.02 / sqrt(2 layers) for those that write
 * to the residual stream (GPT-2). The same bits on every machine: see random.ts.
 * @returns the flat vector of layoutOf(specsOf(config))
 */
export function initialParameters(config: ModelConfig, seed: number): Float32Array {
  const { specs, offsets, lengths, total } = layoutOf(specsOf(config));
  const flat = new Float32Array(total);
  specs.forEach((_, tensor) => {
    const view = flat.subarray(offsets[tensor], offsets[tensor]! + lengths[tensor]!);
    fillInitial(config, { seed, tensor }, view);
  });
  return flat;
}

/** Writes one tensor's first parameters, by its place in manifest order, to `view`. */
export function fillInitial(
  config: ModelConfig,
  { seed, tensor }: { readonly seed: number; readonly tensor: number },
  view: Float32Array,
): void {
  const { name, decay } = specsOf(config)[tensor]!;
  if (name.endsWith(".bias")) {
    view.fill(0);
    return;
  }
  if (!decay) {
    view.fill(1);
    return;
  }
  const residual = name.endsWith(".output") || name.endsWith(".down");
  const deviation = residual ? 0.02 / Math.sqrt(2 * config.layers) : 0.02;
  const draw = uint32Stream(seed, tensor);
  for (let i = 0; i < view.length; i++) view[i] = exactNormal(draw) * deviation;
}
