/** @file Why the pool refuses weights, where its code names no reason: read from the state that it looked at. */
import { ChainError } from "../errors.ts";
import { type Hex } from "../wallet/hex.ts";
import { type Metagraph, type MetagraphReader } from "./metagraph.ts";
import { blockOf } from "./parts.ts";
import { isUnnamed } from "./pool-refusal.ts";
import { type ChainState } from "./state.ts";
import { type Hyperparameters, readHyperparameters } from "./subnet.ts";

/** Weights as they were sent. */
export type SentWeights = {
  readonly hotkey: Hex;
  readonly netuid: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly versionKey: bigint;
};

/** The chain's checks that its pool words as "anything else", in the chain's order; null when all pass now. */
function failedCheck(
  sent: SentWeights,
  { neurons, ownerHotkey }: Metagraph,
  parameters: Hyperparameters,
  sentAs: SentAs,
): string | null {
  const { hotkey, uids, values, versionKey } = sent;
  const neuron = neurons.find((one) => one.hotkey === hotkey);
  const isSelf = uids.length === 1 && uids[0] === neuron?.uid;
  const mayVote = neuron?.validatorPermit === true || hotkey === ownerHotkey;
  const least = Math.min(neurons.length, parameters.minAllowedWeights);
  const checks: readonly (readonly [string, boolean])[] = [
    ["CommitRevealEnabled", sentAs === "set" && parameters.commitRevealEnabled],
    ["CommitRevealDisabled", sentAs === "revealed" && !parameters.commitRevealEnabled],
    ["WeightVecNotEqualSize", uids.length !== values.length],
    ["UidsLengthExceedUidsInSubNet", uids.length > neurons.length],
    ["IncorrectWeightVersionKey", versionKey < parameters.weightsVersion],
    ["NeuronNoValidatorPermit", !isSelf && !mayVote],
    ["DuplicateUids", new Set(uids).size !== uids.length],
    ["UidVecContainInvalidOne", uids.some((uid) => uid >= neurons.length)],
    ["WeightVecLengthIsLow", !isSelf && uids.length < least],
  ];
  return checks.find(([, isFailed]) => isFailed)?.[0] ?? null;
}

/** How the weights were sent: at once, or as the reveal of a commit. */
export type SentAs = "set" | "revealed";

/** The error to throw for refused weights: the same, or one that names the pallet's error. */
export async function namedRefusal(
  error: unknown,
  sent: SentWeights,
  parts: {
    readonly state: ChainState;
    readonly graphs: MetagraphReader;
    readonly sentAs?: SentAs;
  },
): Promise<unknown> {
  if (!isUnnamed(error) || error.fault.code !== "extrinsic-invalid") return error;
  const { state, graphs, sentAs = "set" } = parts;
  try {
    const at = await blockOf(state, undefined);
    const graph = await graphs.metagraph(sent.netuid, at);
    const parameters = await readHyperparameters(state, { netuid: sent.netuid, at });
    const reason = failedCheck(sent, graph, parameters, sentAs);
    return reason === null ? error : new ChainError({ ...error.fault, reason }, { cause: error });
  } catch {
    // The refusal is what happened; that nobody could look why changes nothing about it.
    return error;
  }
}
