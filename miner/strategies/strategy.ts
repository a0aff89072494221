/** @file What a miner sends in a window, and how it is wrapped into the bytes that are committed and served. */
import type { Participant } from "../../src/neuron/participant.ts";
import type { SparseUpdate } from "../../src/protocol/codec.ts";
import { type Hex, updateDigest } from "../../src/protocol/digest.ts";
import { encodeWholeUpdate } from "../../src/protocol/update.ts";

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
export type Strategy = (window: number) => Promise<Work | null>;

/** Wraps an update of this hotkey: header, body, digest. */
export function encodeWork(
  { neuron, run, follower }: Participant,
  window: number,
  update: SparseUpdate,
  trainingLoss: number | null,
): Work {
  const header = {
    ...follower.expectedHeader(neuron.signer.publicKey),
    window: BigInt(window),
  };
  const bytes = encodeWholeUpdate(header, update, run.updateLayout);
  return { window, update, bytes, digest: updateDigest(bytes), trainingLoss };
}
