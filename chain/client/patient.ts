/** @file A client for long-lived processes: its reads wait while the chain is away, where others fail within seconds. */
import { setTimeout as sleep } from "node:timers/promises";
import { ChainError } from "../errors.ts";
import type { ChainClient } from "./client.ts";

/** Between two attempts; each waits for the link by itself. */
const RETRY_MS = 200;
/** A node that is starting or stopping refuses for some seconds; one that lacks what is asked refuses for ever. */
const REFUSED_MS = 20_000;

/** Whether waiting may help: the chain is away, or its node has refused only for a moment yet. */
function mayPass(error: unknown, sinceMs: number): boolean {
  if (!(error instanceof ChainError)) return false;
  return (
    error.code === "chain-unreachable" || (error.code === "rpc-failed" && sinceMs < REFUSED_MS)
  );
}

/** `read`, asked again until the chain answers. */
function waiting<Arguments extends readonly unknown[], T>(
  read: (...args: Arguments) => Promise<T>,
  signal: AbortSignal,
): (...args: Arguments) => Promise<T> {
  return async (...args) => {
    let refusedAt: number | null = null;
    for (;;) {
      try {
        return await read(...args);
      } catch (error) {
        signal.throwIfAborted();
        const now = performance.now();
        if (error instanceof ChainError && error.code === "rpc-failed") refusedAt ??= now;
        else refusedAt = null;
        if (!mayPass(error, now - (refusedAt ?? now))) throw error;
      }
      await sleep(RETRY_MS, undefined, { signal });
    }
  };
}

/**
 * The same client, but an outage of the chain only delays what is read, by any length, until `signal` aborts. Calls stay
 * as they are: one that is sent minutes late may mean something else, so whoever makes it decides.
 */
export function patientClient(chain: ChainClient, signal: AbortSignal): ChainClient {
  return {
    ...chain,
    get endpoint() {
      return chain.endpoint;
    },
    head: waiting(chain.head, signal),
    blockHash: waiting(chain.blockHash, signal),
    metagraph: waiting(chain.metagraph, signal),
    hotkeys: waiting(chain.hotkeys, signal),
    stakes: waiting(chain.stakes, signal),
    validatorPermits: waiting(chain.validatorPermits, signal),
    commitments: waiting(chain.commitments, signal),
    balance: waiting(chain.balance, signal),
    neuronOf: waiting(chain.neuronOf, signal),
    servableFrom: waiting(chain.servableFrom, signal),
    stakeOf: waiting(chain.stakeOf, signal),
    stakeForPermit: waiting(chain.stakeForPermit, signal),
    subnetIdentity: waiting(chain.subnetIdentity, signal),
    identity: waiting(chain.identity, signal),
    hyperparameters: waiting(chain.hyperparameters, signal),
    emissionLedger: waiting(chain.emissionLedger, signal),
    nextEpoch: waiting(chain.nextEpoch, signal),
    isDevelopmentChain: waiting(chain.isDevelopmentChain, signal),
  };
}
