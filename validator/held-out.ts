/** @file The loss on held-out text after a window: the number that `GET /status` shows to people. */
import { heldOutLoss } from "../src/run/held-out.ts";
import type { Validator } from "./validator.ts";

/** Enough for a curve; the end of a run is measured on more. */
const SEQUENCES = 64;
/** Losses that are kept for a curve, the newest. */
const MOST_LOSSES = 65_536;

/** Measures the parameters that the follower holds now. */
export async function measureHeldOut({ node, memory }: Validator): Promise<void> {
  const loss = await heldOutLoss(node.engine, node.run, SEQUENCES);
  memory.heldOut = { window: node.follower.window, loss };
  memory.losses.push(memory.heldOut);
  if (memory.losses.length > MOST_LOSSES) memory.losses.shift();
}
