/** @file What the chain's record says about a window: who committed what, who voted for what, and so the accepted set. */
import type { ChainClient, CommitmentField } from "../../chain/client/client.ts";
import type { Commitment } from "../../chain/client/commitments.ts";
import { countVotes, LOOK_BACK_WINDOWS, type Voter } from "../protocol/acceptance.ts";
import { bytesOf, type Hex } from "../protocol/digest.ts";
import { decodeVote, type Vote, votedWindow } from "../protocol/vote.ts";
import { isInPhase, type WindowClock } from "../protocol/window.ts";
import type { BlockClock } from "./block-clock.ts";
import { ChainState, Memo } from "./chain-state.ts";

/** A digest that a miner committed in time. */
export type Commit = {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly digest: Hex;
  readonly block: number;
};

/** A vote of a validator that was cast in time. */
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
  /** rulesDigest of the rules in force in the window. */
  readonly rules: Hex;
  /** Digest of theta_w that more than half of all counting stake names; null: there is none. */
  readonly thetaDigest: Hex | null;
  /** The accepted set in ascending uid, each with the digest of its payload. Empty: a null window. */
  readonly accepted: readonly Commit[];
  /** The validators whose stake counted, whether they voted in this window or not, and whoever else voted in it. */
  readonly voters: readonly Voter[];
  /** uid -> hotkey of the window. */
  readonly hotkeys: readonly Hex[];
};

/** rulesDigest of the rules in force in a window (docs/protocol.md#18-amendments). */
export type RulesReader = (window: number) => Promise<Hex>;

/** What the slots of a window's hotkeys say in the state of its last judge block. */
type Turnout = {
  readonly votes: readonly CastVote[];
  /** Hotkeys that voted and held a permit then. */
  readonly voted: ReadonlySet<Hex>;
  /** The window of the vote that a slot holds, whichever it is. */
  readonly lastVoted: ReadonlyMap<Hex, number>;
};

/** Reads windows of one subnet from the chain's archive. */
export class ChainRecord {
  readonly #netuid: number;
  readonly #clock: WindowClock;
  readonly #rules: RulesReader;
  readonly #chain: ChainClient;
  readonly #blocks: BlockClock;
  readonly #state: ChainState;
  readonly #turnouts = new Memo<Turnout>();

  constructor(
    options: { netuid: number; clock: WindowClock; rules: RulesReader },
    parts: { chain: ChainClient; blocks: BlockClock },
  ) {
    this.#netuid = options.netuid;
    this.#clock = options.clock;
    this.#rules = options.rules;
    this.#chain = parts.chain;
    this.#blocks = parts.blocks;
    this.#state = new ChainState(options.netuid, parts);
  }

  /** uid -> hotkey of window `w`: as of the block whose hash seeds it (docs/protocol.md#3-assignment). */
  async hotkeys(window: number): Promise<readonly Hex[]> {
    return this.#state.hotkeys(this.#clock.seedBlock(window));
  }

