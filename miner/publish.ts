/** @file Commit the digest before the deadline, serve the payload only after it (the order of events is the defence). */
import { ChainError } from "../chain/errors.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { Work } from "./strategies/strategy.ts";

/**
 * Puts the digest of `work` on chain inside the window's commit phase. False when the deadline passed first or the
 * chain refused: the update then does not exist for anybody.
 */
export async function commit(miner: Participant, work: Work): Promise<boolean> {
  const { run } = miner;
  const { chain, blocks, netuid } = miner.subnet;
  const { signer, log, signal, say } = miner.neuron;
  // Sent when the block before the commit phase is final, so that it lands in the first block that counts.
  await blocks.reached(run.clock.firstCommitBlock(work.window) - 1, signal);
  if (blocks.current.number >= run.clock.deadlineBlock(work.window)) {
    say(`window ${work.window}: too late to commit; use a faster device or fewer inner steps`);
    return false;
  }
  try {
    const fields = [{ kind: "blakeTwo256" as const, digest: work.digest }];
    const { block } = await chain.setCommitment(signer, netuid, fields);
    const counts = block.number <= run.clock.deadlineBlock(work.window);
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
export async function reveal(miner: Participant, work: Work): Promise<void> {
  const { run, subnet, neuron } = miner;
  await subnet.blocks.reached(run.clock.deadlineBlock(work.window) + 1, neuron.signal);
  await subnet.blobs.put(work.bytes);
}
