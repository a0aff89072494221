/** @file How large a row is played: as its text says, or with more processes and with workers (`npm run mission -- R5 --processes 24 --workers 2`). */

/** What `main.ts` tells the test of a row by its environment. */
export const SIZE = { processes: "ASSAY_MISSION_PROCESSES", workers: "ASSAY_MISSION_WORKERS" };

/** Processes of a local network beside its miners: itself, its chain, two validators. */
const BESIDE_MINERS = 4;

/** A whole number of the environment; null where none is given. */
function given(name: string): number | null {
  const text = process.env[name];
  return text === undefined ? null : Number(text);
}

/** Workers that the first validator has. */
export const workersAsked = (): number => given(SIZE.workers) ?? 0;

/** Miners of a local network of as many processes as were asked for; `own` where nobody asked, and at least as many. */
export function minersOf(own: number): number {
  const processes = given(SIZE.processes);
  return processes === null ? own : Math.max(own, processes - BESIDE_MINERS);
}