  async #slots(window: number, block: number): Promise<ReadonlyMap<Hex, Commitment>> {
    const hotkeys = await this.hotkeys(window);
    return this.#chain.commitments(this.#netuid, hotkeys, await this.#blocks.hashOf(block));
  }

  /** Commitments that count in `window`, ascending by uid; call it once the deadline block is final. */
  async commits(window: number): Promise<readonly Commit[]> {
    const hotkeys = await this.hotkeys(window);
    const found = await this.#slots(window, this.#clock.deadlineBlock(window));
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

  /** Votes of `window` that were cast in time; call it once its last judge block is final. */
  async votes(window: number): Promise<readonly CastVote[]> {
    return (await this.#turnout(window)).votes;
  }

  async #turnout(window: number): Promise<Turnout> {
    return this.#turnouts.of(window, async () => this.#readTurnout(window));
  }

  async #readTurnout(window: number): Promise<Turnout> {
    const last = this.#clock.lastJudgeBlock(window);
    const [hotkeys, permits, slots] = await Promise.all([
      this.hotkeys(window),
      this.#state.permits(last),
      this.#slots(window, last),
    ]);
    const lastVoted = new Map<Hex, number>();
    const votes = hotkeys.flatMap((hotkey, uid): CastVote[] => {
      const slot = slots.get(hotkey);
      const fields = slot === undefined ? null : voteBytes(slot.fields);
      const named = fields === null ? null : votedWindow(fields);
      if (slot === undefined || fields === null || named === null) return [];
      if (!isInPhase(this.#clock, { window: named, phase: "judge" }, slot.block)) return [];
      lastVoted.set(hotkey, named);
      const vote = named === window ? decodeVote(fields, hotkeys.length) : null;
      return vote === null ? [] : [{ uid, hotkey, vote }];
    });
    const permitted = votes.filter(({ uid }) => permits[uid] === true);
    return { votes, voted: new Set(permitted.map(({ hotkey }) => hotkey)), lastVoted };
  }

  /** Those whose stake may count, by docs/protocol.md#stake: same hotkey, uid and permit from two windows before. */
  async #holders(window: number): Promise<ReadonlyMap<Hex, bigint>> {
    const seedBlock = (one: number): number => this.#clock.seedBlock(Math.max(0, one));
    const first = seedBlock(window - 2);
    const last = this.#clock.lastJudgeBlock(window);
    const [hotkeys, ...seats] = await Promise.all([
      this.hotkeys(window),
      this.#seats(first),
      this.#seats(last),
    ]);
    const blocks = [...new Set([first, seedBlock(window - 1), seedBlock(window), last])];
    const stakes = await Promise.all(blocks.map((block) => this.#state.stakes(block)));
    const held = hotkeys.filter((hotkey, uid) => seats.every((seat) => seat.get(hotkey) === uid));
    return new Map(
      held.map((hotkey) => [
        hotkey,
        stakes
          .map((stake) => stake.get(hotkey) ?? 0n)
          .reduce((least, one) => (one < least ? one : least)),
      ]),
    );
  }

  /** The hotkeys with a permit at a block, and their uids. */
  async #seats(block: number): Promise<ReadonlyMap<Hex, number>> {
    const [hotkeys, permits] = await Promise.all([
      this.#state.hotkeys(block),
      this.#state.permits(block),
    ]);
    const seats = hotkeys.map((hotkey, uid) => [hotkey, uid] as const);
    return new Map(seats.filter(([, uid]) => permits[uid] === true));
  }

  /**
   * Windows since the last vote of each hotkey in which another permit holder voted; who never voted is left out. Reads
   * back only until everybody's last vote is found, and never more than LOOK_BACK_WINDOWS: beyond them, a vote is known
   * by the slot that still holds it.
   */
  async #silences(window: number, hotkeys: Iterable<Hex>): Promise<ReadonlyMap<Hex, number>> {
    const silences = new Map<Hex, number>();
    const sought = new Set(hotkeys);
    const end = Math.max(-1, window - LOOK_BACK_WINDOWS);
    let silence = 0;
    for (let one = window; one > end && sought.size > 0; one--) {
      const { voted } = await this.#turnout(one);
      // Who is still sought did not vote in `one`, so whoever did was somebody else.
      for (const hotkey of sought) if (voted.has(hotkey)) silences.set(hotkey, silence);
      for (const hotkey of voted) sought.delete(hotkey);
      if (voted.size > 0) silence++;
    }
    const { lastVoted } = await this.#turnout(window);
    for (const hotkey of sought)
      if ((lastVoted.get(hotkey) ?? window) <= end) silences.set(hotkey, silence);
    return silences;
  }

  /** The validators whose stake counts in `window`, and whoever else voted in it. */
  async #voters(window: number): Promise<readonly Voter[]> {
    const [hotkeys, votes, holders] = await Promise.all([
      this.hotkeys(window),
      this.votes(window),
      this.#holders(window),
    ]);
    const staked = [...holders].flatMap(([hotkey, stake]) => (stake > 0n ? [hotkey] : []));
    const silences = await this.#silences(window, staked);
    return hotkeys.flatMap((hotkey, uid): Voter[] => {
      const silence = silences.get(hotkey);
      const own = votes.filter((cast) => cast.hotkey === hotkey).map((cast) => cast.vote);
      if (silence === undefined && own.length === 0) return [];
      const stake = holders.get(hotkey) ?? 0n;
      return [{ uid, stake, permit: holders.has(hotkey), silence: silence ?? 0, votes: own }];
    });
  }

  /** The accepted set of `window` by docs/protocol.md#7-acceptance; call it once its last judge block is final. */
  async outcome(window: number): Promise<WindowOutcome> {
    const [hotkeys, voters, rules] = await Promise.all([
      this.hotkeys(window),
      this.#voters(window),
      this.#rules(window),
    ]);
    const { digest, accepted } = countVotes({ window, rules, voters });
    const commits = accepted.length === 0 ? [] : await this.commits(window);
    return {
      window,
      rules,
      thetaDigest: digest,
      accepted: commits.filter((commit) => accepted.includes(commit.uid)),
      voters,
      hotkeys,
    };
  }
}
