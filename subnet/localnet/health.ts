/** @file What needs a person's eye: members whose process ended, that are silent, behind, or commit nothing. */
import type { Ended } from "../spawn.ts";
import type { Alert } from "./frame.ts";

/** What is known about one member whose process we started. */
export type Condition = {
  readonly name: string;
  /** How its process ended, and why in its own words (or ""); null while it runs. */
  readonly ended: (Ended & { readonly reason: string; readonly window: number }) | null;
  readonly logPath: string;
  /** Whether it answered a moment ago, maybe as a process that somebody else has started. */
  readonly answers: boolean;
  /** Window whose parameters it holds, by its newest answer. */
  readonly window: number | null;
  /** The first of the newest windows in a row without a usable update of it, and why; null: the newest one had one. */
  readonly absent: {
    readonly since: number;
    readonly until: number;
    readonly verdict: string;
  } | null;
  /** Whether the chain has stopped waiting for it, and since which window. */
  readonly dropped: { readonly window: number; readonly why: "silent" | "slow" } | null;
};

/** Fewer windows without an update may be chance. */
const ABSENT_WINDOWS = 2;
/** A node that holds parameters so much older than the chain's window sees no new blocks. */
const BEHIND_WINDOWS = 3;

const ABSENT_WORDS: Readonly<Record<string, string>> = {
  "no-commitment": "has committed nothing",
  "payload-missing": "has committed, but nobody could fetch its update",
};

function endedText({ name, ended }: Condition): string {
  if (ended === null) return "";
  const { exitCode, signal, reason, window } = ended;
  const how = signal === null ? `ended with exit code ${exitCode}` : `was killed by ${signal}`;
  const why = reason === "" ? "" : `: ${reason}`;
  return `${name} ${how} in window ${Math.max(0, window)}${why}`;
}

/** The one sentence that matters most about a member, or null when it takes part. */
function alertText(one: Condition, window: number): string | null {
  const { name, ended, answers, absent, dropped } = one;
  if (ended !== null && !answers) return endedText(one);
  if (dropped !== null) {
    const why = dropped.why === "silent" ? "does not answer" : "takes too long";
    return `${name} ${why} since window ${dropped.window}: the chain goes on without it`;
  }
  const isBehind = one.window !== null && window - one.window >= BEHIND_WINDOWS;
  if (answers && isBehind)
    return `${name} is ${BEHIND_WINDOWS} windows or more behind: it has lost the chain, or catches up`;
  if (absent !== null && absent.until - absent.since + 1 >= ABSENT_WINDOWS) {
    const what = ABSENT_WORDS[absent.verdict] ?? ABSENT_WORDS["no-commitment"] ?? "";
    return `${name} ${what} since window ${absent.since}`;
  }
  return null;
}

/** What a person should know now, in the order of the members. */
export function alertsOf(conditions: readonly Condition[], window: number): Alert[] {
  return conditions.flatMap((one) => {
    const text = alertText(one, window);
    return text === null ? [] : [{ name: one.name, text, logPath: one.logPath }];
  });
}
