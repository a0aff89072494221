/** @file The loss on text that nobody trains on: the number that people watch. */
import type { Engine } from "../../kernels/engine/engine.ts";
import type { Run } from "./run.ts";

/** Mean loss in nats per token of the engine's parameters on `sequences` evenly spaced sequences of held-out text. */
export async function heldOutLoss(
  engine: Pick<Engine, "losses">,
  run: Pick<Run, "heldOutTokens">,
  sequences: number,
): Promise<number> {
  const losses = await engine.losses({ tokens: run.heldOutTokens(sequences) });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
