/** @file One validator's log: its chain, each record against the public facts, scores, weights on the chain. */
import { type UsualRule, usualRuleOf } from "../../src/gauntlet/norms.ts";
import type { Weigh } from "../../src/gauntlet/own-weights.ts";
import type { Scorebook } from "../../src/gauntlet/scorebook.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { NO_RECORD, type WindowRecord } from "../../src/protocol/record.ts";
import { rulesDigest } from "../../src/protocol/rules.ts";
import type { ScoringRules } from "../../src/protocol/scoring.ts";
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
  /** The subnet's own rule for weights, if it has one. */
  readonly weigh: Weigh | null;
};

type Walk = {
  readonly scores: number;
  readonly onTrust: number;
  readonly found: Difference | null;
};

/** What of a record follows from the chain; null for a window from before the first that was derived. */
function factsDifference(
  record: WindowRecord,
  { facts, payloads }: LogParts,
  about: { readonly validator: Hex; readonly earlier: ReadonlyMap<number, WindowRecord> },
): Difference | null {
  const window = facts.windows.get(record.window);
  if (window === undefined) return record.window < facts.from ? null : beyond(record, facts);
  const { validator, earlier } = about;
  const payload = (digest: Hex, hotkey: Hex): ReturnType<Payloads["of"]> =>
    payloads.of(record.window, digest, hotkey);
  const { inner } = facts.run.manifest;
  const ruleFrom = (from: number): UsualRule =>
    usualRuleOf({ inner, ...window.rules }, from, record.window);
  return (
    checkWindow(record, { run: facts.run, validator, facts: window, payload }) ??
    checkUsual(record, { payloads, earlier, ruleFrom })
  );
}

/** The scoring in force in a record's window; null where that was not derived and the record names other rules than the run began with. */
function scoringFor(record: WindowRecord, { run, windows }: RunFacts): ScoringRules | null {
  const derived = windows.get(record.window);
  if (derived !== undefined) return derived.rules.scoring;
  return record.configDigest === rulesDigest(run.manifest) ? run.manifest.scoring : null;
}

/** Record by record, until one differs. */
function walked(records: readonly WindowRecord[], validator: Hex, parts: LogParts): Walk {
  const { facts, weigh } = parts;
  let book: Scorebook | null =
    records[0]?.previous === NO_RECORD ? bookBefore(facts.run.manifest.scoring) : null;
  let scores = 0;
  let onTrust = 0;
  const earlier = new Map<number, WindowRecord>();
  for (const record of records) {
    const found = factsDifference(record, parts, { validator, earlier });
    earlier.set(record.window, record);
    if (found !== null) return { scores, onTrust, found };
    onTrust += record.miners.filter(({ verdict }) => verdict === "payload-missing").length;
    const scoring = scoringFor(record, facts);
    // Without the scores of one window those after it cannot be made.
    if (book === null || scoring === null) {
      book = null;
      continue;
    }
    const step = checkScores(book, record, { validator, scoring, weigh });
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

/**
 * Where the keeper of a record noted how a log ends, it must end so, or go on from there: a validator hands its last records out once
 * their weights are on chain for all to see, which may be after the keeper went.
 */
function endDifference(
  { path }: RecordLog,
  validator: Hex,
  ends: {
    readonly head: Hex;
    readonly noted: Hex | undefined;
    readonly records: readonly WindowRecord[];
  },
): Difference | null {
  const { head, noted, records } = ends;
  const passed = records.some(({ previous }) => previous === noted);
  if (noted === undefined || noted === head || passed) return null;
  const window = records.at(-1)?.window ?? null;
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

/** A log that lacks its beginning though its run keeps all records. */
function cutDifference(
  { path }: RecordLog,
  validator: Hex,
  { facts, records }: { readonly facts: RunFacts; readonly records: readonly WindowRecord[] },
): Difference | null {
  const [first] = records;
  const keepsAll = facts.run.manifest.retention.recordWindows === 0;
  if (first === undefined || first.previous === NO_RECORD || !keepsAll) return null;
  return difference({
    part: "log",
    window: first.window,
    validator,
    field: "first record",
    recorded: `it continues ${first.previous}`,
    derived: "the run keeps all records",
    path,
  });
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
  const noted = parts.recorded.heads.get(validator);
  const cut = cutDifference(log, validator, { facts, records });
  const ends =
    broken === null
      ? [
          endDifference(log, validator, { head, noted, records }),
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
    found: [cut, found, set.found, ...ends].filter((one) => one !== null),
  };
}
