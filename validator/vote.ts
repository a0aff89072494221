/** @file The vote: accept bitmap and digest of theta_w, on chain inside the judge phase. */
import { ChainError } from "../chain/errors.ts";
import { isVotedFor } from "../src/gauntlet/scorebook.ts";
import { hexOf } from "../src/protocol/digest.ts";
import { rulesDigest } from "../src/protocol/rules.ts";
import { encodeVote } from "../src/protocol/vote.ts";
import { type Fate, isLive, type Judgement } from "./fate.ts";
import type { Validator } from "./validator.ts";

/**
 * The uids that this validator votes for: updates that passed every check, of hotkeys that are not distrusted. Of those that hold the
 * same work one is enough: the lowest uid's.
 */
function acceptedUids({ memory }: Validator, { fates, rules }: Judgement): number[] {
  const trusted = fates
    .filter(isLive)
    .filter(({ commit }) => isVotedFor(memory.book, commit.hotkey, rules.scoring));
  const uids = new Set(trusted.map(({ commit }) => commit.uid));
  const isRepeated = ({ commit, group = [] }: Fate): boolean =>
    group.some((uid) => uid < commit.uid && uids.has(uid));
  return trusted.filter((fate) => !isRepeated(fate)).map(({ commit }) => commit.uid);
}

/** Casts the vote for a window; a vote that would come too late is not sent. */
export async function vote(validator: Validator, judgement: Judgement): Promise<void> {
  const { run, subnet, follower } = validator.node;
  const { log, say, signal, signer } = validator.node.neuron;
  const { chain, blocks, netuid } = subnet;
  const { window, hotkeys, rules } = judgement;
  // A block before the judge phase would not count.
  await blocks.reached(run.clock.firstJudgeBlock(window) - 1, signal);
  const last = run.clock.lastJudgeBlock(window);
  if (blocks.current.number >= last) {
    say(`window ${window}: too late to vote`);
    return;
  }
  const [about, bitmap, digest] = encodeVote({
    window,
    rulesDigest: rulesDigest(rules),
    recordDigest: validator.memory.recordHead,
    acceptedUids: acceptedUids(validator, judgement),
    thetaDigest: follower.digest,
    neurons: hotkeys.length,
  });
  const sent = chain.setCommitment(signer, netuid, [
    { kind: "raw", bytes: about },
    { kind: "raw", bytes: bitmap },
    { kind: "blakeTwo256", digest: hexOf(digest) },
  ]);
  // A chain that was away may answer many windows later; by then this vote counts no more, or is on the record.
  const late = blocks.reached(last + 1, signal).then(() => null);
  try {
    const landed = await Promise.race([sent, late]);
    if (landed !== null && landed.block.number > last)
      say(`window ${window}: the vote landed in block ${landed.block.number}, too late to count`);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    log.warn({ window, fault: error.fault }, "vote refused");
    say(`window ${window}: vote refused: ${error.summary}`);
  } finally {
    sent.catch(() => undefined);
    late.catch(() => undefined);
  }
}
