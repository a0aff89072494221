/** @file The last windows of a run: what the chain's record says of each, and what a validator judged in the newest. */
import { searchAxons } from "../../src/network/axon-search.ts";
import { BackOffs } from "../../src/network/back-offs.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { MAXIMUM_MANIFEST_BYTES } from "../../src/protocol/manifest-file.ts";
import { type WindowRecord, windowRecordSchema } from "../../src/protocol/record.ts";
import { ChainRecord } from "../../src/run/chain-record.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { RunNow } from "../owner/run-now.ts";
import type { Participant } from "./participants.ts";

/** A window that is over, by the chain alone. */
export type Finished = {
  readonly window: number;
  /** Digest that a majority of the stake voted for; null: there was none. */
  readonly thetaDigest: Hex | null;
  readonly acceptedUids: readonly number[];
  /** Uids that committed an update in time. */
  readonly committedUids: readonly number[];
  /** Uids that voted in this window. */
  readonly votedUids: readonly number[];
};

/** Whether somebody hands out what a newcomer needs. */
export type Served = { readonly manifest: boolean; readonly data: boolean };

const FINISHED_SHOWN = 3;
const RECORDS_BACK = 4;
const RECORD_LIMITS = { limitBytes: 8 << 20, timeoutMs: 3000 };
const BLOB_LIMITS = { limitBytes: MAXIMUM_MANIFEST_BYTES, timeoutMs: 3000 };

/** Whole numbers from `from` up to, but not including, `to`. */
function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

/** The last windows that are over, the oldest first. */
export async function readFinished(subnet: Subnet, run: RunNow): Promise<readonly Finished[]> {
  const { clock, manifest, window } = run;
  const over = manifest.windows === 0 ? window : Math.min(window, manifest.windows);
  const windows = range(Math.max(0, over - FINISHED_SHOWN), over);
  const record = new ChainRecord({ netuid: subnet.netuid, clock, rules: run.rulesAt }, subnet);
  return Promise.all(
    windows.map(async (one) => {
      const [outcome, commits, votes] = await Promise.all([
        record.outcome(one),
        record.commits(one),
        record.votes(one),
      ]);
      return {
        window: one,
        thetaDigest: outcome.thetaDigest,
        acceptedUids: outcome.accepted.map(({ uid }) => uid),
        committedUids: commits.map(({ uid }) => uid),
        votedUids: votes.map(({ uid }) => uid),
      };
    }),
  );
}

/** The newest record that a validator hands out, the one with the most stake first; null when there is none. */
export async function readNewestRecord(
  run: RunNow,
  participants: readonly Participant[],
  signal: AbortSignal,
): Promise<WindowRecord | null> {
  const validators = participants
    .flatMap(({ answer, axon, stakeRao }) =>
      answer?.status.role === "validator" && axon !== null
        ? [{ axon, stakeRao, window: answer.status.window ?? run.window }]
        : [],
    )
    .toSorted((a, b) => (a.stakeRao < b.stakeRao ? 1 : -1));
  const limits = { ...RECORD_LIMITS, signal };
  for (const { axon, window } of validators) {
    // A validator may be behind, or have finished a run that ended.
    const newest = Math.max(0, Math.min(run.window, window));
    for (const one of range(Math.max(0, newest - RECORDS_BACK), newest + 1).toReversed()) {
      const url = urlOf(axon, `/records/${one}`);
      const record = await fetchJson(url, windowRecordSchema, limits).catch(() => null);
      signal.throwIfAborted();
      if (record?.runId === run.runId) return record;
    }
  }
  return null;
}

/** Asks the nodes, and them alone, for what a newcomer needs first. */
export async function readServed(
  { runId, manifest }: Pick<RunNow, "runId" | "manifest">,
  participants: readonly Participant[],
  signal: AbortSignal,
): Promise<Served> {
  const axons = new Map(
    participants.flatMap(({ hotkey, axon, answer }) =>
      axon === null || answer === null ? [] : [[hotkey, axon] as const],
    ),
  );
  const parts = {
    axons: async () => axons,
    backOffs: new BackOffs(),
    limits: { ...BLOB_LIMITS, signal },
    plan: { owner: null, othersAfterMs: 0, patienceMs: 0, chances: 1 },
  };
  const found = async (address: Hex): Promise<boolean> =>
    (await searchAxons(address, parts)) !== null;
  const [first, second] = await Promise.all([found(runId), found(manifest.data.manifest)]);
  return { manifest: first, data: second };
}
