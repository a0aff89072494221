/** @file Gates of a local network's chain: what must be done before a block, by whom, and how it is seen to be done. */
import type { Status } from "../../src/api/types.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { isInPhase, type WindowClock } from "../../src/protocol/window.ts";

/** A neuron that the chain waits for. */
export type Paced = {
  readonly name: string;
  readonly role: "miner" | "validator";
  readonly hotkey: Hex;
};

/** What is known of one neuron while a gate is closed. */
export type Seen = {
  /** Block in which its newest commitment was included, if any. */
  readonly block: number | null;
  /** Whether an extrinsic of it that everybody can read waits in the pool for the block that is about to be made. */
  readonly pooled: boolean;
  /** Whether an encrypted one does. */
  readonly carried: boolean;
  /** What it said last, or null when it has said nothing yet. */
  readonly status: Status | null;
};

/** What a gate is for. */
export type GateKind = "join" | "commit" | "collect" | "vote" | "weights";

/** What must be done before a block, and by whom. */
export type Gate = {
  readonly kind: GateKind;
  readonly window: number;
  readonly role: Paced["role"] | "all";
  /** Whether a neuron has done it. */
  done(seen: Seen): boolean;
  /** Whether a neuron that answers is no reason to wait: it is elsewhere, or has nothing to send. */
  excused(status: Status): boolean;
};

/** Opens once everybody stands in the run: before its first window, and when it goes on after a stop. */
export function joinGate(window: number): Gate {
  return {
    kind: "join",
    window,
    role: "all",
    done: ({ status }) => (status?.window ?? null) !== null,
    excused: () => false,
  };
}

/** Not in the run yet, or replaying windows that are over: it will be waited for once it has caught up. */
function isElsewhere({ window }: Status, gateWindow: number): boolean {
  return window === null || window < gateWindow - 1;
}

/**
 * Its commitment lies in the phase, or waits in the pool. Encrypted weights that went before a vote hold its account until a block has
 * them: the vote cannot come before this one.
 */
function commitmentGate(clock: WindowClock, window: number, kind: "commit" | "vote"): Gate {
  const phase = kind === "vote" ? "judge" : "commit";
  return {
    kind,
    window,
    role: kind === "vote" ? "validator" : "miner",
    done: ({ block, pooled, carried }) =>
      pooled ||
      (kind === "vote" && carried) ||
      (block !== null && isInPhase(clock, { window, phase }, block)),
    excused(status) {
      const { progress } = status;
      const skips = progress?.step === "skipped" && progress.window === window;
      return isElsewhere(status, window) || skips;
    },
  };
}

function collectGate(window: number): Gate {
  return {
    kind: "collect",
    window,
    role: "validator",
    done({ status }) {
      const progress = status?.progress;
      if (!progress) return false;
      return (
        progress.window > window || (progress.window === window && progress.step !== "settled")
      );
    },
    excused: (status) => isElsewhere(status, window),
  };
}

/**
 * Opens once the encrypted weights wait in the pool that go out in the last block before an epoch: in the epoch's own block everybody
 * would read them long before they count.
 */
export function weightsGate(window: number, epoch: number): Gate {
  return {
    kind: "weights",
    window,
    role: "validator",
    done: ({ carried }) => carried,
    excused: ({ weightsBefore }) => weightsBefore !== epoch,
  };
}

/** What must be done before block `next`, or null when nothing depends on it. */
export function gateOf(clock: WindowClock, next: number): Gate | null {
  const window = clock.windowOf(next);
  if (!clock.isInRun(window)) return null;
  if (next === clock.startBlock(0)) return joinGate(0);
  if (next === clock.deadlineBlock(window)) return commitmentGate(clock, window, "commit");
  if (next === clock.firstJudgeBlock(window)) return collectGate(window);
  if (next === clock.lastJudgeBlock(window)) return commitmentGate(clock, window, "vote");
  return null;
}
