/**
 * @file A link to one chain over several endpoints: asks one of them, keeps the others ready, and goes over to one when the
 * first is silent, gone, or behind.
 *
 * At start it fails within a time limit. Afterwards it looks for ever, and requests wait for it up to their own deadline.
 * Which chain it is, is decided once: an endpoint with another genesis is refused, and so is one with other final blocks.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { hidden } from "../../base/hidden.ts";
import { ChainError } from "../errors.ts";
import { type Hex } from "../wallet/hex.ts";
import { hexSchema } from "./answers.ts";
import { Ahead } from "./ahead.ts";
import type { ConnectionNews } from "./connection-news.ts";
import { type AnnouncedHead, ChainClock, isCredible } from "./credible.ts";
import { inTime } from "./in-time.ts";
import { jittered, Line, type LinkTimes } from "./line.ts";
import { type Listener, type RpcConnection, RpcRefusal } from "./rpc.ts";

/** A block that is final for good. */
type Known = { readonly number: number; readonly hash: Hex };
/** What carries the questions now. */
type InUse = { readonly line: Line; readonly connection: RpcConnection };

const LEAST_TICK_MS = 25;
/** Before an endpoint that has no time for a question is asked it again: the first pause, and the longest. */
export const BUSY_PAUSE = { leastMs: 250, mostMs: 2000 } as const;

export class ChainLink {
  readonly #lines: readonly Line[];
  readonly #times: LinkTimes;
  readonly #closed = new AbortController();
  readonly #heads = new Set<(height: number) => void>();
  readonly #reconnects = new Set<() => void>();
  readonly #news = new Set<(news: ConnectionNews) => void>();
  /** The fault that was told of a line. */
  readonly #told = new Map<Line, string>();
  #genesisHash: Hex = "0x";
  #inUse: InUse | null = null;
  #back = Promise.withResolvers<RpcConnection>();
  #lastFault: ChainError | null = null;
  #lostAt: number | null = null;
  #height = -1;
  /** The head at that height. */
  #head: AnnouncedHead | null = null;
  #known: Known | null = null;
  readonly #clock = new ChainClock();
  readonly #ahead = new Ahead();
  #isChoosing = false;
  #ticks: NodeJS.Timeout | undefined;

