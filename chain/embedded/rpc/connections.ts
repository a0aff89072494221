/**
 * @file The TCP connections of a server: how many there may be, who gives way to a newcomer, and what each holds of the process's
 * memory in both directions.
 */
import { type Socket } from "node:net";
import { type RpcLimits } from "./limits.ts";

/** A WebSocket on a connection, as far as it holds anything. */
export type Occupant = {
  /** Bytes of whole requests that wait. */
  waiting(): number;
  /** Whether something is waited for: a subscription, an answer. */
  isWaiting(): boolean;
  /** Whether it has asked something that is not answered. */
  isOwed(): boolean;
  /** Bytes that it was sent and has not said that it read. */
  unconfirmed(): number;
  /** Milliseconds of the thread's time that it has had. */
  spentMs(): number;
  ping(): void;
};

/** Whoever makes the process hold so much gives way first. */
const HEAVY_BYTES = 64 * 1024;
/** Who asked or read something within this time does not give way to others of its own address. */
const QUIET_MS = 1000;
/** Who has never asked anything counts as quiet for so much longer. */
const UNASKED_MS = 800;
/** One TCP connection. */
export class Connection {
  readonly socket: Socket;
  readonly address: string;
  readonly #openedMs: number;
  /** When something was asked last. */
  lastMs: number;
  occupant: Occupant | null = null;
  /** HTTP requests that are not answered. */
  owed = 0;
  /** Bytes of an unfinished request, and since when. */
  #arrived = 0;
  #arrivingSinceMs = 0;
  /** What it has read, and when it read or asked last. */
  #taken = 0;
  #takenMs: number;
  /** Since when it reads nothing of what waits for it. */
  #stalledSinceMs: number;
  #pingedMs: number;
  #isThere = true;
  #hasAsked = false;

  constructor(socket: Socket, nowMs: number) {
    this.socket = socket;
    this.address = socket.remoteAddress ?? "";
    this.#openedMs = nowMs;
    this.lastMs = nowMs;
    this.#takenMs = nowMs;
    this.#stalledSinceMs = nowMs;
    this.#pingedMs = nowMs;
  }

