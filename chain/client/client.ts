/** @file A chain as Assay sees it: typed reads at any block, calls that resolve when they are final. */
import { hidden } from "../../base/hidden.ts";
import { type Hex } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import { type Accounts, accountsOf } from "./accounts.ts";
import { type Decorated, decoratedOf } from "./api.ts";
import { type Consensus, consensusOf } from "./authorities.ts";
import * as calls from "./calls.ts";
import {
  COMMITMENT_ITEMS,
  type Commitment,
  type CommitmentField as Field,
  readCommitments,
} from "./commitments.ts";
import { type Committing, committingOf } from "./commits.ts";
import type { ConnectionNews as News } from "./connection-news.ts";
import { type Contents, contentsOf } from "./contents.ts";
import { type Development, developmentOf } from "./development.ts";
import {
  followHeads,
  type Head as FinalHead,
  readBestNumber,
  readBlockHash,
  readHead,
} from "./heads.ts";
import { ChainLink } from "./link.ts";
import { METAGRAPH_ITEMS, type Metagraph, MetagraphReader } from "./metagraph.ts";
import { blockOf, type ClientParts, type Submitted as Final, submitted } from "./parts.ts";
import { type Parameters, parametersOf } from "./parameters.ts";
import { type Proofs, proofsOf } from "./proofs.ts";
import { type Pulses, pulsesOf } from "./pulses.ts";
import { type Registration, registrationOf } from "./registration.ts";
import { type Serving, servingOf } from "./serving.ts";
import { type CallSpec } from "./sign.ts";
import { type Shielding, shieldingOf } from "./shielded.ts";
import { type Redemption, redemptionOf } from "./redemption.ts";
import { type Staking, stakingOf } from "./staking.ts";
import { ChainState } from "./state.ts";
import { type Subnets, subnetsOf } from "./subnets.ts";
import { type SubmitNews as Sending, Submitter } from "./submit.ts";
import { type System, systemOf } from "./system.ts";
import { namedRefusal } from "./weights-refusal.ts";

/** A finalised block. */
export type Head = FinalHead;
/** What happened to the connection of a client. */
export type ConnectionNews = News;
/** What becomes of an extrinsic that is sent. */
export type SubmitNews = Sending;
/** One field of a commitment. */
export type CommitmentField = Field;
/** What a successful call gives back: the finalised block that holds it. */
export type Submitted = Final;

/** Weights by uid, u16 each. `versionKey` must be at least the subnet's. */
export type WeightVector = calls.WeightVector;

/** How to connect. Endpoints are WebSocket URLs: the first that answers is used, the others are kept ready. */
export type ConnectOptions = {
  readonly endpoints: readonly string[];
  /** Refuse any other chain. */
  readonly expectedGenesis?: Hex;
  /** Limit of the connect and of every read; 10 s. */
  readonly timeoutMs?: number;
  /** Limit of a call until its block is final; 120 s. */
  readonly submitTimeoutMs?: number;
  /**
   * An endpoint that says nothing for so long has to answer a question; one that does not, or is behind another for so long, is left; 4 s.
   */
  readonly stallMs?: number;
  /** Closes the client. */
  readonly signal?: AbortSignal;
  /** Told when the connection is lost, sought in vain, and back, and why another endpoint is not used. */
  readonly onNews?: (news: ConnectionNews) => void;
  /** Told when an extrinsic is handed over, and when its fate is known or given up. */
  readonly onSubmit?: (news: SubmitNews) => void;
};

/** Finalised blocks. */
type Blocks = {
  head(): Promise<Head>;
  /** Height of the newest block, final or not: to see how far finality is behind. */
  bestNumber(): Promise<number>;
  blockHash(number: number): Promise<Hex>;
  followHeads(signal: AbortSignal): AsyncIterable<Head>;
};
/** Neurons of a subnet, and what they say about each other. */
type Neurons = {
  metagraph(netuid: number, at?: Hex): Promise<Metagraph>;
  hotkeys(netuid: number, at?: Hex): Promise<readonly Hex[]>;
  stakes(netuid: number, hotkeys: readonly Hex[], at?: Hex): Promise<readonly bigint[]>;
  validatorPermits(netuid: number, at?: Hex): Promise<readonly boolean[]>;
  commitments(
    netuid: number,
    hotkeys: readonly Hex[],
    at?: Hex,
  ): Promise<ReadonlyMap<Hex, Commitment>>;
  setCommitment(
    hotkey: Signer,
    netuid: number,
    fields: readonly CommitmentField[],
  ): Promise<Submitted>;
  setWeights(hotkey: Signer, netuid: number, weights: WeightVector): Promise<Submitted>;
};

