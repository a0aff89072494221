#!/usr/bin/env node
/**
 * @file `npm run soak`: a local network for thousands of short windows. Every process is ended and started again once; memory, disk and
 * descriptors at the end are compared with those of the beginning.
 */
import { appendFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { statusSchema } from "../../src/api/types.ts";
import { RunningLocalnet } from "../support/localnet.ts";
import { brokenIn, changesOf, median, requireApart, type Sample, sum } from "./figures.ts";
import { addressesOf, diskOf, processesOf, processSample } from "./look.ts";
import { pageCheck } from "./page.ts";

const HELP = `npm run soak -- [options]

A local network of 2 miners and 2 validators for many short windows. All its processes are stopped and started again once, before the
first figures are taken. The medians of memory, disk and descriptors over 50 windows at the end have to lie within 10 % of those from
window 200 on, for each process. Prints one line of JSON; the exit code is 1 when something grew.
2,000 windows take about 50 minutes on two free cores.

  --windows N     windows in all (2000)
  --from N        first window of the beginning (200, in short soaks half of the windows)
  --width N       windows of the beginning, and of the end (50, in short soaks half of those that are left)
  --retention N   windows whose payloads, records and blocks are kept (100)
  --block-ms N    shortest time of a block (60)
  --samples FILE  write every look there as it is taken, a line of JSON each
  --help
`;

const OPTIONS = {
  windows: { type: "string", default: "2000" },
  from: { type: "string" },
  width: { type: "string" },
  retention: { type: "string", default: "100" },
  "block-ms": { type: "string", default: "60" },
  samples: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

const GROWTH = 0.1;
const LOOK_MS = 100;
/** A window that takes longer has stopped. */
const PATIENCE_MS = 180_000;
const PHASES = { train: 2, commit: 2, reveal: 1, judge: 3 } as const;
const BLOCKS = sum(Object.values(PHASES));
const FROM = 200;
const WIDTH = 50;
const CHECKPOINT_WINDOWS = 10;
const UP_MS = 240_000;

const summarySchema = z.object({
  windows: z.number(),
  faults: z.array(z.string()),
  digestsEqual: z.boolean(),
});

/** What is asked for. */
type Plan = {
  readonly windows: number;
  readonly from: number;
  readonly width: number;
  readonly retention: number;
  readonly blockMs: string;
  /** File of every look; absent: none is written. */
  readonly samples?: string;
};

const startedAt = performance.now();
const seconds = (): number => (performance.now() - startedAt) / 1000;
function say(line: string): void {
  process.stderr.write(`${seconds().toFixed(0).padStart(5)} s  ${line}\n`);
}

/** The words after `subnet localnet`. */
function wordsOf({ retention, blockMs }: Plan): string[] {
  const set = {
    ...Object.fromEntries(
      Object.entries(PHASES).map(([name, blocks]) => [`phases.${name}`, blocks]),
    ),
    "inner.steps": 2,
    "inner.batch": 2,
    "model.layers": 1,
    "evaluation.ownSequences": 8,
    "evaluation.noiseSequences": 8,
    "checkpoint.everyWindows": CHECKPOINT_WINDOWS,
    "retention.payloadWindows": retention,
    "retention.recordWindows": retention,
    "data.limitBytes": 1 << 20,
  };
  const settings = Object.entries(set).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const cast = ["--miners", "2", "--validators", "2", "--attack", "none", "--device", "cpu"];
  const pruning = ["--pruning", String(retention * BLOCKS)];
  return [...cast, "--windows", "0", "--block-ms", blockMs, ...pruning, ...settings];
}

const COMMON = ["--no-baseline", "--keep", "--json"];

/** The window that a node stands in; null while it does not answer. */
async function windowOf(url: string): Promise<number | null> {
  try {
    const answer = await fetch(`${url}/status`, { signal: AbortSignal.timeout(2000) });
    return statusSchema.parse(await answer.json()).window;
  } catch {
    return null;
  }
}

/** Everything at this moment; null while a process is missing. */
function sampleOf(folder: string, window: number): Sample | null {
  const found = [...processesOf(folder)].map(([name, pid]) => [name, processSample(pid)] as const);
  if (found.some(([, one]) => one === null)) return null;
  const processes = Object.fromEntries(found.flatMap(([name, one]) => (one ? [[name, one]] : [])));
  return { window, seconds: seconds(), processes, disk: diskOf(folder) };
}

/** Where the first validator answers. */
async function validatorOf(folder: string): Promise<string> {
  // Written last of all when a network starts.
  while (!existsSync(join(folder, "targets.json"))) await sleep(LOOK_MS);
  return addressesOf(folder).get("validator-1") ?? "";
}

/** Samples every window until `last` is reached. @throws Error when the run ends, or stands still */
async function watchTo(
  net: RunningLocalnet,
  last: number,
  { plan, samples }: { readonly plan: Plan; readonly samples: Sample[] },
): Promise<void> {
  const folder = net.folder ?? "";
  const url = await validatorOf(folder);
  let [seen, since] = [samples.at(-1)?.window ?? -1, performance.now()];
  while (seen < last) {
    if (net.child.exitCode !== null) throw new Error(`the network ended:\n${net.stderr}`);
    if (performance.now() - since > PATIENCE_MS)
      throw new Error(`no window after ${seen} in ${PATIENCE_MS / 1000} s:\n${net.stderr}`);
    const window = await windowOf(url);
    const sample = window !== null && window > seen ? sampleOf(folder, window) : null;
    if (sample === null) {
      await sleep(LOOK_MS);
      continue;
    }
    [seen, since] = [sample.window, performance.now()];
    samples.push(sample);
    if (plan.samples !== undefined) appendFileSync(plan.samples, `${JSON.stringify(sample)}\n`);
    if (seen % 50 === 0) say(lineOf(sample));
  }
}

const mb = (values: readonly number[]): string => (sum(values) / 1e6).toFixed(0);

function lineOf({ window, processes, disk }: Sample): string {
  const all = Object.values(processes);
  const descriptors = sum(all.map((one) => one.descriptors));
  const memory = mb(all.map((one) => one.rssBytes));
  return `window ${window}: ${memory} MB of memory, ${descriptors} descriptors, ${mb(Object.values(disk))} MB on disk`;
}

/** Asks the network to end; its summary. */
async function stopped(net: RunningLocalnet): Promise<z.output<typeof summarySchema>> {
  net.child.kill("SIGTERM");
  const code = await net.exited;
  const summary = summarySchema.parse(net.summary());
  if (code !== 0) throw new Error(`it ended with ${code}: ${summary.faults.join("; ")}`);
  return summary;
}

/** Seconds of a window, from one sample to the next of the same processes. */
function paceOf(samples: readonly Sample[]): readonly number[] {
  return samples.flatMap(({ window, seconds: at }, index) => {
    const before = samples[index - 1];
    return before?.window === window - 1 ? [at - before.seconds] : [];
  });
}

/** What is known once it has ended. */
type Ending = {
  readonly page: Awaited<ReturnType<typeof pageCheck>>;
  readonly digestsEqual: boolean;
};

/** What the soak found. */
function reportOf(plan: Plan, samples: readonly Sample[], { page, digestsEqual }: Ending) {
  const changes = changesOf(samples, { from: plan.from, to: plan.windows, width: plan.width });
  const pace = paceOf(samples.filter(({ window }) => window > plan.from)).toSorted((a, b) => a - b);
  const apart = digestsEqual ? [] : ["the validators' parameters differ"];
  const faults = [...brokenIn(changes, GROWTH), ...page.faults, ...apart];
  const at = (share: number): number => pace[Math.floor(share * (pace.length - 1))] ?? Number.NaN;
  return {
    ...plan,
    seconds: seconds(),
    windowSeconds: { median: median(pace), p90: at(0.9), most: at(1) },
    sampled: samples.length,
    changes,
    page: page.browser,
    digestsEqual,
    faults,
    passed: faults.length === 0,
  };
}

async function soak(plan: Plan): Promise<void> {
  const samples: Sample[] = [];
  let net = new RunningLocalnet([...wordsOf(plan), ...COMMON]);
  try {
    const first = await net.nodes(UP_MS);
    say(`runs in ${net.folder ?? ""}`);
    await watchTo(net, Math.floor((3 * plan.from) / 4), { plan, samples });
    say("every process is ended and started again");
    const early = await stopped(net);
    net = new RunningLocalnet(COMMON, net.output);
    await net.newNodes(first, UP_MS);
    say(`goes on after ${early.windows} windows`);
    await watchTo(net, plan.windows, { plan, samples });
    const page = await pageCheck(addressesOf(net.folder ?? ""));
    const { digestsEqual } = await stopped(net);
    const report = reportOf(plan, samples, { page, digestsEqual });
    process.stdout.write(`${JSON.stringify(report)}\n`);
    if (!report.passed) process.exitCode = 1;
  } finally {
    net.child.kill("SIGKILL");
    rmSync(net.output, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
  }
}

const { values } = parseArgs({ options: OPTIONS });
if (values.help) process.stdout.write(HELP);
else {
  const windows = Number(values.windows);
  const from = Number(values.from ?? Math.min(FROM, Math.floor(windows / 2)));
  const plan = {
    windows,
    from,
    width: Number(values.width ?? Math.min(WIDTH, Math.floor((windows - from) / 2))),
    retention: Number(values.retention),
    blockMs: values["block-ms"],
    ...(values.samples !== undefined && { samples: values.samples }),
  };
  requireApart({ from, to: windows, width: plan.width });
  await soak(plan);
}
