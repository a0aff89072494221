/** @file Who may hold how much of something that there is little of: bounded for a remote address and in all, with a reserve for peers. */
import { remoteOf } from "./address.ts";

/** How many axons the subnet knows at a remote address; 0: a stranger. */
export type PeersAt = (ip: string) => number;

/** What may be held at once, in one unit (sockets, bytes). */
export type QuotaLimits = {
  readonly total: number;
  /** Out of reach for strangers, however many addresses they have. */
  readonly reserved: number;
  /** For one address. One that hosts peers may hold as much again for each of them. */
  readonly perRemote: number;
};

/** A part of a quota that somebody holds. */
export type Lease = {
  /** Gives back `amount` of it, at most what is left. */
  shrink(amount: number): void;
  /** Gives back the rest; may be called again. */
  end(): void;
};

/** Shares of one quantity, by remote address. */
export class Quota {
  readonly #limits: QuotaLimits;
  readonly #peersAt: PeersAt;
  readonly #byRemote = new Map<string, number>();
  #held = 0;
  #heldByStrangers = 0;

  constructor(limits: QuotaLimits, peersAt: PeersAt) {
    this.#limits = limits;
    this.#peersAt = peersAt;
  }

  /** A lease for `ip`, or null when it, or the strangers, or all together hold too much. */
  take(ip: string, wanted: number): Lease | null {
    const { total, reserved, perRemote } = this.#limits;
    // What is larger than a share counts as a share, or nobody could ever have it.
    const amount = Math.min(wanted, perRemote);
    const remote = remoteOf(ip);
    const peers = this.#peersAt(remote);
    if ((this.#byRemote.get(remote) ?? 0) + amount > perRemote * (1 + peers)) return null;
    if (this.#held + amount > total) return null;
    if (peers === 0 && this.#heldByStrangers + amount > total - reserved) return null;
    return this.#lease(remote, amount, peers === 0);
  }

  #lease(remote: string, amount: number, isStranger: boolean): Lease {
    const move = (by: number): void => {
      const held = (this.#byRemote.get(remote) ?? 0) + by;
      if (held > 0) this.#byRemote.set(remote, held);
      else this.#byRemote.delete(remote);
      this.#held += by;
      if (isStranger) this.#heldByStrangers += by;
    };
    let left = amount;
    move(left);
    const shrink = (by: number): void => {
      const given = Math.min(by, left);
      left -= given;
      if (given > 0) move(-given);
    };
    return { shrink, end: () => shrink(left) };
  }
}
