/** @file Who voted how in a window, as its record holds it. */
import type { VoteView } from "../api/page.ts";
import type { WindowRecord } from "../protocol/record.ts";

/** A vote without its link. */
export type VoteRow = Omit<VoteView, "record"> & { readonly uid: number };

/** Every voter of a record: whose stake counts, whether it voted or not. */
export function voteRows(record: WindowRecord): readonly VoteRow[] {
  const outcome = record.accepted.join();
  return record.voters.map(({ uid, stake, silence, votes }) => {
    const vote = votes.findLast((one) => one.window === record.window);
    return {
      uid,
      window: record.window,
      stakeRao: stake,
      silence,
      voted: vote !== undefined,
      sameParameters: vote?.thetaDigest === record.thetaBefore,
      votedFor: vote?.acceptedUids ?? [],
      asMajority: vote !== undefined && vote.acceptedUids.join() === outcome,
    };
  });
}
