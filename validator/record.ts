/** @file The window record: one hash-chained line from which anybody can recompute scores, weights and the accepted set. */
import { blake2b256, type Hex } from "../src/protocol/digest.ts";
import { canonicalJson } from "../src/protocol/canonical-json.ts";
import { hexFloat } from "../src/protocol/hex-float.ts";
import { overlaps } from "../src/protocol/assignment.ts";
import type { PairedLosses } from "../src/gauntlet/loss-score.ts";
import { type Score, verdictOf } from "../src/gauntlet/scorebook.ts";
import { chainRecord, type WindowRecord, type WindowRecordBody } from "../src/protocol/record.ts";
import type { Outcome } from "../src/run/chain-record.ts";
import { heldOutTokens } from "../src/data/pages.ts";
import type { Scored } from "./evaluate.ts";
import type { ValidatorState } from "./memory.ts";

/** A finished window. */
export type Finished = {
  readonly scored: Scored;
  readonly outcome: Outcome;
  readonly thetaBefore: Hex;
};

type MinerRecord = WindowRecord["miners"][number];

/** Sequences of the loss that is shown while the run goes on. */
const HELD_OUT_SEQUENCES = 64;

const hexLosses = (losses: PairedLosses): { before: string[]; after: string[] } => ({
  before: losses.before.map(hexFloat),
  after: losses.after.map(hexFloat),
});

/** The losses of an evaluated update, exactly. */
function lossesRecord(uid: number, { judged, evidence }: Scored): MinerRecord["losses"] {
  const losses = evidence.get(uid);
  const entry = judged.sample.entries.find((one) => one.commit.uid === uid);
  if (losses === undefined || entry === undefined) return null;
  const { consumedPages } = entry;
  return { consumedPages, own: hexLosses(losses.own), noise: hexLosses(losses.noise) };
}

function minerRecord(
  score: Score,
  { scored, outcome }: Finished,
  { trustThreshold }: { readonly trustThreshold: number },
): MinerRecord {
  const { sample, refusals } = scored.judged;
  const { uid, hotkey } = score;
  const commit = sample.commits.find((one) => one.uid === uid);
  const entry = sample.entries.find((one) => one.commit.uid === uid);
  const applied = outcome.accepted.some((one) => one.uid === uid);
  return {
    uid,
    hotkey,
    commitBlock: commit?.block ?? null,
    payloadDigest: commit?.digest ?? null,
    payloadBytes: entry?.payloadBytes ?? null,
    verdict: verdictOf(score, { applied, trustThreshold }),
    detail: refusals.get(uid)?.detail ?? "",
    losses: lossesRecord(uid, scored),
    rating: { mu: hexFloat(score.rating.mu), sigma: hexFloat(score.rating.sigma) },
    trust: hexFloat(score.trust),
    multiplier: hexFloat(score.multiplier),
    final: hexFloat(score.final),
    weight: score.weight,
  };
}

function flagsOf(
  state: ValidatorState,
  { scored, outcome, thetaBefore }: Finished,
): WindowRecord["flags"] {
  const { data } = state.node.run.manifest;
  const { regime } = scored.advance;
  const overlap = overlaps({
    pages: data.pages,
    neurons: outcome.hotkeys.length,
    perUid: data.pagesPerWindow,
    noise: data.noisePages,
  });
  const dissent = outcome.voters.some((voter) =>
    voter.votes.some((vote) => vote.window === outcome.window && vote.thetaDigest !== thetaBefore),
  );
  const flags: WindowRecord["flags"][number][] = [];
  if (overlap) flags.push("overlap");
  if (outcome.accepted.length === 0) flags.push("null-window");
  if (regime.plateau) flags.push("plateau");
  if (regime.outage) flags.push("outage");
  if (dissent) flags.push("dissent");
  return flags;
}

function bodyOf(state: ValidatorState, finished: Finished): WindowRecordBody {
  const { run, follower, signer } = state.node;
  const { scored, outcome, thetaBefore } = finished;
  const { scoring, evaluation } = run.manifest;
  return {
    format: "assay/record/1",
    genesis: run.genesis,
    runId: run.runId,
    netuid: run.manifest.netuid,
    window: outcome.window,
    validator: signer.publicKey,
    configDigest: blake2b256(new TextEncoder().encode(canonicalJson({ scoring, evaluation }))),
    hashes: scored.judged.sample.keys.hashes,
    neurons: outcome.hotkeys.length,
    miners: scored.advance.scores.map((score) => minerRecord(score, finished, scoring)),
    voters: outcome.voters.map((voter) => ({ ...voter, stake: String(voter.stake) })),
    accepted: outcome.accepted.map((commit) => commit.uid),
    thetaBefore,
    thetaAfter: follower.digest,
    flags: flagsOf(state, finished),
  };
}

/** Appends the window's record and saves the scorebook; also measures the held-out loss that `GET /status` shows. */
export async function writeRecord(state: ValidatorState, finished: Finished): Promise<void> {
  const { engine, run, follower } = state.node;
  await state.save(chainRecord(state.recordHead, bodyOf(state, finished)));
  const tokens = heldOutTokens(run.heldOut, run.manifest.model.context, HELD_OUT_SEQUENCES);
  const losses = await engine.losses({ tokens });
  const loss = losses.reduce((sum, one) => sum + one, 0) / losses.length;
  state.heldOut = { window: follower.window, loss };
}
