/** @file A local network whose first validator has workers, and what its processes say and record. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type WindowRecord, windowRecordSchema } from "../../src/protocol/record.ts";
import type { Nodes } from "../support/localnet.ts";

const BENT = fileURLToPath(new URL("../support/bent-losses.ts", import.meta.url));
/** Some windows of a machine that is far too busy. */
const PATIENCE_MS = 600_000;

/** A node of the network. */
export type Node = Nodes["nodes"][number];

/** The node of that name. */
export function named(nodes: Nodes, name: string): Node {
  const node = nodes.nodes.find((one) => one.name === name);
  assert.ok(node, `${name} runs`);
  return node;
}

/** All that a node has said. */
export const logOf = ({ log }: Node): string => readFileSync(log, "utf8");

/** What `look` finds, once it finds something. */
export async function until<T>(what: string, look: () => T | null | undefined | false): Promise<T> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(50)) {
    const found = look();
    if (found !== null && found !== undefined && found !== false) return found;
  }
  throw new Error(`${what} did not come`);
}

/** The newest window of which a validator has said how many updates there are; -1 before the first. */
export function windowIn(said: string): number {
  const windows = [...said.matchAll(/window (\d+): \d+ commitments/g)];
  return Number(windows.at(-1)?.[1] ?? -1);
}

/** Waits until a validator, of which `said` has all words, has gone through so many more windows. */
export async function windowsLater(said: () => string, count: number): Promise<void> {
  const from = windowIn(said());
  await until(`window ${from + count}`, () => windowIn(said()) >= from + count);
}

/** Where the validator lets workers in, as it said last. */
export function doorOf(node: Node): string | null {
  const said = [...logOf(node).matchAll(/workers join with: validator worker --url (\S+);/g)];
  return said.at(-1)?.[1] ?? null;
}

/** A process of ours that is started beside the network, and all that it says. */
export class Started {
  out = "";
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, ["validator/main.ts", ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (part: Buffer) => (this.out += part.toString()));
    this.exited = new Promise((resolve) => this.child.once("exit", (code) => resolve(code)));
  }

  /** Waits until it says something, after the first `from` characters. */
  async says(what: RegExp, from = 0): Promise<void> {
    await until(`${what}`, () => what.test(this.out.slice(from))).catch((error: unknown) => {
      throw new Error(`${what} was not said; said was\n${this.out}`, { cause: error });
    });
  }
}

/** Starts a worker of a validator. @param losses how it measures wrongly, if it does */
export function startWorker(of: Node, name: string, losses?: "lie" | "slow"): Started {
  const bent = losses && { NODE_OPTIONS: `--import=${BENT}`, ASSAY_TEST_LOSSES: losses };
  return new Started(["worker", "--url", doorOf(of) ?? "", "--name", name, ...of.args], bent);
}

/** Process id of the redis-server that a validator has for itself, by the folder that it works in. */
export function redisOf(node: Node): number | null {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      const isRedis = readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("redis-server");
      if (isRedis && readlinkSync(`/proc/${pid}/cwd`).includes(node.ss58)) return Number(pid);
    } catch {
      // Gone meanwhile, or not ours to look at.
    }
  return null;
}

/** The log of a validator, line by line. */
export function recordsOf(folder: string, { ss58 }: Node): readonly WindowRecord[] {
  const at = join(folder, "nodes", ss58);
  const file = readdirSync(at).find((name) => /^records-.*\.jsonl$/.test(name)) ?? "";
  const lines = readFileSync(join(at, file), "utf8").trim().split("\n");
  return lines.map((line) => windowRecordSchema.parse(JSON.parse(line)));
}
