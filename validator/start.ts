/** @file Wires a validator: opens and joins the node, restores its memory, runs the loop, closes everything. */
import type { ValidatorOptions } from "./options.ts";
import { explainReason, isReason } from "../src/gauntlet/verdict.ts";
import { aborted, Lifecycle, runUntilStopped } from "../src/command/lifecycle.ts";
import { connectNode, joinNode, type RoleContent, serveNode } from "../src/neuron/neuron.ts";
import { validate } from "./loop.ts";
import { ValidatorState } from "./memory.ts";

/** What the axon adds for a validator: its records, the reasons in them, the held-out loss. */
function contentOf(current: () => ValidatorState | null): RoleContent {
  return {
    heldOut: () => current()?.heldOut ?? null,
    record: (window) => current()?.records.get(window)?.line ?? null,
    verdict(window, uid) {
      const miner = current()
        ?.records.get(window)
        ?.record.miners.find((one) => one.uid === uid);
      if (miner === undefined) return null;
      const explanation = isReason(miner.verdict) ? explainReason(miner.verdict) : "";
      return {
        window,
        uid,
        verdict: miner.verdict,
        explanation,
        detail: miner.detail,
        final: miner.final,
        weight: miner.weight,
      };
    },
  };
}

/** Runs a validator until it is told to stop; everything it opened is closed again. */
export async function startValidator(
  options: ValidatorOptions,
  print: (line: string) => void,
): Promise<void> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  let state: ValidatorState | null = null;
  await runUntilStopped(lifecycle, async () => {
    const node = await connectNode("validator", options, { lifecycle, print });
    const served = await serveNode(
      node,
      contentOf(() => state),
      lifecycle,
    );
    const joined = await joinNode(node, lifecycle);
    state = new ValidatorState(joined);
    await state.restore();
    served.joined(joined);
    await validate(state);
    await aborted(lifecycle.signal);
  });
}