  private constructor(endpoints: readonly string[], times: LinkTimes) {
    this.#times = times;
    const closed = this.#closed.signal;
    const owner = {
      up: () => void this.#choose(),
      unbelieved: (line: Line, head: AnnouncedHead) => this.#unbelieved(line, head),
      head: (line: Line, head: AnnouncedHead) => this.#seeHead(line, head),
      failed: (line: Line, fault: ChainError) => this.#noteFault(line, fault),
      // Without another endpoint there is less to gain by giving up a slow one.
      patienceMs: () => (this.#isAlone ? 2 : 1) * times.stallMs,
    };
    this.#lines = endpoints.map((endpoint) => new Line({ endpoint, times, owner, closed }));
  }

  /**
   * Connects to the first endpoint that answers and serves the expected chain; the others are kept ready from then on.
   * @throws ChainError chain-unreachable, wrong-genesis: the fault of the last endpoint, within `timeoutMs`
   */
  static async open(
    endpoints: readonly string[],
    times: LinkTimes,
    expectedGenesis: Hex | undefined,
  ): Promise<ChainLink> {
    const link = new ChainLink(endpoints, times);
    const until = performance.now() + times.timeoutMs;
    let fault: unknown = new ChainError({ code: "chain-unreachable", endpoint: "(none given)" });
    for (const [index, line] of link.#lines.entries()) {
      // An even share of what is left, so that a silent endpoint leaves time for the next one.
      const shareMs = Math.max(1, (until - performance.now()) / (endpoints.length - index));
      try {
        link.#begin(line, await line.connect(shareMs, expectedGenesis));
        return link;
      } catch (error) {
        fault = error;
      }
    }
    link.close();
    throw fault;
  }

  /** Genesis hash that every endpoint must have. */
  get genesisHash(): Hex {
    return this.#genesisHash;
  }

  /** Endpoint in use, or used last. */
  get endpoint(): string {
    return this.#inUse?.line.endpoint ?? "";
  }

  /** Whether there is a connection right now. */
  get isConnected(): boolean {
    return !this.closed.aborted && this.#inUse?.connection.ended.aborted === false;
  }

  /** Aborted by close. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Newest finalised height that the endpoints in use have announced. It never falls. */
  get height(): number {
    return this.#height;
  }

  /**
   * Result of a method that only reads. A connection that breaks under it costs one more attempt, since reading twice
   * harms nothing; an endpoint that has no time for it at the moment is asked again, after ever longer pauses.
   * @throws ChainError chain-unreachable, RpcRefusal
   */
  async read(method: string, params: readonly unknown[]): Promise<unknown> {
    const until = performance.now() + this.#times.timeoutMs;
    for (let pauseMs: number = BUSY_PAUSE.leastMs; ;) {
      const connection = await this.#live(until);
      try {
        return await this.#readOnce(connection, { method, params, until });
      } catch (error) {
        const isBusy = error instanceof RpcRefusal && error.isForNow;
        const lost = error instanceof ChainError && connection.ended.aborted;
        const leftMs = until - performance.now();
        // An endpoint that has no time answers nothing in what would be left after a pause.
        const isOver = leftMs <= (isBusy ? BUSY_PAUSE.leastMs : 0);
        if (!(lost || isBusy) || isOver || this.closed.aborted) throw error;
        if (!isBusy) continue;
        // Half of what is left is for the answer.
        const waitMs = Math.min(jittered(pauseMs), leftMs / 2);
        await sleep(waitMs, undefined, { signal: this.closed }).catch(() => undefined);
        pauseMs = Math.min(2 * pauseMs, BUSY_PAUSE.mostMs);
      }
    }
  }

  async #readOnce(
    connection: RpcConnection,
    call: { readonly method: string; readonly params: readonly unknown[]; readonly until: number },
  ): Promise<unknown> {
    const leftMs = Math.max(1, call.until - performance.now());
    // Half of the time is kept for another endpoint, if this one does not answer anything else either.
    const doubt = setTimeout(() => this.#doubt(connection), leftMs / 2).unref();
    try {
      return await connection.request(call.method, call.params, leftMs);
    } finally {
      clearTimeout(doubt);
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

  /** Calls `listener` after each reconnect, to whichever endpoint; returns the way to stop. */
  onReconnect(listener: () => void): () => void {
    this.#reconnects.add(listener);
    return () => this.#reconnects.delete(listener);
  }

  /** Calls `listener` when the connection is lost, sought in vain, and back; returns the way to stop. */
  onNews(listener: (news: ConnectionNews) => void): () => void {
    this.#news.add(listener);
    return () => this.#news.delete(listener);
  }

  /** Says how long a slot of the chain lasts: no endpoint is believed that more of them were used than there were. */
  learnSlot(slotMs: number): void {
    this.#clock.learn(slotMs);
    if (this.#head !== null) this.#clock.prove(this.#head);
  }

  /** Ends the link for good. Pending requests are rejected. */
  close(): void {
    if (this.closed.aborted) return;
    this.#closed.abort();
    clearInterval(this.#ticks);
    this.#inUse?.connection.close();
  }

  get #isAlone(): boolean {
    return !this.#lines.some((line) => line !== this.#inUse?.line && this.#isLevel(line));
  }

  /** For how long there has been no connection. */
  get #lostMs(): number {
    return this.#lostAt === null ? 0 : performance.now() - this.#lostAt;
  }

  /** Whether an endpoint can be gone over to: it has what is final already. */
  #isLevel(line: Line): boolean {
    return line.connection !== null && line.height >= this.#height;
  }

  #tell(news: ConnectionNews): void {
    if (!this.closed.aborted) for (const listener of this.#news) listener(news);
  }

  /** The first endpoint that answered decides which chain it is. */
  #begin(line: Line, genesisHash: Hex): void {
    const { connection } = line;
    if (connection === null)
      throw new ChainError({ code: "chain-unreachable", endpoint: line.endpoint, trouble: "lost" });
    this.#genesisHash = genesisHash;
    this.#use({ line, connection });
    this.#ticks = setInterval(
      () => void this.#choose(),
      Math.max(LEAST_TICK_MS, this.#times.stallMs / 8),
    ).unref();
    for (const one of this.#lines) void one.keep(genesisHash);
  }

  async #live(until: number): Promise<RpcConnection> {
    if (this.isConnected && this.#inUse !== null) return this.#inUse.connection;
    const lost = (): ChainError =>
      this.#lastFault ?? new ChainError({ code: "chain-unreachable", endpoint: this.endpoint });
    if (this.closed.aborted) throw lost();
    return inTime(this.#back.promise, { until, closed: this.closed, fault: lost });
  }

  /**
   * Why a head is not believed. What the endpoint in use says is taken as it is, and so is what an only one says: there is nobody
   * else to believe. Of others, what can be; where none of the believed ones came back for a while, our clock may be what is wrong.
   */
  #unbelieved(line: Line, head: AnnouncedHead): ChainError | null {
    const isOnly = this.#lines.length === 1;
    if (isOnly || (this.isConnected && line === this.#inUse?.line)) return null;
    const clock = this.#lostMs < this.#times.stallMs ? this.#clock.now : null;
    if (isCredible(head, this.#head, clock)) return null;
    const about = { endpoint: line.endpoint, height: head.number, known: this.#height };
    return new ChainError({ code: "endpoint-ahead", ...about });
  }

  #seeHead(line: Line, head: AnnouncedHead): void {
    const { number, parent } = head;
    if (!this.isConnected) {
      // It may be the one that was waited for.
      void this.#choose();
      return;
    }
    const used = this.#inUse?.line;
    if (used === undefined) return;
    if (line !== used) {
      if (number > used.height) this.#ahead.note(number);
      return;
    }
    this.#ahead.reached(number);
    if (number <= this.#height) return;
    this.#height = number;
    this.#head = head;
    this.#clock.prove(head);
    for (const one of this.#lines) if (one !== line) one.reconsider();
    if (number > 0) this.#known = { number: number - 1, hash: parent };
    for (const listener of this.#heads) listener(number);
  }

  #noteFault(line: Line, fault: ChainError): void {
    if (!this.isConnected) this.#lastFault = fault;
    // It is at another height each time.
    const about = fault.code.startsWith("endpoint-") ? fault.code : fault.message;
    if (this.#told.get(line) === about) return;
    this.#told.set(line, about);
    this.#tell({ kind: this.isConnected ? "unused" : "searching", fault });
  }

  /** A connection that has left a question open: if nothing else is answered either, it is given up. */
  #doubt(connection: RpcConnection): void {
    if (this.#inUse?.connection === connection && !this.#isAlone) this.#inUse.line.prove();
  }

  /** Why the endpoint in use should be left though it answers: another one knows more since long. */
  #behind(): ChainError | null {
    const line = this.#inUse?.line;
    if (line === undefined || !this.isConnected) return null;
    const aheadMs = this.#ahead.aheadMs(line.height);
    if (aheadMs === null || aheadMs < this.#times.stallMs) return null;
    const known = Math.max(...this.#lines.map((one) => (one.connection ? one.height : -1)));
    const { endpoint, height } = line;
    if (known <= height) return null;
    return new ChainError({ code: "endpoint-behind", endpoint, height, known });
  }

  /** Looks whether another endpoint should carry the questions from now on; one look at a time. */
  async #choose(): Promise<void> {
    if (this.#isChoosing || this.closed.aborted) return;
    const behind = this.#behind();
    if (this.isConnected && behind === null) return;
    this.#isChoosing = true;
    try {
      if (!this.isConnected) for (const line of this.#lines) line.reconsider();
      for (const line of this.#candidates()) if (await this.#takesOver(line, behind)) return;
    } finally {
      this.#isChoosing = false;
    }
  }

  /** Goes over to an endpoint if it fits, from one that is lost or `behind`; whether nothing more is to be looked for. */
  async #takesOver(line: Line, behind: ChainError | null): Promise<boolean> {
    const { connection } = line;
    if (connection === null || !(await this.#fits(line, connection))) return false;
    if (this.closed.aborted || (this.isConnected && behind === null)) return true;
    if (connection.ended.aborted) return false;
    if (behind !== null) this.#lost(behind);
    this.#use({ line, connection });
    return true;
  }

  /** Endpoints that may take over, the one after the last first. */
  #candidates(): readonly Line[] {
    const used = this.#inUse?.line;
    const from = used === undefined ? 0 : this.#lines.indexOf(used) + 1;
    const inTurn = [...this.#lines.slice(from), ...this.#lines.slice(0, from)];
    if (this.isConnected)
      return inTurn.filter((line) => line !== used && line.height > (used?.height ?? -1));
    this.#noteBehind();
    return inTurn.filter((line) => this.#isLevel(line));
  }

  /** Says of endpoints that answer why they are not used all the same, once they have had time to catch up. */
  #noteBehind(): void {
    if (this.#lostMs < this.#times.stallMs) return;
    const known = this.#height;
    for (const line of this.#lines) {
      const { endpoint, height } = line;
      if (line.connection !== null && height < known)
        this.#noteFault(line, new ChainError({ code: "endpoint-behind", endpoint, height, known }));
    }
  }

  /** Whether an endpoint has the blocks that are final. */
  async #fits(line: Line, connection: RpcConnection): Promise<boolean> {
    const known = this.#known;
    if (known === null) return true;
    const { endpoint, head } = line;
    try {
      // What it said before anything was known can be judged now.
      const fault = head === null ? null : this.#unbelieved(line, head);
      if (fault !== null) throw fault;
      const { stallMs } = this.#times;
      const answer = connection.request("chain_getBlockHash", [known.number], stallMs);
      const found = hexSchema.parse(await answer);
      if (found === known.hash) return true;
      const { number, hash: expected } = known;
      throw new ChainError({ code: "wrong-history", endpoint, number, expected, found });
    } catch (error) {
      connection.close();
      // What it announced counts no longer.
      this.#ahead.forget();
      if (error instanceof ChainError) this.#noteFault(line, error);
      return false;
    }
  }

  #use(chosen: InUse): void {
    const before = this.#inUse;
    const { line, connection } = chosen;
    this.#inUse = chosen;
    this.#lastFault = null;
    this.#told.clear();
    this.#ahead.forget();
    connection.ended.addEventListener("abort", () => this.#ended(chosen), { once: true });
    this.#back.resolve(connection);
    if (line.head !== null) this.#seeHead(line, line.head);
    if (before === null) return;
    for (const listener of this.#reconnects) listener();
    const awayMs = this.#lostMs;
    this.#lostAt = null;
    const isOther = before.line !== line;
    const from = isOther ? { from: hidden(before.line.endpoint) } : {};
    this.#tell({ kind: "back", endpoint: hidden(line.endpoint), ...from, awayMs });
  }

  #ended(ended: InUse): void {
    if (this.#inUse === ended && !this.closed.aborted) {
      this.#lost();
      void this.#choose();
    }
  }

  /** The endpoint in use is given up; whoever asks now waits. */
  #lost(fault?: ChainError): void {
    if (this.#lostAt !== null) return;
    this.#lostAt = performance.now();
    this.#back = Promise.withResolvers<RpcConnection>();
    const about = fault === undefined ? {} : { fault };
    this.#tell({ kind: "lost", endpoint: hidden(this.endpoint), ...about });
    if (fault !== undefined) this.#inUse?.line.leave();
  }
}
