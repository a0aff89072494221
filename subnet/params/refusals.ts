/** @file Why the chain does not take an owner's parameter, in words, with what to do. */
import { refusalNames } from "../../chain/client/refusal.ts";
import type { ParameterHolds } from "../../chain/client/parameters.ts";
import type { ParameterChange } from "./owner-values.ts";

/** A reason as a clause, and what helps. */
export type Refusal = {
  readonly reason: string;
  readonly next: string;
  /** Whether another parameter that is changed as well may be what is in the way. */
  readonly mayPass: boolean;
};

type Words = Omit<Refusal, "mayPass"> & { readonly mayPass?: true };

const FROZEN = "AdminActionProhibitedDuringWeightsWindow";
const LIMITED = "TxRateLimitExceeded";

/** The reasons of bounds and circumstances, by the pallets' names. */
const WORDS: Readonly<Record<string, Words>> = {
  BadOrigin: {
    reason: "only the coldkey that owns the subnet may set it",
    next: "Use the owner's wallet (--wallet).",
  },
  MaxAllowedUIdsLessThanCurrentUIds: {
    reason: "the subnet has more neurons than that",
    next: "Raise chain.maximumUids to the neurons there are; only sudo_trim_to_max_allowed_uids takes uids away, and no command here does.",
  },
  MaxAllowedUidsLessThanMinAllowedUids: {
    reason: "it is below the least that the chain keeps for a subnet (64 unless Root changed it)",
    next: "Raise chain.maximumUids.",
  },
  MaxAllowedUidsGreaterThanDefaultMaxAllowedUids: {
    reason: "a subnet has 256 uids at most",
    next: "Lower chain.maximumUids.",
  },
  TooManyUIDsPerMechanism: {
    reason: "uids times mechanisms are more than 256",
    next: "Lower chain.maximumUids or hyperparameters.mechanisms.",
    mayPass: true,
  },
  ValueNotInBounds: {
    reason: "the least price must stay below the highest",
    next: "Set hyperparameters.minBurnRao below maxBurnRao.",
    mayPass: true,
  },
  LiquidAlphaDisabled: {
    reason: "they can be set only while liquid alpha is on",
    next: "Set hyperparameters.liquidAlpha = true, or both bounds back to what the chain has.",
    mayPass: true,
  },
  AlphaLowOutOfRange: {
    reason: "alphaLow must lie between 1638 and alphaHigh",
    next: "Correct alphaLow and alphaHigh.",
  },
  AlphaHighTooLow: { reason: "alphaHigh must be at least 1638", next: "Raise alphaHigh." },
  InvalidValue: {
    reason:
      "the chain allows less: MaxMechanismCount mechanisms, takes between those of the chain, as many shares as mechanisms",
    next: "Bring the value within the chain's bounds.",
    mayPass: true,
  },
  NonAssociatedColdKey: {
    reason: "that hotkey belongs to another coldkey, whose pay would be burned",
    next: "Name a hotkey of the owner.",
  },
  CannotUseSystemAccount: {
    reason: "that address is the account of a subnet",
    next: "Name a hotkey of the owner.",
  },
};

/** Blocks until one, in words. */
const inBlocks = (from: number, to: number): string => `in ${Math.max(0, to - from)} blocks`;

/** Why nothing can be set now, or null. */
export function frozenRefusal({ block, frozenUntil }: ParameterHolds): Refusal | null {
  if (frozenUntil === null) return null;
  return {
    reason: `parameters are frozen until the epoch of block ${frozenUntil}, ${inBlocks(block, frozenUntil)}`,
    next: `Push again when block ${frozenUntil} is final.`,
    mayPass: false,
  };
}

/** Why this one cannot be set yet, or null. */
export function limitRefusal({ name }: ParameterChange, holds: ParameterHolds): Refusal | null {
  const from = holds.freeFrom.get(name);
  if (from === undefined) return null;
  return {
    reason: `its last change is too recent: the next is allowed from block ${from} on, ${inBlocks(holds.block, from)}`,
    next: `Push again from block ${from} on.`,
    mayPass: false,
  };
}

/** What the chain answered to a call, with what held it up read after it. Null: no refusal of a pallet. */
export function callRefusal(
  error: unknown,
  change: ParameterChange,
  holds: ParameterHolds,
): Refusal | null {
  const [name] = refusalNames(error);
  if (name === undefined) return null;
  if (name === FROZEN)
    return (
      frozenRefusal(holds) ?? {
        reason: "an epoch was too near",
        next: "Push again.",
        mayPass: false,
      }
    );
  if (name === LIMITED)
    return (
      limitRefusal(change, holds) ?? {
        reason: "its last change was too recent",
        next: "Push again.",
        mayPass: false,
      }
    );
  const words = WORDS[name];
  if (words === undefined)
    return {
      reason: `the chain says ${name}`,
      next: "Correct the value in the file.",
      mayPass: false,
    };
  return { mayPass: false, ...words };
}
