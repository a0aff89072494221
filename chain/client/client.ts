/** @file A chain as Assay sees it: typed reads at any block, calls that resolve when they are final. */
import { ChainError } from "../errors.ts";
import { type Hex } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import * as calls from "./calls.ts";
import {
  COMMITMENT_ITEMS,
  type Commitment,
  type CommitmentField as Field,
  readCommitments,
} from "./commitments.ts";
import { followHeads, type Head as FinalHead, readBlockHash, readHead } from "./heads.ts";
import { ChainLink } from "./link.ts";
import { METAGRAPH_ITEMS, type Metagraph, MetagraphReader } from "./metagraph.ts";
import { ChainState } from "./state.ts";
import { type CallSpec, Submitter } from "./submit.ts";
import {
  type EmissionLedger,
  type Hyperparameters,
  readBalance,
  readEmissionLedger,
  readHyperparameters,
  readSubnetIdentity,
} from "./subnet.ts";

/** A finalised block. */
export type Head = FinalHead;
/** One field of a commitment. */
export type CommitmentField = Field;
/** What a successful call gives back: the finalised block that holds it. */
export type Submitted = { readonly block: Head };

/** Weights by uid, u16 each. `versionKey` must be at least the subnet's. */
export type WeightVector = {
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly versionKey: bigint;
};
/** An amount to move between a coldkey's balance and its stake on a hotkey. */
export type StakeChange = {
  readonly netuid: number;
  readonly hotkey: Hex;
  readonly amountRao: bigint;
};

/** How to connect. Endpoints are WebSocket URLs, tried in order. */
export type ConnectOptions = {
  readonly endpoints: readonly string[];
  /** Refuse any other chain. */
  readonly expectedGenesis?: Hex;
  /** Limit of the connect and of every read; 10 s. */
  readonly timeoutMs?: number;
  /** Limit of a call until its block is final; 120 s. */
  readonly submitTimeoutMs?: number;
  /** Without a new head for so long, the endpoint has to prove that it lives; 30 s. */
  readonly stallMs?: number;
  /** Closes the client. */
  readonly signal?: AbortSignal;
};

/** A connected chain. `at` is a block hash; left out, it is the newest finalised block. */
export type ChainClient = {
  readonly genesisHash: Hex;
  /** The endpoint in use; changes on failover. */
  readonly endpoint: string;
  head(): Promise<Head>;
  blockHash(number: number): Promise<Hex>;
  followHeads(signal: AbortSignal): AsyncIterable<Head>;
  metagraph(netuid: number, at?: Hex): Promise<Metagraph>;
  hotkeys(netuid: number, at?: Hex): Promise<readonly Hex[]>;
  stakes(netuid: number, hotkeys: readonly Hex[], at?: Hex): Promise<readonly bigint[]>;
  validatorPermits(netuid: number, at?: Hex): Promise<readonly boolean[]>;
  commitments(
    netuid: number,
    hotkeys: readonly Hex[],
    at?: Hex,
  ): Promise<ReadonlyMap<Hex, Commitment>>;
  subnetIdentity(netuid: number, at?: Hex): Promise<string | null>;
  emissionLedger(netuid: number, at?: Hex): Promise<EmissionLedger>;
  hyperparameters(netuid: number, at?: Hex): Promise<Hyperparameters>;
  balance(account: Hex, at?: Hex): Promise<bigint>;
  setCommitment(
    hotkey: Signer,
    netuid: number,
    fields: readonly CommitmentField[],
  ): Promise<Submitted>;
  setWeights(hotkey: Signer, netuid: number, weights: WeightVector): Promise<Submitted>;
  serveAxon(
    hotkey: Signer,
    netuid: number,
    axon: { readonly ip: string; readonly port: number },
  ): Promise<Submitted>;
  burnedRegister(coldkey: Signer, netuid: number, hotkey: Hex): Promise<Submitted>;
  registerNetwork(coldkey: Signer, hotkey: Hex): Promise<Submitted & { readonly netuid: number }>;
  startCall(coldkey: Signer, netuid: number): Promise<Submitted>;
  addStake(coldkey: Signer, stake: StakeChange): Promise<Submitted>;
  removeStake(coldkey: Signer, stake: StakeChange): Promise<Submitted>;
  setSubnetIdentity(
    coldkey: Signer,
    netuid: number,
    identity: calls.SubnetIdentity,
  ): Promise<Submitted>;
  transfer(coldkey: Signer, to: Hex, amountRao: bigint): Promise<Submitted>;
  /** Any other call, by its names in metadata. */
  submit(signer: Signer, call: CallSpec): Promise<Submitted>;
  close(): Promise<void>;
};

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_SUBMIT_TIMEOUT_MS = 120_000;
const DEFAULT_STALL_MS = 30_000;

