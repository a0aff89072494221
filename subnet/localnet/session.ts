/** @file One run of a local network from its start to its summary, whether it is new or goes on. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NextCommand } from "../../base/fault.ts";
import { aborted, Lifecycle } from "../../src/command/lifecycle.ts";
import { cutLog } from "../../src/command/rotation.ts";
import { windowClock } from "../../src/protocol/window.ts";
import type { Rederived } from "../audit/rederive.ts";
import type { Running } from "../spawn.ts";
import { audit, compare, type EndParts, isWhole, keepFinal, measure } from "./finish.ts";
import { PeakMemory } from "./memory.ts";
import type { Localnet } from "./network.ts";
import { isMiner } from "./members.ts";
import type { BootParts, StartedMember } from "./processes.ts";
import { keepRecordOnly, writeProgress } from "./run-folder.ts";
import { paintFor } from "./paint.ts";
import { type Output, PLAIN_WIDTH, type Screen } from "./screen.ts";
import type { Stop } from "./stop.ts";
import {
  cheaterShareOf,
  exitCodeOf,
  type FinalCheckpoint,
  type Learned,
  type Summary,
  summaryJson,
} from "./summary.ts";
import { summaryText } from "./summary-text.ts";
import { tracePhases } from "./phase-spans.ts";
import { Watch } from "./watch.ts";

/** What a session is given. */
export type SessionParts = {
  readonly folder: string;
  readonly options: { readonly baseline: boolean; readonly keep: boolean; readonly json: boolean };
  readonly screen: Screen;
  readonly output: Output;
  readonly stop: Stop;
  readonly startedAt: number;
  /** A command as it runs here. */
  readonly line: (command: NextCommand) => string;
  /** Every process, so that a second Ctrl-C can end them at once. */
  readonly processes: Running[];
  start(parts: BootParts): Promise<Localnet>;
};

const LOOK_EVERY_MS = 1000;
const SAMPLE_EVERY_MS = 500;
const CUT_EVERY_MS = 10_000;
/** After the last block of the last window nodes still take the outer step and write their records. */
const SETTLE_BLOCKS = 6;
const FLOAT32_BYTES = 4;
const GRACE_MS = 5000;
const SHORT_GRACE_MS = 300;
/** A run that is stopped goes on to the end of its window, if that takes no longer after the Ctrl-C. */
const WINDOW_END_MS = 3000;
const SETTLE_LOOK_MS = 150;

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const timer = new AbortController();
  await Promise.race([
    aborted(signal),
    new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, milliseconds);
      timer.signal.addEventListener("abort", () => clearTimeout(timeout));
    }),
  ]);
  timer.abort();
}

/** The block after which a run is over; Infinity for an endless one. */
function lastBlockOf({ manifest }: Localnet): number {
  const { windows } = manifest;
  return windows === 0
    ? Infinity
    : windowClock(manifest).lastJudgeBlock(windows - 1) + SETTLE_BLOCKS;
}

