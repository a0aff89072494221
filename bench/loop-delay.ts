/**
 * @file How long the event loops of miners and validators stand still on a local network as `npm start` runs it, from its first window on: for
 * each role p99 and most of a turn's processor time (what our own code takes of the thread that answers peers), against 50 ms, and beside it
 * the delay by the clock, in which other processes of the machine have a part. Exit code 1 where a turn took more. Before, the comparisons of a
 * field of updates, some of which are a turn. Flags: --windows=12, --field=64 (updates of the 1m model), --field-only, --json.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Fingerprint } from "../src/gauntlet/fast-checks.ts";
import { overlapsEarlier, pairsOf } from "../src/gauntlet/similar.ts";
import { flagsOf } from "./support/flags.ts";

const LIMIT_MS = 50;
const TENTHS = 10;
const flags = flagsOf({
  windows: { type: "string", default: "12" },
  field: { type: "string", default: "64" },
  "field-only": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
});

const countsSchema = z.array(z.tuple([z.number(), z.number()]));
const saidSchema = z.object({
  role: z.enum(["miner", "validator"]),
  held: countsSchema,
  late: countsSchema,
});
type Said = z.output<typeof saidSchema>;

/** Runs the network, and what each node's probe wrote. */
async function measured(): Promise<readonly Said[]> {
  const folder = mkdtempSync(join(tmpdir(), "assay-loop-"));
  const suffix = import.meta.url.slice(-3);
  const probe = new URL(`./loop-delay/probe${suffix}`, import.meta.url);
  const main = fileURLToPath(new URL(`../subnet/main${suffix}`, import.meta.url));
  const output = join(folder, "run");
  const words = ["localnet", "--windows", flags.windows, "--port", "0", "--output", output];
  const child = spawn(process.execPath, [main, ...words, "--no-baseline", "--json"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${probe.href}`,
      ASSAY_LOOP_FOLDER: folder,
    },
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  try {
    const isUp = (): boolean =>
      existsSync(output) &&
      readdirSync(output).some((run) => existsSync(join(output, run, "nodes.json")));
    while (!isUp() && child.exitCode === null) await sleep(100);
    writeFileSync(join(folder, "begin"), "");
    const code = await exited;
    if (code !== 0) throw new Error(`the local network ended with ${code}`);
    return readdirSync(folder)
      .filter((name) => /^(?:miner|validator)-\d+\.json$/.test(name))
      .map((name) => {
        const json: unknown = JSON.parse(readFileSync(join(folder, name), "utf8"));
        return saidSchema.parse(json);
      });
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** p99 and most of turns in milliseconds, and how many were above the limit. */
function summary(all: readonly Said["held"][number][]) {
  const counts = new Map<number, number>();
  for (const [tenths, count] of all) counts.set(tenths, (counts.get(tenths) ?? 0) + count);
  const sorted = [...counts].toSorted(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let [seen, p99] = [0, 0];
  for (const [tenths, count] of sorted) {
    if (seen < 0.99 * total) p99 = tenths;
    seen += count;
  }
  const above = sorted.filter(([tenths]) => tenths > LIMIT_MS * TENTHS);
  return {
    turns: total,
    p99Ms: p99 / TENTHS,
    mostMs: (sorted.at(-1)?.[0] ?? 0) / TENTHS,
    aboveLimit: above.reduce((sum, [, count]) => sum + count, 0),
  };
}

const TENSOR = 1_100_000;
const KEPT_OF = 16;
/** Windows of others' work that an update is compared with. */
const EARLIER = 3;
/** As in validator/compare.ts. */
const AT_ONCE = 32;

/** An update of the size of the 1m model, of coordinates of its own. */
function fieldOf(window: number): readonly Fingerprint[] {
  return Array.from({ length: Number(flags.field) }, (_, uid) => ({
    uid,
    hotkey: `0x${uid.toString(16).padStart(64, "0")}` as const,
    window,
    norms: [],
    bodyDigest: "0x",
    indices: [
      Uint32Array.from(
        { length: TENSOR / KEPT_OF },
        (_value, at) => KEPT_OF * at + ((uid * 7 + window * 3 + at) % KEPT_OF),
      ),
    ],
  }));
}

/** Processor time of holding a field's updates against each other and those before: of a turn as validator/compare.ts takes them, and of all. */
function comparisons() {
  const now = fieldOf(EARLIER);
  const earlier = Array.from({ length: EARLIER }, (_, window) => fieldOf(window)).flat();
  const settings = { maximumOverlap: 0.5, overlapWindows: EARLIER };
  const turns: number[] = [];
  const turn = (act: () => unknown): void => {
    const before = process.threadCpuUsage();
    act();
    const { user, system } = process.threadCpuUsage(before);
    turns.push((user + system) / 1000);
  };
  for (const update of now)
    for (let at = 0; at < earlier.length; at += AT_ONCE) {
      const some = earlier.slice(at, at + AT_ONCE);
      turn(() => overlapsEarlier(update, some, settings));
      if (at < now.length) turn(() => pairsOf(update, now.slice(at, at + AT_ONCE), settings));
    }
  return {
    updates: now.length,
    coordinates: TENSOR / KEPT_OF,
    mostMsOfATurn: Math.max(...turns),
    msOfAll: turns.reduce((sum, ms) => sum + ms, 0),
  };
}

console.log(
  JSON.stringify({ case: "loop-delay", what: "comparisons", limitMs: LIMIT_MS, ...comparisons() }),
);
if (flags["field-only"]) process.exit();

const said = await measured();
let isBroken = said.length === 0;
for (const role of ["miner", "validator"] as const) {
  const ofRole = said.filter((one) => one.role === role);
  const ownTime = summary(ofRole.flatMap(({ held }) => held));
  const delay = summary(ofRole.flatMap(({ late }) => late));
  isBroken ||= ownTime.mostMs > LIMIT_MS;
  console.log(
    JSON.stringify({
      case: "loop-delay",
      role,
      nodes: ofRole.length,
      limitMs: LIMIT_MS,
      processorTimeOfATurn: ownTime,
      delayByTheClock: delay,
    }),
  );
}
if (isBroken) process.exitCode = 1;
