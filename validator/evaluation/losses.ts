/** @file Losses of an update that a stranger made: one that makes them infinite is a finding, not a failure of ours. */
import { KernelError } from "../../kernels/errors.ts";
import type { Engine } from "../../kernels/engine/engine.ts";
import type { SparseUpdate } from "../../src/protocol/codec.ts";

/** An update and the share of it that is applied. */
export type Applied = { readonly update: SparseUpdate; readonly factor: number };

/**
 * Mean loss in nats of each sequence of `tokens` at theta - factor * update; all NaN when any of them is not finite,
 * which the gate and the score read as the verdict "not-finite".
 * @param sequences how many sequences `tokens` holds
 * @throws KernelError for anything that is the validator's own affair
 */
export async function lossesWith(
  engine: Pick<Engine, "losses">,
  applied: Applied,
  batch: { readonly tokens: Int32Array; readonly sequences: number },
): Promise<number[]> {
  const { update, factor } = applied;
  try {
    return Array.from(await engine.losses({ tokens: batch.tokens, update, factor }));
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== "not-finite") throw error;
    return Array.from({ length: batch.sequences }, () => Number.NaN);
  }
}
