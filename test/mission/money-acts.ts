/** @file What people do with their money on a chain, drawn at random, and what each act may give and take by the documented rules. */
import type { CallSpec } from "../../chain/client/sign.ts";
import { type Signer, signerFromUri } from "../../chain/wallet/signer.ts";
import type { SplitMix } from "../support/split-mix.ts";
import { alphaOf, type Money, potOf, subnetAccount } from "./money.ts";

/** An act, and what is due by it. Gains leave out the fee of who signs. */
export type Act = {
  readonly kind: string;
  readonly signer: Signer;
  readonly call: CallSpec;
  /** What each account may call its own afterwards, more or less; who is not named neither gains nor loses. */
  readonly due: ReadonlyMap<string, bigint>;
  /** TAO that has to come into the signer's balance by it; null: the act is not about that. */
  readonly paid: bigint | null;
  /** The rules refuse it. */
  readonly isRefused: boolean;
  /** The price may be lower than `due` says when the block comes. */
  readonly isPrice: boolean;
};

/** Those who act: coldkeys with balances; the first of them own the validators' hotkeys, the next the miners'. */
export const COLDKEYS = Array.from({ length: 12 }, (_, at) => signerFromUri(`//money//${at}`));
export const HOTKEYS = Array.from({ length: 10 }, (_, at) => signerFromUri(`//money//${at}//hot`));
export const VALIDATORS = 4;
const LEAST = 2_000_000n;

const subtensor = (name: string, ...args: readonly unknown[]): CallSpec => ({
  pallet: "SubtensorModule",
  name,
  args,
});
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** A position of somebody, and what is in it. */
type Position = {
  readonly place: string;
  readonly netuid: number;
  readonly hotkey: string;
  readonly coldkey: Signer;
  readonly principal: bigint;
  readonly earned: bigint;
  readonly pot: bigint;
};

function positionsOf(money: Money): readonly Position[] {
  return [...money.shares.keys()].flatMap((place): Position[] => {
    const [subnet = "", hotkey = "", who = ""] = place.split(" ");
    const coldkey = COLDKEYS.find(({ publicKey }) => publicKey === who);
    const netuid = Number(subnet);
    if (coldkey === undefined || !money.subnets.has(netuid)) return [];
    const principal = money.principals.get(place) ?? 0n;
    const earned = alphaOf(money, place) - principal;
    return [{ place, netuid, hotkey, coldkey, principal, earned, pot: potOf(money, netuid) }];
  });
}

/** Draws acts that fit what there is. */
export class Acts {
  readonly #draws: SplitMix;
  #newcomers = 0;

  constructor(draws: SplitMix) {
    this.#draws = draws;
  }

  #one<T>(list: readonly T[]): T {
    const found = list[this.#draws.below(list.length)];
    if (found === undefined) throw new Error("nothing to draw from");
    return found;
  }

  /** From the least amount that may be staked to `limit`. */
  #amount(limit: bigint): bigint {
    return limit <= LEAST ? LEAST : LEAST + (this.#draws.next() % (limit - LEAST));
  }

  /** A position that may be taken from, with an amount: a part, all principal, or more than the principal. */
  #taken(money: Money): { readonly position: Position; readonly amount: bigint } | null {
    const all = positionsOf(money).filter(
      ({ principal, earned }) => principal + earned > 4n * LEAST,
    );
    if (all.length === 0) return null;
    const position = this.#one(all);
    const { principal, earned } = position;
    const kind = this.#draws.below(3);
    if (kind === 0 || principal < LEAST)
      return { position, amount: this.#amount(principal + earned) };
    const amount =
      kind === 1 ? principal : principal + (earned / 4n) * BigInt(this.#draws.below(4));
    return { position, amount };
  }

  #subnets(money: Money): readonly number[] {
    return [...money.subnets.keys()];
  }

