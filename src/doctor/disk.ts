/** @file Whether the disk has room for a node's checkpoints, moments and log. */
import { existsSync, statSync, statfsSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fine, type Finding, type Patient, unknown, wrong } from "./finding.ts";

const CHECK = "disk";
/** Records, logs and payloads of the windows that are kept. */
const LEAST_BYTES = 256 << 20;
/** Float32 vectors of a model on disk at once: four checkpoints and the next, two moments, what is unsettled. */
const VECTORS = 9;
const FLOAT_BYTES = 4;

/** The part of a path that is there. */
function standing(path: string): string {
  let part = resolve(path);
  while (!existsSync(part) && dirname(part) !== part) part = dirname(part);
  return part;
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(standing(path));
  return bavail * bsize;
}

const deviceOf = (path: string): number => statSync(standing(path)).dev;

const shown = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

/** A folder on another disk that has room; null where there is none. */
function roomierThan(state: string, bytes: number): string | null {
  const places = [join(homedir(), ".assay"), "/var/lib", "/var/tmp", tmpdir()];
  const found = places.find((place) => {
    try {
      return deviceOf(place) !== deviceOf(state) && freeBytes(place) >= bytes;
    } catch {
      return false;
    }
  });
  return found === undefined ? null : join(found, "assay-state");
}

/** @param parameters of the run's model; 0 where there is no run */
export function diskFinding({ state, start }: Patient, parameters: number): Finding {
  const needed = LEAST_BYTES + VECTORS * FLOAT_BYTES * parameters;
  let free: number;
  try {
    free = freeBytes(state);
  } catch (error) {
    return unknown(CHECK, `the disk of ${state} says nothing: ${String(error)}`);
  }
  const has = `${shown(free)} free for ${state}, a node needs ${shown(needed)}`;
  if (free >= needed) return fine(CHECK, has);
  const other = roomierThan(state, needed);
  const text = `The disk is nearly full: ${has}.`;
  if (other === null)
    return wrong([CHECK, "disk-full"], `${text} Remove what is large and not needed.`, {
      system: ["du", "-xh", "--max-depth=2", "--threshold=50M", standing(state)],
    });
  const moves = existsSync(state)
    ? [{ system: ["mkdir", "-p", other] }, { system: ["cp", "-a", `${resolve(state)}/.`, other] }]
    : [];
  return wrong(
    [CHECK, "disk-full"],
    `${text} ${dirname(other)} lies on another disk with room.`,
    ...moves,
    start({ state: other }),
  );
}
