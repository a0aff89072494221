/** @file The chain as one simulated process reaches it: the calls that the loops make. */
import type { ChainClient, Head } from "../chain/client/client.ts";
import type { Neuron } from "../chain/client/metagraph.ts";
import type { Hyperparameters } from "../chain/client/subnet.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { type Call, type ChainState, type SimulatedChain } from "./chain.ts";
import type { Gate } from "./gate.ts";
import { only } from "./only.ts";

/** Final heads, each once and in order, as fast as the process takes them. */
async function* headsOf(
  chain: SimulatedChain,
  gate: Gate,
  signal: AbortSignal,
): AsyncGenerator<Head> {
  let wake: (() => void) | null = null;
  const awaken = (): void => wake?.();
  const stop = chain.onFinal(awaken);
  signal.addEventListener("abort", awaken, { once: true });
  try {
    for (let next = chain.head.number; !signal.aborted; next++) {
      while (chain.head.number < next && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (signal.aborted) return;
      await gate.pass();
      const { number, hash } = chain.at(next);
      yield { number, hash };
    }
  } finally {
    stop();
    signal.removeEventListener("abort", awaken);
  }
}

const seatOf = (state: ChainState, hotkey: string): ChainState["seats"][number] | undefined =>
  state.seats.find((seat) => seat.hotkey === hotkey);

/** What a hotkey holds: its stake, and what it has earned. */
const stakeOf = (state: ChainState, hotkey: string): bigint =>
  (seatOf(state, hotkey)?.stakeRao ?? 0n) + (state.paidRao.get(hotkey) ?? 0n);

const withWeights =
  (hotkey: Hex, uids: readonly number[], values: readonly number[]): Call =>
  (state, block) => ({
    ...state,
    weights: new Map(state.weights).set(hotkey, { uids, values, block }),
  });

/** Weights are set at once: nothing that a scorer or a node does depends on when they are revealed. */
const HYPERPARAMETERS = only<Hyperparameters>("hyperparameters", {
  commitRevealEnabled: false,
  revealPeriodEpochs: 1,
  weightsVersion: 0n,
});

/** A client of `chain` for a process that `gate` lets through. */
export function clientOf(chain: SimulatedChain, gate: Gate): ChainClient {
  const read = async <T>(what: (state: ChainState) => T, at?: Hex): Promise<T> => {
    await gate.pass();
    return what(chain.stateAt(at));
  };
  const send = async (call: Call): Promise<{ block: Head }> => {
    await gate.pass();
    const block = await gate.unlessBroken(chain.call(call));
    await gate.pass();
    return { block };
  };
  return only<ChainClient>("chain", {
    genesisHash: chain.genesisHash,
    endpoint: "simulated",
    head: async () => {
      await gate.pass();
      return chain.head;
    },
    blockHash: async (number) => {
      await gate.pass();
      return chain.at(number).hash;
    },
    followHeads: (signal) => headsOf(chain, gate, signal),
    hotkeys: (_netuid, at) => read(({ seats }) => seats.map(({ hotkey }) => hotkey), at),
    validatorPermits: (_netuid, at) => read(({ seats }) => seats.map(({ permit }) => permit), at),
    stakes: (_netuid, hotkeys, at) =>
      read((state) => hotkeys.map((hotkey) => stakeOf(state, hotkey)), at),
    commitments: (_netuid, hotkeys, at) =>
      read(({ commitments }) => {
        const held = [...commitments].filter(([hotkey]) => hotkeys.includes(hotkey));
        return new Map(held);
      }, at),
    setCommitment: ({ publicKey }, _netuid, fields) =>
      send((state, block) => ({
        ...state,
        commitments: new Map(state.commitments).set(publicKey, { block, fields }),
      })),
    // Nobody opens encrypted weights here.
    shieldKey: async () => null,
    setWeights: ({ publicKey }, _netuid, { uids, values }) =>
      send(withWeights(publicKey, uids, values)),
    hyperparameters: () => read(() => HYPERPARAMETERS),
    subnetIdentity: (_netuid, at) => read(({ identity }) => identity, at),
    stakeForPermit: (_netuid, hotkey, at) =>
      read((state) => {
        const seat = seatOf(state, hotkey);
        const stakeRao = stakeOf(state, hotkey);
        const permitted = seat?.permit ?? false;
        const nothing = { neededRao: 0n, missingRao: 0n, othersRao: 0n, permitEpoch: null };
        return { permitted, stakeRao, ...nothing };
      }, at),
    neuronOf: async (_netuid, hotkey) => {
      await gate.pass();
      const uid = chain.stateAt().seats.findIndex((seat) => seat.hotkey === hotkey);
      return uid === -1 ? null : only<Neuron>("neuron", { uid });
    },
  });
}
