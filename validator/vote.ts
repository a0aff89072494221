/** @file The vote: accept bitmap and digest of theta_w, on chain inside the judge phase. */
import type { CommitmentField } from "../chain/client/client.ts";
import { ChainError } from "../chain/errors.ts";
import { isVotedFor } from "../src/gauntlet/scorebook.ts";
import { landCommitment } from "../src/neuron/commitment.ts";
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
    .filter(({ gate }) => gate !== null) // measured in time
    .filter(({ commit }) => isVotedFor(memory.book, commit.hotkey, rules.scoring));
  const uids = new Set(trusted.map(({ commit }) => commit.uid));
  const isRepeated = ({ commit, group = [] }: Fate): boolean =>
    group.some((uid) => uid < commit.uid && uids.has(uid));
  return trusted.filter((fate) => !isRepeated(fate)).map(({ commit }) => commit.uid);
}

/** Casts the vote for a window; a vote that would come too late is not sent. */
export async function vote(validator: Validator, judgement: Judgement): Promise<void> {
  const { run, subnet, follower } = validator.node;
  const { say, signal } = validator.node.neuron;
  const { blocks } = subnet;
  const { window, hotkeys, rules } = judgement;
  // A block before the judge phase would not count.
  await blocks.reached(run.clock.firstJudgeBlock(window) - 1, signal);
  const last = run.clock.lastJudgeBlock(window);
  if (blocks.current.number >= last) {
    say(`window ${window}: too late to vote`);
    validator.unseen.voted(window);
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
  const fields: readonly CommitmentField[] = [
    { kind: "raw", bytes: about },
    { kind: "raw", bytes: bitmap },
    { kind: "blakeTwo256", digest: hexOf(digest) },
  ];
  const phase = { first: run.clock.firstJudgeBlock(window), last };
  const landing = landCommitment(validator.node, fields, phase);
  validator.unseen.voted(window);
  const landed = await landing;
  if (landed instanceof ChainError) say(`window ${window}: vote refused: ${landed.summary}`);
  else if (typeof landed === "number" && landed > last)
    say(`window ${window}: the vote landed in block ${landed}, too late to count`);
}
