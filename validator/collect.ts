/** @file Who takes part in a window: committed digests, fetched payloads, fast checks. Nothing is parsed before it hashes right. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { addressOf } from "../src/blobs/hashing.ts";
import { urlOf } from "../src/network/client.ts";
import {
  bodyOf,
  fastChecks,
  type FastRejection,
  fingerprintOf,
} from "../src/gauntlet/fast-checks.ts";
import { clippedUpdate, type UsualRule, usualNormsOf, usualRuleOf } from "../src/gauntlet/norms.ts";
import { readUpdate } from "../src/protocol/update.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { Commit } from "../src/run/chain-record.ts";
import type { IncentiveRules } from "../src/protocol/rules.ts";
import { keysOf } from "./evaluation/bench.ts";
import { type Fate, isLive, type Judgement } from "./fate.ts";
import type { Validator } from "./validator.ts";

/** The payload behind a commitment, asked for until the judge phase begins. */
async function fetchPayload(
  { run, subnet, neuron }: Participant,
  window: number,
  commit: Commit,
): Promise<Uint8Array | null> {
  const { blocks, finder } = subnet;
  const { signal } = neuron;
  const search = { limitBytes: run.maximumUpdateBytes, signal, owner: commit.hotkey };
  // A validator that is itself late still asks for one block's time: its delay is no miner's absence.
  const until = Math.max(run.clock.firstJudgeBlock(window), blocks.current.number + 1);
  const ending = new AbortController();
  const over = blocks.reached(until, signal).then(() => null);
  const end = (): void => ending.abort();
  over.then(end, end);
  // What the search does last must not make this validator miss its vote.
  return Promise.race([finder.findUntil(commit.digest, search, ending.signal), over]);
}

/** Where a payload was looked for that never came: the miner can then try that address itself. */
async function absence({ subnet }: Participant, { hotkey }: Commit): Promise<string> {
  const axon = (await subnet.finder.axons()).get(hotkey);
  return axon === undefined
    ? "nobody served it before the judge phase, and its miner publishes no address that may be asked"
    : `nobody served it before the judge phase: neither its miner at ${urlOf(axon, "")} nor anybody else`;
}

const committed = (commit: Commit): Fate => ({
  commit,
  payload: null,
  refusal: null,
  gate: null,
  own: null,
});

/** Why a commitment is no update, by the size of what it names alone; null when that is not known here to be too large. */
async function oversized({ run, subnet }: Participant, { digest }: Commit): Promise<string | null> {
  const stored = await subnet.blobs.open(digest);
  return stored === null || stored.bytes <= run.maximumUpdateBytes
    ? null
    : `the committed blob has ${stored.bytes} bytes, an update of this run at most ${run.maximumUpdateBytes}`;
}

/** Fetches and decodes what a commitment promises. */
async function fetched(node: Participant, window: number, commit: Commit): Promise<Fate> {
  const fate = committed(commit);
  const excess = await oversized(node, commit);
  if (excess !== null) return { ...fate, refusal: { reason: "malformed", detail: excess } };
  // Peers that are gone, slow or lying end as null; what is thrown is our own affair and no miner's fault.
  const bytes = await fetchPayload(node, window, commit);
  if (bytes === null) {
    return { ...fate, refusal: { reason: "payload-missing", detail: await absence(node, commit) } };
  }
  const { run, follower } = node;
  const expected = follower.expectedHeader(commit.hotkey);
  const reading = readUpdate(bytes, run.updateLayout, expected);
  if (!reading.ok) return { ...fate, refusal: { reason: reading.code, detail: reading.reason } };
  const { update } = reading;
  const { uid, hotkey } = commit;
  const bodyDigest = await addressOf(bodyOf(bytes));
  const fingerprint = fingerprintOf({ uid, hotkey, window, bytes, bodyDigest, update });
  return { ...fate, payload: { fingerprint, update, bytes: bytes.length } };
}

/** A fate with its update clipped to the usual norms. */
function clipped(fate: Fate, usual: readonly number[]): Fate {
  const { payload } = fate;
  if (payload === null) return fate;
  const update = clippedUpdate(payload.update, payload.fingerprint.norms, usual);
  return { ...fate, payload: { ...payload, update } };
}

/** Collects the window's updates. Waits for the first block after the deadline: its hash draws the evaluation data. */
export async function collect(
  validator: Validator,
  window: number,
  rules: IncentiveRules,
): Promise<Judgement> {
  const { node, memory } = validator;
  const { run, subnet, record, neuron } = node;
  await subnet.blocks.reached(run.clock.evaluationSeedBlock(window), neuron.signal);
  const [keys, hotkeys, commits] = await Promise.all([
    keysOf(node, window),
    record.hotkeys(window),
    record.commits(window),
  ]);
  memory.awaited.begin(
    window,
    commits.map(({ hotkey }) => hotkey),
  );
  const read = await Promise.all(
    commits.map((commit) =>
      fetched(node, window, commit).finally(() => memory.awaited.ended(commit.hotkey)),
    ),
  );
  const { overlapWindows } = rules.scoring;
  const { work } = memory;
  const updates = read.filter(isLive).map(({ payload }) => payload.fingerprint);
  const { inner } = run.manifest;
  const ruleFrom = (from: number): UsualRule => usualRuleOf({ inner, ...rules }, from, window);
  const usual = work.usualNorms(window, overlapWindows, ruleFrom) ?? {
    window: null,
    norms: usualNormsOf(
      updates.map(({ norms }) => norms),
      ruleFrom(window),
    ),
  };
  const settings = rules.scoring;
  const rejected = new Map<number, FastRejection>();
  for (const one of updates) {
    // Nothing compares updates of one window, and all of them at once would hold up whoever asks this node something.
    await nextTurn();
    const found = fastChecks({ updates: [one], usual: usual.norms, earlier: work, settings });
    for (const [uid, rejection] of found) rejected.set(uid, rejection);
  }
  for (const one of updates) work.add(one, overlapWindows);
  const fates = read.map((fate) => ({
    ...clipped(fate, usual.norms),
    refusal: fate.refusal ?? rejected.get(fate.commit.uid) ?? null,
  }));
  neuron.say(
    `window ${window}: ${commits.length} commitments, ${fates.filter(isLive).length} updates pass the fast checks`,
  );
  return { window, hotkeys, rules, keys, usual, fates, comparisons: [] };
}
