/** @file Commits the digest of an update before its window's deadline, or says that there was none in time. */
import { ChainError } from "../chain/errors.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { Work } from "./strategies/strategy.ts";
import { keepUnrevealed } from "./unrevealed.ts";
import { keepUnsettled } from "./unsettled.ts";

/** Failures after which nobody has said whether the call is on the chain. */
const UNKNOWN: ReadonlySet<string> = new Set(["chain-unreachable", "extrinsic-timeout"]);

/** The block of a commitment, or why there is none that is known of. */
type Landing = number | "refused" | "unknown";

/** Commits; "unknown" when nobody has said what became of it by the end of the commit phase. */
async function submit(miner: Participant, work: Work): Promise<Landing> {
  const { chain, blocks, netuid } = miner.subnet;
  const { signer, log, signal, say } = miner.neuron;
  const fields = [{ kind: "blakeTwo256" as const, digest: work.digest }];
  const sent = chain.setCommitment(signer, netuid, fields).then(({ block }) => block.number);
  // A chain that was away may say so long after the deadline, and must not cost the windows until then.
  const late = blocks.reached(miner.run.clock.deadlineBlock(work.window) + 1, signal);
  try {
    return await Promise.race([sent, late.then((): Landing => "unknown")]);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    log.warn({ window: work.window, fault: error.fault }, "commitment refused");
    say(`window ${work.window}: commitment refused: ${error.summary}`);
    return UNKNOWN.has(error.code) ? "unknown" : "refused";
  } finally {
    // Whichever ends later.
    sent.catch(() => undefined);
    late.catch(() => undefined);
  }
}

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
  await keepUnsettled(miner, work);
  // Sent when the block before the commit phase is final, so that it lands in the first block that counts.
  await blocks.reached(run.clock.firstCommitBlock(work.window) - 1, signal);
  if (blocks.current.number >= run.clock.deadlineBlock(work.window)) {
    // By a process of this miner that has ended since.
    if (await isOnRecord(miner, work)) return true;
    say(`window ${work.window}: too late to commit; use a faster device or fewer inner steps`);
    return false;
  }
  await keepUnrevealed(miner, work);
  const block = await submit(miner, work);
  if (block === "refused") return false;
  if (block === "unknown") return isOnRecord(miner, work);
  const counts = block <= run.clock.deadlineBlock(work.window);
  if (!counts)
    say(`window ${work.window}: the commitment landed in block ${block}, after the deadline`);
  return counts;
}
