#!/usr/bin/env node
/**
 * @file `npm run stops`: asks every role to end at many moments, from the first millisecond of its start through all phases of windows.
 * Each has to end by itself, with 0, in less time than its unit of systemd gives it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { RunningLocalnet } from "../support/localnet.ts";
import { entryOf, type Program } from "../support/running.ts";
import { median } from "./figures.ts";

const HELP = `npm run stops -- [options]

Beside a local network that runs, a miner, a validator, a chain, a whole local network and a node without a chain are started and asked to
end (SIGTERM) at seeded moments. A process that has no ears yet may end by the signal itself, which systemd counts as well ended. Prints how
long each took, and one line of JSON; the exit code is 1 when one had to be killed, or ended with anything but 0.

  --rounds N   moments for each role (12)
  --within N   seconds after the start in which they lie (14)
  --seed N     (1)
  --help
`;

const OPTIONS = {
  rounds: { type: "string", default: "12" },
  within: { type: "string", default: "14" },
  seed: { type: "string", default: "1" },
  help: { type: "boolean", default: false },
} as const;

/** TimeoutStopSec of deploy/systemd. */
const LIMIT_MS = 30_000;
const UP_MS = 240_000;

/** How one process ended. */
type Stop = {
  readonly role: string;
  readonly afterMs: number;
  readonly tookMs: number;
  /** `early`: by the signal itself, before it could hear. */
  readonly how: "0" | "early" | "killed" | `code ${number}`;
};

/** A generator of numbers in [0, 1), for moments that can be had again. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Starts a role, asks it to end after a while, and waits for it. */
async function stopOnce(
  role: string,
  launch: { readonly program: Program; readonly args: readonly string[] },
  afterMs: number,
): Promise<Stop> {
  const words = [entryOf(launch.program), ...launch.args];
  const child = spawn(process.execPath, words, { stdio: "ignore" });
  const ended = new Promise<Stop["how"]>((resolve) =>
    child.once("exit", (code, signal) => {
      if (code !== null) resolve(code === 0 ? "0" : `code ${code}`);
      else resolve(signal === "SIGTERM" ? "early" : "killed");
    }),
  );
  await Promise.race([sleep(afterMs), ended]);
  const asked = performance.now();
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const how = await ended;
  clearTimeout(timer);
  return { role, afterMs, tookMs: performance.now() - asked, how };
}

/** Whether one did not end as it should. */
function isBad({ role, how }: Stop): boolean {
  // A local network that was stopped before its first window says so with 1: nothing was learned.
  return !(how === "0" || how === "early" || (role === "localnet" && how === "code 1"));
}

function tell(stops: readonly Stop[]): void {
  for (const [role, all] of Map.groupBy(stops, (one) => one.role)) {
    const took = all.map(({ tookMs }) => tookMs);
    const bad = all.filter(isBad);
    const words = bad.map(({ how, afterMs }) => `${how} after ${afterMs.toFixed(0)} ms`);
    process.stdout.write(
      `${role}: ${all.length} stops, ${all.filter(({ how }) => how === "early").length} early, median ${median(took).toFixed(0)} ms, most ${Math.max(...took).toFixed(0)} ms${words.length === 0 ? "" : `; ${words.join(", ")}`}\n`,
    );
  }
}

async function stopAll(rounds: number, withinMs: number, seed: number): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "assay-stops-"));
  const net = new RunningLocalnet(["--windows", "0", "--miners", "2", "--attack", "none"]);
  const all: Stop[] = [];
  try {
    const { nodes } = await net.nodes(UP_MS);
    const draw = dice(seed);
    const node = (name: string): { program: Program; args: readonly string[] } => {
      const found = nodes.find((one) => one.name === name);
      if (found === undefined) throw new Error(`there is no ${name}`);
      process.kill(found.pid, "SIGTERM");
      return { program: found.role, args: found.args };
    };
    const nowhere = ["--endpoint", "ws://127.0.0.1:1"];
    const miner = node("miner-2");
    const launches = {
      miner,
      validator: node("validator-2"),
      "miner without a chain": { program: "miner", args: [...miner.args, ...nowhere] },
      chain: {
        program: "subnet",
        args: [
          "chain",
          "--port",
          "0",
          "--sealing",
          "100",
          "--database",
          join(home, "chain.sqlite"),
        ],
      },
      localnet: {
        program: "subnet",
        args: [
          "localnet",
          "--port",
          "0",
          "--miners",
          "1",
          "--validators",
          "1",
          "--attack",
          "none",
          "--windows",
          "0",
          "--no-baseline",
          "--output",
          home,
        ],
      },
    } as const;
    await sleep(2000);
    for (let round = 0; round < rounds; round++)
      for (const [role, launch] of Object.entries(launches)) {
        // Half of them in the first quarter: there a process does most things for the first time.
        const share = draw();
        const afterMs = withinMs * (round % 2 === 0 ? share / 4 : share);
        all.push(await stopOnce(role, launch, afterMs));
      }
  } finally {
    net.child.kill("SIGKILL");
    await net.exited;
    for (const folder of [home, net.output])
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
  }
  tell(all);
  const failed = all.filter(isBad);
  process.stdout.write(
    `${JSON.stringify({ stops: all.length, failed, passed: failed.length === 0 })}\n`,
  );
  if (failed.length > 0) process.exitCode = 1;
}

const { values } = parseArgs({ options: OPTIONS });
if (values.help) process.stdout.write(HELP);
else await stopAll(Number(values.rounds), 1000 * Number(values.within), Number(values.seed));
