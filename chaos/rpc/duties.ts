/** @file What a neuron does on its chain in every tempo, through one client: weights, a commitment, a payment, and reads at each block. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainClient, Head } from "../../chain/client/client.ts";
import { patientClient } from "../../chain/client/patient.ts";
import { ChainError } from "../../chain/errors.ts";
import { ACTORS, NETUID } from "./stage.ts";

const AGAIN_MS = 100;
/** Every so many blocks the subnet is read. */
const READ_BLOCKS = 4;
/** The largest weight of a vector. */
const MOST = 65_535;

/** A tempo: its blocks, with that of the epoch that ends it. */
export type Tempo = { readonly first: number; readonly last: number };

/** A number that only one tempo has, and that no amount or weight exceeds. */
const markOf = ({ last }: Tempo): number => 1000 + (last % (MOST - 1000));

/** What is called in a tempo, by its names and arguments: equal to no call of another one. */
export function callsOf(tempo: Tempo): {
  readonly weights: {
    readonly uids: number[];
    readonly values: number[];
    readonly versionKey: bigint;
  };
  readonly commitment: Uint8Array;
  readonly rao: bigint;
} {
  const mark = markOf(tempo);
  const commitment = new Uint8Array(8);
  new DataView(commitment.buffer).setUint32(0, tempo.last);
  return {
    weights: { uids: [1, 2], values: [mark, MOST], versionKey: 0n },
    commitment,
    rao: 1_000_000n + BigInt(mark),
  };
}

/** Does the duties of each tempo once, however often that takes. */
export class Duties {
  /** Heads in the order in which they were read. */
  readonly heads: Head[] = [];
  /** Tempos in order; the first one had begun before. */
  readonly tempos: Tempo[] = [];
  /** What went wrong beyond what the faults explain. */
  readonly causes: string[] = [];
  readonly #client: ChainClient;
  readonly #stopped = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #reading: Promise<void>;

  constructor(client: ChainClient) {
    this.#client = client;
    this.#reading = this.#read();
  }

  /** Ends it: what is under way is waited for. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#reading;
    await Promise.all(this.#underWay);
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopped;
    const chain = patientClient(this.#client, signal);
    try {
      for await (const head of chain.followHeads(signal)) {
        this.heads.push(head);
        const known = this.tempos.at(-1);
        if (known === undefined || head.number > known.last) {
          const next = await chain.nextEpoch(NETUID, head.hash);
          if (next !== null) this.#begin({ first: head.number, last: next });
        }
        if (head.number % READ_BLOCKS === 0) await chain.metagraph(NETUID, head.hash);
      }
    } catch (error) {
      if (!signal.aborted) this.causes.push(`reading ended: ${String(error)}`);
    }
  }

  #begin(tempo: Tempo): void {
    this.tempos.push(tempo);
    const { weights, commitment, rao } = callsOf(tempo);
    const { hotkey, coldkey, payee } = ACTORS;
    const client = this.#client;
    this.#do(() => client.setWeights(hotkey, NETUID, weights));
    this.#do(() => client.setCommitment(hotkey, NETUID, [{ kind: "raw", bytes: commitment }]));
    this.#do(() => client.transfer(coldkey, payee.publicKey, rao));
  }

  /** Makes a call until it is known to be on the chain. */
  #do(call: () => Promise<unknown>): void {
    const done = this.#repeated(call).finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  async #repeated(call: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await call();
        return;
      } catch (error) {
        const mayPass =
          error instanceof ChainError &&
          [
            "chain-unreachable",
            "extrinsic-timeout",
            "rpc-failed",
            "wrong-genesis",
            "endpoint-behind",
          ].includes(error.code);
        if (!mayPass) {
          this.causes.push(String(error));
          return;
        }
        if (this.#stopped.signal.aborted) return;
      }
      await sleep(AGAIN_MS);
    }
  }
}