/**
 * Connects, checks which chain it is, and loads its runtime. Fails within `timeoutMs` when no endpoint answers;
 * once connected, the client reconnects by itself until it is closed.
 * @throws ChainError chain-unreachable, wrong-genesis, runtime-incompatible (an item that every node needs is
 * missing or has another shape), rpc-failed
 */
export async function connectChain(options: ConnectOptions): Promise<ChainClient> {
  options.signal?.throwIfAborted();
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const times = { timeoutMs, stallMs: options.stallMs ?? DEFAULT_STALL_MS };
  const link = await ChainLink.open(options.endpoints, times, options.expectedGenesis);
  try {
    const state = await ChainState.open(link);
    state.runtime.require([...METAGRAPH_ITEMS, ...COMMITMENT_ITEMS]);
    options.signal?.throwIfAborted();
    options.signal?.addEventListener("abort", () => link.close(), { once: true });
    const submitter = new Submitter(state, options.submitTimeoutMs ?? DEFAULT_SUBMIT_TIMEOUT_MS);
    return clientOf(state, submitter);
  } catch (error) {
    link.close();
    throw error;
  }
}

function clientOf(state: ChainState, submitter: Submitter): ChainClient {
  const { link } = state;
  return {
    genesisHash: link.genesisHash,
    get endpoint() {
      return link.endpoint;
    },
    ...readsOf(state),
    ...callsOf(submitter),
    close: async () => link.close(),
  };
}

type Calls =
  | "setCommitment"
  | "setWeights"
  | "serveAxon"
  | "burnedRegister"
  | "registerNetwork"
  | "startCall"
  | "addStake"
  | "removeStake"
  | "setSubnetIdentity"
  | "transfer"
  | "submit";

function readsOf(
  state: ChainState,
): Omit<ChainClient, Calls | "genesisHash" | "endpoint" | "close"> {
  const graphs = new MetagraphReader(state);
  const hashOf = async (at: Hex | undefined): Promise<Hex> => at ?? (await readHead(state)).hash;
  return {
    head: async () => readHead(state),
    blockHash: async (number) => readBlockHash(state, number),
    followHeads: (signal) => followHeads(state, signal),
    metagraph: async (netuid, at) => graphs.metagraph(netuid, await hashOf(at)),
    hotkeys: async (netuid, at) => graphs.hotkeys(netuid, await hashOf(at)),
    stakes: async (netuid, hotkeys, at) => graphs.stakes(netuid, hotkeys, await hashOf(at)),
    validatorPermits: async (netuid, at) => graphs.validatorPermits(netuid, await hashOf(at)),
    commitments: async (netuid, hotkeys, at) =>
      readCommitments(state, { netuid, hotkeys, at: await hashOf(at) }),
    subnetIdentity: async (netuid, at) =>
      readSubnetIdentity(state, { netuid, at: await hashOf(at) }),
    emissionLedger: async (netuid, at) =>
      readEmissionLedger(state, { netuid, at: await hashOf(at) }),
    hyperparameters: async (netuid, at) =>
      readHyperparameters(state, { netuid, at: await hashOf(at) }),
    balance: async (account, at) => readBalance(state, account, await hashOf(at)),
  };
}

function callsOf(submitter: Submitter): Pick<ChainClient, Calls> {
  const submit = async (signer: Signer, call: CallSpec): Promise<Submitted> => {
    const { block } = await submitter.submit(signer, call);
    return { block };
  };
  return {
    submit,
    setCommitment: async (hotkey, netuid, fields) =>
      submit(hotkey, calls.setCommitment(netuid, fields)),
    setWeights: async (hotkey, netuid, weights) =>
      submit(hotkey, calls.setWeights(netuid, weights)),
    serveAxon: async (hotkey, netuid, axon) => submit(hotkey, calls.serveAxon(netuid, axon)),
    burnedRegister: async (coldkey, netuid, hotkey) =>
      submit(coldkey, calls.burnedRegister(netuid, hotkey)),
    registerNetwork: async (coldkey, hotkey) => {
      const { block, events } = await submitter.submit(coldkey, calls.registerNetwork(hotkey));
      const added = events.find(({ name }) => name === "NetworkAdded");
      if (added === undefined)
        throw new ChainError({
          code: "runtime-incompatible",
          item: "event SubtensorModule.NetworkAdded",
          expected: "the netuid of the new subnet",
          found: "absent",
        });
      return { block, netuid: Number(added.data[0]) };
    },
    startCall: async (coldkey, netuid) => submit(coldkey, calls.startCall(netuid)),
    addStake: async (coldkey, stake) => submit(coldkey, calls.addStake(stake)),
    removeStake: async (coldkey, stake) => submit(coldkey, calls.removeStake(stake)),
    setSubnetIdentity: async (coldkey, netuid, identity) =>
      submit(coldkey, calls.setSubnetIdentity(netuid, identity)),
    transfer: async (coldkey, to, amountRao) => submit(coldkey, calls.transfer(to, amountRao)),
  };
}
