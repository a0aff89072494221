/**
 * @file A link to one chain over several endpoints: connects, notices dead and stuck connections, fails over.
 *
 * At start it fails within a time limit. Afterwards it reconnects for ever by itself, and requests wait for it
 * up to their own deadline. Which chain it is, is decided once: an endpoint with another genesis is refused.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { hidden } from "../../base/hidden.ts";
import { ChainError } from "../errors.ts";
import { type Hex } from "../wallet/hex.ts";
import { hexSchema } from "./answers.ts";
import { type Listener, RpcConnection, RpcRefusal } from "./rpc.ts";

/** Times of a link, in milliseconds. */
export type LinkTimes = {
  /** Limit of the first connect and of every request. */
  readonly timeoutMs: number;
  /** Without a new head for so long, the endpoint is probed. */
  readonly stallMs: number;
};

/** What happened to a link after it was open; it goes on searching until it is closed. */
export type ConnectionNews =
  | { readonly kind: "lost"; readonly endpoint: string }
  /** Why the search fails; told again only when the reason changes. */
  | { readonly kind: "searching"; readonly fault: ChainError }
  | { readonly kind: "back"; readonly endpoint: string; readonly awayMs: number };

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 3000;
const headSchema = z.object({ number: z.string().regex(/^0x[0-9a-fA-F]{1,8}$/) });

/** A connection, and what ended the search for one. */
type Found = { readonly connection: RpcConnection; readonly genesisHash: Hex };

export class ChainLink {
  /** Genesis hash that every endpoint must have. */
  readonly genesisHash: Hex;
  readonly #endpoints: readonly string[];
  readonly #times: LinkTimes;
  readonly #closed = new AbortController();
  readonly #heads = new Set<(height: number) => void>();
  readonly #reconnects = new Set<() => void>();
  readonly #news = new Set<(news: ConnectionNews) => void>();
  #connection: RpcConnection;
  #connected: Promise<RpcConnection>;
  #lastFault: ChainError | null = null;
  #height = -1;
  #progressAt = performance.now();
  #watchdog: NodeJS.Timeout | undefined;

  private constructor(endpoints: readonly string[], times: LinkTimes, found: Found) {
    this.#endpoints = endpoints;
    this.#times = times;
    this.genesisHash = found.genesisHash;
    this.#connection = found.connection;
    this.#connected = Promise.resolve(found.connection);
  }

