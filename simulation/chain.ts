/** @file A chain on plain data: blocks with seeded hashes, each with the state after it, and calls that land in the next one. */
import type { WeightVector } from "../chain/client/client.ts";
import type { Commitment } from "../chain/client/commitments.ts";
import type { Head } from "../chain/client/client.ts";
import { blake2b256, type Hex } from "../src/protocol/digest.ts";
import { emissionAt, splitEmission } from "../src/protocol/economy.ts";
import { incentiveOf, type Row } from "./yuma.ts";

/** A uid. */
export type Seat = {
  readonly hotkey: Hex;
  readonly stakeRao: bigint;
  readonly permit: boolean;
};

/** Weights as a validator set them last. */
type Weights = Pick<WeightVector, "uids" | "values">;

/** What is so after a block. Nothing in it ever changes: a later block has another one. */
export type ChainState = {
  /** By uid. */
  readonly seats: readonly Seat[];
  readonly commitments: ReadonlyMap<Hex, Commitment>;
  readonly weights: ReadonlyMap<Hex, Weights>;
  /** What each hotkey has been paid, in rao. */
  readonly paidRao: ReadonlyMap<string, bigint>;
  readonly issuedRao: bigint;
  /** Text about runs in the subnet's identity. */
  readonly identity: string | null;
};

/** A change of state by a call; `block` is the one that it lands in. */
export type Call = (state: ChainState, block: number) => ChainState;

/** How a chain is made. */
export type ChainOptions = {
  readonly seed: number;
  /** Blocks that there are at the beginning, all with the first state. */
  readonly height: number;
  /** Blocks between two epochs. */
  readonly tempo: number;
  /** Blocks become final in steps of so many. */
  readonly finalityStep?: number;
};

type Block = Head & { readonly state: ChainState };
type Waiting = { readonly call: Call; readonly land: (head: Head) => void };

const EMPTY: ChainState = {
  seats: [],
  commitments: new Map(),
  weights: new Map(),
  paidRao: new Map(),
  issuedRao: 0n,
  identity: null,
};
/** Shares are cut to so many parts before rao are divided by them, as I32F32 has them. */
const SHARE_BITS = 32n;

/** A chain that makes a block when it is told to. */
export class SimulatedChain {
  readonly genesisHash: Hex;
  readonly #seed: number;
  readonly #tempo: number;
  readonly #step: number;
  readonly #blocks: Block[] = [];
  readonly #byHash = new Map<Hex, Block>();
  #pool: Waiting[] = [];
  /** Landed, and not final yet. */
  #landed: (() => void)[] = [];
  #final: number;
  #listeners: (() => void)[] = [];

  constructor({ seed, height, tempo, finalityStep = 1 }: ChainOptions) {
    this.#seed = seed;
    this.#tempo = tempo;
    this.#step = finalityStep;
    this.genesisHash = this.#hash(0);
    for (let number = 0; number <= height; number++) this.#push(EMPTY);
    this.#final = height;
  }

  #hash(number: number): Hex {
    return blake2b256(new TextEncoder().encode(`simulated block ${number} of ${this.#seed}`));
  }

  #push(state: ChainState): Block {
    const number = this.#blocks.length;
    const block = { number, hash: this.#hash(number), state };
    this.#blocks.push(block);
    this.#byHash.set(block.hash, block);
    return block;
  }

  /** The newest block. */
  get height(): number {
    return this.#blocks.length - 1;
  }

  /** The newest final block. */
  get head(): Head {
    return this.at(this.#final);
  }

  /** A block by its number. @throws Error when there is none */
  at(number: number): Block {
    const block = this.#blocks[number];
    if (block === undefined) throw new Error(`there is no block ${number}`);
    return block;
  }

  /** The state after a final block, by hash; after the newest one without. */
  stateAt(hash?: Hex): ChainState {
    const block = hash === undefined ? this.at(this.#final) : this.#byHash.get(hash);
    if (block === undefined) throw new Error(`there is no block ${hash}`);
    return block.state;
  }

  /** Begins with `seats` instead of an empty subnet. */
  found(seats: readonly Seat[]): void {
    for (const [number, block] of this.#blocks.entries()) {
      const founded = { ...block, state: { ...block.state, seats } };
      this.#blocks[number] = founded;
      this.#byHash.set(block.hash, founded);
    }
  }

  /** Puts a call into the next block; resolves when that is final. */
  async call(call: Call): Promise<Head> {
    return new Promise((resolve) => {
      this.#pool.push({ call, land: resolve });
    });
  }

  /** Told of every block that becomes final. */
  onFinal(listener: () => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }

  /** Makes the next block. */
  makeBlock(): void {
    const number = this.#blocks.length;
    const calls = this.#pool.splice(0);
    const called = calls.reduce(
      (state, { call }) => call(state, number),
      this.at(number - 1).state,
    );
    const { hash } = this.#push(number % this.#tempo === 0 ? this.#epoch(called) : called);
    for (const { land } of calls) this.#landed.push(() => land({ number, hash }));
    if (number % this.#step === 0) this.#finalise(number);
  }

  #finalise(number: number): void {
    this.#final = number;
    const due = this.#landed.splice(0);
    for (const listener of this.#listeners) listener();
    for (const tell of due) tell();
  }

  /** Pays the miners' half of the last `tempo` blocks by incentive. */
  #epoch(state: ChainState): ChainState {
    const { seats, weights, issuedRao } = state;
    const rows = seats.flatMap(({ hotkey, stakeRao, permit }): Row[] => {
      const own = weights.get(hotkey);
      if (own === undefined || !permit) return [];
      const pairs = own.uids.map((uid, index) => [uid, own.values[index] ?? 0] as const);
      return [{ stake: Number(stakeRao), weights: new Map(pairs) }];
    });
    const emitted = emissionAt(issuedRao) * BigInt(this.#tempo);
    const { miners } = splitEmission(emitted);
    const paidRao = new Map(state.paidRao);
    for (const [uid, share] of incentiveOf(rows, seats.length).entries()) {
      const hotkey = seats[uid]?.hotkey;
      const parts = BigInt(Math.floor(share * 2 ** Number(SHARE_BITS)));
      if (hotkey === undefined || parts === 0n) continue;
      paidRao.set(hotkey, (paidRao.get(hotkey) ?? 0n) + ((miners * parts) >> SHARE_BITS));
    }
    return { ...state, paidRao, issuedRao: issuedRao + emitted };
  }
}

/** A hotkey takes a uid: one that is there already goes, with its commitment and its weights. */
export function seated(uid: number, seat: Seat): Call {
  return (state) => {
    const seats = [...state.seats];
    const gone = seats[uid]?.hotkey;
    seats[Math.min(uid, seats.length)] = seat;
    if (gone === undefined) return { ...state, seats };
    const commitments = new Map(state.commitments);
    const weights = new Map(state.weights);
    commitments.delete(gone);
    weights.delete(gone);
    return { ...state, seats, commitments, weights };
  };
}

/** Another stake on a hotkey. */
export function restaked(hotkey: Hex, stakeRao: bigint): Call {
  return (state) => ({
    ...state,
    seats: state.seats.map((seat) => (seat.hotkey === hotkey ? { ...seat, stakeRao } : seat)),
  });
}
