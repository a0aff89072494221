/** @file Finalised heads: the newest one, and a stream without gaps. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ChainError } from "../errors.ts";
import { type Hex } from "../wallet/hex.ts";
import { hexSchema } from "./answers.ts";
import { type ChainState } from "./state.ts";

/** Between two questions of a stream that outlasts an outage; each waits for the link by itself. */
const RETRY_MS = 100;

/** A finalised block. */
export type Head = { readonly number: number; readonly hash: Hex };

const headerSchema = z.object({ number: z.string().regex(/^0x[0-9a-fA-F]{1,8}$/) }).nullable();

/** Newest finalised block. */
export async function readHead(state: ChainState): Promise<Head> {
  const hash = await state.request(hexSchema, "chain_getFinalizedHead", []);
  return { number: await readNumber(state, hash), hash };
}

/** Number of the newest block, final or not. @throws ChainError rpc-failed */
export async function readBestNumber(state: ChainState): Promise<number> {
  const header = await state.request(headerSchema, "chain_getHeader", []);
  if (header === null) throw unknownBlock(state, "at all");
  return Number(header.number);
}

/**
 * Number of a block by hash.
 * @throws ChainError rpc-failed when the node does not know the block
 */
export async function readNumber(state: ChainState, hash: Hex): Promise<number> {
  const header = await state.request(headerSchema, "chain_getHeader", [hash]);
  if (header === null) throw unknownBlock(state, hash);
  return Number(header.number);
}

/**
 * Hash of a block by number.
 * @throws ChainError rpc-failed when there is no such block yet
 */
export async function readBlockHash(state: ChainState, number: number): Promise<Hex> {
  const hash = await state.request(hexSchema.nullable(), "chain_getBlockHash", [number]);
  if (hash === null) throw unknownBlock(state, String(number));
  return hash;
}

function unknownBlock(state: ChainState, block: string): ChainError {
  return new ChainError({
    code: "rpc-failed",
    endpoint: state.link.endpoint,
    method: "chain_getBlockHash",
    reason: `there is no block ${block}`,
  });
}

/** What `read` gives, however long the chain is away; null once it is over. */
async function patiently<T>(read: () => Promise<T>, over: () => boolean): Promise<T | null> {
  for (;;) {
    try {
      return over() ? null : await read();
    } catch (error) {
      if (over()) return null;
      if (!(error instanceof ChainError) || error.code !== "chain-unreachable") throw error;
      await sleep(RETRY_MS);
    }
  }
}

/**
 * Every finalised block from the present one on, each number once and in order, also across reconnects, outages of any
 * length and announcements that skip numbers. Ends when `signal` aborts or the client closes. Slow readers lose nothing:
 * only the newest height is remembered, hashes are fetched when it is their turn.
 * @throws ChainError rpc-failed
 */
export async function* followHeads(state: ChainState, signal: AbortSignal): AsyncGenerator<Head> {
  const { link } = state;
  let wake: (() => void) | null = null;
  const awaken = (): void => wake?.();
  const stops = [link.onHead(awaken), link.onReconnect(awaken)];
  signal.addEventListener("abort", awaken, { once: true });
  link.closed.addEventListener("abort", awaken, { once: true });
  const over = (): boolean => signal.aborted || link.closed.aborted;
  try {
    let last = await patiently(() => readHead(state), over);
    for (;;) {
      if (last === null || over()) return;
      yield last;
      while (!over() && link.height <= last.number) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const number = last.number + 1;
      const hash = await patiently(() => readBlockHash(state, number), over);
      last = hash === null ? null : { number, hash };
    }
  } catch (error) {
    if (!over()) throw error;
  } finally {
    for (const stop of stops) stop();
    signal.removeEventListener("abort", awaken);
    link.closed.removeEventListener("abort", awaken);
  }
}
