/** @file What the chain's record says about a window: who committed what, who voted for what, and so the accepted set. */
import type { ChainClient, CommitmentField } from "../../chain/client/client.ts";
import { countVotes, type Voter } from "../protocol/acceptance.ts";
import { bytesOf, type Hex } from "../protocol/digest.ts";
import { decodeVote, type Vote } from "../protocol/vote.ts";
import { isInPhase, type WindowClock } from "../protocol/window.ts";
import type { BlockClock } from "./block-clock.ts";

/** A digest that a miner committed in time. */
export type Commit = {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly digest: Hex;
  readonly block: number;
};

/** A counting vote of a validator. */
export type CastVote = { readonly uid: number; readonly hotkey: Hex; readonly vote: Vote };

/** The bytes of a vote's three fields when they have the kinds of docs/protocol.md#6-on-chain, else null. */
function voteBytes(fields: readonly CommitmentField[]): Uint8Array[] | null {
  const [window, bitmap, digest] = fields;
  if (fields.length !== 3 || window?.kind !== "raw" || bitmap?.kind !== "raw") return null;
  return digest?.kind === "blakeTwo256"
    ? [window.bytes, bitmap.bytes, bytesOf(digest.digest)]
    : null;
}

/** A finished window as everybody can read it from the chain. */
export type WindowOutcome = {
  readonly window: number;
  /** Digest of theta_w with the most stake behind it; null when nobody voted or on a tie. */
  readonly thetaDigest: Hex | null;
  /** The accepted set in ascending uid, each with the digest of its payload. Empty: a null window. */
  readonly accepted: readonly Commit[];
  /** The neurons that counted as voters or cast a vote, with stake and permit at the last judge block. */
  readonly voters: readonly Voter[];
  /** uid -> hotkey of the window. */
  readonly hotkeys: readonly Hex[];
};

/** Reads windows of one subnet from the chain's archive. */
export class ChainRecord {
  readonly #netuid: number;
  readonly #clock: WindowClock;
  readonly #chain: ChainClient;
  readonly #blocks: BlockClock;
  readonly #votes = new Map<number, readonly CastVote[]>();

  constructor(
    options: { netuid: number; clock: WindowClock },
    parts: { chain: ChainClient; blocks: BlockClock },
  ) {
    this.#netuid = options.netuid;
    this.#clock = options.clock;
    this.#chain = parts.chain;
    this.#blocks = parts.blocks;
  }

  /** uid -> hotkey of window `w`: as of the block whose hash seeds it (docs/protocol.md#3-assignment). */
  async hotkeys(window: number): Promise<readonly Hex[]> {
    return this.#chain.hotkeys(
      this.#netuid,
      await this.#blocks.hashOf(this.#clock.seedBlock(window)),
    );
  }

  /** Commitments that count in `window`, ascending by uid; call it once the deadline block is final. */
  async commits(window: number): Promise<readonly Commit[]> {
    const hotkeys = await this.hotkeys(window);
    const at = await this.#blocks.hashOf(this.#clock.deadlineBlock(window));
    const found = await this.#chain.commitments(this.#netuid, hotkeys, at);
    return hotkeys.flatMap((hotkey, uid) => {
      const commitment = found.get(hotkey);
      if (
        commitment === undefined ||
        !isInPhase(this.#clock, { window, phase: "commit" }, commitment.block)
      )
        return [];
      const [field, ...more] = commitment.fields;
      if (field?.kind !== "blakeTwo256" || more.length > 0) return [];
      return [{ uid, hotkey, digest: field.digest, block: commitment.block }];
    });
  }

  /** Counting votes of `window`; call it once its last judge block is final. */
  async votes(window: number): Promise<readonly CastVote[]> {
    const known = this.#votes.get(window);
    if (known !== undefined || window < 0) return known ?? [];
    const hotkeys = await this.hotkeys(window);
    const at = await this.#blocks.hashOf(this.#clock.lastJudgeBlock(window));
    const found = await this.#chain.commitments(this.#netuid, hotkeys, at);
    const votes = hotkeys.flatMap((hotkey, uid) => {
      const commitment = found.get(hotkey);
      if (
        commitment === undefined ||
        !isInPhase(this.#clock, { window, phase: "judge" }, commitment.block)
      )
        return [];
      const fields = voteBytes(commitment.fields);
      const vote = fields === null ? null : decodeVote(fields, hotkeys.length);
      return vote?.window === window ? [{ uid, hotkey, vote }] : [];
    });
    this.#votes.set(window, votes);
    this.#votes.delete(window - 8);
    return votes;
  }

  /** The accepted set of `window` by docs/protocol.md#7-acceptance; call it once its last judge block is final. */
  async outcome(window: number): Promise<WindowOutcome> {
    const at = await this.#blocks.hashOf(this.#clock.lastJudgeBlock(window));
    const [hotkeys, now, ...before] = await Promise.all([
      this.hotkeys(window),
      this.votes(window),
      this.votes(window - 1),
      this.votes(window - 2),
    ]);
    const [permits, stakes] = await Promise.all([
      this.#chain.validatorPermits(this.#netuid, at),
      this.#chain.stakes(this.#netuid, hotkeys, at),
    ]);
    const votes = [now, ...before].flat();
    const voters = hotkeys.map((hotkey, uid) => ({
      uid,
      stake: stakes[uid] ?? 0n,
      permit: permits[uid] === true,
      votes: votes.filter((cast) => cast.hotkey === hotkey).map((cast) => cast.vote),
    }));
    const { digest, accepted } = countVotes({ window, voters });
    const commits = accepted.length === 0 ? [] : await this.commits(window);
    return {
      window,
      thetaDigest: digest,
      accepted: commits.filter((commit) => accepted.includes(commit.uid)),
      voters: voters.filter((voter) => voter.votes.length > 0),
      hotkeys,
    };
  }
}