  stake(money: Money): Act {
    return this.stakeOn(this.#one(this.#subnets(money)));
  }

  stakeOn(netuid: number): Act {
    const signer = this.#one(COLDKEYS);
    const amount = this.#amount(20_000_000_000n);
    const on = this.#one(HOTKEYS.slice(0, VALIDATORS)).publicKey;
    const call = subtensor("add_stake", on, netuid, amount);
    return { ...plain("stake", signer, call), paid: -amount };
  }

  unstake(money: Money): Act | null {
    const taken = this.#taken(money);
    if (taken === null) return null;
    const { position, amount } = taken;
    const call = subtensor("remove_stake", position.hotkey, position.netuid, amount);
    return {
      ...plain("unstake", position.coldkey, call),
      ...fromPot(position, amount),
      paid: amount,
    };
  }

  /** To another hotkey of the same subnet: principal first, and nothing comes out of the pot. */
  move(money: Money): Act | null {
    const taken = this.#taken(money);
    if (taken === null) return null;
    const { hotkey, netuid, coldkey } = taken.position;
    const others = HOTKEYS.slice(0, VALIDATORS).filter(({ publicKey }) => publicKey !== hotkey);
    const to = this.#one(others).publicKey;
    const call = subtensor("move_stake", hotkey, to, netuid, netuid, taken.amount);
    return plain("move", coldkey, call);
  }

  /** To another subnet: what unstaking would pay is principal there. */
  swap(money: Money): Act | null {
    const taken = this.#taken(money);
    const netuids = this.#subnets(money).filter((netuid) => netuid !== taken?.position.netuid);
    if (taken === null || netuids.length === 0) return null;
    const { hotkey, netuid, coldkey } = taken.position;
    const call = subtensor("swap_stake", hotkey, netuid, this.#one(netuids), taken.amount);
    return { ...plain("swap", coldkey, call), ...fromPot(taken.position, taken.amount) };
  }

  /** To another coldkey, principal first. */
  transfer(money: Money): Act | null {
    const taken = this.#taken(money);
    if (taken === null) return null;
    const { hotkey, netuid, coldkey, principal } = taken.position;
    const to = this.#one(COLDKEYS.filter((one) => one !== coldkey)).publicKey;
    const call = subtensor("transfer_stake", to, hotkey, netuid, netuid, taken.amount);
    const moved = least(taken.amount, principal);
    const due = new Map([
      [coldkey.publicKey, -moved],
      [to, moved],
    ]);
    return { ...plain("transfer", coldkey, call), due };
  }

  /** Earned alpha only: principal stays whose it was. */
  giveUp(money: Money): Act | null {
    const all = positionsOf(money).filter(({ earned }) => earned > 4n * LEAST);
    if (all.length === 0) return null;
    const { hotkey, netuid, coldkey, earned } = this.#one(all);
    const name = this.#draws.below(2) === 0 ? "burn_alpha" : "recycle_alpha";
    return plain("give up", coldkey, subtensor(name, hotkey, earned / 3n, netuid));
  }

  take(): Act {
    const at = this.#draws.below(VALIDATORS);
    const [signer, hotkey] = [COLDKEYS[at], HOTKEYS[at]];
    if (signer === undefined || hotkey === undefined) throw new Error("no validator");
    const name = this.#draws.below(2) === 0 ? "decrease_take" : "increase_take";
    const share = this.#draws.below(11_797);
    return plain("take", signer, subtensor(name, hotkey.publicKey, share));
  }

  /** At the most uids somebody else's is taken for it. */
  register(
    money: Money,
    prices: readonly { readonly netuid: number; readonly burnRao: bigint }[],
  ): Act {
    const signer = this.#one(COLDKEYS);
    const hotkey = signerFromUri(`//money//new//${this.#newcomers++}`);
    const netuid = this.#one(this.#subnets(money));
    const call = subtensor("burned_register", netuid, hotkey.publicKey);
    const priceRao = prices.find((one) => one.netuid === netuid)?.burnRao ?? 0n;
    const due = new Map([[signer.publicKey, -priceRao]]);
    return { ...plain("register", signer, call), due, isPrice: true };
  }

  /** Somebody fills the pot of a subnet. */
  sponsor(money: Money): Act {
    const signer = this.#one(COLDKEYS);
    const amount = this.#amount(3_000_000_000n);
    const to = subnetAccount(this.#one(this.#subnets(money)));
    const call = { pallet: "Balances", name: "transfer_keep_alive", args: [to, amount] };
    const due = new Map([[signer.publicKey, -amount]]);
    return { ...plain("sponsor", signer, call), due, paid: -amount };
  }

  /** A new subnet; at the limit another one is dissolved for it. */
  subnet(signer: Signer, costRao: bigint): Act {
    const hotkey = signerFromUri(`//money//subnet//${this.#newcomers++}`);
    const due = new Map([[signer.publicKey, -costRao]]);
    return {
      ...plain("register a subnet", signer, subtensor("register_network", hotkey.publicKey)),
      due,
      isPrice: true,
    };
  }
}

/** An act by which nobody gains or loses. */
export function plain(kind: string, signer: Signer, call: CallSpec): Act {
  return { kind, signer, call, due: new Map(), paid: null, isRefused: false, isPrice: false };
}

/** The rule of unstaking: the principal first, then from the pot, and refused beyond that. */
function fromPot(
  { coldkey, principal, earned, pot }: Position,
  amount: bigint,
): Pick<Act, "due" | "isRefused"> {
  const above = most(0n, amount - principal);
  const due = new Map(above === 0n ? [] : [[coldkey.publicKey, above] as const]);
  return { due, isRefused: above > pot || amount > principal + earned };
}
