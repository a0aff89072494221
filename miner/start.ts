/** @file Wires a miner: connects and joins, picks the strategy, runs the loop, closes everything. */
import type { Told } from "../src/command/command.ts";
import { Lifecycle, runUntilStopped } from "../src/command/lifecycle.ts";
import { serveNeuron } from "../src/neuron/axon.ts";
import { connectNeuron } from "../src/neuron/neuron.ts";
import { awaitNextRun, joinAsParticipant, type Participant } from "../src/neuron/participant.ts";
import type { MinerOptions } from "./options.ts";
import { mine } from "./loop.ts";
import { decodeMoments } from "./moments.ts";
import { revealKept } from "./unrevealed.ts";
import { STRATEGY_OF } from "./strategies/strategies.ts";

async function restoreMoments({ neuron, run, engine }: Participant): Promise<void> {
  const saved = await neuron.state.load("moments.bin");
  const moments = saved === null ? null : decodeMoments(run.runId, saved, run.layout.total);
  if (moments !== null) await engine.setMomentState(moments);
}

/** Runs a miner until it is told to stop; everything it opened is closed again. */
export async function startMiner(
  options: MinerOptions,
  told: Told & { readonly print: (line: string) => void },
): Promise<void> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    const connected = await connectNeuron("miner", options, { ...told, lifecycle });
    const content = { record: () => null, verdict: () => null, heldOut: () => null };
    const served = await serveNeuron(connected, content, lifecycle);
    // One run after the other, until the process is stopped.
    for (;;) {
      const miner = await joinAsParticipant(connected, lifecycle);
      served.joined(miner);
      await restoreMoments(miner);
      // In the background: its deadline may be blocks away, and the next window is trained meanwhile.
      revealKept(miner).catch((error: unknown) =>
        connected.neuron.log.debug({ error }, "not revealed"),
      );
      await mine(miner, STRATEGY_OF[options.strategy](miner));
      await awaitNextRun(miner);
      await miner.engine.close();
    }
  });
}
