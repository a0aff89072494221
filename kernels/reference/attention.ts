/** @file Slow float64 twin of graph/attention.ts: one query at a time, forward, and backward written from the mathematics. */
import type { AttentionAttributes } from "../graph/attention.ts";
import type { Reference } from "./structure.ts";
import { type Tensor64, zeros } from "./tensor64.ts";

/** Turns each pair (i, i + size / 2) of a head by direction * position * base^(-2i / size). */
function turned(
  x: Float64Array,
  position: number,
  base: number | undefined,
  direction: 1 | -1,
): Float64Array {
  if (base === undefined) return x;
  const half = x.length / 2;
  return x.map((value, i) => {
    const angle = direction * position * base ** ((-2 * (i % half)) / x.length);
    const partner = i < half ? -x[i + half]! : x[i - half]!;
    return value * Math.cos(angle) + partner * Math.sin(angle);
  });
}

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** sum += factor * x. */
function accumulate(sum: Float64Array, factor: number, x: Float64Array): void {
  x.forEach((value, i) => {
    sum[i]! += factor * value;
  });
}

/** Where the heads of one position lie in queries, keys and values. */
function headsOf(inputs: readonly Tensor64[], attributes: AttentionAttributes) {
  const { context, heads, keyValueHeads, ropeBase } = attributes;
  const size = inputs[0]!.shape[1]! / heads;
  /** Of part 0, 1, 2 (query, key, value): what query head `head` reads. */
  const view = (
    parts: readonly Tensor64[],
    [sequence, position, part, head]: readonly [number, number, number, number],
  ): Float64Array => {
    const { data, shape } = parts[part]!;
    const own = part === 0 ? head : Math.floor((head * keyValueHeads) / heads);
    const start = (sequence * context + position) * shape[1]! + own * size;
    return data.subarray(start, start + size);
  };
  const read = (...at: [number, number, number, number]): Float64Array =>
    turned(view(inputs, at), at[1], at[2] === 2 ? undefined : ropeBase, 1);
  return { size, view, read };
}

/** Shares of the positions up to `position` for one query. */
function sharesOf(
  { read, size }: ReturnType<typeof headsOf>,
  [sequence, position, head]: readonly [number, number, number],
): number[] {
  const query = read(sequence, position, 0, head);
  const scores = Array.from(
    { length: position + 1 },
    (_, other) => dot(query, read(sequence, other, 1, head)) / Math.sqrt(size),
  );
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Every query: its sequence, position and head. */
function* queries({
  batch,
  context,
  heads,
}: AttentionAttributes): Generator<readonly [number, number, number]> {
  for (let sequence = 0; sequence < batch; sequence++)
    for (let position = 0; position < context; position++)
      for (let head = 0; head < heads; head++) yield [sequence, position, head];
}

/** Softmax(q k^T / sqrt(size)) v over the positions up to the query's own. */
export const attention: Reference<AttentionAttributes> = {
  forward(inputs, attributes) {
    const { batch, context, heads } = attributes;
    const layout = headsOf(inputs, attributes);
    const y = zeros([batch * context, heads * layout.size]);
    for (const [sequence, position, head] of queries(attributes)) {
      const start = ((sequence * context + position) * heads + head) * layout.size;
      const row = y.data.subarray(start, start + layout.size);
      sharesOf(layout, [sequence, position, head]).forEach((share, other) => {
        accumulate(row, share, layout.read(sequence, other, 2, head));
      });
    }
    return y;
  },
  /** With g the gradient of a query's row: d share_j = g v_j; d score_j = share_j (d share_j - sum_k share_k d share_k). */
  backward(inputs, gradient, attributes) {
    const { context, heads, ropeBase } = attributes;
    const layout = headsOf(inputs, attributes);
    const { size, view, read } = layout;
    const result = inputs.map(({ shape }) => zeros(shape));
    for (const [sequence, position, head] of queries(attributes)) {
      const start = ((sequence * context + position) * heads + head) * size;
      const g = gradient.data.subarray(start, start + size);
      const shares = sharesOf(layout, [sequence, position, head]);
      const toShares = shares.map((_, other) => dot(g, read(sequence, other, 2, head)));
      const mean = shares.reduce((sum, share, other) => sum + share * toShares[other]!, 0);
      const query = read(sequence, position, 0, head);
      shares.forEach((share, other) => {
        const slope = (share * (toShares[other]! - mean)) / Math.sqrt(size);
        const toQuery = turned(read(sequence, other, 1, head), position, ropeBase, -1);
        const toKey = turned(query, other, ropeBase, -1);
        accumulate(view(result, [sequence, position, 0, head]), slope, toQuery);
        accumulate(view(result, [sequence, other, 1, head]), slope, toKey);
        accumulate(view(result, [sequence, other, 2, head]), share, g);
      });
    }
    return result;
  },
};
