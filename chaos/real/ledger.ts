/** @file What a network did, window by window, as any stranger can read it: accepted sets, parameters, pay. */
import { digestsSchema } from "../../src/api/types.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { ChainRecord } from "../../src/run/chain-record.ts";
import { Earnings } from "../../src/run/earnings.ts";
import { isMiner } from "../../subnet/localnet/members.ts";
import type { Network, NetworkNode } from "./network.ts";

/** A window that is over. */
export type WindowRow = {
  readonly window: number;
  /** Uids whose commitment counts, ascending. */
  readonly committed: readonly number[];
  readonly accepted: readonly number[];
  /** Validators whose vote counts. */
  readonly votes: number;
  readonly thetaDigest: Hex | null;
};

const LIMITS = { limitBytes: 8 << 20, timeoutMs: 3000 };

/** Follows a network. */
export class Ledger {
  readonly rows: WindowRow[] = [];
  readonly #net: Network;
  readonly #record: ChainRecord;
  readonly #earnings: Earnings;
  /** window -> digest -> who computed it. */
  readonly #digests = new Map<number, Map<Hex, Set<string>>>();
  #next = 0;

  constructor(net: Network) {
    this.#net = net;
    const { clock, subnet, rules } = net;
    const { netuid } = subnet;
    this.#record = new ChainRecord({ netuid, clock, rules: async () => rules }, subnet);
    this.#earnings = new Earnings(subnet);
  }

  /** Window that the chain stands in. */
  get now(): number {
    return this.#net.clock.windowOf(this.#net.subnet.blocks.current.number);
  }

  /** Reads every window up to `last`, as they end; tells each. */
  async through(last: number): Promise<void> {
    const { clock, subnet, signal } = this.#net;
    for (; this.#next <= last; this.#next++) {
      const window = this.#next;
      await subnet.blocks.reached(clock.lastJudgeBlock(window), signal);
      const row = await this.#rowOf(window);
      this.rows.push(row);
      this.#net.step(rowText(row));
      await this.readDigests();
    }
  }

  async #rowOf(window: number): Promise<WindowRow> {
    const [commits, outcome] = await Promise.all([
      this.#record.commits(window),
      this.#record.outcome(window),
    ]);
    if (outcome.thetaDigest !== null) this.#noteDigest(window, outcome.thetaDigest, "the votes");
    return {
      window,
      committed: commits.map(({ uid }) => uid),
      accepted: outcome.accepted.map(({ uid }) => uid),
      votes: outcome.voters.filter(({ votes }) => votes.length > 0).length,
      thetaDigest: outcome.thetaDigest,
    };
  }

  /** Asks every node which parameters it computed. */
  async readDigests(): Promise<void> {
    const from = Math.max(0, this.now - 64);
    const ask = async ({ name, port }: NetworkNode): Promise<void> => {
      const url = urlOf({ ip: "127.0.0.1", port }, `/digests?from=${from}`);
      const found = await fetchJson(url, digestsSchema, LIMITS).catch(() => null);
      for (const { window, digest } of found ?? []) this.#noteDigest(window, digest, name);
    };
    await Promise.all(this.#net.nodes.map(ask));
  }

  #noteDigest(window: number, digest: Hex, who: string): void {
    const byDigest = this.#digests.get(window) ?? new Map<Hex, Set<string>>();
    const names = byDigest.get(digest) ?? new Set<string>();
    this.#digests.set(window, byDigest.set(digest, names.add(who)));
  }

  /** The first window whose parameters two of them computed differently, in words; null: all are equal. */
  get difference(): string | null {
    for (const [window, byDigest] of [...this.#digests].toSorted(([a], [b]) => a - b)) {
      if (byDigest.size < 2) continue;
      const sides = [...byDigest].map(
        ([digest, names]) => `${digest.slice(0, 10)} by ${[...names].join(", ")}`,
      );
      return `window ${window}: ${sides.join("; ")}`;
    }
    return null;
  }

  /** Uids of the honest miners. */
  async minerUids(): Promise<readonly number[]> {
    const { subnet, members } = this.#net;
    const hotkeys = await subnet.chain.hotkeys(subnet.netuid, subnet.blocks.current.hash);
    const miners = members.filter(({ kind }) => isMiner(kind));
    return miners.map(({ hotkey }) => hotkeys.indexOf(hotkey.publicKey));
  }

  /** Smallest pay of a miner from window `from` on, as a part of an equal share of what all miners got; null: none was paid. */
  async leastPay(from: number): Promise<number | null> {
    await this.#earnings.read(this.#net.subnet.blocks.current);
    const block = this.#net.clock.startBlock(from);
    const uids = await this.minerUids();
    const paid = uids.map((uid) => Number(this.#earnings.paidRao(uid, block)));
    const total = paid.reduce((sum, one) => sum + one, 0);
    return total === 0 ? null : (Math.min(...paid) * paid.length) / total;
  }
}

function rowText({ window, committed, accepted, votes, thetaDigest }: WindowRow): string {
  const theta = thetaDigest === null ? "no digest" : thetaDigest.slice(0, 10);
  return `window ${window}: ${committed.length} committed, ${accepted.length} accepted, ${votes} votes, ${theta}`;
}
