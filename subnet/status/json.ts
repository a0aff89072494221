/** @file `subnet status --json`: the same look for programs. Amounts of rao are decimal text. */
import { ss58Of } from "../../chain/wallet/account.ts";
import { rulesDigest } from "../../src/protocol/rules.ts";
import type { Look, RunLook } from "./look.ts";
import type { Participant } from "./participants.ts";
import { differingWindows, type Problem } from "./problems.ts";
import { newestLoss, phaseOf, verdictOf } from "./screen.ts";
import { stateOf } from "./state.ts";

function participantJson(running: RunLook | null, one: Participant): Record<string, unknown> {
  const { uid, ss58, name, role, permit, active, incentive, dividends, lastUpdate, axon } = one;
  return {
    uid,
    hotkey: ss58,
    name,
    role,
    state: stateOf(one, running?.run.window ?? null),
    permit,
    active,
    incentive,
    dividends,
    lastUpdate,
    axon,
    stakeRao: String(one.stakeRao),
    emissionRao: String(one.emissionRao),
    committed: one.committed,
    reachable: one.answer !== null,
    status: one.answer?.status ?? null,
    verdict: verdictOf(running, one),
  };
}

function runJson(running: RunLook | null): Record<string, unknown> | null {
  if (running === null) return null;
  const { run, finished, served } = running;
  const { runId, manifest, window, swapped, now, pending } = run;
  return {
    runId,
    name: manifest.name,
    window,
    windows: manifest.windows,
    swapped,
    startBlock: manifest.startBlock,
    ...phaseOf(running),
    rules: rulesDigest(now.rules),
    pending:
      pending === null ? null : { from: pending.from, rules: rulesDigest(pending.amendment.rules) },
    finished,
    served,
    judgedWindow: running.record?.window ?? null,
  };
}

/** One JSON object on one line. */
export function lookJson(look: Look, problems: readonly Problem[]): string {
  const { summary, found, participants, running, endpoint, nextEpoch, ledger } = look;
  const texts =
    ledger === null ? null : Object.entries(ledger).map(([key, rao]) => [key, String(rao)]);
  return JSON.stringify({
    endpoint,
    block: found.head.number,
    netuid: summary.netuid,
    name: summary.name,
    ownerColdkey: ss58Of(summary.ownerColdkey),
    ownerHotkey: ss58Of(summary.ownerHotkey),
    startedAt: summary.startedAt,
    tempo: summary.tempo,
    nextEpoch,
    namedRun: found.text.runId,
    run: runJson(running),
    heldOut: newestLoss(participants),
    digestsDiffer: differingWindows(participants),
    participants: participants.map((one) => participantJson(running, one)),
    ledger: texts === null ? null : Object.fromEntries(texts),
    problems: problems.map(({ code, text }) => ({ code, text })),
  });
}
