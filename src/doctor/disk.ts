/** @file Whether the disk has room for a node's checkpoints, moments and log. */
import { accessSync, constants, existsSync, statSync, statfsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import {
  ended,
  fine,
  type Finding,
  type Patient,
  type Remembered,
  unknown,
  wrong,
} from "./finding.ts";

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

/**
 * A folder on another disk that has room and can be written; null where there is none. Never one that is swept: salts of updates that
 * are not revealed yet and what was paid stand nowhere else.
 */
function roomierThan(state: string, bytes: number): string | null {
  const places = [join(homedir(), ".assay"), "/var/lib"];
  const found = places.find((place) => {
    try {
      accessSync(standing(place), constants.W_OK | constants.X_OK);
      return deviceOf(place) !== deviceOf(state) && freeBytes(place) >= bytes;
    } catch {
      return false;
    }
  });
  return found === undefined ? null : join(found, `assay-${basename(resolve(state))}`);
}

/** What is looked for room for. */
type Load = Pick<Remembered, "pid"> & {
  /** Of the run's model; 0 where there is no run. */
  readonly parameters: number;
};

/** Whether there is room. A node that runs is ended before its folder is copied: of files that change, a copy is none. */
export function diskFinding(patient: Patient, { parameters, pid }: Load): Finding {
  const { state, place, start } = patient;
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
    ...ended(pid),
    ...moves,
    start({ [place]: other }),
  );
}
