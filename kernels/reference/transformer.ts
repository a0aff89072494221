/**
 * @file The loss of both architectures straight from their papers, one position at a time, in float64: no graph, no
 * operation table, no shared code with nn/transformer.ts. It proves that the graph is the model it claims to be.
 */
import type { ModelConfig } from "../nn/model.ts";

/** Parameters by manifest name. */
type Parameters64 = (name: string) => Float64Array;

const product = (matrix: Float64Array, x: Float64Array): Float64Array =>
  Float64Array.from({ length: matrix.length / x.length }, (_, row) =>
    x.reduce((sum, value, i) => sum + matrix[row * x.length + i]! * value, 0),
  );

/** The product with a matrix, and its bias where the model has biases. */
function affine(
  config: ModelConfig,
  get: Parameters64,
  name: string,
  x: Float64Array,
): Float64Array {
  const y = product(get(name), x);
  return config.bias === true ? sum(y, get(`${name}.bias`)) : y;
}

const sum = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x + b[i]!);

function normalise(
  config: ModelConfig,
  x: Float64Array,
  get: Parameters64,
  name: string,
): Float64Array {
  const gain = get(name);
  const bias = config.bias === true ? get(`${name}.bias`) : null;
  const mean =
    config.architecture === "gpt2" ? x.reduce((total, value) => total + value, 0) / x.length : 0;
  const variance = x.reduce((total, value) => total + (value - mean) ** 2, 0) / x.length;
  return x.map(
    (value, i) =>
      ((value - mean) / Math.sqrt(variance + config.normEpsilon)) * gain[i]! + (bias?.[i] ?? 0),
  );
}

/** Llama's rotation of one head: (x_i, x_{i + size/2}) as a complex number times e^(i position base^(-2i/size)). */
function rotateHead(x: Float64Array, position: number, base: number): Float64Array {
  const half = x.length / 2;
  return x.map((value, i) => {
    const angle = position * base ** ((-2 * (i % half)) / x.length);
    const partner = i < half ? -x[i + half]! : x[i - half]!;
    return value * Math.cos(angle) + partner * Math.sin(angle);
  });
}

type Past = {
  readonly keys: Float64Array[];
  readonly values: Float64Array[];
};

function attend(config: ModelConfig, x: Float64Array, past: Past, get: Parameters64): Float64Array {
  const size = config.width / config.heads;
  const position = past.keys.length;
  const turn = (projected: Float64Array): Float64Array => {
    if (config.architecture === "gpt2") return projected;
    const turned = projected.slice();
    for (let start = 0; start < turned.length; start += size)
      turned.set(
        rotateHead(projected.slice(start, start + size), position, config.ropeBase),
        start,
      );
    return turned;
  };
  const project = (part: string, input: Float64Array): Float64Array =>
    affine(config, get, part, input);
  const query = turn(project("query", x));
  past.keys.push(turn(project("key", x)));
  past.values.push(project("value", x));
  const mixed = new Float64Array(config.width);
  for (let head = 0; head < config.heads; head++) {
    const shared = Math.floor((head * config.keyValueHeads) / config.heads) * size;
    const part = (vector: Float64Array): Float64Array => vector.subarray(shared, shared + size);
    const own = query.subarray(head * size, (head + 1) * size);
    const powers = past.keys.map((key) =>
      Math.exp(own.reduce((dot, q, i) => dot + q * part(key)[i]!, 0) / Math.sqrt(size)),
    );
    const total = powers.reduce((a, b) => a + b, 0);
    powers.forEach((power, j) => {
      part(past.values[j]!).forEach((value, i) => {
        mixed[head * size + i]! += (power / total) * value;
      });
    });
  }
  return project("output", mixed);
}

const inner = (v: number): number => Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3);

function feed(config: ModelConfig, x: Float64Array, get: Parameters64): Float64Array {
  const up = affine(config, get, "up", x);
  if (config.architecture === "llama") {
    const gate = product(get("gate"), x);
    return product(
      get("down"),
      up.map((value, i) => (value * gate[i]!) / (1 + Math.exp(-gate[i]!))),
    );
  }
  return affine(
    config,
    get,
    "down",
    up.map((v) => 0.5 * v * (1 + Math.tanh(inner(v)))),
  );
}

/** Loss of each next token of one sequence of context + 1 ids, in nats. */
export function sequenceLosses(
  config: ModelConfig,
  parameters: Parameters64,
  tokens: Int32Array,
): number[] {
  const { width, layers, vocabulary, architecture } = config;
  const table = parameters("embedding");
  const row = (matrix: Float64Array, i: number): Float64Array =>
    matrix.slice(i * width, (i + 1) * width);
  const past: Past[] = Array.from({ length: layers }, () => ({ keys: [], values: [] }));
  return Array.from(tokens.subarray(0, -1), (token, position) => {
    let x = row(table, token);
    if (architecture === "gpt2") x = sum(x, row(parameters("positions"), position));
    past.forEach((memory, layer) => {
      const part =
        (block: string): Parameters64 =>
        (name) =>
          parameters(`layers.${layer}.${block}.${name}`);
      const attention = part("attention");
      x = sum(x, attend(config, normalise(config, x, attention, "norm"), memory, attention));
      const feedForward = part("feedForward");
      x = sum(x, feed(config, normalise(config, x, feedForward, "norm"), feedForward));
    });
    const head = config.untied === true ? parameters("head") : table;
    const logits = product(head, normalise(config, x, parameters, "norm"));
    const powers = Array.from({ length: vocabulary }, (_, i) => Math.exp(logits[i]!));
    return Math.log(powers.reduce((a, b) => a + b, 0)) - logits[tokens[position + 1]!]!;
  });
}
