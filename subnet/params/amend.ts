/**
 * @file Composes the amendment of a live run as every node will read it (docs/protocol.md#18-amendments), or says why it
 * would not hold. Pure: the chain stands in the arguments.
 */
import type { NextCommand } from "../../base/fault.ts";
import { AssayError } from "../../src/errors.ts";
import { canonicalJson } from "../../src/protocol/canonical-json.ts";
import {
  amendmentConflicts,
  type IncentiveRules,
  rulesDigest,
  rulesOf,
} from "../../src/protocol/rules.ts";
import {
  type Amendment,
  MAXIMUM_AMENDMENT_BYTES,
  parseRunText,
  type RunText,
} from "../../src/protocol/run-text.ts";
import { nextStanding } from "../../src/protocol/standing.ts";
import { additionalText } from "../owner/additional.ts";
import { firstWindowSeeing, type RunNow } from "../owner/run-now.ts";

/** Blocks from the newest final one, beyond the finality lag, until a call that is sent now is in a block for certain. */
const MARGIN_BLOCKS = 4;

/** What the owner asks for. */
export type Wish = {
  readonly rules: IncentiveRules;
  /** First window; left out, the earliest that is certain. */
  readonly from?: number | undefined;
  /** Whether an amendment that is pending may be cancelled by this one. */
  readonly replace: boolean;
};

/** What is to be written: `amendment` is null when this only cancels a pending one. */
export type AmendmentPlan = {
  readonly amendment: Amendment | null;
  /** The whole `additional` text. */
  readonly text: string;
};

const STATUS: NextCommand = {
  ours: "subnet params get",
  keep: ["file", "netuid", "endpoint", "genesis", "folder"],
};

function refuse(reason: string, next: string, run: NextCommand = STATUS): never {
  throw new AssayError({ code: "amendment-refused", reason, next, run });
}

/** First window that a call sent now decides for certain. */
export function earliestWindow({ clock, head, manifest }: RunNow): number {
  return firstWindowSeeing(clock, head.number + manifest.finalityLag + MARGIN_BLOCKS - 1);
}

function requireGoingOn(run: RunNow, earliest: number): void {
  const { clock, decided, manifest } = run;
  if (decided.standing.over)
    refuse("Another run has taken over from this one", "Look at the run that follows it.");
  if (clock.isInRun(earliest)) return;
  const isOver = run.window >= manifest.windows;
  refuse(
    isOver
      ? `The run is over after ${manifest.windows} windows`
      : `The run is too near its end: window ${earliest} would be the first under other rules, and it has ${manifest.windows}`,
    "Publish another run with these rules.",
    { ours: "subnet publish", keep: ["file", "netuid", "endpoint", "genesis", "folder"] },
  );
}

/** The first window of the amendment. */
function firstWindow(run: RunNow, { from }: Wish, earliest: number): number {
  if (from === undefined) return earliest;
  const { clock } = run;
  const at: NextCommand = { again: { from: earliest } };
  if (from < earliest)
    refuse(
      from <= run.window
        ? `Window ${from} is past or running: the run stands in window ${run.window}`
        : `Window ${from} is too near: by the time this is in a block, nodes may have decided its rules`,
      `The earliest window is ${earliest}, and later ones will do.`,
      at,
    );
  if (!clock.isInRun(from))
    refuse(
      `The run ends before window ${from}: it has ${run.manifest.windows}`,
      `Name a window from ${earliest} on.`,
      at,
    );
  return from;
}

/** Refuses to meddle with a pending amendment unless asked to, or when it cannot be cancelled for certain any more. */
function requireFree({ pending }: RunNow, { replace }: Wish, earliest: number): void {
  if (pending === null) return;
  const told = `An amendment with the rules ${rulesDigest(pending.amendment.rules).slice(0, 18)} is pending: it comes into force in window ${pending.from}`;
  if (!replace)
    refuse(told, `Wait for window ${pending.from}, or let this one take its place.`, {
      again: { replace: true },
    });
  if (pending.from < earliest)
    refuse(
      `${told}, too soon to be cancelled for certain`,
      `Amend the rules that hold then: run this again in window ${pending.from}.`,
      { again: {} },
    );
}

function requireValid({ manifest }: RunNow, rules: IncentiveRules): void {
  const conflicts = amendmentConflicts(manifest, rules);
  if (conflicts.length > 0)
    refuse(
      `Every node would ignore these rules: ${conflicts.map(({ path, reason }) => `${path.join(".")}: ${reason}`).join("; ")}`,
      "Correct the file, then check it.",
      { ours: "subnet check", keep: ["file", "set"] },
    );
}

/** The whole text with the amendment in it; what others wrote there stays. */
function textWith({ identity, text, runId }: RunNow, amendment: Amendment | null): string {
  if (amendment !== null) {
    const bytes = new TextEncoder().encode(canonicalJson(amendment)).length;
    if (bytes > MAXIMUM_AMENDMENT_BYTES)
      refuse(
        `The amendment takes ${bytes} bytes, ${MAXIMUM_AMENDMENT_BYTES} are allowed`,
        "Write its numbers with fewer digits.",
      );
  }
  const runText = { runId: text.runId ?? runId, after: text.after, amendment };
  return additionalText(runText, identity?.additional ?? null);
}

/** Reads the text back as nodes will. A plan that does not hold is a fault of this file, never of the owner. */
function requireHolds(run: RunNow, { amendment, text }: AmendmentPlan): void {
  if (amendment === null) return;
  const seen = { window: amendment.from, text: parseRunText(text) };
  const { rules } = nextStanding(run.decided.standing, run, seen);
  if (rulesDigest(rules) !== rulesDigest(amendment.rules))
    throw new Error("the amendment would not be read back as it was meant");
}

/**
 * What to write so that `wish.rules` hold from its window on.
 * @throws AssayError amendment-refused
 */
export function planAmendment(run: RunNow, wish: Wish): AmendmentPlan {
  const earliest = earliestWindow(run);
  requireGoingOn(run, earliest);
  const rules = rulesOf(wish.rules);
  const after = rulesDigest(run.decided.standing.rules);
  const isSame = rulesDigest(rules) === after;
  if (isSame && run.pending === null)
    refuse("The file says what is in force already: there is nothing to amend", "Look at it.");
  requireFree(run, wish, earliest);
  requireValid(run, rules);
  const from = firstWindow(run, wish, earliest);
  const amendment = isSame ? null : { run: run.runId, after, from, rules };
  const plan = { amendment, text: textWith(run, amendment) };
  requireHolds(run, plan);
  return plan;
}

/**
 * The first window under the plan's rules, once the call is in `block`; null when another text has taken their place
 * meanwhile, so that they never hold.
 */
export function holdsFrom(
  run: RunNow,
  { amendment, text }: AmendmentPlan,
  block: number,
): number | null {
  if (amendment === null) return null;
  const { clock, decided } = run;
  const wanted = rulesDigest(amendment.rules);
  const last = Math.max(amendment.from, firstWindowSeeing(clock, block - 1));
  let { standing } = decided;
  let since: number | null = null;
  for (let window = decided.window + 1; window <= last; window++) {
    const seen: RunText = clock.seedBlock(window - 1) < block ? run.text : parseRunText(text);
    standing = nextStanding(standing, run, { window, text: seen });
    since = rulesDigest(standing.rules) === wanted ? (since ?? window) : null;
  }
  return since;
}
