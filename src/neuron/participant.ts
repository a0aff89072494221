/** @file A neuron inside a run: what the loops of both roles work with. */
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import type { Checkpoint } from "../api/types.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import { ChainRecord } from "../run/chain-record.ts";
import { Follower } from "../run/follower.ts";
import { joinRun } from "../run/join.ts";
import { engineOptionsOf, type Run } from "../run/run.ts";
import type { Connected } from "./neuron.ts";

/** A neuron (who), its subnet (where), the run (what is agreed), the chain's record of it, and the parameters now. */
export type Participant = Connected & {
  readonly run: Run;
  readonly record: ChainRecord;
  readonly engine: Engine;
  readonly follower: Follower;
};

const MAX_REASON_CHARACTERS = 120;

/** The first line of a native library's complaint, short enough to read. */
function shortened(reason: string): string {
  return (reason.split("\n")[0] ?? "").slice(-MAX_REASON_CHARACTERS);
}

/** The device that was taken, and the refused ones with the reason. */
function deviceText({ device }: Engine): string {
  const refused = device.refused.map((one) => `${one.device} refused: ${shortened(one.reason)}`);
  return refused.length === 0 ? device.chosen : `${device.chosen} (${refused.join("; ")})`;
}

/** Joins the subnet's run, starts the engine and catches up with the window that is running now. */
export async function joinAsParticipant(
  connected: Connected,
  lifecycle: Lifecycle,
): Promise<Participant> {
  const { neuron, subnet } = connected;
  const { options, signal, state, log, say } = neuron;
  const run = await joinRun(subnet, signal, () =>
    say(`waiting: the owner of subnet ${subnet.netuid} has published no run yet`),
  );
  const engine = await startEngine({
    ...engineOptionsOf(run.manifest),
    threads: options.threads,
    device: options.device,
  });
  lifecycle.onClose("engine", () => engine.close());
  say(`joined run ${run.runId.slice(0, 10)} on ${deviceText(engine)}`);
  const record = new ChainRecord({ netuid: subnet.netuid, clock: run.clock }, subnet);
  const keep = (checkpoint: Checkpoint): Promise<void> =>
    state.saveCheckpoint(run.runId, checkpoint);
  const follower = new Follower({ run, engine, subnet, record, keep, log, signal });
  await follower.start(state.checkpointOf(run.runId));
  return { neuron, subnet, run, record, engine, follower };
}
