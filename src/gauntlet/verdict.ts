/** @file Why a miner scored as it did: a closed list of reasons, each with a sentence that the miner can act on and that says when it is over. */
import { type ScoringMode } from "../protocol/scoring.ts";

/** What the reasons have in common for the score. */
export type ReasonClass =
  /** The update counted. */
  | "accepted"
  /** Nothing arrived in time: an outage or a fault, not an attempt to cheat. */
  | "absent"
  /** Something arrived that no honest node of this run sends. */
  | "invalid"
  /** Somebody else's work, or the miner's own, sent again. */
  | "stolen"
  /** Well formed, but it does not lower the loss. */
  | "unhelpful";

/** What it costs and when that is over, by mode. */
type End = Readonly<Record<ScoringMode, string>>;
type Entry = { readonly standing: ReasonClass; readonly text: string; readonly end?: End };

const ABSENT: End = {
  credit:
    "your attendance falls by credit.attendanceAlpha and pay with it; every window with an update wins it back",
  published:
    "the score is cut to 0.75, 0.5, then 0 while that lasts, and to 0 for eight windows after four absences in eight",
};
const INVALID: End = {
  credit: "this window counts as zero in your average, the next one in full",
  published: "this window pays nothing, the next one in full",
};
const STOLEN_PUBLISHED = "nothing is paid for this window and the nine after it";

const REASONS = {
  accepted: {
    standing: "accepted",
    text: "Your update lowered the loss and was accepted",
  },
  shared: {
    standing: "accepted",
    text: "Your update holds the same work as another's of this window (each helps the other's pages), so they share one credit and one of them is applied; train each hotkey on its own pages alone",
    end: {
      credit: "the next window counts in full when the updates differ",
      published: "the next window counts in full when the updates differ",
    },
  },
  untrusted: {
    standing: "accepted",
    text: "Your update was applied, but so far your updates help the pages you were assigned no more than other text (scoring.trustThreshold); train on your assigned pages",
    end: {
      credit: "pay begins as soon as trust is above the threshold",
      published: "pay begins as soon as trust is above the threshold",
    },
  },
  distrusted: {
    standing: "accepted",
    text: "Your update lowered the loss but was not applied: over many windows your updates help the pages you were assigned no more than other text; train on your assigned pages",
    end: {
      credit:
        "every window with a clear margin there lifts your trust, and from credit.voteTrust on you are voted for again",
      published: "you are voted for again once trust is above -scoring.trustThreshold",
    },
  },
  penalised: {
    standing: "accepted",
    text: "Your update was applied, but an earlier offence still keeps your score at zero; go on with honest updates",
    end: {
      credit: "it ends by itself, ten windows after a theft and eight after frequent absence",
      published: "it ends by itself, ten windows after a theft and eight after frequent absence",
    },
  },
  "below-floor": {
    standing: "accepted",
    text: "Your update was applied, but your average over the last windows is below the floor (credit.floor of the strongest miners' credit); do the full number of steps on your assigned pages",
    end: {
      credit: "pay begins as soon as the average is above it, for a new miner within some windows",
      published: "pay begins as soon as the average is above it",
    },
  },
  "not-accepted-by-majority": {
    standing: "accepted",
    text: "This validator accepted your update, but validators with half of the stake did not; check that your payload can be fetched from everywhere",
    end: {
      credit:
        "only the model missed it: your score counts as if it had been applied, unless the whole window was null",
      published: "only the model missed it: your score counts as if it had been applied",
    },
  },
  "no-commitment": {
    standing: "absent",
    text: "No digest of an update was committed on chain in this window's commit phase; check that the miner runs and keeps up",
    end: ABSENT,
  },
  "payload-missing": {
    standing: "absent",
    text: "Your committed payload could not be fetched in the reveal phase; check that your axon's address is reachable",
    end: ABSENT,
  },
  malformed: {
    standing: "invalid",
    text: "Your payload is not a valid encoding of an update; run the same protocol version as the validators",
    end: INVALID,
  },
  "wrong-run": {
    standing: "invalid",
    text: "Your update was made for another chain, run or subnet; check --netuid and --endpoint",
    end: INVALID,
  },
  "wrong-window": {
    standing: "invalid",
    text: "Your update was made for another window; commit each window's own update",
    end: INVALID,
  },
  "wrong-hotkey": {
    standing: "invalid",
    text: "The update names another hotkey than the one that committed it; a payload counts only for its maker",
    end: INVALID,
  },
  "stale-base": {
    standing: "invalid",
    text: "Your update started from other parameters than the network's; restart the miner so that it replays from a checkpoint",
    end: INVALID,
  },
  "norm-too-small": {
    standing: "invalid",
    text: "Your update is smaller than scoring.minimumNormRatio of the last applied ones, each tensor clipped to theirs; do the full number of steps at the run's learning rate",
    end: INVALID,
  },
  copied: {
    standing: "stolen",
    text: "Your update is proven to hold another hotkey's work: the same body was sent earlier, or it helps that hotkey's pages and not vice versa (docs/gauntlet.md#similar-updates); train on your assigned pages alone",
    end: {
      credit:
        "this window counts as zero and takes credit.oddsTheft from your trust, which a few honest windows win back",
      published: STOLEN_PUBLISHED,
    },
  },
  replayed: {
    standing: "stolen",
    text: "Your update repeats one of yours that was applied in an earlier window; train anew from the current parameters",
    end: {
      credit: "this window counts as zero in your average, the next one in full",
      published: STOLEN_PUBLISHED,
    },
  },
  "not-finite": {
    standing: "invalid",
    text: "Applying your update makes the loss infinite or not a number; lower the learning rate and check the device",
    end: INVALID,
  },
  "loss-not-lowered": {
    standing: "unhelpful",
    text: "Your update did not lower the loss on text that nobody was assigned, which honest work fails to do once in sixteen windows; check data, learning rate and number of steps if it happens again",
    end: {
      credit: "this window counts as zero or what harm it did, the next one in full",
      published:
        "this window ranks last, the next one counts in full, but five such windows of eight cut the score to a quarter",
    },
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

/** One sentence for the miner: what happened, what to do now, and when it is over in a run of this mode. */
export function explainReason(reason: Reason, mode: ScoringMode = "credit"): string {
  const { text, end }: Entry = REASONS[reason];
  return end === undefined ? `${text}.` : `${text}; ${end[mode]}.`;
}
