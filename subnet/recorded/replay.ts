/** @file `subnet replay`: scores the recorded windows of a run under other rules, and pays them again. */
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import { AssayError } from "../../src/errors.ts";
import { Amendments } from "../../src/run/amendments.ts";
import { ArchiveClock } from "../audit/archive-clock.ts";
import { readLog } from "../audit/log-lines.ts";
import { checkPayouts } from "../audit/payouts.ts";
import { replayReport } from "../replay/report.ts";
import { replay, type ReplayParts } from "../replay/replay.ts";
import { replayJson, replayLines, sweepLines } from "../replay/table.ts";
import { sweepOf, triedRules } from "../replay/tried-rules.ts";
import { requirePlace, writeReport } from "../report/file.ts";
import type { Output } from "./audit.ts";
import { type OpenedRun, openRun } from "./open.ts";
import type { ReplayOptions } from "./options.ts";

/** The records that can be scored. @throws AssayError bad-option, record-corrupt */
function logsOf({ recorded }: OpenedRun): ReplayParts["logs"] {
  const logs = recorded.logs.flatMap((log) => {
    const { records, broken } = readLog(log);
    if (broken !== null)
      throw new AssayError({
        code: "record-corrupt",
        path: log.path,
        reason: `${broken.field}: ${broken.recorded}`,
      });
    const validator = log.validator ?? records[0]?.validator;
    return validator === undefined ? [] : [{ validator, records }];
  });
  if (logs.length > 0) return logs;
  throw new AssayError({
    code: "bad-option",
    detail: `${recorded.origin} has no validator's records, so there is nothing to score again`,
  });
}

/** Everything that a replay needs of a run. @throws AssayError bad-option; ChainError */
async function partsOf(
  opened: OpenedRun,
  { signal, step, far }: Pick<Output, "step" | "far"> & { readonly signal: AbortSignal },
): Promise<ReplayParts> {
  const { recorded, run } = opened;
  const { chain, netuid } = recorded.subnet;
  const logs = logsOf(opened);
  const blocks = new ArchiveClock(chain, await chain.head());
  step("reading what each epoch read");
  const first = Math.max(0, run.clock.startBlock(0) - 1);
  const payouts = await checkPayouts(
    {
      netuid,
      chain,
      blocks,
      signal,
      progress: (block) =>
        far?.({
          what: "reading what each epoch read",
          done: block - first,
          of: blocks.current.number - first,
          unit: "blocks",
        }),
    },
    first,
  );
  const why = payouts.unsupported ?? payouts.found?.field;
  if (why !== undefined)
    throw new AssayError({
      code: "bad-option",
      detail: `the chain's payouts cannot be computed again: ${why}`,
      next: "An audit says where they differ.",
      run: { ours: "subnet audit", keep: ["run", "netuid", "endpoint", "genesis"] },
    });
  return { run, epochs: payouts.epochs, logs, members: recorded.members };
}

/**
 * Runs the command.
 * @param configPath the file after --config, or null
 * @throws AssayError bad-option, run-damaged, record-corrupt; ChainError
 */
export async function runReplay(
  options: ReplayOptions,
  configPath: string | null,
  output: Output,
): Promise<void> {
  const { print, step } = output;
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    const { signal } = lifecycle;
    const opened = await openRun(options, { lifecycle, step });
    const { run, recorded } = opened;
    const blocks = new ArchiveClock(recorded.subnet.chain, await recorded.subnet.chain.head());
    const amendments = new Amendments(run, { chain: recorded.subnet.chain, blocks });
    const { rules } = await amendments.at(0, signal);
    const given = { path: configPath, set: options.set };
    // What cannot be tried is refused before anything is read.
    const tried = triedRules(run.manifest, rules, given);
    const settings = options.sweep === undefined ? [] : sweepOf(options.sweep);
    const swept = settings.map((setting) => ({
      setting,
      rules: triedRules(run.manifest, rules, { path: configPath, set: [...options.set, setting] }),
    }));
    if (options.report !== undefined) await requirePlace(options.report);
    const parts = await partsOf(opened, { ...output, signal });
    const trial = replay(parts, tried.scoring);
    const sweep = swept.map((one) => ({
      setting: one.setting,
      trial: replay(parts, one.rules.scoring),
    }));
    if (options.report !== undefined) {
      const { origin } = recorded;
      const found = { runId: run.runId, origin, tried, trial, sweep };
      await writeReport(options.report, replayReport(found));
      step(`report: ${options.report}`);
    }
    if (options.json) return print(replayJson(run.runId, tried, { trial, sweep }));
    const lines = sweep.length > 0 ? sweepLines(sweep) : replayLines(tried, trial);
    for (const line of lines) print(line);
  });
}
