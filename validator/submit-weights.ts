/** @file Chain weights from scores, sent every window in the background: the chain counts the newest at each epoch. */
import { refusalNames } from "../chain/client/refusal.ts";
import { ChainError } from "../chain/errors.ts";
import type { ScoredWindow } from "../src/gauntlet/scorebook.ts";
import { unseen, type Way } from "./unseen.ts";
import type { Validator } from "./validator.ts";
import { type Vector, vectorOf, VERSION_KEY, weightsRefusal } from "./weights.ts";

/** What the chain says when the owner has switched commit-reveal on or off since it was asked. */
const SWITCHED: readonly string[] = ["CommitRevealEnabled", "CommitRevealDisabled"];

/** Sets weights. What is refused encrypted is refused again in the open, with the reason, or counts an epoch later. */
async function setVector({ node }: Validator, vector: Vector, way: Way): Promise<void> {
  const { chain, netuid } = node.subnet;
  const { signer } = node.neuron;
  const weights = { ...vector, versionKey: VERSION_KEY };
  if (way === "shielded")
    try {
      await chain.setShieldedWeights(signer, netuid, weights);
      return;
    } catch (error) {
      if (!(error instanceof ChainError) || error.fault.code !== "extrinsic-invalid") throw error;
    }
  await chain.setWeights(signer, netuid, weights);
}

/** Reads who holds which uid now, and sends the weights to those: committed where the subnet hides weights, else set. */
async function sendWeights(validator: Validator, { scores, book }: ScoredWindow): Promise<void> {
  const { node, memory, permit, hidden, weightNews } = validator;
  const { chain, netuid } = node.subnet;
  const { window } = book;
  const isHidden = await hidden.look();
  if (isHidden) await hidden.hold(window);
  // Without a permit the chain would refuse them, and why is told already.
  if (!permit.isGiven) return;
  const way = isHidden ? "plain" : await unseen(validator, window);
  if (way === "overtaken") return;
  const vector = vectorOf(scores, await chain.hotkeys(netuid));
  if (vector.uids.length === 0) {
    memory.forgo(window);
    weightNews.tell(window, "none", "no weights: nobody earned a positive score yet");
    return;
  }
  if (isHidden) await hidden.commit(window, vector);
  else {
    await setVector(validator, vector, way);
    memory.release(window);
  }
  weightNews.over();
}

/**
 * Sends the weights without waiting; a refusal is told to people, and newer weights go out with the next window. Once they are on
 * chain for everybody to see the window's record may be served.
 */
export function submitWeights(validator: Validator, scored: ScoredWindow): void {
  const { node, memory, weightNews } = validator;
  const { log, signal } = node.neuron;
  const { window } = scored.book;
  const send = async (): Promise<void> => sendWeights(validator, scored);
  const again = async (error: unknown): Promise<void> => {
    if (!refusalNames(error).some((name) => SWITCHED.includes(name))) throw error;
    await send();
  };
  send()
    .catch(again)
    .catch((error: unknown) => {
      if (signal.aborted) return;
      memory.forgo(window);
      const reason = weightsRefusal(error);
      log.warn({ window, reason }, "weights refused");
      weightNews.tell(window, reason, `window ${window}: weights refused: ${reason}`);
    });
}
