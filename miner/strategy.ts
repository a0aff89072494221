/** @file What a miner sends in a window: honest work, or one of the known cheats that a subnet is tested with. */
import type { StrategyName } from "../src/command/strategies.ts";
import type { SparseUpdate } from "../src/protocol/codec.ts";
import type { Hex } from "../src/protocol/digest.ts";

/** A finished update, encoded and addressed. */
export type Work = {
  readonly window: number;
  readonly update: SparseUpdate;
  readonly bytes: Uint8Array;
  readonly digest: Hex;
  /** Mean training loss over the inner steps in nats per token, or null when nothing was trained. */
  readonly trainingLoss: number | null;
};

/** Produces this miner's update of a window; null when there is nothing to send or no time is left. */
export type Strategy = {
  readonly name: StrategyName;
  produce(window: number): Promise<Work | null>;
};
