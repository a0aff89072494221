/** @file A validator that copies weights on a local network as `npm start` runs it: a stranger with stake, who judges nothing and reads all that is public. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { ChainError } from "../../chain/errors.ts";
import { type Signer, signerFromUri } from "../../chain/wallet/signer.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { windowRecordSchema } from "../../src/protocol/record.ts";
import { Command } from "../equal-work/process.ts";

/** One run. */
export type LiveRun = {
  /** A folder for it alone. */
  readonly folder: string;
  readonly port: number;
  readonly windows: number;
  /** Whether the chain opens encrypted calls, as it does unless it is told not to. */
  readonly shield: boolean;
  readonly signal: AbortSignal;
};

/** What came of it. */
export type LivePay = {
  /** The copier's dividends over its part of the stake, in percent. */
  readonly percent: number;
  /** Epochs that were counted, and those in which the copier had the weights that the largest validator had in the same. */
  readonly epochs: number;
  readonly inTime: number;
};

const NETUID = 1;
const RAO = 10n ** 9n;
/** The validators of a local network of two have 600,000 and 400,000. */
const STAKE_RAO = 100_000n * RAO;
const COLDKEY_RAO = STAKE_RAO + 1000n * RAO;
/** Bonds grow from nothing: what the first epochs pay says little. */
const SETTLED = 5;
const LOOK_MS = 15;
const CONNECT_MS = 300_000;
const RECORD_LIMITS = { limitBytes: 8 << 20, timeoutMs: 1000 };

type Row = readonly (readonly [uid: number, value: number])[];
type Neurons = Awaited<ReturnType<ChainClient["metagraph"]>>["neurons"];

const listsSchema = z.tuple([z.unknown(), z.unknown(), z.array(z.number()), z.array(z.number())]);
/** All others, those with most stake first. Miners have some too, and permits, and say nothing. */
function othersOf(neurons: Neurons, own: Hex): Neurons {
  return neurons
    .filter(({ hotkey }) => hotkey !== own)
    .toSorted((a, b) => (a.stakeRao < b.stakeRao ? 1 : -1));
}

/** The copier. */
class Copier {
  readonly #chain: ChainClient;
  readonly #signer: Signer;
  readonly #known = new Set<string>();
  #newest: Row | null = null;
  #sent = "";
  #window = 0;

  constructor(chain: ChainClient, signer: Signer) {
    this.#chain = chain;
    this.#signer = signer;
  }

  /** Takes a uid and enough stake for a permit. */
  async join(): Promise<void> {
    const [alice, cold] = [signerFromUri("//Alice"), signerFromUri("//copier")];
    const hotkey = this.#signer.publicKey;
    await this.#chain.transfer(alice, cold.ss58, COLDKEY_RAO);
    await this.#chain.burnedRegister(cold, NETUID, hotkey);
    await this.#chain.addStake(cold, { hotkey, netuid: NETUID, amountRao: STAKE_RAO });
  }

