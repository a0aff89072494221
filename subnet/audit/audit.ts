/** @file An audit: everything that follows from the chain is derived again and compared with what a run's nodes recorded. */
import type { Weigh } from "../../src/gauntlet/own-weights.ts";
import { startEngine } from "../../kernels/engine/engine.ts";
import type { Checkpoint } from "../../src/api/types.ts";
import { treeAddressOf } from "../../src/blobs/hashing.ts";
import { encodeCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { openLog } from "../../src/command/log.ts";
import type { TellFar } from "../../src/command/progress.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { engineOptionsOf, type Run } from "../../src/run/run.ts";
import { ArchiveClock } from "./archive-clock.ts";
import { checkBlobs } from "./blob-check.ts";
import { checkpointsIn } from "./checkpoints.ts";
import { type Difference, difference, inOrder } from "./difference.ts";
import { deriveFacts, finishedWindows, type RunFacts } from "./facts.ts";
import { checkLog, type LogCheck } from "./log-check.ts";
import { readLog } from "./log-lines.ts";
import { LossCheck } from "./loss-check.ts";
import { Payloads } from "./payloads.ts";
import { checkPayouts, type PayoutCheck } from "./payouts.ts";
import type { RecordedRun, RecordLog } from "./recorded.ts";

/** What was derived from the chain and the blobs, before any record was looked at. */
export type Derived = {
  readonly facts: RunFacts;
  readonly payloads: Payloads;
  /** Windows of checkpoints by their address. */
  readonly checkpoints: ReadonlyMap<Hex, number>;
  readonly payouts: PayoutCheck;
  /** Null: not asked for. */
  readonly losses: Pick<LossCheck, "measured" | "found"> | null;
  /** Logs that were checked already. */
  readonly logs: WeakMap<RecordLog, LogCheck>;
};

/** What an audit found: how much was compared, and every difference in the order of the run. */
export type AuditReport = {
  readonly origin: string;
  readonly runId: Hex;
  /** First and last window whose parameters were derived. */
  readonly from: number;
  readonly to: number;
  readonly blobs: number;
  readonly payloads: number;
  readonly logs: readonly LogCheck[];
  readonly payouts: PayoutCheck;
  /** How many losses were measured again; null: not asked for. */
  readonly losses: number | null;
  /** What could not be checked, and why. */
  readonly notes: readonly string[];
  readonly differences: readonly Difference[];
};

/** What deriving needs. */
export type AuditParts = {
  readonly run: Run;
  readonly signal: AbortSignal;
  /** Told how far it is. */
  readonly far?: TellFar;
  /** Whether losses are measured again. */
  readonly evaluate: boolean;
};

/** Derives the run. @throws ChainError; AssayError for what the run is made of */
export async function derive(recorded: RecordedRun, parts: AuditParts): Promise<Derived> {
  const { run, signal } = parts;
  const far: TellFar = parts.far ?? (() => undefined);
  const { subnet } = recorded;
  const clock = new ArchiveClock(subnet.chain, await subnet.chain.head());
  const windows = finishedWindows(run, clock.current.number);
  const engine = await startEngine({ ...engineOptionsOf(run.manifest), batch: 1, device: "cpu" });
  const payloads = new Payloads(run, { subnet, signal });
  const checkpoints = new Map<Hex, number>();
  const losses = parts.evaluate
    ? new LossCheck(
        recorded.logs.flatMap((log) => readLog(log).records),
        { run, engine, subnet, signal },
      )
    : null;
  const note = async (window: number): Promise<void> => {
    const { checkpointEveryWindows } = run.manifest;
    if (window % checkpointEveryWindows !== 0 && run.clock.isInRun(window)) return;
    const bytes = encodeCheckpoint(run.sharedLayout, await engine.parameters());
    checkpoints.set(await treeAddressOf(bytes), window);
  };
  try {
    const facts = await deriveFacts({
      subnet,
      clock,
      run,
      engine,
      signal,
      log: openLog({ name: "audit", level: "silent" }),
      candidates: (): Promise<readonly Checkpoint[]> =>
        checkpointsIn(recorded, { run, clock, signal }),
      onWindow: async (window) => {
        const done = window.window + 1;
        far({ what: "deriving parameters", done, of: windows, unit: "windows" });
        await note(window.window);
        for (const commit of window.commits) await payloads.read({ ...window, commit });
        await losses?.window(window);
      },
    });
    const last = Math.max(-1, ...facts.windows.keys());
    if (last >= 0 && facts.stopped === null) await note(last + 1);
    const first = Math.max(0, run.clock.startBlock(0) - 1);
    const progress = (block: number): void => {
      const of = clock.current.number - first;
      far({ what: "deriving payouts", done: block - first, of, unit: "blocks" });
    };
    const { netuid, chain } = subnet;
    const payouts = await checkPayouts({ netuid, chain, blocks: clock, signal, progress }, first);
    return { facts, payloads, checkpoints, payouts, losses, logs: new WeakMap() };
  } finally {
    await engine.close();
  }
}

/** Votes of most of the stake that name other parameters than follow from the record. */
function parameterDifferences({ facts }: Derived): readonly Difference[] {
  const voted = [...facts.windows.values()].flatMap(({ window, outcome, thetaBefore }) =>
    outcome.thetaDigest === null || outcome.thetaDigest === thetaBefore
      ? []
      : [
          difference({
            part: "parameters",
            window,
            field: "digest that the votes name",
            recorded: outcome.thetaDigest,
            derived: thetaBefore,
          }),
        ],
  );
  const missing = facts.stopped ?? (mayBeGone(facts) ? null : facts.gap);
  if (missing === null) return voted;
  const { window, reason } = missing;
  const lost = difference({
    part: "parameters",
    window,
    field: "payloads of accepted updates",
    recorded: "accepted by the votes",
    derived: reason,
  });
  return [...voted, lost];
}

/** Whether payloads from before the first derived window need not be kept any more. */
function mayBeGone({ run, gap, windows }: RunFacts): boolean {
  const { payloadWindows } = run.manifest.retention;
  const last = Math.max(-1, ...windows.keys());
  return gap === null || (payloadWindows > 0 && gap.window <= last - payloadWindows);
}

function notesOf({ facts, payouts }: Derived, logs: readonly LogCheck[]): readonly string[] {
  const { from, gap } = facts;
  const absent = logs.reduce((sum, log) => sum + log.onTrust, 0);
  return [
    ...(gap === null
      ? []
      : [`parameters from window ${from} on: of the windows before, ${gap.reason}`]),
    ...(logs.length === 0 ? ["no validator's records were found: neither scores nor weights"] : []),
    ...logs.flatMap(({ note }) => (note === null ? [] : [note])),
    ...(absent === 0
      ? []
      : [`${absent} verdicts of payloads that never came rest on their validator's word`]),
    ...(payouts.unsupported === null ? [] : [`payouts: ${payouts.unsupported}`]),
  ];
}

/** Compares a recorded run with what was derived of it. `weigh`: the subnet's own rule for weights, if it has one. */
export async function compare(
  recorded: RecordedRun,
  derived: Derived,
  weigh: Weigh | null = null,
): Promise<AuditReport> {
  const { facts, payloads, payouts } = derived;
  const blobs = await checkBlobs(recorded.blobs, derived);
  const logs = recorded.logs.map((log) => {
    const check = derived.logs.get(log) ?? checkLog(log, { recorded, facts, payloads, weigh });
    derived.logs.set(log, check);
    return check;
  });
  const differences = inOrder([
    ...blobs.found,
    ...parameterDifferences(derived),
    ...logs.flatMap(({ found }) => found),
    ...(derived.losses?.found ?? []),
    ...(payouts.found === null ? [] : [payouts.found]),
  ]);
  return {
    origin: recorded.origin,
    runId: facts.run.runId,
    from: facts.from,
    to: Math.max(-1, ...facts.windows.keys()),
    blobs: blobs.checked,
    payloads: payloads.count,
    logs,
    payouts,
    losses: derived.losses?.measured ?? null,
    notes: notesOf(derived, logs),
    differences,
  };
}
