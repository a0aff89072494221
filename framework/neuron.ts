/** @file What a neuron of any subnet can do: know its peers, serve and ask signed questions, count windows, set weights. */
import type { z } from "zod";
import type { ChainClient } from "../chain/client/client.ts";
import { ss58Of } from "../chain/wallet/account.ts";
import type { Signer } from "../chain/wallet/signer.ts";
import { aborted, type Lifecycle } from "../src/command/lifecycle.ts";
import type { Log } from "../src/command/log.ts";
import { AssayError } from "../src/errors.ts";
import type { Question } from "../src/network/answers.ts";
import { serveAnswers } from "../src/network/answers.ts";
import { type Asked, type AskLimits, askPeer } from "../src/network/ask.ts";
import type { AxonAddress } from "../src/network/client.ts";
import { openGate } from "../src/neuron/gate.ts";
import type { Connected } from "../src/neuron/neuron.ts";
import { servePublicly } from "../src/neuron/published-axon.ts";
import type { Hex } from "../src/protocol/digest.ts";
import type { BlockClock } from "../src/run/block-clock.ts";
import { Permits } from "./permits.ts";
import { Weights, type WeightsFate } from "./weights.ts";
import { type SubnetWindow, windowsOf } from "./windows.ts";

/** A neuron of the subnet as the chain knows it. */
export type Peer = {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly ss58: string;
  /** Null until it has published one. */
  readonly axon: AxonAddress | null;
  /** In rao. */
  readonly stakeRao: bigint;
  readonly validatorPermit: boolean;
};

/** What came of asking one peer. */
export type Reply<T> = { readonly peer: Peer } & (
  | { readonly answer: T }
  | { readonly error: AssayError }
);

/** A process on a subnet. Everything it opened is closed when it ends. */
export type SubnetNeuron = {
  readonly signer: Signer;
  readonly netuid: number;
  /** Typed reads and calls on the chain; reads wait while it is away. */
  readonly chain: ChainClient;
  /** Finalised blocks as they come. */
  readonly blocks: Pick<BlockClock, "current" | "reached" | "hashOf">;
  /** A folder of this hotkey alone, claimed by this process. */
  readonly folder: string;
  readonly log: Log;
  /** Aborted when the process is to stop. */
  readonly signal: AbortSignal;
  /** Tells people what it does. */
  readonly say: (text: string) => void;
  /** All neurons of the subnet but this one, by uid, in the newest final block. */
  peers(): Promise<readonly Peer[]>;
  /** Answers signed questions of registered hotkeys, and publishes the address. Once. */
  serve(questions: Readonly<Record<string, Question>>): Promise<AxonAddress>;
  /** Asks one peer. @throws AssayError peer-refused, peer-unreachable, peer-timeout, peer-oversized */
  ask<S extends z.ZodType>(
    peer: Pick<Peer, "ss58" | "axon">,
    asked: Asked<S>,
    limits?: AskLimits,
  ): Promise<z.output<S>>;
  /** Asks many at once; who fails does not hold up the others. In their order. */
  askAll<S extends z.ZodType>(
    peers: readonly Peer[],
    asked: Asked<S>,
    limits?: AskLimits,
  ): Promise<readonly Reply<z.output<S>>[]>;
  /** Windows of so many blocks, from the next one on. */
  windows(length: number): AsyncGenerator<SubnetWindow, void>;
  /** Sends weights in proportion to scores; nothing that the chain says about them ends the process. @throws RangeError as {@link Weights.set} */
  setWeights(scores: ReadonlyMap<Hex, number>): Promise<WeightsFate>;
  /** Resolves when the process is to stop. */
  untilStopped(): Promise<void>;
};

const NO_AXON = "it has published no axon";

/** The neurons of a subnet, but one. */
async function peersOf({ chain, netuid }: Connected["subnet"], self: Hex): Promise<Peer[]> {
  const { neurons } = await chain.metagraph(netuid);
  return neurons
    .filter(({ hotkey }) => hotkey !== self)
    .map(({ uid, hotkey, axon, stakeRao, validatorPermit }) => ({
      uid,
      hotkey,
      ss58: ss58Of(hotkey),
      axon,
      stakeRao,
      validatorPermit,
    }));
}

/** Opens what a neuron can do over its connection. */
export async function openNeuron(
  connected: Connected,
  lifecycle: Lifecycle,
): Promise<SubnetNeuron> {
  const { neuron, subnet } = connected;
  const { chain, netuid, blocks } = subnet;
  const { signer, signal, say, log, state } = neuron;
  const weights = await Weights.open(connected);
  const following = weights.follow().catch((error: unknown) => lifecycle.fail(error));
  lifecycle.onClose("reveals", () => following);
  const allowPrivate = await chain.isDevelopmentChain();
  const asker = { netuid, genesis: chain.genesisHash, signer, allowPrivate };

  const failed = (verb: string, error: unknown): void => log.error({ verb, error }, "no answer");
  const ask: SubnetNeuron["ask"] = async ({ ss58, axon }, asked, limits) => {
    if (axon === null)
      throw new AssayError({ code: "peer-unreachable", url: ss58, reason: NO_AXON });
    return askPeer(asker, { ss58, axon }, asked, { signal, ...limits });
  };

  return {
    signer,
    netuid,
    chain,
    blocks,
    folder: state.folder,
    log,
    signal,
    say,
    peers: async () => peersOf(subnet, signer.publicKey),
    async serve(questions) {
      const gate = openGate(subnet, { signer, folder: state.folder }, lifecycle);
      const status = (): { readonly hotkey: Hex } => ({ hotkey: signer.publicKey });
      const permits = new Permits();
      const reading = permits.follow(connected).catch((error: unknown) => lifecycle.fail(error));
      lifecycle.onClose("permits", () => reading);
      const isValidator = (hotkey: Hex): boolean => permits.has(hotkey);
      const answers = { questions, status, failed, isValidator };
      return servePublicly(
        subnet,
        { ...neuron, gate },
        (at) => serveAnswers(answers, { ...at, gate }),
        lifecycle,
      );
    },
    ask,
    askAll: async (peers, asked, limits) =>
      Promise.all(
        peers.map(async (peer) => {
          try {
            return { peer, answer: await ask(peer, asked, limits) };
          } catch (error) {
            if (!(error instanceof AssayError)) throw error;
            return { peer, error };
          }
        }),
      ),
    windows: (length) => windowsOf(blocks, { length, signal }),
    setWeights: async (scores) => weights.set(scores),
    untilStopped: async () => aborted(signal),
  };
}