  /** When it asked or read something last; now, while it waits for an answer and reads those it gets. */
  activeMs(nowMs: number): number {
    this.#look(nowMs);
    const isOwed = this.owed > 0 || this.occupant?.isOwed() === true;
    if (isOwed && this.unread === 0 && this.unconfirmed <= HEAVY_BYTES) return nowMs;
    if (!this.#hasAsked) return this.#openedMs - UNASKED_MS;
    return Math.max(this.lastMs, this.#takenMs);
  }

  /** Its part of the thread's time since it is there. */
  share(nowMs: number): number {
    return (this.occupant?.spentMs() ?? 0) / (nowMs - this.#openedMs + QUIET_MS);
  }

  /** Bytes came. */
  arrive(bytes: number, nowMs: number): void {
    if (this.#arrived === 0) this.#arrivingSinceMs = nowMs;
    this.#arrived += bytes;
    this.#isThere = true;
  }

  /** A request is whole: what came has left for the line, or for its session. */
  asked(nowMs: number): void {
    this.#arrived = 0;
    this.#hasAsked = true;
    this.lastMs = nowMs;
  }

  /** So many of the bytes that came were no part of a request. */
  discount(bytes: number): void {
    this.#arrived = Math.max(0, this.#arrived - bytes);
  }

  /** Bytes of requests, whole or not, that it makes the process hold. */
  get held(): number {
    return this.#arrived + (this.occupant?.waiting() ?? 0);
  }

  /** Bytes that were sent and not taken yet. */
  get unread(): number {
    return this.socket.writableLength;
  }

  /** Bytes that wait for it here or in the system, as far as it has not said that it read them. */
  get unconfirmed(): number {
    return Math.max(this.unread, this.occupant?.unconfirmed() ?? 0);
  }

  /** Whether it has to go: it stalls, says nothing, or is not there any more. */
  isOver(nowMs: number, { stalledMs, idleMs, pingMs }: RpcLimits): boolean {
    // Nothing is read of one that is held up: the rest of its request, or its answer to a ping.
    if (this.socket.isPaused()) {
      this.#arrivingSinceMs = nowMs;
      this.#isThere = true;
    }
    if (this.#arrived > 0 && nowMs - this.#arrivingSinceMs > stalledMs) return true;
    this.#look(nowMs);
    if (nowMs - this.#stalledSinceMs > stalledMs) return true;
    const { occupant } = this;
    // The HTTP server ends its idle connections itself.
    if (occupant === null) return false;
    if (!occupant.isWaiting() && nowMs - this.lastMs > idleMs) return true;
    if (nowMs - this.#pingedMs <= pingMs) return false;
    if (!this.#isThere) return true;
    this.#isThere = false;
    this.#pingedMs = nowMs;
    occupant.ping();
    return false;
  }

  /** Notes what it has read. */
  #look(nowMs: number): void {
    const { unread } = this;
    const taken = this.socket.bytesWritten - unread;
    if (taken > this.#taken) this.#takenMs = nowMs;
    if (taken > this.#taken || unread === 0) this.#stalledSinceMs = nowMs;
    this.#taken = taken;
  }
}

/** This machine's own processes share one address. */
const OWN_ADDRESSES: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

function leastOf<Item>(items: readonly Item[], sizeOf: (item: Item) => number): Item | null {
  let found: Item | null = null;
  let least = Infinity;
  for (const item of items) {
    const size = sizeOf(item);
    if (size < least) [found, least] = [item, size];
  }
  return found;
}

/** Nobody gives way for less of the thread's time. */
const LEAST_SHARE = 0.0005;

/** All connections of a server. */
export class Connections {
  readonly #limits: RpcLimits;
  readonly #clockMs: () => number;
  readonly #all = new Map<Socket, Connection>();
  readonly #perAddress = new Map<string, number>();
  #isClosed = false;

  constructor(limits: RpcLimits, clockMs: () => number) {
    this.#limits = limits;
    this.#clockMs = clockMs;
  }

  get size(): number {
    return this.#all.size;
  }

  of(socket: Socket): Connection | undefined {
    return this.#all.get(socket);
  }

  /** Takes a connection in; others give way, or it is refused. */
  admit(socket: Socket): void {
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    const now = this.#clockMs();
    const connection = new Connection(socket, now);
    const { address } = connection;
    const own = this.#perAddress.get(address) ?? 0;
    const { connections, connectionsPerAddress } = this.#limits;
    const isAddressFull = own >= connectionsPerAddress && !OWN_ADDRESSES.has(address);
    const isFull = this.#all.size >= connections;
    const rival = isAddressFull ? address : isFull ? this.#busiest() : null;
    if (rival !== null && !this.#giveWay(rival, rival === address ? now - QUIET_MS : Infinity)) {
      socket.destroy();
      return;
    }
    this.#all.set(socket, connection);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    socket.once("close", () => {
      this.#forget(connection);
    });
  }

  #forget(connection: Connection): void {
    if (!this.#all.delete(connection.socket)) return;
    const { address } = connection;
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }

  /** The address with most connections. */
  #busiest(): string {
    let found = "";
    let most = 0;
    for (const [address, count] of this.#perAddress) {
      if (count > most) [found, most] = [address, count];
    }
    return found;
  }

  /**
   * Ends the connection of an address that holds most; where none holds much, the one that is quiet for longest, if since `beforeMs`;
   * where none is, the one with the largest part of the thread's time.
   */
  #giveWay(address: string, beforeMs: number): boolean {
    const now = this.#clockMs();
    const those = [...this.#all.values()].filter((one) => one.address === address);
    const quiet = leastOf(those, (one) => one.activeMs(now));
    const heavy = leastOf(those, (one) => -one.held - one.unconfirmed);
    const greedy = leastOf(those, (one) => -one.share(now));
    const isHeavy = heavy !== null && heavy.held + heavy.unconfirmed > HEAVY_BYTES;
    const isQuiet = quiet !== null && quiet.activeMs(now) < beforeMs;
    const isGreedy = greedy !== null && greedy.share(now) > LEAST_SHARE;
    const found = isHeavy ? heavy : isQuiet ? quiet : isGreedy ? greedy : null;
    if (found !== null) this.end(found);
    return found !== null;
  }

  end(connection: Connection): void {
    this.#forget(connection);
    connection.socket.destroy();
  }

  /** Ends whoever holds most, until all together hold no more than the limits say. */
  relieve(): void {
    const { waitingBytesInAll, unreadBytesInAll } = this.#limits;
    this.#reduce((one) => one.held, waitingBytesInAll);
    this.#reduce((one) => one.unread, unreadBytesInAll);
  }

  #reduce(size: (connection: Connection) => number, most: number): void {
    const sizes = [...this.#all.values()].map((one) => ({ one, size: size(one) }));
    let total = sizes.reduce((sum, each) => sum + each.size, 0);
    if (total <= most) return;
    for (const each of sizes.toSorted((a, b) => b.size - a.size)) {
      if (total <= most) return;
      total -= each.size;
      this.end(each.one);
    }
  }

  /** Ends those that stall, are idle, or are gone. */
  sweep(): void {
    const now = this.#clockMs();
    for (const connection of this.#all.values()) {
      if (connection.isOver(now, this.#limits)) this.end(connection);
    }
    this.relieve();
  }

  /** Ends all, and whoever comes yet. */
  closeAll(): void {
    this.#isClosed = true;
    for (const connection of this.#all.values()) this.end(connection);
  }
}
