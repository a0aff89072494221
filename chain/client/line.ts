/**
 * @file The line to one endpoint for as long as a link lives: it connects, asks first of all which chain is there, follows what
 * becomes final, notices when nobody answers any more, and connects again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ChainError } from "../errors.ts";
import { type Hex } from "../wallet/hex.ts";
import { hexSchema } from "./answers.ts";
import { type AnnouncedHead, slotOf } from "./credible.ts";
import { RpcConnection, RpcRefusal } from "./rpc.ts";

/** Times of a link, in milliseconds. */
export type LinkTimes = {
  /** Limit of the first connect and of every request. */
  readonly timeoutMs: number;
  /** An endpoint that says nothing for so long has to answer a question; one that is behind another for so long is left. */
  readonly stallMs: number;
};

/** Who is told about a line. */
type LineOwner = {
  /** Its connection can be asked from now on: it serves the chain. */
  readonly up: (line: Line) => void;
  /** Why what it calls final cannot be, and is passed over; null: it can. */
  readonly unbelieved: (line: Line, head: AnnouncedHead) => ChainError | null;
  /** A block became final there. */
  readonly head: (line: Line, head: AnnouncedHead) => void;
  /** It could not be connected, or serves another chain. */
  readonly failed: (line: Line, fault: ChainError) => void;
  /** How long an answer may take before nobody is taken to be there. */
  readonly patienceMs: () => number;
};

/** What a line is made from. */
export type LineParts = {
  readonly endpoint: string;
  readonly times: LinkTimes;
  readonly owner: LineOwner;
  readonly closed: AbortSignal;
};

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 3000;
/** A connection that held so long was a good one: the next begins without delay. */
const GOOD_MS = 5000;
const LEAST_TICK_MS = 25;
/** Cheap, and every node has it. */
const QUESTION = "chain_getFinalizedHead";

const headSchema = z.object({
  number: z.string().regex(/^0x[0-9a-fA-F]{1,8}$/),
  parentHash: hexSchema,
  digest: z.object({ logs: z.array(z.string()).default([]) }).default({ logs: [] }),
});

/** Many clients of one endpoint must not come back in the same moment. */
export const jittered = (pauseMs: number): number => pauseMs * (0.5 + Math.random() / 2);

export class Line {
  readonly endpoint: string;
  readonly #parts: LineParts;
  #connection: RpcConnection | null = null;
  #head: AnnouncedHead | null = null;
  /** The last one that was not believed. */
  #passedOver: AnnouncedHead | null = null;
  #isProving = false;

  constructor(parts: LineParts) {
    this.endpoint = parts.endpoint;
    this.#parts = parts;
  }

  /** The connection, while there is one. */
  get connection(): RpcConnection | null {
    return this.#connection?.ended.aborted === false ? this.#connection : null;
  }

  /** Newest block that became final there, as its present connection says; null before it said any. */
  get head(): AnnouncedHead | null {
    return this.#head;
  }

  /** Its number, -1 for none. */
  get height(): number {
    return this.#head?.number ?? -1;
  }

