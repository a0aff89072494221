/** @file Arithmetic on the values of an update, as cheats do it: how large they are, larger, turned. */
import {
  MAXIMUM_MAGNITUDE,
  type SparseTensor,
  type SparseUpdate,
} from "../../src/protocol/codec.ts";

const SIGN = 1;
const LARGE = 2;

const bounded = (value: number): number =>
  Math.min(MAXIMUM_MAGNITUDE - 1, Math.fround(Math.max(0, value)));

/** The norm of a whole update. */
export function normOf(update: SparseUpdate): number {
  let squares = 0;
  for (const { codes, low, high } of update)
    for (const code of codes) squares += ((code & LARGE) === 0 ? low : high) ** 2;
  return Math.sqrt(squares);
}

/** The update with a norm of `norm`; one of zeros stays. */
export function withNorm(update: SparseUpdate, norm: number): SparseUpdate {
  const own = normOf(update);
  if (own === 0) return update;
  const factor = norm / own;
  return update.map((tensor): SparseTensor => {
    const { low, high } = tensor;
    return { ...tensor, low: bounded(low * factor), high: bounded(high * factor) };
  });
}

/** Every sign turned. */
export function flipped(update: SparseUpdate): SparseUpdate {
  return update.map((tensor): SparseTensor => ({
    ...tensor,
    codes: tensor.codes.map((code) => code ^ SIGN),
  }));
}
