/** @file Everything re-derived by somebody who is no member: theta_0, the chain's record, accepted payloads, nothing else. */
import { startEngine } from "../../kernels/engine/engine.ts";
import { AssayError } from "../../src/errors.ts";
import type { Log } from "../../src/command/log.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { Amendments, type KnownStanding } from "../../src/run/amendments.ts";
import { ChainRecord } from "../../src/run/chain-record.ts";
import { Follower } from "../../src/run/follower.ts";
import { joinRun } from "../../src/run/join.ts";
import { engineOptionsOf, type Run } from "../../src/run/run.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { findTheta } from "../../src/run/theta.ts";

/** A run replayed window by window, as far as the chain has got. */
export type Rederived = {
  readonly run: Run;
  readonly genesisTheta: Float32Array;
  readonly theta: Float32Array;
  /** Window whose parameters `theta` are. */
  readonly window: number;
  /** digest(theta_window) of every window that was re-derived. */
  readonly digests: readonly { readonly window: number; readonly digest: Hex }[];
};

/**
 * Joins as a stranger would and replays windows: every one from theta_0, trusting no checkpoint, or (in a hurry) those
 * since the newest checkpoint that the chain's votes confirm. The accepted payloads must still be served by somebody.
 * @throws AssayError blob-missing
 */
export async function rederive(
  subnet: Subnet,
  parts: {
    readonly from: "genesis" | "checkpoint";
    readonly signal: AbortSignal;
    readonly log: Pick<Log, "info" | "warn">;
    /** Where a run stood, from somebody who went through it: a pruned chain does not tell its first windows any more. */
    readonly standingOf?: (run: Run) => KnownStanding | null;
  },
): Promise<Rederived> {
  const { from, signal, log } = parts;
  const run = await joinRun(subnet, { signal });
  const known = parts.standingOf?.(run) ?? null;
  const engine = await startEngine({ ...engineOptionsOf(run.manifest), batch: 1, device: "cpu" });
  try {
    const rules = new Amendments(run, subnet, known).reader(signal);
    const record = new ChainRecord({ netuid: subnet.netuid, clock: run.clock, rules }, subnet);
    const follower = new Follower({ run, engine, subnet, record, keep: null, log, signal });
    await (from === "genesis" ? follower.replay() : follower.start(null));
    const address = run.manifest.genesisCheckpoint;
    const genesisTheta = await findTheta(subnet, run.layout, {
      address,
      patient: true,
      log,
      signal,
    });
    if (genesisTheta === null) throw new AssayError({ code: "blob-missing", digest: address });
    return {
      run,
      genesisTheta,
      theta: await engine.parameters(),
      window: follower.window,
      digests: follower.digests(0),
    };
  } finally {
    await engine.close();
  }
}