  /** Looks everywhere for weights that it does not know yet, and sets the newest that it has. */
  async look(): Promise<void> {
    const { neurons } = await this.#chain.metagraph(NETUID);
    const [largest] = othersOf(neurons, this.#signer.publicKey);
    if (largest === undefined) return;
    const pooled = await this.#inPool(largest.hotkey);
    const hotkeys = neurons.map(({ hotkey }) => hotkey);
    const { weights } = await this.#chain.epochTerms(NETUID, hotkeys);
    const stored = weights[largest.uid] ?? [];
    for (const row of [stored, await this.#recorded(largest), pooled]) this.#learn(row);
    // Before there is anything to copy all miners get the same, so that bonds begin with the others'.
    const own = this.#signer.publicKey;
    const miners = neurons.filter(({ hotkey, stakeRao }) => hotkey !== own && stakeRao === 0n);
    this.#say(this.#newest ?? miners.map(({ uid }) => [uid, 1] as const));
  }

  #learn(row: Row): void {
    const key = JSON.stringify(row);
    if (row.length === 0 || this.#known.has(key)) return;
    this.#known.add(key);
    this.#newest = row;
  }

  /** What everybody can read in the pool. */
  async #inPool(hotkey: Hex): Promise<Row> {
    const pending = await this.#chain.pendingExtrinsics();
    const plain = pending.filter((hex) => hex.includes(hotkey.slice(2)));
    if (plain.length === 0) return [];
    const api = await this.#chain.api();
    for (const hex of plain) {
      const { method } = api.createType("Extrinsic", hex);
      if (method.method !== "setMechanismWeights") continue;
      const lists = listsSchema.parse(method.args.slice(0, 4).map((one) => one.toJSON()));
      return lists[2].map((uid, at) => [uid, lists[3][at] ?? 0]);
    }
    return [];
  }

  /** What the validator's record of its newest window says, if it serves that already. */
  async #recorded({ axon }: Neurons[number]): Promise<Row> {
    if (axon === null) return [];
    const url = urlOf(axon, `/records/${this.#window}`);
    const record = await fetchJson(url, windowRecordSchema, RECORD_LIMITS).catch(() => null);
    if (record === null) return [];
    this.#window++;
    return record.miners.flatMap(({ uid, weight }) => (weight > 0 ? [[uid, weight] as const] : []));
  }

  /** What is refused (too soon after the last) is tried again at the next look. */
  #say(row: Row): void {
    const key = JSON.stringify(row);
    if (key === this.#sent || row.length === 0) return;
    const uids = row.map(([uid]) => uid);
    const values = row.map(([, value]) => value);
    this.#sent = key;
    this.#chain
      .setWeights(this.#signer, NETUID, { uids, values, versionKey: 0n })
      .catch((error: unknown) => {
        if (!(error instanceof ChainError)) throw error;
        this.#sent = "";
      });
  }
}

/** What epochs paid, as one that reads the chain sees it. */
class Ledger {
  readonly #chain: ChainClient;
  readonly #own: Hex;
  #next: number | null = null;
  #seen = 0;
  readonly pay = { own: 0, due: 0, epochs: 0, inTime: 0 };

  constructor(chain: ChainClient, own: Hex) {
    this.#chain = chain;
    this.#own = own;
  }

  /** Counts the epoch that is over since the last look, if any. */
  async look(): Promise<void> {
    const head = await this.#chain.head();
    this.#next ??= await this.#chain.nextEpoch(NETUID, head.hash);
    if (this.#next === null || head.number < this.#next) return;
    const epoch = this.#next;
    this.#next = await this.#chain.nextEpoch(NETUID, head.hash);
    const hash = await this.#chain.blockHash(epoch);
    const { neurons } = await this.#chain.metagraph(NETUID, hash);
    await this.#count(neurons, await this.#chain.blockHash(epoch - 1));
  }

  async #count(neurons: Neurons, before: Hex): Promise<void> {
    const own = neurons.find(({ hotkey }) => hotkey === this.#own);
    const judges = othersOf(neurons, this.#own).filter(({ dividends }) => dividends > 0);
    const [largest] = judges;
    // The first epoch that counts weights pays nobody yet.
    if (own === undefined || largest === undefined) return;
    if (this.#seen++ < SETTLED) return;
    const all = [own, ...judges];
    const sum = (of: (one: Neurons[number]) => bigint): number =>
      Number(all.reduce((total, one) => total + of(one), 0n));
    const share =
      Number(own.stakeRao - own.emissionRao) / sum((one) => one.stakeRao - one.emissionRao);
    this.pay.own += Number(own.emissionRao);
    this.pay.due += share * sum((one) => one.emissionRao);
    this.pay.epochs++;
    const hotkeys = neurons.map(({ hotkey }) => hotkey);
    const { weights } = await this.#chain.epochTerms(NETUID, hotkeys, before);
    const [theirs, ours] = [largest.uid, own.uid].map((uid) => JSON.stringify(weights[uid]));
    if (theirs === ours) this.pay.inTime++;
  }
}

/** Connects once the chain answers. @throws Error when the network ends before */
async function reached(network: Command, endpoint: string): Promise<ChainClient> {
  const until = performance.now() + CONNECT_MS;
  for (;;) {
    try {
      return await connectChain({ endpoints: [endpoint] });
    } catch (error) {
      if (!network.runs || performance.now() > until) throw network.failure(String(error));
      await sleep(LOOK_MS);
    }
  }
}

/** Looks as often as it can, until the run is over or its chain is gone. */
async function follow(
  chain: ChainClient,
  { windows, signal }: Pick<LiveRun, "windows" | "signal">,
  network: Command,
): Promise<LivePay> {
  const signer = signerFromUri("//copier//hot");
  const copier = new Copier(chain, signer);
  await copier.join();
  const ledger = new Ledger(chain, signer.publicKey);
  // A window is an epoch long.
  while (network.runs && !signal.aborted && ledger.pay.epochs < windows - SETTLED)
    try {
      await copier.look();
      await ledger.look();
      await sleep(LOOK_MS);
    } catch (error) {
      if (network.runs || !(error instanceof ChainError)) throw error;
    }
  const { own, due, epochs, inTime } = ledger.pay;
  return { percent: (100 * own) / due, epochs, inTime };
}

/** Plays one run. @throws Error when the network ends before the first epoch that counts */
export async function playLive(run: LiveRun): Promise<LivePay> {
  const { folder, port, windows, shield, signal } = run;
  mkdirSync(folder, { recursive: true });
  const words = ["localnet", "--windows", String(windows), "--no-baseline", "--port", String(port)];
  words.push("--output", join(folder, "localnet"), ...(shield ? [] : ["--no-shield"]));
  const network = new Command("subnet", words, join(folder, "localnet.log"));
  const stop = (): void => void network.stop();
  signal.addEventListener("abort", stop);
  const chain = await reached(network, `ws://127.0.0.1:${port}`);
  try {
    return await follow(chain, run, network);
  } finally {
    await network.stop();
    await chain.close();
    signal.removeEventListener("abort", stop);
    rmSync(folder, { recursive: true, force: true });
  }
}
