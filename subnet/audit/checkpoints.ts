/** @file Checkpoints that lie among a run's blobs: by their size alone they are looked at, by their digest they are known. */
import { type Checkpoint, checkpointsSchema } from "../../src/api/types.ts";
import {
  decodeCheckpoint,
  digestOf,
  maximumCheckpointBytes,
} from "../../src/checkpoint/checkpoint.ts";
import { AssayError } from "../../src/errors.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { Amendments } from "../../src/run/amendments.ts";
import type { BlockClock } from "../../src/run/block-clock.ts";
import { ChainRecord } from "../../src/run/chain-record.ts";
import type { Run } from "../../src/run/run.ts";
import { finishedWindows } from "./facts.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { RecordedRun } from "./recorded.ts";

/** digest(theta) of a file's bytes, or null for anything but a checkpoint of the run. */
async function thetaOf(run: Run, bytes: Uint8Array): Promise<Hex | null> {
  const layout = run.sharedLayout;
  const parameters = layout.lengths.reduce((sum, length) => sum + length, 0);
  if (bytes.length < 4 * parameters || bytes.length > maximumCheckpointBytes(layout)) return null;
  try {
    return await digestOf(run.runId, layout, decodeCheckpoint(layout, bytes));
  } catch (error) {
    if (error instanceof AssayError) return null;
    throw error;
  }
}

/** What the nodes of a subnet hand out, oldest first; whoever begins with one asks the votes whether it is right. */
async function servedBy(
  { finder }: Pick<Subnet, "finder">,
  signal: AbortSignal,
): Promise<readonly Checkpoint[]> {
  const axons = [...(await finder.axons()).values()];
  const limits = { limitBytes: 65_536, timeoutMs: 5000, signal };
  const answers = await Promise.allSettled(
    axons.map((axon) => fetchJson(urlOf(axon, "/checkpoints"), checkpointsSchema, limits)),
  );
  signal.throwIfAborted();
  const served = answers.flatMap((one) => (one.status === "fulfilled" ? (one.value ?? []) : []));
  const byAddress = new Map(served.map((one) => [one.address, one]));
  return [...byAddress.values()].toSorted((a, b) => a.window - b.window);
}

/** The checkpoints of a run that lie here and that the chain's votes name, oldest first; those of window 0 need no votes. */
export async function checkpointsIn(
  { blobs, subnet }: RecordedRun,
  { run, clock, signal }: { readonly run: Run; readonly clock: BlockClock; signal: AbortSignal },
): Promise<readonly Checkpoint[]> {
  if (blobs.length === 0) return servedBy(subnet, signal);
  const known = new Map<Hex, Hex>();
  for (const blob of blobs) {
    if (blob.kind !== "tree") continue;
    const digest = await thetaOf(run, await blob.read());
    if (digest !== null) known.set(digest, blob.address);
  }
  const reached = { ...subnet, blocks: clock };
  const rules = new Amendments(run, reached).reader(signal);
  const record = new ChainRecord({ netuid: subnet.netuid, clock: run.clock, rules }, reached);
  const windows = finishedWindows(run, clock.current.number);
  const found: Checkpoint[] = [];
  const every = run.manifest.checkpointEveryWindows;
  for (let window = every; window < windows; window += every) {
    const { thetaDigest } = await record.outcome(window);
    const address = thetaDigest === null ? undefined : known.get(thetaDigest);
    if (address !== undefined) found.push({ window, address });
  }
  return found;
}
