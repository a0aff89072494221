/** @file Chain weights from scores, sent every window in the background: the chain counts the newest at each epoch. */
import { refusalNames } from "../chain/client/refusal.ts";
import type { ScoredWindow } from "../src/gauntlet/scorebook.ts";
import type { Validator } from "./validator.ts";
import { type Vector, vectorOf, VERSION_KEY, weightsRefusal } from "./weights.ts";

/** What the chain says when the owner has switched commit-reveal on or off since it was asked. */
const SWITCHED: readonly string[] = ["CommitRevealEnabled", "CommitRevealDisabled"];

/** Sets weights at once: then the window's record may be served. */
async function setAtOnce(
  { node, memory }: Validator,
  window: number,
  vector: Vector,
): Promise<void> {
  const { chain, netuid } = node.subnet;
  await chain.setWeights(node.neuron.signer, netuid, { ...vector, versionKey: VERSION_KEY });
  memory.release(window);
}

/** Reads who holds which uid now, and sends the weights to those: committed where the subnet hides weights, else set. */
async function sendWeights(validator: Validator, { scores, book }: ScoredWindow): Promise<void> {
  const { node, permit, hidden, weightNews } = validator;
  const { chain, netuid } = node.subnet;
  const { window } = book;
  const isHidden = await hidden.look();
  if (isHidden) await hidden.hold(window);
  // Without a permit the chain would refuse them, and why is told already.
  if (!permit.isGiven) return;
  const vector = vectorOf(scores, await chain.hotkeys(netuid));
  if (vector.uids.length === 0) {
    weightNews.tell(window, "none", "no weights: nobody earned a positive score yet");
    return;
  }
  await (isHidden ? hidden.commit(window, vector) : setAtOnce(validator, window, vector));
  weightNews.over();
}

/**
 * Sends the weights without waiting; a refusal is told to people, and newer weights go out with the next window. Once they are on
 * chain for everybody to see the window's record may be served.
 */
export function submitWeights(validator: Validator, scored: ScoredWindow): void {
  const { node, weightNews } = validator;
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
      const reason = weightsRefusal(error);
      log.warn({ window, reason }, "weights refused");
      weightNews.tell(window, reason, `window ${window}: weights refused: ${reason}`);
    });
}