  /**
   * Connects to the first endpoint that answers and serves the expected chain.
   * @throws ChainError chain-unreachable, wrong-genesis: the fault of the last endpoint, within `timeoutMs`
   */
  static async open(
    endpoints: readonly string[],
    times: LinkTimes,
    expectedGenesis: Hex | undefined,
  ): Promise<ChainLink> {
    const until = performance.now() + times.timeoutMs;
    let fault: unknown = new ChainError({ code: "chain-unreachable", endpoint: "(none given)" });
    for (const [index, endpoint] of endpoints.entries()) {
      // An even share of what is left, so that a silent endpoint leaves time for the next one.
      const shareMs = Math.max(1, (until - performance.now()) / (endpoints.length - index));
      try {
        const found = await reach(endpoint, shareMs, expectedGenesis);
        const link = new ChainLink(endpoints, times, found);
        await link.#adopt(found.connection);
        return link;
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }

  /** Endpoint in use. */
  get endpoint(): string {
    return this.#connection.endpoint;
  }

  /** Whether there is a connection right now. */
  get isConnected(): boolean {
    return !this.closed.aborted && !this.#connection.ended.aborted;
  }

  /** Aborted by close. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Newest finalised height that the endpoint announced. */
  get height(): number {
    return this.#height;
  }

  /**
   * Result of a method that only reads. A connection that breaks under it costs one more attempt, since reading
   * twice harms nothing.
   * @throws ChainError chain-unreachable, RpcRefusal
   */
  async read(method: string, params: readonly unknown[]): Promise<unknown> {
    const until = performance.now() + this.#times.timeoutMs;
    for (;;) {
      const connection = await this.#live(until);
      try {
        return await connection.request(method, params, Math.max(1, until - performance.now()));
      } catch (error) {
        const lost = error instanceof ChainError && connection.ended.aborted;
        if (!lost || performance.now() >= until || this.closed.aborted) throw error;
      }
    }
  }

  /**
   * Result of a method that may do something: asked once, whatever breaks.
   * @throws ChainError chain-unreachable (it may have been done), RpcRefusal
   */
  async ask(method: string, params: readonly unknown[]): Promise<unknown> {
    const { timeoutMs } = this.#times;
    const connection = await this.#live(performance.now() + timeoutMs);
    return connection.request(method, params, timeoutMs);
  }

  /**
   * Subscribes on the present connection, once: the caller decides what a break means.
   * @throws ChainError chain-unreachable, RpcRefusal
   */
  async listen(
    call: { readonly method: string; readonly params: readonly unknown[] },
    listener: Listener,
  ): Promise<{ readonly ended: AbortSignal; readonly stop: (method: string) => void }> {
    const connection = await this.#live(performance.now() + this.#times.timeoutMs);
    const id = await connection.listen(call, this.#times.timeoutMs, listener);
    return { ended: connection.ended, stop: (method) => connection.unlisten(method, id) };
  }

  /** Calls `listener` with each height that becomes final; returns the way to stop. */
  onHead(listener: (height: number) => void): () => void {
    this.#heads.add(listener);
    return () => this.#heads.delete(listener);
  }

  /** Calls `listener` after each reconnect; returns the way to stop. */
  onReconnect(listener: () => void): () => void {
    this.#reconnects.add(listener);
    return () => this.#reconnects.delete(listener);
  }

  /** Calls `listener` when the connection is lost, sought in vain, and back; returns the way to stop. */
  onNews(listener: (news: ConnectionNews) => void): () => void {
    this.#news.add(listener);
    return () => this.#news.delete(listener);
  }

  #tell(news: ConnectionNews): void {
    if (!this.closed.aborted) for (const listener of this.#news) listener(news);
  }

  /** Ends the link for good. Pending requests are rejected. */
  close(): void {
    if (this.closed.aborted) return;
    this.#closed.abort();
    clearInterval(this.#watchdog);
    this.#connection.close();
  }

  async #live(until: number): Promise<RpcConnection> {
    if (this.isConnected) return this.#connection;
    const lost = (): ChainError =>
      this.#lastFault ?? new ChainError({ code: "chain-unreachable", endpoint: this.endpoint });
    if (this.closed.aborted) throw lost();
    let timer: NodeJS.Timeout | undefined;
    let stop: (() => void) | undefined;
    const late = new Promise<never>((_, reject) => {
      stop = () => reject(lost());
      timer = setTimeout(stop, Math.max(1, until - performance.now()));
      this.closed.addEventListener("abort", stop, { once: true });
    });
    try {
      return await Promise.race([this.#connected, late]);
    } finally {
      clearTimeout(timer);
      if (stop !== undefined) this.closed.removeEventListener("abort", stop);
    }
  }

  /** Follows heads on a connection and arranges for what happens when it ends. */
  async #watch(connection: RpcConnection): Promise<void> {
    await connection.listen(
      { method: "chain_subscribeFinalizedHeads", params: [] },
      this.#times.timeoutMs,
      (result) => this.#seeHead(result),
    );
    // Only now: an end before this line is the failure of whoever called, who tries the next endpoint.
    connection.ended.addEventListener("abort", () => this.#reconnect(), { once: true });
    this.#progressAt = performance.now();
    clearInterval(this.#watchdog);
    this.#watchdog = setInterval(
      () => this.#probe(connection),
      Math.max(50, this.#times.stallMs / 4),
    ).unref();
  }

  #seeHead(result: unknown): void {
    const head = headSchema.safeParse(result);
    if (!head.success) return;
    const height = Number(head.data.number);
    if (height <= this.#height) return;
    this.#height = height;
    this.#progressAt = performance.now();
    for (const listener of this.#heads) listener(height);
  }

  /**
   * The block-height watchdog. A half-open socket looks alive for ever, so a quiet endpoint has to answer a
   * question; one that answers but stands still is left when there is another one to try.
   */
  #probe(connection: RpcConnection): void {
    const quietMs = performance.now() - this.#progressAt;
    if (quietMs < this.#times.stallMs || connection.ended.aborted) return;
    if (this.#endpoints.length > 1 && quietMs > 3 * this.#times.stallMs) {
      connection.close();
      return;
    }
    connection
      .request("chain_getFinalizedHead", [], this.#times.stallMs)
      .catch((error: unknown) => {
        if (error instanceof ChainError) connection.close();
      });
  }

  #reconnect(): void {
    clearInterval(this.#watchdog);
    if (this.closed.aborted) return;
    this.#tell({ kind: "lost", endpoint: hidden(this.endpoint) });
    this.#connected = this.#search();
    // Requests that wait for it handle its failure; without any, nobody would.
    this.#connected.catch(() => undefined);
  }

  async #adopt(connection: RpcConnection): Promise<void> {
    try {
      await this.#watch(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    this.#connection = connection;
    if (this.closed.aborted) connection.close();
  }

  #searchedInVain(fault: ChainError): void {
    const isNew = this.#lastFault?.message !== fault.message;
    this.#lastFault = fault;
    if (isNew) this.#tell({ kind: "searching", fault });
  }

  async #search(): Promise<RpcConnection> {
    const lostAt = performance.now();
    const from = this.#endpoints.indexOf(this.endpoint);
    let pauseMs = FIRST_PAUSE_MS;
    for (let attempt = 1; !this.closed.aborted; attempt++) {
      const endpoint = this.#endpoints[(from + attempt) % this.#endpoints.length] ?? this.endpoint;
      try {
        const { connection } = await reach(endpoint, this.#times.timeoutMs, this.genesisHash);
        await this.#adopt(connection);
        this.#lastFault = null;
        for (const listener of this.#reconnects) listener();
        const awayMs = performance.now() - lostAt;
        this.#tell({ kind: "back", endpoint: hidden(endpoint), awayMs });
        return connection;
      } catch (error) {
        if (error instanceof ChainError) this.#searchedInVain(error);
      }
      if (attempt % this.#endpoints.length === 0) {
        // A link that is closed must not keep its process for the rest of the pause.
        await sleep(pauseMs, undefined, { signal: this.closed }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      }
    }
    throw new ChainError({ code: "chain-unreachable", endpoint: this.endpoint });
  }
}

/** Connects to one endpoint and checks which chain it serves. */
async function reach(endpoint: string, timeoutMs: number, expected?: Hex): Promise<Found> {
  const until = performance.now() + timeoutMs;
  const connection = await RpcConnection.open(endpoint, timeoutMs);
  try {
    const left = Math.max(1, until - performance.now());
    const genesisHash = hexSchema.parse(await connection.request("chain_getBlockHash", [0], left));
    if (expected !== undefined && genesisHash !== expected)
      throw new ChainError({ code: "wrong-genesis", expected, found: genesisHash, endpoint });
    return { connection, genesisHash };
  } catch (error) {
    connection.close();
    if (error instanceof ChainError) throw error;
    // It speaks WebSocket, but refuses or garbles the one question that every chain answers.
    const detail = error instanceof RpcRefusal ? error.message : "";
    throw new ChainError(
      { code: "chain-unreachable", endpoint, trouble: "not-a-node", detail },
      { cause: error },
    );
  }
}
