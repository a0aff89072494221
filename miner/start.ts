/** @file Wires a miner: connects and joins, picks the strategy, runs the loop, closes everything. */
import type { Told } from "../src/command/command.ts";
import { Lifecycle, runUntilStopped } from "../src/command/lifecycle.ts";
import { serveNeuron } from "../src/neuron/axon.ts";
import { connectNeuron } from "../src/neuron/neuron.ts";
import { awaitNextRun, joinAsParticipant } from "../src/neuron/participant.ts";
import type { MinerOptions } from "./options.ts";
import { resume } from "./resume.ts";
import { engineOf, nodeOptionsOf } from "./machine/defaults.ts";
import { loadSettings } from "./machine/settings.ts";
import { withAbsences } from "./strategies/absence.ts";
import { STRATEGY_OF } from "./strategies/strategies.ts";
import { tallied } from "./tallied.ts";

/** Runs a miner until it is told to stop; everything it opened is closed again. */
export async function startMiner(
  options: MinerOptions,
  told: Told & { readonly print: (line: string) => void },
): Promise<void> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    const machine = await loadSettings(options.state);
    const node = nodeOptionsOf(options, machine);
    const connected = await connectNeuron("miner", node, { ...told, lifecycle });
    const nothing = { record: () => null, verdict: () => null, heldOut: () => null };
    const content = { ...nothing, awaited: () => ({}) };
    const served = await serveNeuron(connected, content, lifecycle);
    // One run after the other, until the process is stopped.
    for (;;) {
      const miner = await joinAsParticipant(connected, lifecycle, (run) =>
        engineOf(options, machine, run.manifest),
      );
      served.joined(miner);
      const work = tallied(miner.neuron.tally, STRATEGY_OF[options.strategy](miner));
      await resume(miner, withAbsences(miner, options.missPercent, work));
      await awaitNextRun(miner);
      await miner.engine.close();
    }
  });
}
