/** @file Chain weights from scores, set every window in the background: the chain counts the newest at each epoch. */
import { refusalNames } from "../chain/client/refusal.ts";
import { ChainError } from "../chain/errors.ts";
import type { Score, ScoredWindow } from "../src/gauntlet/scorebook.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { unseen, type Way } from "./unseen.ts";
import type { Validator } from "./validator.ts";

/** The chain's refusals of weights, in words. */
const WORDS: Readonly<Record<string, string>> = {
  NeuronNoValidatorPermit: "this hotkey had no validator permit in the last epoch",
  NotEnoughStakeToSetWeights: "the stake of this hotkey is below what the chain asks of validators",
  SettingWeightsTooFast:
    "the last ones are too recent for this subnet; newer ones are sent with every window",
  IncorrectWeightVersionKey: "the subnet's owner asks for weights of a newer release: update Assay",
  CommitRevealEnabled:
    "this subnet takes weights only committed first and revealed later, which this release cannot; ask its owner to switch that off",
  WeightVecLengthIsLow:
    "the subnet asks for weights of more neurons than have earned any yet; that passes as more miners earn",
  HotKeyNotRegisteredInSubNet: "this hotkey has lost its uid on the subnet: register it again",
  UidVecContainInvalidOne: "a miner lost its uid meanwhile; the next window's weights know that",
  UidsLengthExceedUidsInSubNet:
    "miners lost their uids meanwhile; the next window's weights know that",
};

/** Why weights were refused, in words; the chain's own where it says something that has none here. */
export function weightsRefusal(error: unknown): string {
  const known = refusalNames(error).find((name) => Object.hasOwn(WORDS, name));
  if (known !== undefined) return WORDS[known] ?? known;
  return error instanceof ChainError ? error.explanation.cause : String(error);
}

/** Weights as they are sent: parallel lists, uids ascending. */
type Vector = { readonly uids: readonly number[]; readonly values: readonly number[] };

/**
 * The weights for the hotkeys that were scored, under the uids that they hold now. A hotkey that lost its uid meanwhile gets none:
 * whoever holds it now did none of that work.
 */
export function vectorOf(scores: readonly Score[], hotkeys: readonly Hex[]): Vector {
  const uidOf = new Map(hotkeys.map((hotkey, uid) => [hotkey, uid]));
  const earning = scores.flatMap(({ hotkey, weight }) => {
    const uid = uidOf.get(hotkey);
    return weight > 0 && uid !== undefined ? [{ uid, weight }] : [];
  });
  const sorted = earning.toSorted((a, b) => a.uid - b.uid);
  return { uids: sorted.map(({ uid }) => uid), values: sorted.map(({ weight }) => weight) };
}

/** Sets them; what is refused encrypted is refused again in the open, with the reason, or counts an epoch later. */
async function setVector({ node }: Validator, vector: Vector, way: Way): Promise<void> {
  const { chain, netuid } = node.subnet;
  const { signer } = node.neuron;
  const weights = { ...vector, versionKey: 0n };
  if (way === "shielded")
    try {
      await chain.setShieldedWeights(signer, netuid, weights);
      return;
    } catch (error) {
      if (!(error instanceof ChainError) || error.fault.code !== "extrinsic-invalid") throw error;
    }
  await chain.setWeights(signer, netuid, weights);
}

/** Reads who holds which uid now, and sends the weights to those. */
async function sendWeights(validator: Validator, { scores, book }: ScoredWindow): Promise<void> {
  const { node, memory, weightNews } = validator;
  const { chain, netuid } = node.subnet;
  const { window } = book;
  const way = await unseen(validator, window);
  if (way === "overtaken") return;
  const vector = vectorOf(scores, await chain.hotkeys(netuid));
  if (vector.uids.length === 0) {
    memory.forgo(window);
    weightNews.tell(window, "none", "no weights: nobody earned a positive score yet");
    return;
  }
  await setVector(validator, vector, way);
  memory.release(window);
  weightNews.over();
}

/**
 * Sends the weights without waiting; a refusal is told to people, and newer weights go out with the next window. Once they are on
 * chain the window's record may be served. Without a permit none are sent: the chain would refuse them, and why is told already.
 */
export function submitWeights(validator: Validator, scored: ScoredWindow): void {
  const { node, memory, permit, weightNews } = validator;
  const { log, signal } = node.neuron;
  const { window } = scored.book;
  if (!permit.isGiven) return;
  sendWeights(validator, scored).catch((error: unknown) => {
    if (signal.aborted) return;
    memory.forgo(window);
    const reason = weightsRefusal(error);
    log.warn({ window, reason }, "weights refused");
    weightNews.tell(window, reason, `window ${window}: weights refused: ${reason}`);
  });
}
