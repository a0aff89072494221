/** @file The vote: accept bitmap and digest of theta_w, on chain inside the judge phase. */
import { ChainError } from "../chain/errors.ts";
import { isDistrusted, trustOf } from "../src/gauntlet/scorebook.ts";
import { hexOf } from "../src/protocol/digest.ts";
import { encodeVote } from "../src/protocol/vote.ts";
import type { Judged } from "./gate.ts";
import type { ValidatorState } from "./memory.ts";

/** Casts the vote for a window; a vote that would come too late is not sent. */
export async function vote(state: ValidatorState, { sample, passed }: Judged): Promise<void> {
  const { chain, clock, follower, heads, log, options, say, signal, signer } = {
    ...state.node,
    clock: state.node.run.clock,
  };
  const { window } = sample;
  const { scoring } = state.node.run.manifest;
  // A block before the judge phase would not count.
  await heads.reached(clock.firstJudgeBlock(window) - 1, signal);
  if (heads.current.number >= clock.lastJudgeBlock(window)) {
    say(`window ${window}: too late to vote`);
    return;
  }
  const [windowBytes, bitmap, digest] = encodeVote({
    window,
    acceptedUids: passed
      .filter(({ commit }) => !isDistrusted(trustOf(state.book, commit.hotkey), scoring))
      .map(({ commit }) => commit.uid),
    thetaDigest: follower.digest,
    neurons: sample.hotkeys.length,
  });
  try {
    const { block } = await chain.setCommitment(signer, options.netuid, [
      { kind: "raw", bytes: windowBytes },
      { kind: "raw", bytes: bitmap },
      { kind: "blakeTwo256", digest: hexOf(digest) },
    ]);
    const late = block.number > clock.lastJudgeBlock(window);
    if (late) say(`window ${window}: the vote landed in block ${block.number}, too late to count`);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    log.warn({ window, fault: error.fault }, "vote refused");
    say(`window ${window}: vote refused: ${error.summary}`);
  }
}
