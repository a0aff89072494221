/** @file What is refused as a number of what nodes share. */
import { KernelError } from "../errors.ts";

/** Whether a number is none. */
export function hasNaN(values: Float32Array): boolean {
  // A plain loop: a callback for each of a billion parameters takes half a minute.
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}

/**
 * NaN alone is refused: infinities have one bit pattern, and an outer step may lead to them (docs/protocol.md#5-digests).
 * @throws KernelError not-finite
 */
export function demandNumbers(values: Float32Array, name: string): void {
  if (hasNaN(values)) throw new KernelError("not-finite", `${name} holds a NaN`);
}
