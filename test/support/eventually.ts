/** @file Waits for an event instead of a time: a busy machine takes longer, and finds the same. */
import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";

/** Only what never comes takes so long, on however busy a machine. */
const NEVER_MS = 60_000;
const LOOK_MS = 10;

/** Waits until something is so. @throws AssertionError that names it, when it never is */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  for (const end = performance.now() + NEVER_MS; !(await isSo()); await sleep(LOOK_MS))
    assert.ok(performance.now() < end, `never: ${what}`);
}

/**
 * Milliseconds that some work took, less those by which a timer of this process was late that rang for the same time: what the machine lost
 * to others is not the work's.
 * @param ms - about what the work takes, and what the timer is set to
 */
export async function tookMs(ms: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  const timer = sleep(ms).then(() => performance.now() - began - ms);
  await work();
  const took = performance.now() - began;
  return took - (await timer);
}
