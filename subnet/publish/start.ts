/** @file When a new run begins, and whether it may: a live run is never replaced under its participants. Pure. */
import { AssayError } from "../../src/errors.ts";
import type { RunText } from "../../src/protocol/run-text.ts";
import { blocksPerWindow } from "../config/resolve.ts";
import type { SubnetConfig } from "../config/schema.ts";
import { type Found, firstWindowSeeing, type RunNow } from "../owner/run-now.ts";

/** What the new run follows. */
export type Predecessor = {
  /** What the identity must say beside the new run's id. */
  readonly text: Pick<RunText, "after" | "amendment">;
  /** Block before which the new run must not begin. */
  readonly notBefore: number;
  /** Block before which it must not be named: whoever joins before the old run has begun joins the run that is named. */
  readonly namedFrom: number;
};

/** What a node takes to start, to find the run and to be ready, with room to spare. */
const JOINING_MS = 30_000;
const UPLINK_BITS_PER_MS = 110_000;
/** Blocks from the newest final one, beyond the finality lag, until a call that is sent now is in a block for certain. */
const MARGIN_BLOCKS = 4;

const NOBODY: Predecessor = { text: { after: null, amendment: null }, notBefore: 0, namedFrom: 0 };

/** Blocks that nodes need to join, from the moment at which the run is named: at least one window. */
export function joiningBlocks(
  config: SubnetConfig,
  load: { readonly bytes: number; readonly neurons: number },
): number {
  // The owner is the only one who has the data at first.
  const downloadMs = (8 * load.bytes * load.neurons) / UPLINK_BITS_PER_MS;
  const blocks = Math.ceil((JOINING_MS + downloadMs) / config.phases.blockMs);
  return Math.max(blocksPerWindow(config), blocks) + config.phases.finalityLag;
}

function live(run: RunNow, reason: string, earliest: number | null): AssayError {
  const { netuid } = run.manifest;
  return new AssayError({ code: "run-live", netuid, runId: run.runId, reason, earliest });
}

/** First window that a call sent now decides for certain. */
function earliestOf({ clock, head, manifest }: RunNow): number {
  return firstWindowSeeing(clock, head.number + manifest.finalityLag + MARGIN_BLOCKS - 1);
}

/** Where a run stands, as the clause of a refusal. */
function standingOf({ clock, head, manifest: { windows }, window }: RunNow): string {
  if (window < 0) return `it begins in ${clock.startBlock(0) - head.number} blocks`;
  return windows === 0 ? `window ${window}, endless` : `window ${window} of ${windows}`;
}

/** Refuses a window in which no other run can take over. @throws AssayError run-live */
function requireWindow(run: RunNow, afterWindow: number | undefined): number {
  const { clock } = run;
  const earliest = earliestOf(run);
  const where = standingOf(run);
  if (!clock.isInRun(earliest))
    throw live(run, `${where}; it ends by itself before another one could take over`, null);
  if (afterWindow === undefined) throw live(run, where, earliest);
  if (afterWindow < earliest)
    throw live(run, `${where}; window ${afterWindow} is past, or too near`, earliest);
  if (!clock.isInRun(afterWindow))
    throw live(run, `${where}; it has no window ${afterWindow}`, earliest);
  return afterWindow;
}

function afterRun(run: RunNow, afterWindow: number | undefined): Predecessor {
  const { clock, manifest, runId, text } = run;
  if (manifest.windows !== 0 && run.window >= manifest.windows) return NOBODY;
  if (run.swapped && text.after?.runId === runId)
    throw live(run, `another one follows it from window ${text.after.window} on already`, null);
  const window = requireWindow(run, afterWindow);
  // An amendment of the old run that is still to come would be cancelled by leaving it out.
  const amendment = run.pending === null ? null : text.amendment;
  // The earliest window withdraws a run: who comes now belongs into the next one.
  const namedFrom = window > earliestOf(run) ? clock.startBlock(0) : 0;
  const said = { after: { runId, window }, amendment };
  return { text: said, notBefore: clock.startBlock(window), namedFrom };
}

/**
 * What a new run of the subnet follows.
 * @param afterWindow - first window of the live run that no longer counts
 * @throws AssayError run-live, bad-option
 */
export function predecessorOf(
  netuid: number,
  found: Found,
  afterWindow: number | undefined,
): Predecessor {
  if (found.kind === "run") return afterRun(found, afterWindow);
  if (found.kind === "none") {
    if (afterWindow === undefined) return NOBODY;
    const detail = "--after-window names a window of the live run, but this subnet has none";
    throw new AssayError({ code: "bad-option", detail });
  }
  const { runId } = found;
  if (afterWindow !== undefined)
    return { ...NOBODY, text: { after: { runId, window: afterWindow }, amendment: null } };
  const reason = "nobody serves its manifest, so nobody can tell whether it is over";
  throw new AssayError({ code: "run-live", netuid, runId, reason, earliest: 1 });
}
