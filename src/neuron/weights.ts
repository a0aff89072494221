/** @file Weights by uid from scores by hotkey, and why a chain refuses them, in words. */
import { refusalNames } from "../../chain/client/refusal.ts";
import { ChainError } from "../../chain/errors.ts";
import type { Hex } from "../protocol/digest.ts";

/** The chain's refusals of weights, in words. */
const WORDS: Readonly<Record<string, string>> = {
  NeuronNoValidatorPermit: "this hotkey had no validator permit in the last epoch",
  NotEnoughStakeToSetWeights: "the stake of this hotkey is below what the chain asks of validators",
  SettingWeightsTooFast:
    "the last ones are too recent for this subnet; newer ones are sent with every window",
  IncorrectWeightVersionKey: "the subnet's owner asks for weights of a newer release: update Assay",
  CommitRevealEnabled:
    "the owner has switched commit-reveal on just now; the next window's are committed",
  CommitRevealDisabled:
    "the owner has switched commit-reveal off; the next window's are set at once",
  CommittingWeightsTooFast:
    "the last ones are too recent for this subnet; newer ones are committed with the windows to come",
  TooManyUnrevealedCommits:
    "ten of them wait to be revealed already, as many as the chain keeps; that passes with the next epoch",
  ExpiredWeightCommit: "the only epoch in which they could be revealed is over; newer ones follow",
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

/** The release of weights that this one makes; a subnet may ask for a newer one. */
export const VERSION_KEY = 0n;

/** What a hotkey is to get: u16, the largest of all at 65,535. */
export type Weighed = { readonly hotkey: Hex; readonly weight: number };

/** Weights as they are sent: parallel lists, uids ascending. */
export type Vector = { readonly uids: readonly number[]; readonly values: readonly number[] };

/**
 * The weights for the hotkeys that were scored, under the uids that they hold now. A hotkey that lost its uid meanwhile gets none:
 * whoever holds it now did none of that work.
 */
export function vectorOf(scores: readonly Weighed[], hotkeys: readonly Hex[]): Vector {
  const uidOf = new Map(hotkeys.map((hotkey, uid) => [hotkey, uid]));
  const earning = scores.flatMap(({ hotkey, weight }) => {
    const uid = uidOf.get(hotkey);
    return weight > 0 && uid !== undefined ? [{ uid, weight }] : [];
  });
  const sorted = earning.toSorted((a, b) => a.uid - b.uid);
  return { uids: sorted.map(({ uid }) => uid), values: sorted.map(({ weight }) => weight) };
}
