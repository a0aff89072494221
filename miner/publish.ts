/** @file Commits the digest of an update before its window's deadline, or says that there was none in time. */
import { ChainError } from "../chain/errors.ts";
import { landCommitment } from "../src/neuron/commitment.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { Work } from "./strategies/strategy.ts";
import { keepUnrevealed } from "./unrevealed.ts";
import { keepUnsettled } from "./unsettled.ts";

/** Whether the chain's record holds the commitment, once its window's deadline is final. */
async function isOnRecord(
  { run, subnet, record, neuron }: Participant,
  work: Work,
): Promise<boolean> {
  await subnet.blocks.reached(run.clock.deadlineBlock(work.window), neuron.signal);
  const commits = await record.commits(work.window);
  return commits.some(({ digest }) => digest === work.digest);
}

/**
 * Puts the digest of `work` on chain inside the window's commit phase. False when the deadline passed first or the
 * chain refused: the update then does not exist for anybody.
 */
export async function commit(miner: Participant, work: Work): Promise<boolean> {
  const { run } = miner;
  const { blocks } = miner.subnet;
  const { signal, say } = miner.neuron;
  const deadline = run.clock.deadlineBlock(work.window);
  await keepUnsettled(miner, work);
  // Sent when the block before the commit phase is final, so that it lands in the first block that counts.
  await blocks.reached(run.clock.firstCommitBlock(work.window) - 1, signal);
  if (blocks.current.number >= deadline) {
    // By a process of this miner that has ended since.
    if (await isOnRecord(miner, work)) return true;
    say(`window ${work.window}: too late to commit; use a faster device or fewer inner steps`);
    return false;
  }
  await keepUnrevealed(miner, work);
  const fields = [{ kind: "blakeTwo256" as const, digest: work.digest }];
  const phase = { first: run.clock.firstCommitBlock(work.window), last: deadline };
  const block = await landCommitment(miner, fields, phase);
  if (block === "unknown") return isOnRecord(miner, work);
  if (block instanceof ChainError) {
    say(`window ${work.window}: commitment refused: ${block.summary}`);
    return false;
  }
  const counts = block <= deadline;
  if (!counts)
    say(`window ${work.window}: the commitment landed in block ${block}, after the deadline`);
  return counts;
}
