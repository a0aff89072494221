/** @file Why a miner scored as it did: a closed list of reasons, each with a sentence that the miner can act on. */

/** What the reasons have in common for the score. */
export type ReasonClass =
  /** The update counted. */
  | "accepted"
  /** Nothing arrived in time: an outage or a fault, not an attempt to cheat. */
  | "absent"
  /** Something arrived that no honest node of this run sends. */
  | "invalid"
  /** Somebody's earlier work, or the miner's own, sent again. */
  | "stolen"
  /** Well formed, but it does not lower the loss. */
  | "unhelpful";

type Entry = { readonly standing: ReasonClass; readonly text: string };

const REASONS = {
  accepted: {
    standing: "accepted",
    text: "Your update lowered the loss and was accepted.",
  },
  untrusted: {
    standing: "accepted",
    text: "Your update was applied, but so far your updates help the pages you were assigned no more than other text, so it earns nothing; train on your assigned pages.",
  },
  distrusted: {
    standing: "accepted",
    text: "Your update lowered the loss but was not applied: over many windows your updates help the pages you were assigned no more than other text; train on your assigned pages.",
  },
  penalised: {
    standing: "accepted",
    text: "Your update was applied, but an earlier offence still keeps your score at zero; the penalty expires by itself.",
  },
  "below-floor": {
    standing: "accepted",
    text: "Your update was applied, but over the last windows your updates lowered the loss too little next to the strongest miners' to be paid; do the full number of steps on your assigned pages.",
  },
  "not-accepted-by-majority": {
    standing: "accepted",
    text: "This validator accepted your update, but validators with half of the stake did not; check that your payload can be fetched from everywhere.",
  },
  "no-commitment": {
    standing: "absent",
    text: "No digest of an update was committed on chain in this window; check that the miner runs and keeps up.",
  },
  "payload-missing": {
    standing: "absent",
    text: "Your committed payload could not be fetched in the reveal phase; check that your axon's address is reachable.",
  },
  malformed: {
    standing: "invalid",
    text: "Your payload is not a valid encoding of an update; run the same protocol version as the validators.",
  },
  "wrong-run": {
    standing: "invalid",
    text: "Your update was made for another chain, run or subnet; check --netuid and --endpoint.",
  },
  "wrong-window": {
    standing: "invalid",
    text: "Your update was made for another window; commit each window's own update.",
  },
  "wrong-hotkey": {
    standing: "invalid",
    text: "The update names another hotkey than the one that committed it; a payload counts only for its maker.",
  },
  "stale-base": {
    standing: "invalid",
    text: "Your update started from other parameters than the network's; restart the miner so that it replays from a checkpoint.",
  },
  "norm-too-small": {
    standing: "invalid",
    text: "Your update is far smaller than everybody else's; do the full number of steps at the run's learning rate.",
  },
  copied: {
    standing: "stolen",
    text: "Your update shares too many coordinates with one that another hotkey committed earlier.",
  },
  replayed: {
    standing: "stolen",
    text: "Your update repeats one that you sent in an earlier window; train anew from the current parameters.",
  },
  "not-finite": {
    standing: "invalid",
    text: "Applying your update makes the loss infinite or not a number; lower the learning rate and check the device.",
  },
  "loss-not-lowered": {
    standing: "unhelpful",
    text: "Your update did not lower the loss on text that nobody was assigned; check data, learning rate and number of steps.",
  },
} as const satisfies Readonly<Record<string, Entry>>;

/** Code of a verdict. */
export type Reason = keyof typeof REASONS;

/** A reason for which an update does not count. */
export type Rejection = {
  [R in Reason]: (typeof REASONS)[R]["standing"] extends "accepted" ? never : R;
}[Reason];

/** Every reason, in the order of the checks. */
export const ALL_REASONS: readonly Reason[] = Object.keys(REASONS).filter(isReason);

/** Whether a text is the code of a verdict. */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(REASONS, text);
}

/** Whether an update does not count for this reason. */
export function isRejection(reason: Reason): reason is Rejection {
  return standingOf(reason) !== "accepted";
}

/** What a reason means for the score. */
export function standingOf(reason: Reason): ReasonClass {
  return REASONS[reason].standing;
}

/** One sentence for the miner: what happened and what to do. */
export function explainReason(reason: Reason): string {
  return REASONS[reason].text;
}
