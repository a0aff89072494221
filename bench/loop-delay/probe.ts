/**
 * @file Loaded before a node (`--import`): notes how long its event loop stands still, and writes that down when it ends. A turn is what the
 * main thread does between two looks; its processor time is what our own code takes of it, its delay also what other processes on the
 * machine take. Noted from when the file `begin` lies in the folder, so that loading is left out.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

/** Between two looks. */
const LOOK_MS = 5;
/** Milliseconds of a turn, by tenths. */
const TENTHS = 10;

const folder = process.env["ASSAY_LOOP_FOLDER"];
const entry = process.argv[1] ?? "";
const role = /(miner|validator)\/main\.[jt]s$/.exec(entry)?.[1];

/** How many turns took so long: an entry for each tenth of a millisecond. */
const held = new Map<number, number>();
const late = new Map<number, number>();

function note(counts: Map<number, number>, ms: number): void {
  const tenths = Math.round(ms * TENTHS);
  counts.set(tenths, (counts.get(tenths) ?? 0) + 1);
}

function watch(at: string): void {
  let began = false;
  let wall = performance.now();
  let cpu = process.threadCpuUsage();
  const look = (): void => {
    const now = performance.now();
    const used = process.threadCpuUsage(cpu);
    if (began) {
      note(held, (used.user + used.system) / 1000);
      note(late, Math.max(0, now - wall - LOOK_MS));
    } else began = existsSync(join(at, "begin"));
    wall = performance.now();
    cpu = process.threadCpuUsage();
  };
  setInterval(look, LOOK_MS).unref();
  process.once("exit", () =>
    writeFileSync(
      join(at, `${role}-${process.pid}.json`),
      JSON.stringify({ role, held: [...held], late: [...late] }),
    ),
  );
}

if (isMainThread && folder !== undefined && role !== undefined) watch(folder);
