/** @file A chain of which only seats, permits, stakes and commitment slots matter; it counts what is read. */
import type { ChainClient, CommitmentField } from "../../../chain/client/client.ts";
import type { Commitment } from "../../../chain/client/commitments.ts";
import { type Hex, hexOf } from "../../../src/protocol/digest.ts";
import { NO_RECORD } from "../../../src/protocol/record.ts";
import { encodeVote } from "../../../src/protocol/vote.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import { ChainRecord } from "../../../src/run/chain-record.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

export const clock = windowClock({ ...EXAMPLE_MANIFEST, windows: 0 });

/** rulesDigest of the rules in force in all windows. */
export const RULES: Hex = `0x${"cc".repeat(32)}`;

/** uid -> hotkey, permit and stake. */
export type Seats = readonly {
  readonly hotkey: Hex;
  readonly permit: boolean;
  readonly stake: bigint;
}[];

/** The `one`-th hotkey, update or digest of a test. */
export const hex = (one: number): Hex => `0x${one.toString(16).padStart(64, "0")}`;

const blockOf = (hash: Hex | undefined): number => Number.parseInt(hash?.slice(2) ?? "", 16);

/** Seats since a block, and every slot that was ever written. */
export class SlotChain {
  readonly #eras: { readonly from: number; readonly seats: Seats }[] = [];
  readonly #writes: (Commitment & { readonly hotkey: Hex })[] = [];
  /** Names of the reads so far. */
  readonly reads: string[] = [];

  /** From this block on these are the seats. Blocks ascend. */
  seat(from: number, seats: Seats): void {
    this.#eras.push({ from, seats });
  }

  /** Puts something into a hotkey's slot. Blocks ascend. */
  write(hotkey: Hex, block: number, fields: readonly CommitmentField[]): void {
    this.#writes.push({ hotkey, block, fields });
  }

  /** A vote in the judge phase of `window` that names window `named`. */
  vote(
    hotkey: Hex,
    window: number,
    vote: {
      readonly named?: number;
      readonly uids: readonly number[];
      readonly digest: Hex;
      readonly rules?: Hex;
    },
  ): void {
    const [number, bitmap, digest] = encodeVote({
      window: vote.named ?? window,
      rulesDigest: vote.rules ?? RULES,
      recordDigest: NO_RECORD,
      acceptedUids: vote.uids,
      thetaDigest: vote.digest,
      neurons: this.seats(clock.seedBlock(window)).length,
    });
    this.write(hotkey, clock.firstJudgeBlock(window), [
      { kind: "raw", bytes: number },
      { kind: "raw", bytes: bitmap },
      { kind: "blakeTwo256", digest: hexOf(digest) },
    ]);
  }

  /** A commitment in the commit phase of `window`. */
  commit(hotkey: Hex, window: number, digest: Hex): void {
    this.write(hotkey, clock.firstCommitBlock(window), [{ kind: "blakeTwo256", digest }]);
  }

  seats(block: number): Seats {
    return this.#eras.findLast(({ from }) => from <= block)?.seats ?? [];
  }

  /** A node that reads this chain for the first time. */
  record(): ChainRecord {
    const read = (name: string, at: Hex | undefined): Seats => {
      this.reads.push(name);
      return this.seats(blockOf(at));
    };
    const chain = stub<ChainClient>({
      hotkeys: async (_netuid, at) => read("hotkeys", at).map(({ hotkey }) => hotkey),
      validatorPermits: async (_netuid, at) => read("permits", at).map(({ permit }) => permit),
      stakes: async (_netuid, hotkeys, at) => {
        const stakes = new Map(read("stakes", at).map(({ hotkey, stake }) => [hotkey, stake]));
        return hotkeys.map((hotkey) => stakes.get(hotkey) ?? 0n);
      },
      commitments: async (_netuid, hotkeys, at) => {
        read("commitments", at);
        const slots = this.#writes.filter(({ block }) => block <= blockOf(at));
        return new Map(
          slots.filter((one) => hotkeys.includes(one.hotkey)).map((one) => [one.hotkey, one]),
        );
      },
    });
    const blocks = stub<BlockClock>({ hashOf: async (block) => `0x${block.toString(16)}` });
    return new ChainRecord({ netuid: 3, clock, rules: async () => RULES }, { chain, blocks });
  }
}
