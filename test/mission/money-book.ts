/** @file Counts all money of a chain after each act, and remembers what did not add up. */
import type { ApiPromise } from "@polkadot/api";
import type { Vec } from "@polkadot/types";
import type { EventRecord } from "@polkadot/types/interfaces";
import { z } from "zod";
import type { ChainClient } from "../../chain/client/client.ts";
import { ChainError } from "../../chain/errors.ts";
import type { Hex } from "../../chain/wallet/hex.ts";
import { errorRao, faultsOf, gains, potGain } from "./conservation.ts";
import type { Act } from "./money-acts.ts";
import { type Money, readMoney } from "./money.ts";

const size = (rao: bigint): bigint => (rao < 0n ? -rao : rao);
const feeSchema = z.tuple([z.string(), z.union([z.number(), z.string()])]).rest(z.unknown());

/** A step from one count to the next, and what its signer paid for the call. */
type Step = { readonly before: Money; readonly after: Money; readonly fee: bigint };

/** What anybody gained or lost by an act beyond what is due; the worst of all accounts. */
function stray(act: Act, { before, after, fee }: Step): bigint {
  const found = gains(before, after);
  const self = act.signer.publicKey;
  const due = new Map(act.due).set(self, (act.due.get(self) ?? 0n) - fee);
  const all = [...new Set([...found.keys(), ...due.keys()])].map((who) => {
    const [got, wanted] = [found.get(who) ?? 0n, due.get(who) ?? 0n];
    // A price falls with every block, and is never higher than what was quoted.
    const isFallen = act.isPrice && who === self && got > wanted && got < -fee;
    return isFallen ? 0n : size(got - wanted);
  });
  return all.reduce((worst, one) => (one > worst ? one : worst), 0n);
}

/** The count of a chain's money. */
export class Book {
  readonly #client: ChainClient;
  readonly #api: ApiPromise;
  /** As it was counted last. */
  money: Money;
  /** What was done, in order. */
  readonly kinds: string[] = [];
  readonly faults: string[] = [];
  worstRao = 0n;
  strayRao = 0n;
  counted = 0;
  /** Withdrawals that were paid, that the rule refused, and that went otherwise. */
  unstaked = 0;
  refusedByRule = 0;
  wrong = 0;

  private constructor(client: ChainClient, api: ApiPromise, money: Money) {
    this.#client = client;
    this.#api = api;
    this.money = money;
  }

  /** Counts for the first time. */
  static async open(client: ChainClient, api: ApiPromise): Promise<Book> {
    const { hash } = await client.head();
    return new Book(client, api, await readMoney(api, hash));
  }

  /** TAO that lies on a subnet. */
  stakedOn(netuid: number): bigint {
    return this.money.subnets.get(netuid)?.tao ?? 0n;
  }

  #note(text: string): void {
    this.faults.push(text);
  }

  /** Counts at a block before which nobody acted: nobody gains or loses TAO. */
  async count(hash: Hex, kind: string): Promise<void> {
    const before = this.money;
    this.#sum(kind, await readMoney(this.#api, hash));
    const moved = [...gains(before, this.money).values()].map(size);
    const worst = moved.reduce((most, one) => (one > most ? one : most), 0n);
    if (worst > this.strayRao) this.strayRao = worst;
  }

  #sum(kind: string, money: Money): void {
    if (money.ownIssuance !== this.money.issuance && !kind.endsWith("refused"))
      this.#note(`${kind}: two counts of the issuance differ`);
    this.money = money;
    this.counted++;
    this.kinds.push(kind);
    for (const fault of faultsOf(money)) this.#note(`${kind}: ${fault}`);
    const error = errorRao(money);
    if (error > this.worstRao) this.worstRao = error;
  }

  /** What an account paid for its calls in a block. */
  async #feeOf(hash: Hex, who: string): Promise<bigint> {
    const state = await this.#api.at(hash);
    const stored = await state.query["system"]?.["events"]?.();
    let fee = 0n;
    for (const { event } of this.#api.createType<Vec<EventRecord>>(
      "Vec<EventRecord>",
      stored?.toU8a(),
    )) {
      if (event.method !== "TransactionFeePaid") continue;
      const [payer, paid] = feeSchema.parse(event.data.toJSON());
      if (payer === who) fee += BigInt(paid);
    }
    return fee;
  }

  /** The block of an act; null where it was refused. */
  async #sent({ signer, call }: Act): Promise<Hex | null> {
    try {
      return (await this.#client.submit(signer, call)).block.hash;
    } catch (error) {
      if (error instanceof ChainError && error.fault.code.startsWith("extrinsic-")) return null;
      throw error;
    }
  }

  /** Acts, and counts everything at its block. */
  async act(act: Act): Promise<void> {
    const { money: before } = this;
    const hash = await this.#sent(act);
    const at = hash ?? (await this.#client.head()).hash;
    const fee = await this.#feeOf(at, act.signer.ss58);
    this.#sum(hash === null ? `${act.kind}, refused` : act.kind, await readMoney(this.#api, at));
    const step = { before, after: this.money, fee };
    // What was refused gives and takes nothing.
    const due = hash === null ? { ...act, due: new Map<string, bigint>(), isPrice: false } : act;
    const beyond = stray(due, step);
    if (beyond > this.strayRao) this.strayRao = beyond;
    if (beyond > 0n) this.#note(`${act.kind}: somebody gained or lost ${beyond} rao`);
    const kept = [...gains(before, this.money).values()].reduce((sum, one) => sum + one, 0n);
    if (this.money.issuance - before.issuance !== kept + potGain(before, this.money))
      this.#note(`${act.kind}: TAO came from nowhere, or went there`);
    this.#judge(act, step, hash !== null);
  }

  /** Whether what came into the signer's balance is what the rule says. */
  #judge(act: Act, { before, after, fee }: Step, isIncluded: boolean): void {
    const isUnstake = act.kind === "unstake";
    if (!isIncluded) {
      if (isUnstake && act.isRefused) this.refusedByRule++;
      else if (isUnstake) this.#wrong("unstake: refused against the rule");
      return;
    }
    if (isUnstake && act.isRefused) this.#wrong("unstake: paid against the rule");
    if (act.paid === null) return;
    const self = act.signer.publicKey;
    const got = (after.balances.get(self) ?? 0n) - (before.balances.get(self) ?? 0n) + fee;
    if (isUnstake) this.unstaked++;
    if (got !== act.paid) this.#wrong(`${act.kind}: paid ${got}, by the rule ${act.paid}`);
  }

  #wrong(text: string): void {
    this.wrong++;
    this.#note(text);
  }
}
