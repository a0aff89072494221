/** @file `subnet localnet`, which is `npm start`: a whole network on this machine, from first block to summary. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalnetOptions } from "./options.ts";
import { openLog } from "../../src/command/log.ts";
import { AssayError } from "../../src/errors.ts";
import { Lifecycle } from "../../src/command/lifecycle.ts";
import { windowClock } from "../../src/protocol/window.ts";
import type { Running } from "../spawn.ts";
import { bootLocalnet, type Localnet } from "./boot.ts";
import { compare, keepFinal, measure } from "./finish.ts";
import { readTokenLedger } from "../audit/emission.ts";
import { rederive } from "../audit/rederive.ts";
import { PeakMemory } from "./memory.ts";
import { PLAIN_WIDTH, type Screen, screenOn } from "./screen.ts";
import { cheaterShareOf, exitCodeOf, type Summary, summaryJson, summaryText } from "./summary.ts";
import { Watch } from "./watch.ts";

const LOOK_EVERY_MS = 1000;
const SAMPLE_EVERY_MS = 500;
/** After the last block of the last window nodes still take the outer step and write their records. */
const SETTLE_BLOCKS = 6;
const FLOAT32_BYTES = 4;

/** A folder that no other run has. */
async function runFolder(output: string): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-").slice(0, 19);
  const folder = join(output, `${stamp}-${process.pid}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Watches until the last window is over, the person stops it, or a node dies. */
async function watchRun(
  net: Localnet,
  watch: Watch,
  parts: { screen: Screen; signal: AbortSignal },
): Promise<void> {
  const clock = windowClock(net.manifest);
  const last = clock.lastJudgeBlock(net.manifest.windows - 1) + SETTLE_BLOCKS;
  while (!parts.signal.aborted && net.subnet.blocks.current.number < last) {
    parts.screen.frame(await watch.look());
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  parts.screen.frame(await watch.look());
}

/** Writes who runs where, for people and for tests that kill nodes. */
async function writeNodes(net: Localnet): Promise<void> {
  const nodes = net.nodes.map(({ member, process: running }) => ({
    name: member.name,
    kind: member.kind,
    role: running.role,
    hotkey: member.hotkey.publicKey,
    ss58: member.hotkey.ss58,
    pid: running.pid,
    args: running.args,
    log: running.logPath,
  }));
  const content = { endpoint: net.endpoint, netuid: net.subnet.netuid, runId: net.runId, nodes };
  await writeFile(join(net.folder, "nodes.json"), `${JSON.stringify(content, null, 2)}\n`);
}

async function stopNodes(net: Localnet): Promise<void> {
  await Promise.all(net.nodes.map(({ process: running }) => running.stop(5000)));
}

/** Everything after the last window. `signal` is fresh: a first Ctrl-C ends the run, a second one the summary. */
async function finish(
  net: Localnet,
  watch: Watch,
  parts: {
    options: LocalnetOptions;
    screen: Screen;
    signal: AbortSignal;
    startedAt: number;
    stopped: boolean;
    peak: PeakMemory;
  },
): Promise<Summary> {
  const { options, screen, signal } = parts;
  const ledger = await readTokenLedger(net.subnet.chain, net.subnet.netuid);
  screen.step("re-deriving every window's parameters from the chain's record");
  const log = openLog({ name: "audit", level: "silent" });
  const last = await rederive(net.subnet, { signal, log });
  watch.compareWith("re-derived", last.digests);
  const final = await keepFinal(net, last);
  await stopNodes(net);
  screen.step("measuring the first and the last parameters on held-out text");
  const { start, end, sample } = await measure(last);
  const comparing = options.baseline && last.window > 0 && !parts.stopped;
  const compared = comparing
    ? await compare(net, last, { signal, step: (text) => screen.step(text) })
    : null;
  const rows = watch.rows;
  const late = rows.map((row) => ({
    ...row,
    earnedRao: row.earnedRao - (watch.earnedBefore?.get(row.uid) ?? 0n),
  }));
  return {
    windows: last.window,
    stopped: parts.stopped,
    heldOutLoss: { start, end },
    baselineLoss: compared?.baselineLoss ?? null,
    aloneLoss: compared?.aloneLoss ?? null,
    bytesPerUpdate: watch.bytesPerUpdate,
    denseBytes: net.seed.parameters * FLOAT32_BYTES,
    rows,
    ledger,
    cheaterShare: cheaterShareOf(late),
    digestsEqual: watch.digestsEqual && watch.windowsCompared > 0,
    seconds: (performance.now() - parts.startedAt) / 1000,
    peakRssBytes: parts.peak.bytes,
    record: net.folder,
    final,
    pace: net.pace.times.report(),
    missed: watch.missed,
    sample,
  };
}

/** Runs a local network; returns the exit code. @throws AssayError, ChainError */
export async function localnet(options: LocalnetOptions): Promise<number> {
  const startedAt = performance.now();
  const screen = screenOn(options.json ? process.stderr : process.stdout);
  const [running, finishing] = [new Lifecycle(), new Lifecycle()];
  let booted = false;
  const stopOnce = (): void => {
    if (running.signal.aborted || !booted) finishing.stop("stopped");
    running.stop("stopped");
  };
  process.on("SIGINT", stopOnce).on("SIGTERM", stopOnce);
  const processes: Running[] = [];
  const peak = new PeakMemory();
  const sampler = setInterval(() => peak.sample(processes.map((one) => one.pid)), SAMPLE_EVERY_MS);
  try {
    const folder = await runFolder(options.output);
    const step = (text: string): void => screen.step(text);
    // Chain and nodes must outlive the first Ctrl-C: the summary reads them.
    const net = await bootLocalnet(options, {
      folder,
      lifecycle: finishing,
      step,
      started: (one) => processes.push(one),
    });
    booted = true;
    await writeNodes(net);
    const watch = new Watch(net, startedAt);
    await watchRun(net, watch, { screen, signal: running.signal });
    screen.end();
    const stopped = running.signal.aborted;
    const summary = await finish(net, watch, {
      options,
      screen,
      signal: finishing.signal,
      startedAt,
      stopped,
      peak,
    });
    const output = options.json ? process.stderr : process.stdout;
    output.write(summaryText(summary, output.isTTY ? output.columns : PLAIN_WIDTH));
    await writeFile(join(folder, "summary.json"), `${summaryJson(summary)}\n`);
    if (options.json) process.stdout.write(`${summaryJson(summary)}\n`);
    return exitCodeOf(summary);
  } catch (error) {
    if (finishing.failure !== null) throw finishing.failure;
    if (error instanceof AssayError || !finishing.signal.aborted) throw error;
    return 1;
  } finally {
    clearInterval(sampler);
    await finishing.close();
    process.off("SIGINT", stopOnce).off("SIGTERM", stopOnce);
  }
}
