/** @file The newest parameters of a running subnet: joined as a stranger would, confirmed by votes or replayed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hidden } from "../../base/hidden.ts";
import { startEngine } from "../../kernels/engine/engine.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import { Lifecycle } from "../../src/command/lifecycle.ts";
import { openLog } from "../../src/command/log.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";
import { Amendments } from "../../src/run/amendments.ts";
import { ChainRecord } from "../../src/run/chain-record.ts";
import { Follower } from "../../src/run/follower.ts";
import { joinRun } from "../../src/run/join.ts";
import { reachSubnet } from "../../src/run/reach.ts";
import { engineOptionsOf } from "../../src/run/run.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { SourceOptions } from "./options.ts";
import type { SourceParts, TrainedModel } from "./trained-model.ts";

/** Where a running subnet is. */
export type LiveOptions = Pick<SourceOptions, "endpoint" | "genesis"> & { readonly netuid: number };

/** Reaches the subnet; blobs lie in a folder that goes with the lifecycle. */
async function connect(options: LiveOptions, lifecycle: Lifecycle): Promise<Subnet> {
  const folder = await mkdtemp(join(tmpdir(), "assay-export-"));
  lifecycle.onClose("blobs", () => rm(folder, { recursive: true, force: true }));
  return reachSubnet(options, { lifecycle, blobs: openBlobs(folder) });
}

/**
 * Catches up with the run. Where an update since the newest confirmed checkpoint is served by nobody any more, the
 * parameters stay those of the last window that could be derived.
 */
async function catchUp(follower: Follower, step: SourceParts["step"]): Promise<void> {
  try {
    await follower.start(null);
  } catch (error) {
    if (!isAssayError(error, "blob-missing") || follower.digest === "0x") throw error;
    step(`window ${follower.window} is the last one whose updates are still served`);
  }
}

async function derive(
  subnet: Subnet,
  { step, far, signal }: SourceParts,
): Promise<Omit<TrainedModel, "origin">> {
  const run = await joinRun(subnet, {
    signal,
    news: {
      onWaiting() {
        // Nobody waits at an export for a run to begin.
        throw new AssayError({ code: "run-not-published", netuid: subnet.netuid });
      },
      onSwapped: (runId) => step(`the subnet names another run, but ${runId} goes on`),
    },
  });
  step(`joined run ${run.runId}; catching up`);
  const engine = await startEngine({ ...engineOptionsOf(run.manifest), batch: 1, device: "cpu" });
  try {
    const rules = new Amendments(run, subnet).reader(signal);
    const record = new ChainRecord({ netuid: subnet.netuid, clock: run.clock, rules }, subnet);
    const log = openLog({ name: "export", level: "silent" });
    const follower = new Follower({
      run,
      engine,
      subnet,
      record,
      log,
      signal,
      keep: null,
      ...(far !== undefined && { onFar: far }),
    });
    await catchUp(follower, step);
    const { window, digest: thetaDigest } = follower;
    const { manifest, runId } = run;
    const { tokenizerFile } = run;
    const theta = await engine.parameters();
    return { manifest, runId, window, thetaDigest, theta, tokenizerFile };
  } finally {
    await engine.close();
  }
}

/**
 * The newest parameters of a subnet: the newest checkpoint that the chain's votes confirm, and the accepted updates
 * since.
 * @throws AssayError run-not-published, blob-missing; ChainError
 */
export async function modelOfSubnet(
  options: LiveOptions,
  parts: SourceParts,
): Promise<TrainedModel> {
  const { step, signal } = parts;
  const lifecycle = new Lifecycle();
  const stop = (): void => lifecycle.stop("stopped");
  signal.addEventListener("abort", stop, { once: true });
  try {
    step(`connecting to ${hidden(options.endpoint)}`);
    const subnet = await connect(options, lifecycle);
    const model = await derive(subnet, { ...parts, signal: lifecycle.signal });
    return { ...model, origin: `subnet ${options.netuid} at ${hidden(options.endpoint)}` };
  } catch (error) {
    throw lifecycle.failure ?? error;
  } finally {
    signal.removeEventListener("abort", stop);
    await lifecycle.close();
  }
}
