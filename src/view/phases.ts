/** @file The phases of a window, and how far the chain is in them. */
import type { PhaseView } from "../api/page.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import type { WindowClock } from "../protocol/window.ts";

const NAMES = ["train", "commit", "reveal", "judge"] as const;

/** The phases of the window that `height` lies in: none done before the run, all after it. */
export function phasesAt(
  { phases }: Pick<RunManifest, "phases">,
  clock: WindowClock,
  height: number,
): readonly PhaseView[] {
  const window = clock.windowOf(height);
  let left = window < 0 ? 0 : Number.POSITIVE_INFINITY;
  if (clock.isInRun(window)) left = height - clock.startBlock(window) + 1;
  return NAMES.map((name) => {
    const blocks = phases[name];
    const done = Math.min(blocks, Math.max(0, left));
    left -= blocks;
    return { name, done, blocks };
  });
}
