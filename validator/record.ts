/** @file The window record: what this validator saw and decided, as one hash-chained line. */
import type { PairedLosses } from "../src/gauntlet/loss-score.ts";
import {
  type Score,
  type Scorebook,
  type ScoredWindow,
  verdictOf,
} from "../src/gauntlet/scorebook.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { hexFloat } from "../src/protocol/hex-float.ts";
import { chainRecord, type WindowRecord, type WindowRecordBody } from "../src/protocol/record.ts";
import { rulesDigest } from "../src/protocol/rules.ts";
import type { ScoringRules } from "../src/protocol/scoring.ts";
import type { WindowOutcome } from "../src/run/chain-record.ts";
import type { Fate, Judgement } from "./fate.ts";
import type { Validator } from "./validator.ts";

/** A finished window. */
export type Finished = {
  readonly judgement: Judgement;
  readonly scored: ScoredWindow;
  readonly outcome: WindowOutcome;
  readonly thetaBefore: Hex;
};

type MinerRecord = WindowRecord["miners"][number];

const hexLosses = (losses: PairedLosses): { before: string[]; after: string[] } => ({
  before: losses.before.map(hexFloat),
  after: losses.after.map(hexFloat),
});

/** Every loss that was measured of an update, exactly; also of one that failed the gate. */
function lossesRecord({ payload, own, gate }: Fate): MinerRecord["losses"] {
  if (payload === null || gate === null) return null;
  return {
    own: own === null ? null : hexLosses(own),
    noise: hexLosses(gate.noise),
  };
}

/** Whose updates hold the same work, in words. */
function groupText(fate: Fate | undefined): string {
  const others = fate?.group?.filter((uid) => uid !== fate.commit.uid) ?? [];
  return others.length === 0
    ? ""
    : `the same work as uid ${others.slice(0, 20).join(", ")}: one credit for ${others.length + 1}`;
}

/** What is recorded of the update itself; nothing for a hotkey that committed none. */
function updateRecord(
  fate: Fate | undefined,
): Pick<MinerRecord, "commitBlock" | "payloadDigest" | "payloadBytes" | "detail" | "losses"> {
  return {
    commitBlock: fate?.commit.block ?? null,
    payloadDigest: fate?.commit.digest ?? null,
    payloadBytes: fate?.payload?.bytes ?? null,
    detail: fate?.refusal?.detail ?? groupText(fate),
    losses: fate === undefined ? null : lossesRecord(fate),
  };
}

function scoredRecord(
  score: Score,
  fate: Fate | undefined,
  how: { readonly applied: boolean; readonly scoring: ScoringRules },
): MinerRecord {
  return {
    uid: score.uid,
    hotkey: score.hotkey,
    ...updateRecord(fate),
    verdict: verdictOf(score, how),
    ...memoryRecord(score),
    trust: hexFloat(score.trust),
    final: hexFloat(score.final),
    weight: score.weight,
  };
}

/** What the score was made of, by the mode of the run. */
function memoryRecord(score: Score): Pick<MinerRecord, "rating" | "multiplier" | "credit"> {
  if (score.mode === "published") {
    const { mu, sigma } = score.rating;
    const rating = { mu: hexFloat(mu), sigma: hexFloat(sigma) };
    return { rating, multiplier: hexFloat(score.multiplier) };
  }
  const { credit, attendance, odds, windows } = score.entry;
  const memory = {
    average: hexFloat(credit),
    attendance: hexFloat(attendance),
    odds: hexFloat(odds),
    windows,
  };
  return { rating: null, multiplier: hexFloat(1), credit: memory };
}

/** What of the scorebook itself is recorded beside its hotkeys. */
function scaleRecord(book: Scorebook): Pick<WindowRecord, "scale"> {
  return book.format === "assay/credit-book/1" ? { scale: hexFloat(book.scale) } : {};
}

/** The losses that the verdict on similar updates rests on. */
function comparisonsRecord({ comparisons }: Judgement): Pick<WindowRecord, "comparisons"> {
  if (comparisons.length === 0) return {};
  return {
    comparisons: comparisons.map(({ uid, other, overlap, losses }) => ({
      uid,
      other,
      overlap: hexFloat(overlap),
      losses: hexLosses(losses),
    })),
  };
}

/** A hotkey that committed and is not in the scorebook (its first payload never came): it is told why all the same. */
function unscoredRecord(fate: Fate): MinerRecord {
  const { uid, hotkey } = fate.commit;
  const verdict = fate.refusal?.reason ?? "payload-missing";
  const nothing = { trust: hexFloat(0), multiplier: hexFloat(1), final: hexFloat(0), weight: 0 };
  return { uid, hotkey, ...updateRecord(fate), verdict, rating: null, ...nothing };
}

/** One row for every hotkey that is scored or committed, ascending by uid. */
function minerRecords(
  { judgement, scored, outcome }: Finished,
  scoring: ScoringRules,
): MinerRecord[] {
  const fates = new Map(judgement.fates.map((fate) => [fate.commit.uid, fate]));
  const applied = new Set(outcome.accepted.map((commit) => commit.uid));
  const known = new Set(scored.scores.map((score) => score.uid));
  const rows = scored.scores.map((score) =>
    scoredRecord(score, fates.get(score.uid), {
      applied: applied.has(score.uid),
      scoring,
    }),
  );
  const unscored = judgement.fates.filter((fate) => !known.has(fate.commit.uid));
  return [...rows, ...unscored.map(unscoredRecord)].toSorted((a, b) => a.uid - b.uid);
}

function flagsOf({ node }: Validator, finished: Finished): WindowRecord["flags"] {
  const { scored, outcome, thetaBefore } = finished;
  const { regime } = scored;
  const dissent = outcome.voters.some((voter) =>
    voter.votes.some((vote) => vote.window === outcome.window && vote.thetaDigest !== thetaBefore),
  );
  const flags: WindowRecord["flags"][number][] = [];
  if (outcome.accepted.length === 0) flags.push("null-window");
  if (regime.plateau) flags.push("plateau");
  if (regime.outage) flags.push("outage");
  if (dissent) flags.push("dissent");
  if (outcome.accepted.length === 0 && thetaBefore !== node.follower.digest) flags.push("void");
  return flags;
}

function bodyOf(validator: Validator, finished: Finished): WindowRecordBody {
  const { run, follower, neuron } = validator.node;
  const { judgement, outcome, thetaBefore } = finished;
  return {
    format: "assay/record/2",
    genesis: run.genesis,
    runId: run.runId,
    netuid: run.manifest.netuid,
    window: outcome.window,
    validator: neuron.signer.publicKey,
    configDigest: rulesDigest(judgement.rules),
    hashes: judgement.keys.hashes,
    neurons: outcome.hotkeys.length,
    miners: minerRecords(finished, judgement.rules.scoring),
    usual: { window: judgement.usual.window, norms: judgement.usual.norms.map(hexFloat) },
    ...comparisonsRecord(judgement),
    ...scaleRecord(finished.scored.book),
    voters: outcome.voters.map((voter) => ({ ...voter, stake: String(voter.stake) })),
    accepted: outcome.accepted.map((commit) => commit.uid),
    thetaBefore,
    thetaAfter: follower.digest,
    flags: flagsOf(validator, finished),
  };
}

/** Appends the window's record to the log. */
export async function record(validator: Validator, finished: Finished): Promise<void> {
  const { memory } = validator;
  await memory.save(chainRecord(memory.recordHead, bodyOf(validator, finished)));
}
