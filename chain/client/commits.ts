/**
 * @file Weights where a subnet has commit-reveal on: their salted hash now, themselves in the epoch of reveal.
 *
 * Whoever commits keeps weights and salt until they are revealed; the chain has only the hash.
 */
import { ChainError } from "../errors.ts";
import { utilCrypto } from "../polkadot.ts";
import { publicKeyOf } from "../wallet/account.ts";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import { type AccountText, blockOf, type ClientParts, type Submitted, submitted } from "./parts.ts";
import { type MetagraphReader } from "./metagraph.ts";
import { isUnnamed } from "./pool-refusal.ts";
import { u16Bytes } from "./scale.ts";
import { type Answer, type ChainState, type StateBatch } from "./state.ts";
import { countItem, subtensorItem } from "./storage-item.ts";
import { type CallSpec } from "./sign.ts";
import { readHyperparameters } from "./subnet.ts";
import { namedRefusal } from "./weights-refusal.ts";

/** Weights by uid, u16 each, with the salt that hides them: at least eight random u16. */
export type SaltedWeights = {
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly versionKey: bigint;
};

/** A commit that waits. `revealEpoch` is the only one in which it can be revealed. */
type OpenCommit = {
  readonly hash: Hex;
  readonly block: number;
  readonly revealEpoch: number;
};

/** Commits of a hotkey in a subnet's epoch. */
export type Commits = {
  /** How many epochs the subnet has had. */
  readonly epoch: number;
  /** Epochs from a commit's to that of its reveal. */
  readonly revealPeriod: number;
  /** Those that can be revealed, now or later. */
  readonly open: readonly OpenCommit[];
  /** Those that nobody can reveal any more and that still lie there: the next commit removes them. */
  readonly expired: readonly OpenCommit[];
};

/** Reads and calls of salted weights, of a subnet's first mechanism. */
export type Committing = {
  /**
   * Commits to weights. The subnet's rate limit of weights counts commits; ten may wait.
   * @throws ChainError extrinsic-invalid, extrinsic-failed
   */
  commitWeights(hotkey: Signer, netuid: number, weights: SaltedWeights): Promise<Submitted>;
  /**
   * Sets weights that were committed, in their epoch of reveal; earlier the chain refuses with RevealTooEarly.
   * @throws ChainError extrinsic-invalid, extrinsic-failed
   */
  revealWeights(hotkey: Signer, netuid: number, weights: SaltedWeights): Promise<Submitted>;
  /** What a hotkey has committed and not revealed. */
  commits(netuid: number, hotkey: AccountText, at?: Hex): Promise<Commits>;
  /**
   * Of each hotkey the block of the earliest commit, salted or timelocked, that an epoch in the next block would find open; null
   * without one. Its old weights do not count for whoever registered later.
   */
  earliestCommits(
    netuid: number,
    hotkeys: readonly Hex[],
    at?: Hex,
  ): Promise<readonly (number | null)[]>;
};

function compact(value: number): Uint8Array {
  if (value < 1 << 6) return Uint8Array.of(value << 2);
  if (value < 1 << 14) return u16Bytes((value << 2) | 1);
  const word = ((value << 2) | 2) >>> 0;
  return Uint8Array.of(word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, word >>> 24);
}

function list(values: readonly number[]): Uint8Array {
  return Buffer.concat([compact(values.length), ...values.map(u16Bytes)]);
}

/** What the chain compares a reveal with: BLAKE2b-256 of account, storage index, uids, values, salt and version key. */
export function commitHash(
  hotkey: Hex,
  index: number,
  { uids, values, salt, versionKey }: SaltedWeights,
): Hex {
  const key = Buffer.alloc(8);
  key.writeBigUInt64LE(versionKey);
  const parts = [bytesOf(hotkey), u16Bytes(index), list(uids), list(values), list(salt), key];
  return hexOf(utilCrypto.blake2AsU8a(Buffer.concat(parts), 256));
}

function call(name: string, ...args: readonly unknown[]): CallSpec {
  return { pallet: "SubtensorModule", name, args };
}

const weightCommits = subtensorItem("WeightCommits", "Vec<([u8;32],u64,u64,u64)>", (reader) =>
  reader.vec((one) => {
    const hash = hexOf(one.bytes(32));
    const [epoch, block] = [Number(one.u64()), Number(one.u64())];
    one.u64();
    return { hash, epoch, block };
  }),
);
/** By the epoch of the commits. */
const timelockedCommits = subtensorItem(
  "TimelockedWeightCommits",
  "Vec<([u8;32],u64,Vec<u8>,u64)>",
  (reader) =>
    reader.vec((one) => {
      const [hotkey, block] = [hexOf(one.bytes(32)), Number(one.u64())];
      one.blob();
      one.u64();
      return { hotkey, block };
    }),
);
const epochIndex = countItem("SubnetEpochIndex");
const revealPeriod = countItem("RevealPeriodEpochs");

