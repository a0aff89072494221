/** @file Wires a miner: opens and joins the node, picks the strategy, runs the loop, closes everything. */
import type { MinerOptions } from "./options.ts";
import { aborted, Lifecycle, runUntilStopped } from "../src/command/lifecycle.ts";
import { connectNode, type Joined, joinNode, serveNode } from "../src/neuron/neuron.ts";
import type { StrategyName } from "../src/command/strategies.ts";
import { copy, noise, replay } from "./cheats.ts";
import { mine } from "./loop.ts";
import { decodeMoments } from "./moments.ts";
import type { Strategy } from "./strategy.ts";
import { honest } from "./train.ts";

const STRATEGIES: Readonly<Record<StrategyName, (node: Joined) => Strategy>> = {
  honest,
  copy,
  noise,
  replay,
};

async function restoreMoments({ state, run, engine }: Joined): Promise<void> {
  const saved = await state.load("moments.bin");
  const moments = saved === null ? null : decodeMoments(run.runId, saved, run.layout.total);
  if (moments !== null) await engine.setMomentState(moments);
}

/** Runs a miner until it is told to stop; everything it opened is closed again. */
export async function startMiner(
  options: MinerOptions,
  print: (line: string) => void,
): Promise<void> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    const node = await connectNode("miner", options, { lifecycle, print });
    const content = { record: () => null, verdict: () => null, heldOut: () => null };
    const served = await serveNode(node, content, lifecycle);
    const joined = await joinNode(node, lifecycle);
    served.joined(joined);
    await restoreMoments(joined);
    await mine(joined, STRATEGIES[options.strategy](joined));
    await aborted(lifecycle.signal);
  });
}
