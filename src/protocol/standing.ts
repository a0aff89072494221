/** @file Where a run stands in a window: the rules in force, and whether another run has taken over (docs/protocol.md#18-amendments). */
import type { Hex } from "./digest.ts";
import type { RunManifest } from "./manifest.ts";
import { amendmentConflicts, type IncentiveRules, rulesDigest, rulesOf } from "./rules.ts";
import type { RunText } from "./run-text.ts";

/** Where a run stands in a window. */
export type Standing = {
  readonly rules: IncentiveRules;
  /** Whether another run has taken over by now. Once true it stays true. */
  readonly over: boolean;
};

/** Where every run begins. */
export function firstStanding(manifest: RunManifest): Standing {
  return { rules: rulesOf(manifest), over: false };
}

/**
 * One step: the standing in `window` from the one before it and the identity's text in the state at seedBlock(window - 1).
 * An amendment holds from its first window on, or from the first window that saw it, if that is later. It counts only if it
 * names this run and the rules that it replaces, if a manifest with its rules would be valid, and if the run keeps its
 * mode. Overwritten before it held, it is cancelled; removed later, it stays.
 */
export function nextStanding(
  before: Standing,
  run: { readonly runId: Hex; readonly manifest: RunManifest },
  seen: { readonly window: number; readonly text: RunText },
): Standing {
  const { after, amendment, runId } = seen.text;
  const replaced = runId !== null && runId !== run.runId && after?.runId === run.runId;
  const over = before.over || (replaced && after.window <= seen.window);
  const holds =
    amendment !== null &&
    amendment.run === run.runId &&
    amendment.from <= seen.window &&
    amendment.after === rulesDigest(before.rules) &&
    // The same rules again are no change.
    amendment.after !== rulesDigest(amendment.rules) &&
    amendmentConflicts(run.manifest, amendment.rules).length === 0;
  return { rules: holds ? rulesOf(amendment.rules) : before.rules, over };
}