async function readCommits(
  state: ChainState,
  where: { readonly netuid: number; readonly hotkey: Hex; readonly at: Hex },
): Promise<Commits> {
  const batch = state.batch();
  const stored = batch.ask(weightCommits, where.netuid, where.hotkey);
  const clock = askEpoch(batch, where.netuid);
  await batch.read(where.at);
  const { epoch, period } = clock();
  const all = (stored() ?? []).map(({ hash, block, epoch: committed }) => {
    return { hash, block, revealEpoch: committed + period };
  });
  return {
    epoch,
    revealPeriod: period,
    open: all.filter(({ revealEpoch }) => revealEpoch >= epoch),
    expired: all.filter(({ revealEpoch }) => revealEpoch < epoch),
  };
}

/** Asks for a subnet's epoch, and for the epochs between a commit and its reveal. */
function askEpoch(
  batch: StateBatch,
  netuid: number,
): Answer<{ readonly epoch: number; readonly period: number }> {
  const epoch = batch.askValue(epochIndex, netuid);
  const period = batch.askValue(revealPeriod, netuid);
  return () => ({ epoch: epoch(), period: period() });
}

const u64Key = (value: number): Hex => {
  const key = Buffer.alloc(8);
  key.writeBigUInt64LE(BigInt(value));
  return hexOf(key);
};

async function readEarliest(
  state: ChainState,
  about: { readonly netuid: number; readonly hotkeys: readonly Hex[]; readonly at: Hex },
): Promise<readonly (number | null)[]> {
  const { netuid, hotkeys, at } = about;
  const first = state.batch();
  const clock = askEpoch(first, netuid);
  await first.read(at);
  const { epoch, period } = clock();
  // The next epoch has begun when it asks, so that what could be revealed before it only is no longer open.
  const oldest = Math.max(0, epoch + 1 - period);
  const batch = state.batch();
  const salted = hotkeys.map((hotkey) => batch.ask(weightCommits, netuid, hotkey));
  const epochs = Array.from(
    { length: Math.max(0, epoch + 1 - oldest) },
    (_, after) => oldest + after,
  );
  const sealed = epochs.map((one) => batch.ask(timelockedCommits, netuid, u64Key(one)));
  await batch.read(at);
  const earliest = new Map<Hex, number>();
  const note = (hotkey: Hex, block: number): void =>
    void earliest.set(hotkey, Math.min(block, earliest.get(hotkey) ?? block));
  for (const [uid, hotkey] of hotkeys.entries())
    for (const one of salted[uid]?.() ?? []) if (one.epoch >= oldest) note(hotkey, one.block);
  for (const queue of sealed) for (const one of queue() ?? []) note(one.hotkey, one.block);
  return hotkeys.map((hotkey) => earliest.get(hotkey) ?? null);
}

/** Commits that may wait. */
const MOST_OPEN = 10;

/** A refused commit by its pallet's name, where the pool's number says nothing. */
async function namedCommitRefusal(
  error: unknown,
  state: ChainState,
  about: { readonly netuid: number; readonly hotkey: Hex },
): Promise<unknown> {
  if (!isUnnamed(error) || error.fault.code !== "extrinsic-invalid") return error;
  try {
    const where = { ...about, at: await blockOf(state, undefined) };
    const { commitRevealEnabled } = await readHyperparameters(state, where);
    const { open } = await readCommits(state, where);
    const isFull = open.length >= MOST_OPEN;
    const reason = isFull ? "TooManyUnrevealedCommits" : error.fault.reason;
    const named = commitRevealEnabled ? reason : "CommitRevealDisabled";
    return new ChainError({ ...error.fault, reason: named }, { cause: error });
  } catch {
    // The refusal is what happened; that nobody could look why changes nothing about it.
    return error;
  }
}

/** The group over a connected chain. */
export function committingOf(parts: ClientParts, graphs: MetagraphReader): Committing {
  const { state } = parts;
  return {
    commitWeights: async (hotkey, netuid, weights) => {
      const hash = commitHash(hotkey.publicKey, netuid, weights);
      const sent = submitted(parts, hotkey, call("commit_weights", netuid, hash));
      return sent.catch(async (error: unknown) => {
        throw await namedCommitRefusal(error, state, { netuid, hotkey: hotkey.publicKey });
      });
    },
    revealWeights: async (hotkey, netuid, weights) => {
      const { uids, values, salt, versionKey } = weights;
      const args = [netuid, uids, values, salt, versionKey];
      const sent = submitted(parts, hotkey, call("reveal_weights", ...args));
      return sent.catch(async (error: unknown) => {
        const about = { ...weights, hotkey: hotkey.publicKey, netuid };
        throw await namedRefusal(error, about, { state, graphs, sentAs: "revealed" });
      });
    },
    commits: async (netuid, hotkey, at) => {
      const where = { netuid, hotkey: publicKeyOf(hotkey), at: await blockOf(state, at) };
      return readCommits(state, where);
    },
    earliestCommits: async (netuid, hotkeys, at) =>
      readEarliest(state, { netuid, hotkeys, at: await blockOf(state, at) }),
  };
}
