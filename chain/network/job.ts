/**
 * @file The main job on a native network: `npm start -- --chain native` as a process; in between one authority and one validator are killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Print } from "./acts.ts";

/** How it is played. */
export type Job = {
  readonly folder: string;
  readonly windows: number;
  readonly blockMs: number;
};

const MAIN = fileURLToPath(new URL("../../subnet/main.ts", import.meta.url));
const LOOK_MS = 500;
/** Longer it takes neither to begin nor to end, whatever the machine does besides. */
const START_MS = 300_000;
/** It ends its processes one after the other; after so long it is killed, and they end by themselves. */
const END_MS = 60_000;
/** Of the demo. */
const BLOCKS_PER_WINDOW = 12;
/** Who is killed, after so much more of the run. */
const KILLS = [
  { part: 0.35, kind: "authority" },
  { part: 0.25, kind: "validator" },
] as const;

const processSchema = z.object({ name: z.string(), pid: z.int() });
const nodesSchema = z.object({
  authorities: z.array(processSchema),
  nodes: z.array(processSchema.extend({ kind: z.string() })),
});
const summarySchema = z.object({
  windows: z.int(),
  digestsEqual: z.boolean(),
  windowsCompared: z.int(),
  windowsRecorded: z.int(),
  rederived: z.boolean(),
  heldOutLoss: z.object({ start: z.number(), end: z.number() }).nullable(),
  faults: z.array(z.string()),
});

/** What lies in the folder of the run that has begun there. */
function nodesIn(folder: string): z.output<typeof nodesSchema> | null {
  const [run] = existsSync(folder) ? readdirSync(folder) : [];
  const path = run === undefined ? "" : join(folder, run, "nodes.json");
  if (run === undefined || !existsSync(path)) return null;
  return nodesSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** The process of a run. */
class Run {
  readonly #child: ChildProcess;
  readonly #output: string;
  readonly exited: Promise<number | null>;
  #said = "";

  constructor({ folder, windows, blockMs }: Job) {
    this.#output = join(folder, "job");
    mkdirSync(this.#output, { recursive: true });
    const words = ["localnet", "--chain", "native", "--block-ms", String(blockMs), "--no-baseline"];
    words.push("--windows", String(windows), "--port", "0", "--output", this.#output);
    this.#child = spawn(process.execPath, [MAIN, ...words, "--attack", "none", "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child.stdout?.on("data", (part: Buffer) => (this.#said += part.toString()));
    // Not `exit`: what it said last may come after that.
    this.exited = new Promise((done) => this.#child.once("close", done));
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Its processes, once it has begun. @throws Error where it does not */
  async begun(): Promise<void> {
    const until = performance.now() + START_MS;
    for (;;) {
      if (nodesIn(this.#output) !== null) return;
      if (this.isOver || performance.now() > until) throw new Error("the main job did not begin");
      await sleep(LOOK_MS);
    }
  }

  /** Its processes as they are now, of which some may have been started again. @throws Error when it is over */
  get nodes(): z.output<typeof nodesSchema> {
    const nodes = this.isOver ? null : nodesIn(this.#output);
    if (nodes === null) throw new Error("the main job is over");
    return nodes;
  }

  /** Ends it, unless it is over, and waits until it is. */
  async end(): Promise<void> {
    if (!this.isOver) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_MS);
    await this.exited;
    clearTimeout(timer);
  }

  /** Waits, unless it is over before. */
  async wait(ms: number): Promise<void> {
    await Promise.race([sleep(ms), this.exited]);
  }

  /** What it said of itself in the end. */
  get summary(): z.output<typeof summarySchema> {
    return summarySchema.parse(JSON.parse(this.#said.trim().split("\n").at(-1) ?? ""));
  }
}

function lineOf(summary: Run["summary"], seconds: number): string {
  const { windows, digestsEqual, windowsCompared, heldOutLoss } = summary;
  const same = digestsEqual ? "equal" : "DIFFERENT";
  const loss = [heldOutLoss?.start, heldOutLoss?.end].map((one) => one?.toFixed(2) ?? "unknown");
  return `main job: ${windows} windows in ${seconds.toFixed(0)} s, digests ${same} in ${windowsCompared}, loss ${loss.join(" -> ")}`;
}

/** Plays it on a run that has just been started. */
async function played(run: Run, { windows, blockMs }: Job, print: Print): Promise<void> {
  await run.begun();
  const began = performance.now();
  for (const { part, kind } of KILLS) {
    await run.wait(part * windows * BLOCKS_PER_WINDOW * blockMs);
    const { authorities, nodes } = run.nodes;
    // Not the first authority: it is asked first, and its end is that of a connection, too.
    const victim =
      kind === "authority" ? authorities[1] : nodes.findLast((node) => node.kind === kind);
    if (victim === undefined) throw new Error(`no ${kind} is there to be killed`);
    process.kill(victim.pid, "SIGKILL");
    print(`main job: ${victim.name} killed`);
  }
  const code = await run.exited;
  const { summary } = run;
  print(lineOf(summary, (performance.now() - began) / 1000));
  const isWhole = summary.windows === windows && summary.digestsEqual && summary.rederived;
  if (code !== 0 || !isWhole)
    throw new Error(`the main job: ${summary.faults.join("; ")}; it ended with ${code}`);
}

/** Runs it. @throws Error where digests differ, a window is missing, or the run does not end well; then nothing of it runs on */
export async function mainJob(job: Job, print: Print): Promise<void> {
  const run = new Run(job);
  try {
    await played(run, job, print);
  } finally {
    await run.end();
  }
}