/**
 * A connected chain: one flat object whose members are grouped by noun. `at` is a block hash; left out, it is the
 * newest finalised block. A call that the chain refuses is a ChainError with the pallet's name for it
 * (`refusalNames` of `refusal.ts`).
 */
export type ChainClient = {
  readonly genesisHash: Hex;
  /** The endpoint in use; changes on failover. */
  readonly endpoint: string;
  /** Any other call, by its names in metadata. */
  submit(signer: Signer, call: CallSpec): Promise<Submitted>;
  close(): Promise<void>;
} & Blocks &
  Contents &
  Neurons &
  Committing &
  Pulses &
  Accounts &
  Registration &
  Serving &
  Staking &
  Redemption &
  Shielding &
  Subnets &
  Parameters &
  Proofs &
  System &
  Consensus &
  Development &
  Decorated;

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_SUBMIT_TIMEOUT_MS = 120_000;
const DEFAULT_STALL_MS = 4000;

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
  if (options.onNews !== undefined) link.onNews(options.onNews);
  try {
    const state = await ChainState.open(link);
    state.runtime.require([...METAGRAPH_ITEMS, ...COMMITMENT_ITEMS]);
    options.signal?.throwIfAborted();
    options.signal?.addEventListener("abort", () => link.close(), { once: true });
    const submitTimeoutMs = options.submitTimeoutMs ?? DEFAULT_SUBMIT_TIMEOUT_MS;
    const submitter = new Submitter(state, submitTimeoutMs, options.onSubmit);
    return clientOf({ state, submitter });
  } catch (error) {
    link.close();
    throw error;
  }
}

function clientOf(parts: ClientParts): ChainClient {
  const { link } = parts.state;
  const graphs = new MetagraphReader(parts.state);
  return {
    genesisHash: link.genesisHash,
    get endpoint() {
      return hidden(link.endpoint);
    },
    submit: async (signer, call) => submitted(parts, signer, call),
    close: async () => link.close(),
    ...blocksOf(parts),
    ...contentsOf(parts),
    ...neuronsOf(parts, graphs),
    ...committingOf(parts, graphs),
    ...pulsesOf(parts),
    ...accountsOf(parts),
    ...registrationOf(parts, graphs),
    ...servingOf(parts),
    ...stakingOf(parts, graphs),
    ...redemptionOf(parts),
    ...shieldingOf(parts),
    ...subnetsOf(parts),
    ...parametersOf(parts),
    ...proofsOf(parts),
    ...systemOf(parts),
    ...consensusOf(parts),
    ...developmentOf(parts),
    ...decoratedOf(parts),
  };
}

function blocksOf({ state }: ClientParts): Blocks {
  return {
    head: async () => readHead(state),
    bestNumber: async () => readBestNumber(state),
    blockHash: async (number) => readBlockHash(state, number),
    followHeads: (signal) => followHeads(state, signal),
  };
}

function neuronsOf(parts: ClientParts, graphs: MetagraphReader): Neurons {
  const { state } = parts;
  return {
    metagraph: async (netuid, at) => graphs.metagraph(netuid, await blockOf(state, at)),
    hotkeys: async (netuid, at) => graphs.hotkeys(netuid, await blockOf(state, at)),
    stakes: async (netuid, hotkeys, at) => graphs.stakes(netuid, hotkeys, await blockOf(state, at)),
    validatorPermits: async (netuid, at) =>
      graphs.validatorPermits(netuid, await blockOf(state, at)),
    commitments: async (netuid, hotkeys, at) =>
      readCommitments(state, { netuid, hotkeys, at: await blockOf(state, at) }),
    setCommitment: async (hotkey, netuid, fields) =>
      submitted(parts, hotkey, calls.setCommitment(netuid, fields)),
    setWeights: async (hotkey, netuid, weights) =>
      submitted(parts, hotkey, calls.setWeights(netuid, weights)).catch(async (error: unknown) => {
        const sent = { ...weights, hotkey: hotkey.publicKey, netuid };
        throw await namedRefusal(error, sent, { state, graphs });
      }),
  };
}
