/** @file A client for long-lived processes: its reads wait while the chain is away, where others fail within seconds. */
import { setTimeout as sleep } from "node:timers/promises";
import { ChainError } from "../errors.ts";
import type { ChainClient } from "./client.ts";
import { jittered } from "./line.ts";
import { BUSY_PAUSE } from "./link.ts";
import { RpcRefusal } from "./rpc.ts";

/** Between two attempts, at most; each waits for the link by itself. It grows while the node has no time. */
const RETRY_MS = 200;
/** A node that is starting or stopping refuses for some seconds; one that lacks what is asked refuses for ever. */
const REFUSED_MS = 20_000;

/** Whether a node has thrown away the state that was asked for, and so will refuse for ever (the words of Substrate's nodes). */
export function isDiscarded(error: unknown): boolean {
  if (!(error instanceof ChainError)) return false;
  const { fault } = error;
  return fault.code === "rpc-failed" && fault.reason.includes("State already discarded");
}

/** Whether a node had no time for a whole read. */
const isBusy = (error: unknown): boolean =>
  error instanceof ChainError && error.cause instanceof RpcRefusal && error.cause.isForNow;

/** Whether waiting may help: the chain is away, its node has no time, or it has refused only for a moment yet. */
function mayPass(error: unknown, sinceMs: number): boolean {
  if (!(error instanceof ChainError)) return false;
  if (error.code === "chain-unreachable") return true;
  if (error.code !== "rpc-failed" || isDiscarded(error)) return false;
  return sinceMs < REFUSED_MS || isBusy(error);
}

/** What `read` gives, asked again until the chain answers. */
async function waited<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let refusedAt: number | null = null;
  for (let pauseMs = RETRY_MS; ;) {
    try {
      return await read();
    } catch (error) {
      signal.throwIfAborted();
      const now = performance.now();
      if (error instanceof ChainError && error.code === "rpc-failed") refusedAt ??= now;
      else refusedAt = null;
      if (!mayPass(error, now - (refusedAt ?? now))) throw error;
      pauseMs = isBusy(error) ? Math.min(2 * pauseMs, BUSY_PAUSE.mostMs) : RETRY_MS;
    }
    // The pause ends with an error of its own; the caller's reason is what was meant.
    await sleep(jittered(pauseMs), undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

/**
 * The same client, but an outage of the chain only delays what is read, by any length, until `signal` aborts. Calls stay
 * as they are: one that is sent minutes late may mean something else, so whoever makes it decides.
 */
export function patientClient(chain: ChainClient, signal: AbortSignal): ChainClient {
  const again = <T>(read: () => Promise<T>): Promise<T> => waited(read, signal);
  return {
    ...chain,
    get endpoint() {
      return chain.endpoint;
    },
    head: async (...args) => again(() => chain.head(...args)),
    bestNumber: async (...args) => again(() => chain.bestNumber(...args)),
    blockHash: async (...args) => again(() => chain.blockHash(...args)),
    metagraph: async (...args) => again(() => chain.metagraph(...args)),
    hotkeys: async (...args) => again(() => chain.hotkeys(...args)),
    stakes: async (...args) => again(() => chain.stakes(...args)),
    validatorPermits: async (...args) => again(() => chain.validatorPermits(...args)),
    commitments: async (...args) => again(() => chain.commitments(...args)),
    balance: async (...args) => again(() => chain.balance(...args)),
    neuronOf: async (...args) => again(() => chain.neuronOf(...args)),
    servableFrom: async (...args) => again(() => chain.servableFrom(...args)),
    stakeOf: async (...args) => again(() => chain.stakeOf(...args)),
    stakeForPermit: async (...args) => again(() => chain.stakeForPermit(...args)),
    subnetIdentity: async (...args) => again(() => chain.subnetIdentity(...args)),
    identity: async (...args) => again(() => chain.identity(...args)),
    hyperparameters: async (...args) => again(() => chain.hyperparameters(...args)),
    emissionLedger: async (...args) => again(() => chain.emissionLedger(...args)),
    epochTerms: async (...args) => again(() => chain.epochTerms(...args)),
    kin: async (...args) => again(() => chain.kin(...args)),
    validatorTrust: async (...args) => again(() => chain.validatorTrust(...args)),
    lastEpoch: async (...args) => again(() => chain.lastEpoch(...args)),
    nextEpoch: async (...args) => again(() => chain.nextEpoch(...args)),
    isDevelopmentChain: async (...args) => again(() => chain.isDevelopmentChain(...args)),
  };
}
