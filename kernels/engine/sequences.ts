/** @file Sequences of context + 1 tokens as graphs take them: ids, and the token that follows each. */
import { KernelError } from "../errors.ts";

/** What a run of a graph reads. */
export type Rows = {
  readonly ids: Int32Array;
  /** The token that follows each id. */
  readonly targets: Int32Array;
};

/** Copies sequences of context + 1 tokens into rows of `context`; rows that stay free repeat token 0. */
export function feed({ ids, targets }: Rows, tokens: Int32Array, context: number): void {
  const length = context + 1;
  ids.fill(0);
  targets.fill(0);
  for (let row = 0; row * length < tokens.length; row++) {
    const start = row * length;
    ids.set(tokens.subarray(start, start + context), row * context);
    targets.set(tokens.subarray(start + 1, start + length), row * context);
  }
}

/** Rows of `sequences` sequences. */
export function rowsOf(sequences: number, context: number): Rows {
  const count = sequences * context;
  return { ids: new Int32Array(count), targets: new Int32Array(count) };
}

/** @throws KernelError not-finite */
function meanOf(losses: Float32Array): number {
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  if (Number.isFinite(mean)) return mean;
  throw new KernelError("not-finite", "a sequence's loss is not finite");
}

/**
 * Mean loss of each sequence, in float64, `batch` of them a run.
 * @param losses the array that `run` leaves the loss of every token in
 * @param run computes the losses of the sequences that it is given
 * @throws KernelError not-finite
 */
export async function sequenceMeans(
  tokens: Int32Array,
  {
    context,
    batch,
    losses,
  }: { readonly context: number; readonly batch: number; readonly losses: Float32Array },
  run: (tokens: Int32Array) => Promise<void>,
): Promise<Float64Array> {
  const length = context + 1;
  const means = new Float64Array(tokens.length / length);
  for (let first = 0; first < means.length; first += batch) {
    const count = Math.min(batch, means.length - first);
    await run(tokens.subarray(first * length, (first + count) * length));
    for (let i = 0; i < count; i++)
      means[first + i] = meanOf(losses.subarray(i * context, (i + 1) * context));
  }
  return means;
}
