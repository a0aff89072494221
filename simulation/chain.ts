/** @file A chain on plain data: blocks with seeded hashes, each with the state after it, and calls that land in the next one. */
import type { WeightVector } from "../chain/client/client.ts";
import type { Commitment } from "../chain/client/commitments.ts";
import type { Head } from "../chain/client/client.ts";
import { blake2b256, type Hex } from "../src/protocol/digest.ts";
import { emissionAt, epochPools, splitEmission } from "../src/protocol/economy.ts";
import { minerPay, hasIncentive, runEpoch } from "../src/yuma/epoch.ts";
import type { StoredRow } from "../src/yuma/matrix.ts";
import type { EpochInput } from "../src/yuma/terms.ts";
import { storedWeights } from "../src/yuma/weights.ts";

/** A uid. */
export type Seat = {
  readonly hotkey: Hex;
  readonly stakeRao: bigint;
  readonly permit: boolean;
  /** Block of the registration: weights that are not newer do not count for it. */
  readonly registeredAt: number;
};

/** Weights as a validator set them last, and in which block. */
type Weights = Pick<WeightVector, "uids" | "values"> & { readonly block: number };

/** What is so after a block. Nothing in it ever changes: a later block has another one. */
export type ChainState = {
  /** By uid. */
  readonly seats: readonly Seat[];
  readonly commitments: ReadonlyMap<Hex, Commitment>;
  readonly weights: ReadonlyMap<Hex, Weights>;
  /** What each hotkey has been paid, in rao. */
  readonly paidRao: ReadonlyMap<string, bigint>;
  readonly issuedRao: bigint;
  /** What the last epoch could not divide. */
  readonly carriedRao: bigint;
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
  carriedRao: 0n,
  identity: null,
};
/** Yuma's constants of a new subnet; who has set no weights for 13.889 tempos is inactive. */
const RULES = { kappa: 32_767, bondsPenalty: 65_535, bondsMovingAverage: 900_000, yuma3: true };
const ACTIVITY_TEMPOS = 13.889;

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
    const { hash } = this.#push(number % this.#tempo === 0 ? this.#epoch(called, number) : called);
    for (const { land } of calls) this.#landed.push(() => land({ number, hash }));
    if (number % this.#step === 0) this.#finalise(number);
  }

  #finalise(number: number): void {
    this.#final = number;
    const due = this.#landed.splice(0);
    for (const listener of this.#listeners) listener();
    for (const tell of due) tell();
  }

  /** Pays the miners' half of the last `tempo` blocks by incentive, as the chain does; stakes stand still, so dividends are left out. */
  #epoch(state: ChainState, block: number): ChainState {
    const emitted = emissionAt(state.issuedRao) * BigInt(this.#tempo);
    const output = runEpoch(epochInput(state, { block, tempo: this.#tempo }));
    const { owner, miners } = splitEmission(emitted);
    const pending = { owner, miners, validators: 0n };
    const pools = epochPools(pending, state.carriedRao, hasIncentive(output));
    const pay = minerPay(output, pools.miners);
    const paidRao = new Map(state.paidRao);
    for (const [uid, { hotkey }] of state.seats.entries()) {
      const rao = pay[uid] ?? 0n;
      if (rao > 0n) paidRao.set(hotkey, (paidRao.get(hotkey) ?? 0n) + rao);
    }
    const carriedRao = pools.miners - pay.reduce((sum, rao) => sum + rao, 0n);
    return { ...state, paidRao, carriedRao, issuedRao: state.issuedRao + emitted };
  }
}

/** What the chain's epoch would read. Bonds decide about dividends alone. */
function epochInput(
  { seats, weights }: ChainState,
  { block, tempo }: { readonly block: number; readonly tempo: number },
): EpochInput {
  const row = ({ hotkey }: Seat): StoredRow => {
    const own = weights.get(hotkey);
    if (own === undefined) return [];
    const values = storedWeights(own.values);
    return own.uids.map((uid, index) => [uid, values[index] ?? 0] as const);
  };
  return {
    ...RULES,
    block,
    tempo,
    activityCutoff: Math.max(1, Math.floor(ACTIVITY_TEMPOS * tempo)),
    liquidAlpha: null,
    maxValidators: seats.length,
    ownerUid: null,
    lastEpoch: block - tempo,
    stakeRao: seats.map(({ stakeRao }) => stakeRao),
    stakeThresholdRao: 0n,
    lastUpdate: seats.map(({ hotkey, registeredAt }) => weights.get(hotkey)?.block ?? registeredAt),
    registeredAt: seats.map(({ registeredAt }) => registeredAt),
    permits: seats.map(({ permit }) => permit),
    weights: seats.map(row),
    bonds: seats.map(() => []),
  };
}

/** A hotkey takes a uid: one that is there already goes, with its commitment and its weights. */
export function seated(uid: number, seat: Omit<Seat, "registeredAt">): Call {
  return (state, block) => {
    const seats = [...state.seats];
    const gone = seats[uid]?.hotkey;
    seats[Math.min(uid, seats.length)] = { ...seat, registeredAt: block };
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
