/**
 * @file Memory of the whole local network that `npm start` runs: proportional set size (shared pages divided among those that have them) of
 * all its processes together at their most, and of each role then, beside their resident sets added up, which count shared pages again and
 * again. Flags: --windows=60, --json. Linux alone.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { flagsOf } from "./support/flags.ts";
import { familyOf, memoryOf, type ProcessMemory } from "./support/process-memory.ts";

/** To add up its pages takes the system milliseconds of each process. */
const LOOK_MS = 2000;
const MIB = 1024 * 1024;
const flags = flagsOf({
  windows: { type: "string", default: "60" },
  json: { type: "boolean", default: false },
});

type Member = ProcessMemory & { readonly role: string };
type Sample = { readonly members: readonly Member[]; readonly pss: number; readonly rss: number };

/** What a process is, by its command line. */
function roleOf(pid: number): string {
  const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  const at = words.findIndex((word) => /(?:miner|validator|subnet)\/main\.[jt]s$/.test(word));
  const [role = "other"] = words[at]?.split("/").slice(-2) ?? [];
  return role === "subnet" ? (words[at + 1] ?? role) : role;
}

function sampleOf(pid: number): Sample {
  const members = familyOf(pid).flatMap((one): Member[] => {
    try {
      const memory = memoryOf(one);
      return memory === null ? [] : [{ ...memory, role: roleOf(one) }];
    } catch {
      return [];
    }
  });
  const sum = (of: (one: Member) => number): number =>
    members.reduce((all, one) => all + of(one), 0);
  return { members, pss: sum(({ pss }) => pss), rss: sum(({ rss }) => rss) };
}

/** Runs the network; what it held at its most. */
async function measured(): Promise<{ readonly most: Sample; readonly seconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), "assay-memory-"));
  const suffix = import.meta.url.slice(-3);
  const main = fileURLToPath(new URL(`../subnet/main${suffix}`, import.meta.url));
  const words = ["localnet", "--windows", flags.windows, "--port", "0", "--output", folder];
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ["--max-semi-space-size=8", main, ...words, "--no-baseline", "--json"],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let most: Sample = { members: [], pss: 0, rss: 0 };
  try {
    while (child.exitCode === null && child.signalCode === null) {
      const sample = sampleOf(child.pid ?? 0);
      if (sample.pss > most.pss) most = sample;
      await Promise.race([sleep(LOOK_MS), exited]);
    }
    const code = await exited;
    if (code !== 0) throw new Error(`the local network ended with ${code}`);
    return { most, seconds: (performance.now() - started) / 1000 };
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

if (!existsSync("/proc/self/smaps_rollup")) {
  console.error(
    "error: memory is counted by /proc/PID/smaps_rollup, which this system lacks: Linux has it, from 4.14 on",
  );
  process.exit(2);
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;

const { most, seconds } = await measured();
const roles = [...Map.groupBy(most.members, ({ role }) => role)].map(([role, members]) => ({
  role,
  processes: members.length,
  pss: members.map(({ pss }) => pss).toSorted((a, b) => a - b),
}));
for (const { role, processes, pss } of roles)
  console.error(
    `${role.padEnd(12)} ${processes} of ${mib(pss[0] ?? 0)} to ${mib(pss.at(-1) ?? 0)} (PSS)`,
  );
console.error(
  `together ${mib(most.pss)} (PSS), ${mib(most.rss)} as resident sets; ${flags.windows} windows in ${seconds.toFixed(0)} s`,
);
console.log(
  JSON.stringify({
    bench: "memory",
    windows: Number(flags.windows),
    seconds,
    pssBytes: most.pss,
    rssBytes: most.rss,
    ratio: most.pss / most.rss,
    roles,
  }),
);