/** Watches until the last window is over, the person stops it, or the network breaks. */
async function watchRun(
  net: Localnet,
  watch: Watch,
  parts: { screen: Screen; stop: Stop; lifecycle: Lifecycle; peak: PeakMemory },
): Promise<void> {
  const { screen, stop, lifecycle, peak } = parts;
  const signal = AbortSignal.any([stop.signal, lifecycle.signal]);
  const last = lastBlockOf(net);
  let kept = -1;
  for (;;) {
    const frame = await Promise.race([watch.look(), aborted(signal)]);
    if (frame === undefined) return;
    screen.frame(frame);
    net.page.show(frame);
    if (frame.window > kept) await keepProgress(net, watch, peak);
    kept = Math.max(kept, frame.window);
    if (net.subnet.blocks.current.number >= last) return;
    await pause(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
  }
}

function keepProgress(net: Localnet, watch: Watch, peak: PeakMemory): Promise<void> {
  const { seconds, heldOut } = watch;
  const peakRssBytes = Math.max(peak.bytes, net.before.peakRssBytes);
  return writeProgress(net.folder, { seconds, heldOut, peakRssBytes });
}

/** Lets the running window end, so that whoever goes on finds everybody between two windows; not for long. */
async function endWindow(net: Localnet, watch: Watch, stop: Stop): Promise<void> {
  const clock = windowClock(net.manifest);
  const { blocks } = net.subnet;
  const window = clock.windowOf(blocks.current.number);
  // The first block of the next window: nobody has lost anything in it yet.
  const last = clock.startBlock(Math.max(0, window + 1));
  net.pace.holdAt(last);
  while (stop.sinceMs < WINDOW_END_MS) {
    await Promise.race([watch.look().catch(() => undefined), pause(SETTLE_LOOK_MS * 4, NEVER)]);
    if (blocks.current.number >= last && watch.hasSettled(window)) break;
    await pause(SETTLE_LOOK_MS, NEVER);
  }
  net.pace.holdAt(blocks.current.number);
}

const NEVER = new AbortController().signal;

/** The last parameters, how good they are, and what the same tokens give without a network. */
type Outcome = {
  readonly last: Rederived | null;
  readonly final: FinalCheckpoint | null;
  readonly learned: Learned | null;
  readonly compared: { readonly baselineLoss: number; readonly aloneLoss: number } | null;
};

const everybody = (): boolean => true;

/** Re-derives, stores, measures and compares, as far as there is time. Nodes serve payloads until it is re-derived. */
async function outcomeOf(
  net: Localnet,
  watch: Watch,
  parts: EndParts & { readonly comparing: boolean },
): Promise<Outcome> {
  const stopNodes = async (
    isMeant: (one: StartedMember) => boolean,
    graceMs: number,
  ): Promise<void> => {
    const chosen = net.nodes.filter(isMeant);
    await Promise.all(chosen.map(({ process: running }) => running.stop(graceMs)));
  };
  // Validators hold every accepted payload; miners would train on, and time is short.
  if (parts.stop.isAsked) await stopNodes(({ member }) => isMiner(member.kind), SHORT_GRACE_MS);
  const last = await audit(net, parts);
  if (last === null) {
    await stopNodes(everybody, GRACE_MS);
    return { last, final: null, learned: null, compared: null };
  }
  watch.compareWith("re-derived", last.digests);
  const final = await keepFinal(net, last);
  const [learned] = await Promise.all([measure(last, parts), stopNodes(everybody, GRACE_MS)]);
  const comparing = parts.comparing && last.window > 0;
  return { last, final, learned, compared: comparing ? await compare(net, last, parts) : null };
}

/** What was re-derived and measured, as the summary says it. */
function learnedFields({
  last,
  final,
  learned,
  compared,
}: Outcome): Pick<
  Summary,
  | "heldOutLoss"
  | "baselineLoss"
  | "aloneLoss"
  | "denseBytes"
  | "rederived"
  | "final"
  | "prompt"
  | "sample"
> {
  return {
    heldOutLoss: learned && { start: learned.start, end: learned.end },
    baselineLoss: compared?.baselineLoss ?? null,
    aloneLoss: compared?.aloneLoss ?? null,
    denseBytes: last && last.run.layout.total * FLOAT32_BYTES,
    rederived: last !== null && isWhole(last),
    final,
    prompt: learned?.prompt ?? null,
    sample: learned?.sample ?? "",
  };
}

/** Everything after the last window. */
async function finish(
  net: Localnet,
  watch: Watch,
  parts: EndParts & { readonly baseline: boolean; readonly peak: PeakMemory },
): Promise<Summary> {
  const { skipped, peak } = parts;
  const { manifest, before, subnet, pace, folder } = net;
  const height = subnet.blocks.current.number;
  const stopped = height < lastBlockOf(net);
  const ledger = await watch.settle();
  const outcome = await outcomeOf(net, watch, { ...parts, comparing: parts.baseline && !stopped });
  return {
    ...learnedFields(outcome),
    windows: outcome.last?.window ?? Math.max(0, windowClock(manifest).windowOf(height)),
    planned: manifest.windows,
    stopped,
    skipped,
    measured: watch.heldOut.at(-1) ?? null,
    windowsRecorded: watch.records.windowsRecorded,
    windowsUnseen: watch.records.windowsUnseen,
    recordHeads: watch.records.heads,
    windowsWithUpdates: watch.records.windowsWithUpdates,
    bytesPerUpdate: watch.records.bytesPerUpdate,
    rows: watch.rows,
    ledger,
    cheaterShare: cheaterShareOf(watch.settledRows),
    digestsEqual: watch.digestsEqual,
    windowsCompared: watch.windowsCompared,
    seconds: watch.seconds,
    peakRssBytes: Math.max(peak.bytes, before.peakRssBytes),
    record: folder,
    pace: pace.times.report(),
    missed: watch.records.missed,
  };
}

/** A run that is over and has its summary: chain and nodes stay for whoever wants to look, until Ctrl-C. */
async function serve(net: Localnet, { screen, stop }: SessionParts): Promise<number> {
  net.page.over(net.folder);
  screen.step(`all ${net.manifest.windows} windows are over; nothing is trained any more`);
  stop.effect = "chain and nodes end";
  screen.step(`chain on ${net.endpoint}, nodes in ${join(net.folder, "nodes.json")}; Ctrl-C ends`);
  await aborted(stop.signal);
  return 0;
}

/** From the first window (or where it stopped) to the summary. */
async function conduct(
  net: Localnet,
  lifecycle: Lifecycle,
  parts: SessionParts & { readonly peak: PeakMemory; readonly isOver: boolean },
): Promise<number> {
  const { screen, stop, options, output, line, peak } = parts;
  if (parts.isOver && net.subnet.blocks.current.number >= lastBlockOf(net))
    return serve(net, parts);
  const watch = new Watch(net, parts.startedAt);
  await tracePhases(net, lifecycle, (text) => screen.step(text));
  stop.effect = "the window ends, then the summary, in about ten seconds";
  await watchRun(net, watch, { screen, stop, lifecycle, peak });
  lifecycle.signal.throwIfAborted();
  if (stop.isAsked) await endWindow(net, watch, stop);
  screen.end();
  stop.effect = "what is still to be computed is left out, then the summary";
  const skipped: string[] = [];
  const summary = await finish(net, watch, {
    stop,
    screen: net.page.beside(screen),
    skipped,
    peak,
    baseline: options.baseline,
  });
  await Promise.all([keepProgress(net, watch, peak), net.page.conclude(summary)]);
  const exitCode = exitCodeOf(summary);
  // What a native chain keeps is read by its nodes alone, which need what a record leaves out.
  const isNative = net.authorities.length > 0;
  const isKept = summary.stopped || options.keep || isNative || exitCode !== 0;
  const json = summaryJson(summary);
  await writeFile(join(net.folder, "summary.json"), `${json}\n`);
  const width = output.columns ?? PLAIN_WIDTH;
  output.write(summaryText(summary, { width, paint: paintFor(output), line, isKept }));
  if (options.json) process.stdout.write(`${json}\n`);
  await lifecycle.close();
  if (!isKept) await keepRecordOnly(net.folder);
  return exitCode;
}

/** Keeps the logs of the processes, which hold them open, from growing for ever. */
function cutLogs(processes: readonly Running[]): void {
  for (const { logPath } of processes) {
    try {
      cutLog(logPath);
    } catch {
      // A full disk or a folder that refuses: the next time.
    }
  }
}

/** Runs a session; returns the exit code. @throws AssayError, ChainError */
export async function runSession(parts: SessionParts & { isOver: boolean }): Promise<number> {
  const { folder, screen, stop, processes } = parts;
  const lifecycle = new Lifecycle();
  const peak = new PeakMemory();
  const sampler = setInterval(() => peak.sample(processes.map((one) => one.pid)), SAMPLE_EVERY_MS);
  const cutter = setInterval(() => cutLogs(processes), CUT_EVERY_MS);
  const whileStarting = (): void => lifecycle.stop("stopped");
  stop.signal.addEventListener("abort", whileStarting);
  try {
    stop.signal.throwIfAborted();
    const net = await parts.start({
      folder,
      lifecycle,
      step: (text) => screen.step(text),
      far: screen.far,
      started: (one) => processes.push(one),
    });
    // From here on chain and nodes must outlive the first Ctrl-C: the summary reads them.
    stop.signal.removeEventListener("abort", whileStarting);
    return await conduct(net, lifecycle, { ...parts, peak });
  } catch (error) {
    if (lifecycle.failure !== null) throw lifecycle.failure;
    if (!stop.isAsked) throw error;
    screen.step(`stopped before the first window; nothing was learned (${folder})`);
    return 1;
  } finally {
    clearInterval(sampler);
    clearInterval(cutter);
    stop.signal.removeEventListener("abort", whileStarting);
    await lifecycle.close();
  }
}
