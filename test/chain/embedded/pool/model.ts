/** @file A slow reference model of the transaction pool: lists, sorted anew for every question. */

/** An extrinsic of the model: an account's number, its nonce, what it offers, and how long it is. */
export type Item = {
  readonly account: number;
  readonly nonce: number;
  readonly priority: number;
  readonly length: number;
  readonly order: number;
};

export type ModelLimits = {
  readonly ready: number;
  readonly readyBytes: number;
  readonly readyPerAccount: number;
  readonly future: number;
  readonly futureBytes: number;
  readonly futurePerAccount: number;
};

type Queue = { readonly count: number; readonly bytes: number; readonly perAccount: number };
type Ranked = { readonly item: Item; readonly weight: number };

function byNonce(a: Item, b: Item): number {
  return a.nonce - b.nonce || a.order - b.order;
}

/** Heaviest first, of equals the oldest. */
function byWeight(a: Ranked, b: Ranked): number {
  return b.weight - a.weight || a.item.order - b.item.order;
}

/** Every entry with its weight as the so-manieth of its account. */
function ranked(items: readonly Item[]): Ranked[] {
  return items.map((item) => {
    const lane = items.filter(({ account }) => account === item.account).toSorted(byNonce);
    return { item, weight: item.priority / (lane.indexOf(item) + 1) };
  });
}

function lastOfAccounts(items: readonly Item[]): Ranked[] {
  return ranked(items).filter(({ item }) => {
    const lane = items.filter(({ account }) => account === item.account);
    return lane.toSorted(byNonce).at(-1) === item;
  });
}

function without(items: readonly Item[], gone: readonly Item[]): Item[] {
  return items.filter((item) => !gone.includes(item));
}

/** The queue with the new entry and without what gave way; null when the new one does not get in. */
function admitted(items: readonly Item[], item: Item, limits: Queue): Item[] | null {
  const own = items.filter(({ account }) => account === item.account).length;
  if (own >= limits.perAccount) return null;
  const newcomer = { item, weight: item.priority / (own + 1) };
  let left = [...items];
  for (;;) {
    const bytes = left.reduce((sum, { length }) => sum + length, item.length);
    if (left.length < limits.count && bytes <= limits.bytes) return [...left, item];
    const lightest = lastOfAccounts(left).toSorted(byWeight).at(-1);
    if (lightest === undefined || byWeight(newcomer, lightest) > 0) return null;
    if (lightest.item.account === item.account) return null;
    left = without(left, [lightest.item]);
  }
}

/** What a submission came to: a queue, or the code of its refusal. */
export type Verdict = "ready" | "future" | 1010 | 1014 | 1016;

/** The pool as lists. */
export class PoolModel {
  ready: Item[] = [];
  future: Item[] = [];
  readonly next: number[];
  readonly #ready: Queue;
  readonly #future: Queue;

  constructor(accounts: number, limits: ModelLimits) {
    this.next = Array.from({ length: accounts }, () => 0);
    this.#ready = {
      count: limits.ready,
      bytes: limits.readyBytes,
      perAccount: limits.readyPerAccount,
    };
    this.#future = {
      count: limits.future,
      bytes: limits.futureBytes,
      perAccount: limits.futurePerAccount,
    };
  }

  submit(item: Item): Verdict {
    if (item.nonce < (this.next[item.account] ?? 0)) return 1010;
    if (!this.#hasPredecessor(item)) {
      const future = admitted(this.future, item, this.#future);
      if (future === null) return 1016;
      this.future = future;
      return "future";
    }
    const verdict = this.#enter(item);
    if (verdict === "ready") this.#promote();
    return verdict;
  }

  /** The order of a block: of the accounts' next ones always the one that weighs most. */
  order(): Item[] {
    const left = [...this.ready];
    const taken = new Map<number, number>();
    const done: Item[] = [];
    while (left.length > 0) {
      const turns = left
        .filter((item) =>
          left.every((one) => one.account !== item.account || one.nonce >= item.nonce),
        )
        .map((item) => ({ item, weight: item.priority / ((taken.get(item.account) ?? 0) + 1) }));
      const { item } = turns.toSorted(byWeight)[0] ?? { item: undefined };
      if (item === undefined) throw new Error("unreachable: something is left");
      left.splice(left.indexOf(item), 1);
      taken.set(item.account, (taken.get(item.account) ?? 0) + 1);
      done.push(item);
    }
    return done;
  }

  /** A block takes the first `count`. */
  seal(count: number): Item[] {
    const included = this.order().slice(0, count);
    this.ready = without(this.ready, included);
    for (const { account, nonce } of included) this.next[account] = nonce + 1;
    this.#promote();
    return included;
  }

  #hasPredecessor({ account, nonce }: Item): boolean {
    if (nonce === this.next[account]) return true;
    return this.ready.some((one) => one.account === account && one.nonce === nonce - 1);
  }

  #enter(item: Item): Verdict {
    const rivals = this.ready.filter(
      ({ account, nonce }) => account === item.account && nonce === item.nonce,
    );
    if (rivals.some(({ priority }) => priority >= item.priority)) return 1014;
    const ready = admitted(without(this.ready, rivals), item, this.#ready);
    if (ready === null) return 1016;
    this.ready = ready;
    return "ready";
  }

  #promote(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const item of this.future) {
        if (!this.#hasPredecessor(item)) continue;
        this.future = without(this.future, [item]);
        moved = this.#enter(item) === "ready" || moved;
      }
    }
  }
}
