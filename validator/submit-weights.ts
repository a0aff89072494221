/** @file Chain weights from scores, set every window in the background: the chain counts the newest at each epoch. */
import { ChainError } from "../chain/errors.ts";
import type { ScoredWindow } from "../src/gauntlet/scorebook.ts";
import type { Validator } from "./validator.ts";

/** Sends the weights without waiting; a refusal is told to people and tried again with the next window's weights. */
export function submitWeights({ node }: Validator, { scores }: ScoredWindow): void {
  const { chain, netuid } = node.subnet;
  const { signer, log, say, signal } = node.neuron;
  const earning = scores.filter((one) => one.weight > 0);
  if (earning.length === 0) {
    say("no weights: nobody earned a positive score yet");
    return;
  }
  const uids = earning.map((one) => one.uid);
  const values = earning.map((one) => one.weight);
  chain.setWeights(signer, netuid, { uids, values, versionKey: 0n }).catch((error: unknown) => {
    if (signal.aborted) return;
    const reason = error instanceof ChainError ? error.summary : String(error);
    log.warn({ reason }, "weights refused");
    say(`weights refused: ${reason}`);
  });
}
