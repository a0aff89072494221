/** @file The clock of a run: which window and phase a block belongs to (docs/protocol.md#clock). Time is blocks, never a local clock. */
import { type RunManifest } from "./manifest.ts";

/** A phase of a window; "before" and "over" lie outside the run. */
export type Phase = "before" | "train" | "commit" | "reveal" | "judge" | "over";

/** What the clock needs of a manifest. */
export type ClockSettings = Pick<
  RunManifest,
  "startBlock" | "windows" | "phases" | "deadlineOffset" | "finalityLag"
>;

/** Block arithmetic of one run. Blocks and windows are integers. */
export type WindowClock = {
  readonly blocksPerWindow: number;
  /** floor((block - startBlock) / blocksPerWindow): negative before the run; may lie past the last window. */
  readonly windowOf: (block: number) => number;
  /** The phase that a block belongs to. */
  readonly phaseOf: (block: number) => Phase;
  /** Whether the run has this window. */
  readonly isInRun: (window: number) => boolean;
  readonly startBlock: (window: number) => number;
  /** The block whose hash seeds the window (and whose neurons count): final when the window starts. */
  readonly seedBlock: (window: number) => number;
  readonly firstCommitBlock: (window: number) => number;
  /** The last block in which a commitment counts, inclusive. */
  readonly deadlineBlock: (window: number) => number;
  /** The block whose hash draws noise pages and evaluation batches: the first one after the deadline. */
  readonly evaluationSeedBlock: (window: number) => number;
  readonly firstRevealBlock: (window: number) => number;
  readonly firstJudgeBlock: (window: number) => number;
  /** The window's last block, and the last in which a vote counts: votes are read at it, stake and permits also at earlier seed blocks. */
  readonly lastJudgeBlock: (window: number) => number;
};

/** The clock of a run. */
export function windowClock(settings: ClockSettings): WindowClock {
  const { startBlock: origin, windows, phases, deadlineOffset, finalityLag } = settings;
  const commitAt = phases.train;
  const revealAt = commitAt + phases.commit;
  const judgeAt = revealAt + phases.reveal;
  const blocksPerWindow = judgeAt + phases.judge;
  const startBlock = (window: number): number => origin + window * blocksPerWindow;
  const windowOf = (block: number): number => Math.floor((block - origin) / blocksPerWindow);
  const isInRun = (window: number): boolean => window >= 0 && (windows === 0 || window < windows);

  function phaseOf(block: number): Phase {
    const window = windowOf(block);
    if (window < 0) return "before";
    if (!isInRun(window)) return "over";
    const offset = block - startBlock(window);
    if (offset < commitAt) return "train";
    if (offset < revealAt) return "commit";
    return offset < judgeAt ? "reveal" : "judge";
  }

  return {
    blocksPerWindow,
    windowOf,
    phaseOf,
    isInRun,
    startBlock,
    seedBlock: (window) => startBlock(window) - finalityLag,
    firstCommitBlock: (window) => startBlock(window) + commitAt,
    deadlineBlock: (window) => startBlock(window) + deadlineOffset,
    evaluationSeedBlock: (window) => startBlock(window) + deadlineOffset + 1,
    firstRevealBlock: (window) => startBlock(window) + revealAt,
    firstJudgeBlock: (window) => startBlock(window) + judgeAt,
    lastJudgeBlock: (window) => startBlock(window) + blocksPerWindow - 1,
  };
}

/** Whether `block` lies in that phase of that window. */
export function isInPhase(
  clock: WindowClock,
  when: { readonly window: number; readonly phase: Phase },
  block: number,
): boolean {
  return clock.windowOf(block) === when.window && clock.phaseOf(block) === when.phase;
}