  /**
   * Connects once. Nothing is asked before the genesis, and of another chain nothing at all.
   * @throws ChainError chain-unreachable, wrong-genesis
   */
  async connect(timeoutMs: number, expected: Hex | undefined): Promise<Hex> {
    const { endpoint, times } = this.#parts;
    const until = performance.now() + timeoutMs;
    const connection = await RpcConnection.open(endpoint, timeoutMs, this.#parts.closed);
    const leftMs = (): number => Math.max(1, until - performance.now());
    try {
      const genesis = hexSchema.parse(
        await connection.request("chain_getBlockHash", [0], leftMs()),
      );
      if (expected !== undefined && genesis !== expected)
        throw new ChainError({ code: "wrong-genesis", expected, found: genesis, endpoint });
      this.#head = null;
      this.#passedOver = null;
      const heads = { method: "chain_subscribeFinalizedHeads", params: [] };
      await connection.listen(heads, leftMs(), (result) => this.#seeHead(connection, result));
      this.#connection = connection;
      this.#watch(connection, times.stallMs);
      return genesis;
    } catch (error) {
      connection.close();
      throw asFault(error, endpoint);
    }
  }

  /** Keeps a connection until the link is closed. `expected` is the genesis that the link is pinned to. */
  async keep(expected: Hex): Promise<void> {
    const { closed, owner, times } = this.#parts;
    for (let pauseMs = FIRST_PAUSE_MS; !closed.aborted;) {
      const { connection } = this;
      if (connection === null) {
        try {
          await this.connect(times.timeoutMs, expected);
          owner.up(this);
          continue;
        } catch (error) {
          if (closed.aborted) break;
          owner.failed(this, asFault(error, this.endpoint));
        }
      } else if (await lasted(connection, closed)) pauseMs = FIRST_PAUSE_MS;
      // A link that is closed must not keep its process for the rest of the pause.
      await sleep(jittered(pauseMs), undefined, { signal: closed }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS, times.stallMs);
    }
    this.#connection?.close();
  }

  /** Ends the present connection; another one is begun. */
  leave(): void {
    this.#connection?.close();
  }

  /** Has the endpoint answer something, unless it is asked already. A half-open socket looks alive for ever. */
  prove(): void {
    const { connection } = this;
    if (connection === null || this.#isProving) return;
    this.#isProving = true;
    connection
      .request(QUESTION, [], this.#parts.owner.patienceMs())
      .catch((error: unknown) => {
        if (error instanceof ChainError) connection.close("silent");
      })
      .finally(() => {
        this.#isProving = false;
      });
  }

  /** Takes what was not believed when it was said, if it is now: a chain that rests does not say it again. */
  reconsider(): void {
    const head = this.#passedOver;
    if (head === null || this.connection === null || head.number <= this.height) return;
    if (this.#parts.owner.unbelieved(this, head) === null) this.#take(head);
  }

  #seeHead(connection: RpcConnection, result: unknown): void {
    const head = headSchema.safeParse(result);
    if (!head.success || connection.ended.aborted) return;
    const { number: hex, parentHash: parent, digest } = head.data;
    const announced = { number: Number(hex), parent, slot: slotOf(digest.logs) };
    if (announced.number <= this.height) return;
    const fault = this.#parts.owner.unbelieved(this, announced);
    if (fault === null) this.#take(announced);
    else {
      this.#passedOver = announced;
      this.#parts.owner.failed(this, fault);
    }
  }

  #take(head: AnnouncedHead): void {
    this.#passedOver = null;
    this.#head = head;
    this.#parts.owner.head(this, head);
  }

  #watch(connection: RpcConnection, stallMs: number): void {
    const tick = (): void => {
      if (performance.now() - connection.heardAt >= stallMs) this.prove();
    };
    const timer = setInterval(tick, Math.max(LEAST_TICK_MS, stallMs / 4)).unref();
    connection.ended.addEventListener("abort", () => clearInterval(timer), { once: true });
  }
}

/** Waits for the end of a connection; whether it was a good one. */
async function lasted(connection: RpcConnection, closed: AbortSignal): Promise<boolean> {
  const begunAt = performance.now();
  const over = AbortSignal.any([connection.ended, closed]);
  await new Promise<void>((resolve) => {
    if (over.aborted) resolve();
    else over.addEventListener("abort", () => resolve(), { once: true });
  });
  return performance.now() - begunAt >= GOOD_MS;
}

/** It speaks WebSocket, but refuses or garbles the questions that every chain answers. */
function asFault(error: unknown, endpoint: string): ChainError {
  if (error instanceof ChainError) return error;
  const detail = error instanceof RpcRefusal ? error.message : "";
  return new ChainError(
    { code: "chain-unreachable", endpoint, trouble: "not-a-node", detail },
    { cause: error },
  );
}
