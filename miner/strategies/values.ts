/** @file Arithmetic on the values of an update, as cheats do it: how large they are, larger, turned. */
import {
  MAXIMUM_MAGNITUDE,
  type SparseTensor,
  type SparseUpdate,
} from "../../src/protocol/codec.ts";

const bounded = (value: number): number =>
  Math.min(MAXIMUM_MAGNITUDE, Math.max(-MAXIMUM_MAGNITUDE, value));

/** A tensor with every value times `factor`, none larger than can be sent. */
export function scaledTensor({ indices, values }: SparseTensor, factor: number): SparseTensor {
  return { indices, values: values.map((value) => bounded(value * factor)) };
}

/** A tensor with every sign turned. */
export function flippedTensor({ indices, values }: SparseTensor): SparseTensor {
  return { indices, values: values.map((value) => 0 - value) };
}

/** The norm of a whole update. */
export function normOf(update: SparseUpdate): number {
  let squares = 0;
  for (const { values } of update) for (const value of values) squares += value ** 2;
  return Math.sqrt(squares);
}

/** The update with a norm of `norm`, before each chunk is sent at the nearest magnitude there is; one of zeros stays. */
export function withNorm(update: SparseUpdate, norm: number): SparseUpdate {
  const own = normOf(update);
  return own === 0 ? update : update.map((tensor) => scaledTensor(tensor, norm / own));
}

/** Every sign turned. */
export function flipped(update: SparseUpdate): SparseUpdate {
  return update.map(flippedTensor);
}
