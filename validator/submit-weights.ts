/** @file Chain weights from scores, set every window in the background: the chain counts the newest at each epoch. */
import { refusalNames } from "../chain/client/refusal.ts";
import { ChainError } from "../chain/errors.ts";
import type { ScoredWindow } from "../src/gauntlet/scorebook.ts";
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

/**
 * Sends the weights without waiting; a refusal is told to people, and newer weights go out with the next window. Without a
 * permit none are sent: the chain would refuse them, and why is told already.
 */
export function submitWeights(
  { node, permit, weightNews }: Validator,
  { scores }: ScoredWindow,
): void {
  const { chain, netuid } = node.subnet;
  const { signer, log, signal } = node.neuron;
  const { window } = node.follower;
  if (!permit.isGiven) return;
  const earning = scores.filter((one) => one.weight > 0);
  if (earning.length === 0) {
    weightNews.tell(window, "none", "no weights: nobody earned a positive score yet");
    return;
  }
  const uids = earning.map((one) => one.uid);
  const values = earning.map((one) => one.weight);
  chain.setWeights(signer, netuid, { uids, values, versionKey: 0n }).then(
    () => weightNews.over(),
    (error: unknown) => {
      if (signal.aborted) return;
      const reason = weightsRefusal(error);
      log.warn({ window, reason }, "weights refused");
      weightNews.tell(window, reason, `window ${window}: weights refused: ${reason}`);
    },
  );
}
