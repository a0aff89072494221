/** @file Commit the digest before the deadline, serve the payload only after it (DESIGN section 2: order is the defence). */
import { ChainError } from "../chain/errors.ts";
import type { Joined } from "../src/neuron/neuron.ts";
import { isIn } from "../src/run/chain-record.ts";
import type { Work } from "./strategy.ts";

/**
 * Puts the digest of `work` on chain inside the window's commit phase. False when the deadline passed first or the
 * chain refused: the update then does not exist for anybody.
 */
export async function commit(node: Joined, work: Work): Promise<boolean> {
  const { run, heads, chain, signer, options, log, signal, say } = node;
  // A commitment counts only inside the commit phase: one block earlier it would be in the train phase.
  await heads.reached(run.clock.firstCommitBlock(work.window) - 1, signal);
  if (heads.current.number >= run.clock.deadlineBlock(work.window)) {
    say(`window ${work.window}: too late to commit; use a faster device or fewer inner steps`);
    return false;
  }
  try {
    const fields = [{ kind: "blakeTwo256" as const, digest: work.digest }];
    const { block } = await chain.setCommitment(signer, options.netuid, fields);
    const counts = isIn(run.clock, { window: work.window, phase: "commit" }, block.number);
    if (!counts)
      say(
        `window ${work.window}: the commitment landed in block ${block.number}, after the deadline`,
      );
    return counts;
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    log.warn({ window: work.window, fault: error.fault }, "commitment refused");
    say(`window ${work.window}: commitment refused: ${error.summary}`);
    return false;
  }
}

/** Makes the payload readable once the deadline block is final. */
export async function reveal(node: Joined, work: Work): Promise<void> {
  const { run, heads, blobs, signal } = node;
  await heads.reached(run.clock.deadlineBlock(work.window) + 1, signal);
  await blobs.put(work.bytes);
}
