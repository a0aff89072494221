/** @file Checkpoints that other nodes offer, and which of those that are known are tried, in what order. */
import { type Checkpoint, checkpointsSchema } from "../api/types.ts";
import { fetchJson, urlOf } from "../network/client.ts";
import type { Run } from "./run.ts";
import type { Subnet } from "./subnet.ts";

type RunWindows = Pick<Run, "manifest" | "clock">;

/** Of one window. Votes name parameters, not addresses, so that each false one costs a download. */
const MOST_TRIED = 3;

/** What all nodes with an axon offer, as `mostOffered` puts it. */
export async function offeredCheckpoints(
  run: RunWindows,
  subnet: Subnet,
  signal: AbortSignal,
): Promise<Checkpoint[]> {
  const axons = [...(await subnet.finder.axons()).values()];
  const limits = { limitBytes: 4096, timeoutMs: 2000, signal };
  const answers = await Promise.allSettled(
    axons.map((axon) => fetchJson(urlOf(axon, "/checkpoints"), checkpointsSchema, limits)),
  );
  signal.throwIfAborted();
  const offered = answers.flatMap((one) => (one.status === "fulfilled" ? (one.value ?? []) : []));
  return mostOffered(run, offered);
}

/**
 * Each once, of windows in which nodes write one: what most of them offer comes first, what a single stranger says last. Not theta_0:
 * the manifest names it, and waiting for the votes of window 0 would cost that window.
 */
export function mostOffered(
  { manifest, clock }: RunWindows,
  offered: readonly Checkpoint[],
): Checkpoint[] {
  const due = offered.filter(
    ({ window }) =>
      window > 0 && (window % manifest.checkpointEveryWindows === 0 || !clock.isInRun(window)),
  );
  const same = Map.groupBy(due, ({ window, address }) => `${window} ${address}`);
  return [...same.values()]
    .toSorted((a, b) => b.length - a.length)
    .flatMap(([one]) => (one === undefined ? [] : [one]));
}

/**
 * Newest windows first, of a window in the order given, and few of each. One of the window that is running comes last, and not at all
 * where theta_0 is the checkpoint before it: to wait for its votes costs that window, which is there to work in after a replay.
 */
export function worthTrying(
  known: readonly Checkpoint[],
  { manifest, clock }: RunWindows,
  head: number,
): Checkpoint[] {
  const isJudged = (window: number): boolean => clock.lastJudgeBlock(window) <= head;
  const useful = known.filter(
    ({ window }) => isJudged(window) || window > manifest.checkpointEveryWindows,
  );
  const byWindow = Map.groupBy(useful, ({ window }) => window);
  return [...byWindow.keys()]
    .toSorted((a, b) => Number(isJudged(b)) - Number(isJudged(a)) || b - a)
    .flatMap((window) => (byWindow.get(window) ?? []).slice(0, MOST_TRIED));
}
