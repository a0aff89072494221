/** @file Who takes part in a window: committed digests, fetched payloads, structural checks. Nothing is parsed before it hashes right. */
import { type Candidate, candidateOf, fastChecks } from "../src/gauntlet/fast-checks.ts";
import type { Rejection } from "../src/gauntlet/verdict.ts";
import { maximumBodyBytes, type SparseUpdate } from "../src/protocol/codec.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { assignKey, evalKey, noiseKey } from "../src/protocol/draws.ts";
import { readUpdate, UPDATE_HEADER_BYTES } from "../src/protocol/update.ts";
import type { Joined } from "../src/neuron/neuron.ts";
import type { Commit } from "../src/run/chain-record.ts";
import type { ValidatorState } from "./memory.ts";

/** An update that decoded and is bound to this run, window and hotkey. */
export type Entry = {
  readonly commit: Commit;
  readonly candidate: Candidate;
  readonly update: SparseUpdate;
  readonly consumedPages: number;
  readonly payloadBytes: number;
};

/** Why a uid's update does not count, and what exactly was found. */
export type Refusal = { readonly reason: Rejection; readonly detail: string };

/** Keys that the chain's hashes fix for a window, and the hashes. */
export type WindowKeys = {
  readonly hashes: { readonly window: Hex; readonly evaluation: Hex };
  readonly assign: Hex;
  readonly noise: Hex;
  evaluation(hotkey: Hex): Hex;
};

/** Everything that a window's judgement starts from. */
export type Sample = {
  readonly window: number;
  readonly hotkeys: readonly Hex[];
  readonly commits: readonly Commit[];
  readonly keys: WindowKeys;
  /** Updates that passed every check which needs no model, ascending by uid. */
  readonly entries: readonly Entry[];
  /** By uid, for those that committed something else. */
  readonly refusals: Map<number, Refusal>;
};

/** Between two attempts to fetch a payload whose miner is a moment behind. */
const RETRY_MS = 60;

async function keysOf(node: Joined, window: number): Promise<WindowKeys> {
  const { run, heads } = node;
  const common = { genesis: run.genesis, runId: run.runId, netuid: run.manifest.netuid, window };
  const [assignHash, seedHash] = await Promise.all([
    heads.hashOf(run.clock.seedBlock(window)),
    heads.hashOf(run.clock.evaluationSeedBlock(window)),
  ]);
  return {
    hashes: { window: assignHash, evaluation: seedHash },
    assign: assignKey({ ...common, hash: assignHash }),
    noise: noiseKey({ ...common, hash: seedHash }),
    evaluation: (hotkey) => evalKey({ ...common, hash: seedHash, hotkey }),
  };
}

/** The payload behind a commitment, asked for until the judge phase begins. */
async function fetchPayload(
  node: Joined,
  window: number,
  commit: Commit,
): Promise<Uint8Array | null> {
  const { run, finder, heads, signal } = node;
  const layout = { lengths: run.layout.lengths, ...run.manifest.codec };
  const limitBytes = UPDATE_HEADER_BYTES + maximumBodyBytes(layout);
  const search = { limitBytes, signal, owner: commit.hotkey };
  // A validator that is itself late still asks for one block's time: its delay is no miner's absence.
  const until = Math.max(run.clock.firstJudgeBlock(window), heads.current.number + 1);
  const over = heads.reached(until, signal).then(() => null);
  for (;;) {
    // A peer that hangs must not make this validator miss its vote.
    const bytes = await Promise.race([finder.tryFind(commit.digest, search), over]);
    if (bytes !== null || heads.current.number >= until) return bytes;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function readEntry(node: Joined, window: number, commit: Commit): Promise<Entry | Refusal> {
  const { run, follower } = node;
  // Peers that are gone, slow or lying end as null; what is thrown is our own affair and no miner's fault.
  const bytes = await fetchPayload(node, window, commit);
  if (bytes === null)
    return { reason: "payload-missing", detail: "nobody served it before the judge phase" };
  const layout = { lengths: run.layout.lengths, ...run.manifest.codec };
  const maximumPages = run.manifest.data.pagesPerWindow;
  const reading = readUpdate(bytes, layout, {
    ...follower.expectedHeader(commit.hotkey),
    maximumPages,
  });
  if (!reading.ok) return { reason: reading.code, detail: reading.reason };
  const { header, update } = reading;
  const { uid, hotkey, block: commitBlock } = commit;
  return {
    commit,
    update,
    consumedPages: header.consumedPages,
    payloadBytes: bytes.length,
    candidate: candidateOf({ uid, hotkey, window, commitBlock, bytes, update }),
  };
}

/** Collects the window's updates. Waits for the first block after the deadline: its hash draws the evaluation data. */
export async function sample(state: ValidatorState, window: number): Promise<Sample> {
  const { run, heads, ledger, signal, say } = state.node;
  await heads.reached(run.clock.evaluationSeedBlock(window), signal);
  const [keys, hotkeys, commits] = await Promise.all([
    keysOf(state.node, window),
    ledger.hotkeys(window),
    ledger.commits(window),
  ]);
  const read = await Promise.all(commits.map((commit) => readEntry(state.node, window, commit)));
  const refusals = new Map<number, Refusal>();
  const readable: Entry[] = [];
  for (const [index, one] of read.entries())
    if ("update" in one) readable.push(one);
    else refusals.set(commits[index]?.uid ?? -1, one);
  const rejected = fastChecks({
    window,
    candidates: readable.map((entry) => entry.candidate),
    earlier: state.fingerprints,
    bodies: state.bodies,
    settings: run.manifest.scoring,
  });
  for (const [uid, rejection] of rejected) refusals.set(uid, rejection);
  for (const { candidate } of readable) state.addFingerprint(candidate);
  const entries = readable.filter((entry) => !rejected.has(entry.commit.uid));
  say(
    `window ${window}: ${commits.length} commitments, ${entries.length} updates pass the structural checks`,
  );
  return { window, hotkeys, commits, keys, entries, refusals };
}
