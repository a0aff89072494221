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
    this.exited = new Promise((done) => this.#child.once("exit", done));
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Its processes, once it has begun. @throws Error where it does not */
  async begun(): Promise<z.output<typeof nodesSchema>> {
    const until = performance.now() + START_MS;
    for (;;) {
      const nodes = nodesIn(this.#output);
      if (nodes !== null) return nodes;
      if (this.isOver || performance.now() > until) break;
      await sleep(LOOK_MS);
    }
    this.#child.kill("SIGTERM");
    throw new Error("the main job did not begin");
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

/** Runs it. @throws Error where digests differ, a window is missing, or the run does not end well */
export async function mainJob(job: Job, print: Print): Promise<void> {
  const { windows, blockMs } = job;
  const run = new Run(job);
  const { authorities, nodes } = await run.begun();
  const victims = {
    // Not the first: it is asked first, and its end is that of a connection, too.
    authority: authorities[1],
    validator: nodes.findLast(({ kind }) => kind === "validator"),
  };
  const began = performance.now();
  for (const { part, kind } of KILLS) {
    await run.wait(part * windows * BLOCKS_PER_WINDOW * blockMs);
    const victim = victims[kind];
    if (run.isOver || victim === undefined) throw new Error(`no ${kind} is there to be killed`);
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
