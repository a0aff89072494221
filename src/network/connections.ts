/** @file All sockets of an axon: counted for each address, watched, and for some seconds refused to whoever abuses them. */
import type { Socket } from "node:net";
import { remoteOf } from "./address.ts";
import { Connection } from "./connection.ts";
import { type PeersAt, Quota } from "./quota.ts";

/** Sockets at once. */
export const SOCKETS = { total: 512, reserved: 128, perRemote: 16 };

const SWEEP_MS = 500;
const BAN_MS = 5000;

/** The open sockets of a server. */
export class Connections {
  readonly #quota: Quota;
  readonly #bySocket = new Map<Socket, Connection>();
  /** Until when an address is refused. */
  readonly #bans = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #lastSweep = performance.now();

  /** @param peersAt peers have shares of their own, and what is reserved */
  constructor(peersAt: PeersAt) {
    this.#quota = new Quota(SOCKETS, peersAt);
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Takes a new socket, or refuses it. */
  accept(socket: Socket): void {
    const connection = new Connection(socket);
    const { ip } = connection;
    const lease = this.#bans.has(remoteOf(ip)) ? null : this.#quota.take(ip, 1);
    if (lease === null) {
      socket.resetAndDestroy();
      return;
    }
    this.#bySocket.set(socket, connection);
    socket.once("close", () => {
      this.#bySocket.delete(socket);
      lease.end();
    });
  }

  /** The connection of an accepted socket. */
  of(socket: Socket): Connection | undefined {
    return this.#bySocket.get(socket);
  }

  /**
   * Cuts every socket of an address and takes none for some seconds. Reading requests that were sent ahead is work that
   * nothing else bounds: a thousand fit into one packet of the loop.
   */
  ban(ip: string): void {
    const remote = remoteOf(ip);
    if (this.#bans.has(remote)) return;
    this.#bans.set(remote, performance.now() + BAN_MS);
    for (const connection of this.#bySocket.values())
      if (remoteOf(connection.ip) === remote) connection.cut();
  }

  #sweep(): void {
    const now = performance.now();
    const paused = now - this.#lastSweep - SWEEP_MS;
    this.#lastSweep = now;
    for (const connection of this.#bySocket.values()) {
      if (paused > SWEEP_MS) connection.forgive(paused);
      connection.cutIfOver(now);
    }
    for (const [remote, until] of this.#bans) if (now > until) this.#bans.delete(remote);
  }

  /** Ends the watch. */
  close(): void {
    clearInterval(this.#timer);
  }
}
