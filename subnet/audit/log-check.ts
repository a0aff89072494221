/** @file One validator's log: its chain, each record against the public facts, scores, weights on the chain. */
import type { Scorebook } from "../../src/gauntlet/scorebook.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { NO_RECORD, type WindowRecord } from "../../src/protocol/record.ts";
import { type Difference, difference } from "./difference.ts";
import type { RunFacts } from "./facts.ts";
import { readLog } from "./log-lines.ts";
import type { Payloads } from "./payloads.ts";
import type { RecordedRun, RecordLog } from "./recorded.ts";
import { bookBefore, checkScores } from "./score-check.ts";
import { checkUsual } from "./usual-check.ts";
import { checkWeights } from "./weight-check.ts";
import { checkWindow } from "./window-check.ts";

/** What checking a log found; the counts are of what was compared. */
export type LogCheck = {
  readonly validator: Hex | null;
  readonly path: string;
  readonly records: number;
  readonly scores: number;
  readonly weights: number;
  /** Verdicts that nobody can check: a payload that its validator never got. */
  readonly onTrust: number;
  readonly note: string | null;
  readonly found: readonly Difference[];
};

/** What a log is compared with. */
export type LogParts = {
  readonly recorded: Pick<RecordedRun, "heads">;
  readonly facts: RunFacts;
  readonly payloads: Payloads;
};

type Walk = {
  readonly scores: number;
  readonly onTrust: number;
  readonly found: Difference | null;
};

/** Record by record, until one differs. */
function walked(records: readonly WindowRecord[], validator: Hex, parts: LogParts): Walk {
  const { facts, payloads } = parts;
  let book: Scorebook = bookBefore(facts.run.manifest.scoring);
  let scores = 0;
  let onTrust = 0;
  const earlier = new Map<number, WindowRecord>();
  const isWhole = records[0]?.previous === NO_RECORD;
  for (const record of records) {
    const window = facts.windows.get(record.window);
    if (window === undefined) {
      if (record.window < facts.from) continue;
      return { scores, onTrust, found: beyond(record, facts) };
    }
    const payload = (digest: Hex, hotkey: Hex): ReturnType<Payloads["of"]> =>
      payloads.of(record.window, digest, hotkey);
    const found =
      checkWindow(record, { run: facts.run, validator, facts: window, payload }) ??
      checkUsual(record, { payloads, earlier });
    earlier.set(record.window, record);
    if (found !== null) return { scores, onTrust, found };
    onTrust += record.miners.filter(({ verdict }) => verdict === "payload-missing").length;
    if (!isWhole) continue;
    const step = checkScores(book, record, { validator, scoring: window.rules.scoring });
    if (step.found !== null) return { scores, onTrust, found: step.found };
    ({ book } = step);
    scores += record.miners.length;
  }
  return { scores, onTrust, found: null };
}

/** A record of a window that the chain has not finished, or that could not be derived. */
function beyond({ window, validator }: WindowRecord, { stopped }: RunFacts): Difference | null {
  if (stopped !== null) return null;
  const derived = "the chain has not finished this window";
  return difference({
    part: "records",
    window,
    validator,
    field: "window",
    recorded: window,
    derived,
  });
}

/** Where the keeper of a record noted how a log ends, it must end so. */
function endDifference(
  { path }: RecordLog,
  validator: Hex,
  ends: { readonly head: Hex; readonly noted: Hex | undefined; readonly window: number | null },
): Difference | null {
  const { head, noted, window } = ends;
  if (noted === undefined || noted === head) return null;
  const field = "digest of the last record";
  return difference({
    part: "log",
    window,
    validator,
    field,
    recorded: head,
    derived: noted,
    path,
  });
}

/** Each vote names the newest record that its voter had: what is not so was changed afterwards, or never recorded. */
function anchorDifference(
  { path }: RecordLog,
  { facts, validator, head }: { facts: RunFacts; validator: Hex; head: Hex },
  records: readonly WindowRecord[],
): Difference | null {
  const [first] = records;
  if (first === undefined) return null;
  const digests = [first.previous, ...records.slice(1).map(({ previous }) => previous), head];
  for (const { window, outcome } of facts.windows.values()) {
    const uid = outcome.hotkeys.indexOf(validator);
    const voter = outcome.voters.find((one) => one.uid === uid);
    const vote = voter?.votes.find((one) => one.window === window);
    const before = records.filter((record) => record.window < window);
    const recorded = digests[before.length];
    // Whoever's log begins later was not there, or has let its beginning go.
    if (vote === undefined || window < first.window || recorded === vote.recordDigest) continue;
    return difference({
      part: "log",
      window: before.at(-1)?.window ?? first.window,
      validator,
      field: `digest that the vote of window ${window} names`,
      recorded,
      derived: vote.recordDigest,
      path,
    });
  }
  return null;
}

/** Why the scores of a log are not checked, or null. */
function noteOf(validator: Hex, [first]: readonly WindowRecord[]): string | null {
  if (first === undefined || first.previous === NO_RECORD) return null;
  return `scores of ${validator}: its log begins at window ${first.window}, after others that are gone`;
}

/** Checks a log; of one that is broken, what comes before the break. */
export function checkLog(log: RecordLog, parts: LogParts): LogCheck {
  const { path } = log;
  const { facts } = parts;
  const { records, head, broken } = readLog(log);
  const validator = log.validator ?? records[0]?.validator ?? null;
  if (validator === null) {
    const nothing = { records: 0, scores: 0, weights: 0, onTrust: 0, note: null };
    return { ...nothing, validator, path, found: broken === null ? [] : [broken] };
  }
  const { scores, onTrust, found } = walked(records, validator, parts);
  const set = checkWeights(facts, validator, records);
  const window = records.at(-1)?.window ?? null;
  const noted = parts.recorded.heads.get(validator);
  const ends =
    broken === null
      ? [
          endDifference(log, validator, { head, noted, window }),
          anchorDifference(log, { facts, validator, head }, records),
        ]
      : [broken];
  return {
    validator,
    path,
    records: records.length,
    scores,
    weights: set.compared,
    onTrust,
    note: noteOf(validator, records),
    found: [found, set.found, ...ends].filter((one) => one !== null),
  };
}
