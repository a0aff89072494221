/** @file All sockets of an axon: counted for each address or proven hotkey, watched, and for some seconds refused to whoever abuses them. */
import type { Socket } from "node:net";
import { remoteOf } from "./address.ts";
import { Connection } from "./connection.ts";
import type { Hex } from "../protocol/digest.ts";
import { type Lease, type PeersAt, Quota } from "./quota.ts";

/** Sockets at once. */
const SOCKETS = { total: 512, reserved: 128, perRemote: 16 };
/** Sockets beyond those: whoever shares an address with others that hold all of its sockets proves here that it is a peer. */
const DOORSTEP = { total: 64, reserved: 0, perRemote: 4 };
/** The most sockets that are ever open. */
export const MOST_SOCKETS = SOCKETS.total + DOORSTEP.total;

const SWEEP_MS = 500;
const BAN_MS = 5000;

/** The open sockets of a server. */
export class Connections {
  readonly #quota: Quota;
  readonly #doorstep: Quota | null;
  readonly #bySocket = new Map<Socket, Connection>();
  /** Until when an address is refused. */
  readonly #bans = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #lastSweep = performance.now();

  /**
   * @param peersAt peers have shares of their own, and what is reserved
   * @param canProve whether there is a way to prove that one is a peer
   */
  constructor(peersAt: PeersAt, canProve: boolean) {
    this.#quota = new Quota(SOCKETS, peersAt);
    this.#doorstep = canProve ? new Quota(DOORSTEP, () => 0) : null;
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Takes a new socket, or refuses it. */
  accept(socket: Socket): void {
    const ip = socket.remoteAddress ?? "";
    const isBanned = this.#bans.has(remoteOf(ip));
    const lease = isBanned ? null : this.#quota.take(ip, 1);
    const place = lease ?? (isBanned ? null : (this.#doorstep?.take(ip, 1) ?? null));
    if (place === null) {
      socket.resetAndDestroy();
      return;
    }
    const connection = new Connection(socket, { place, mustProve: lease === null });
    this.#bySocket.set(socket, connection);
    socket.once("close", () => this.#bySocket.delete(socket));
  }

  /** Gives a socket on the doorstep a place of the hotkey that it proved; false when that has no place left. */
  admit(connection: Connection, hotkey: Hex): boolean {
    if (!connection.mustProve) return true;
    const place: Lease | null = this.#quota.take(hotkey, 1);
    if (place !== null) connection.moveTo(place);
    return place !== null;
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
