/** @file Honest work, dishonest conduct: too late, too often, unreadable, hidden. */
import { honest } from "../../miner/strategies/honest.ts";
import type { Strategy, Work } from "../../miner/strategies/strategy.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import { blake2b256, updateDigest } from "../../src/protocol/digest.ts";
import { drawsFor } from "../tools/work.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";

async function commitDigest({ subnet, neuron }: Participant, work: Work): Promise<void> {
  const { chain, netuid } = subnet;
  await chain.setCommitment(neuron.signer, netuid, [{ kind: "blakeTwo256", digest: work.digest }]);
}

/** Works, and commits in the first block after the deadline. */
function late(miner: Participant): Strategy {
  const work = honest(miner);
  return async (window) => {
    const made = await work(window);
    const { subnet, run, neuron } = miner;
    await subnet.blocks.reached(run.clock.deadlineBlock(window), neuron.signal);
    if (made === null) return null;
    await commitDigest(miner, made);
    await subnet.blobs.put(made.bytes);
    return null;
  };
}

/** Commits something else before the work, in every block that there is. */
function manyCommits(miner: Participant): Strategy {
  const work = honest(miner);
  return async (window) => {
    const made = await work(window);
    if (made === null) return null;
    const { subnet, run, neuron } = miner;
    const { clock } = run;
    for (
      let block = clock.firstCommitBlock(window) - 1;
      block + 1 < clock.deadlineBlock(window);
      block++
    ) {
      await subnet.blocks.reached(block, neuron.signal);
      await commitDigest(miner, {
        ...made,
        digest: blake2b256(made.bytes.subarray(0, block % 99)),
      });
    }
    return made;
  };
}

/** Works, but is too slow for the deadline in a third of the windows. */
function slow(miner: Participant): Strategy {
  const work = honest(miner);
  return async (window) => {
    const made = await work(window);
    const { subnet, run, neuron } = miner;
    const isLate = drawsFor(miner, window, "slow").below(3) === 0;
    if (isLate) await subnet.blocks.reached(run.clock.deadlineBlock(window), neuron.signal);
    return made;
  };
}

/** Bytes that are no update. */
function malformed(miner: Participant): Strategy {
  const work = honest(miner);
  return async (window) => {
    const made = await work(window);
    if (made === null) return null;
    const bytes = made.bytes.map((byte, index) => (index < made.bytes.length / 2 ? byte : ~byte));
    return { ...made, bytes, digest: updateDigest(bytes) };
  };
}

/** By how they behave. */
export const strategies: readonly LeagueStrategy[] = [
  {
    name: "late",
    about: "commits one block after the deadline",
    bound: "nothing",
    rare: true,
    mine: late,
  },
  {
    name: "slow",
    about: "honest work that is too late in a third of the windows",
    bound: "compute",
    rare: true,
    mine: slow,
  },
  {
    name: "many-commits",
    about: "commits something else first, in every block of the phase",
    bound: "compute",
    mine: manyCommits,
  },
  {
    name: "malformed",
    about: "half of the payload's bits turned",
    bound: "nothing",
    rare: true,
    mine: malformed,
  },
  {
    name: "withheld",
    about: "honest work that is handed to nobody",
    bound: "nothing",
    rare: true,
    mine: (miner) => honest(miner),
    serves: () => false,
  },
  {
    name: "withheld-from-one",
    about: "honest work that the validator with most stake is not given",
    bound: "compute",
    mine: (miner) => honest(miner),
    serves: ({ validators }, to) => to !== validators[0],
  },
];
