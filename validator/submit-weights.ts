/** @file Chain weights from scores, sent every window in the background: the chain counts the newest at each epoch. */
import { refusalNames } from "../chain/client/refusal.ts";
import { isShieldRefusal } from "../chain/client/pool-refusal.ts";
import { ChainError } from "../chain/errors.ts";
import type { ScoredWindow } from "../src/gauntlet/scorebook.ts";
import type { Way } from "./unseen.ts";
import type { Validator } from "./validator.ts";
import { type Vector, vectorOf, VERSION_KEY, weightsRefusal } from "./weights.ts";

/** What the chain says when the owner has switched commit-reveal on or off since it was asked. */
const SWITCHED: readonly string[] = ["CommitRevealEnabled", "CommitRevealDisabled"];

/**
 * Sets weights; false where they came too late for their epoch, or were refused by chance, and nobody has read them. What can never go
 * out encrypted goes out in the open, where it is refused again, with the reason, or counts an epoch later.
 */
async function setVector(
  { node, memory, unseen, weightNews }: Validator,
  { window, vector, way }: { readonly window: number; readonly vector: Vector; readonly way: Way },
): Promise<boolean> {
  const { chain, netuid } = node.subnet;
  const { signer } = node.neuron;
  const weights = { ...vector, versionKey: VERSION_KEY };
  if (way.kind === "shielded")
    try {
      const areOut = (await chain.setShieldedWeights(signer, netuid, weights, way.before)) !== null;
      unseen.sent(areOut, way);
      if (!areOut) weightNews.tell(window, "late", notOut(window, "came too late for the epoch"));
      return areOut;
    } catch (error) {
      const isForGood = error instanceof ChainError && isShieldRefusal(error);
      unseen.sent(isForGood, way);
      if (!(error instanceof ChainError) || error.fault.code !== "extrinsic-invalid") throw error;
      if (!isForGood) {
        const reason = weightsRefusal(error);
        weightNews.tell(window, reason, notOut(window, `were refused encrypted (${reason})`));
        return false;
      }
      memory.forgo(window);
    }
  await chain.setWeights(signer, netuid, weights);
  return true;
}

function notOut(window: number, why: string): string {
  return `window ${window}: its weights ${why}; nobody has read them, and the newest go out before the next epoch`;
}

/** Sends the weights of a window once they are unseen until they count; again before the next epoch what came too late for one. */
async function sendVector(validator: Validator, { scores, book }: ScoredWindow): Promise<void> {
  const { node, memory, unseen, weightNews } = validator;
  const { chain, netuid } = node.subnet;
  const { window } = book;
  for (;;) {
    const way = await unseen.way(validator, window);
    if (way.kind === "overtaken") return;
    const vector = vectorOf(scores, await chain.hotkeys(netuid));
    if (vector.uids.length === 0) {
      unseen.givenUp();
      tellNone(validator, window);
      return;
    }
    if (await setVector(validator, { window, vector, way })) break;
  }
  memory.release(window);
  weightNews.over();
}

/** Nobody has earned anything: nothing is sent. */
function tellNone({ memory, weightNews }: Validator, window: number): void {
  memory.forgo(window);
  weightNews.tell(window, "none", "no weights: nobody earned a positive score yet");
}

/** Reads who holds which uid now, and sends the weights to those: committed where the subnet hides weights, else set. */
async function sendWeights(validator: Validator, scored: ScoredWindow): Promise<void> {
  const { node, permit, hidden, weightNews } = validator;
  const { chain, netuid } = node.subnet;
  const { window } = scored.book;
  const isHidden = await hidden.look();
  if (isHidden) await hidden.hold(window);
  // Without a permit the chain would refuse them, and why is told already.
  if (!permit.isGiven) return;
  if (!isHidden) return sendVector(validator, scored);
  const vector = vectorOf(scored.scores, await chain.hotkeys(netuid));
  if (vector.uids.length === 0) return tellNone(validator, window);
  await hidden.commit(window, vector);
  weightNews.over();
}

/**
 * Sends the weights without waiting; a refusal is told to people, and newer weights go out with the next window. Once they are on
 * chain for everybody to see the window's record may be served.
 */
export function submitWeights(validator: Validator, scored: ScoredWindow): void {
  const { node, memory, unseen, weightNews } = validator;
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
      unseen.givenUp();
      const reason = weightsRefusal(error);
      log.warn({ window, reason }, "weights refused");
      weightNews.tell(window, reason, `window ${window}: weights refused: ${reason}`);
    });
}
