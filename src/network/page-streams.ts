/** @file How many pages of a node may be open at once: each holds a socket, and one event that it has not taken yet. */
import { remoteOf } from "./address.ts";
import { type Lease, Quota } from "./quota.ts";

/** Of other machines, and of this one: whoever runs a node sees its page, however many strangers look at it. */
const STRANGERS = { total: 48, reserved: 0, perRemote: 8 };
const OWN = { total: 16, reserved: 0, perRemote: 8 };
const LOOPBACK_6 = remoteOf("::1");

/** The streams of one node. */
export class PageStreams {
  readonly #strangers = new Quota(STRANGERS, () => 0);
  readonly #own = new Quota(OWN, () => 0);

  /** A stream for `ip`; null: too many are open at this address, or in all. */
  take(ip: string): Lease | null {
    const remote = remoteOf(ip);
    const isOwn = remote.startsWith("127.") || remote === LOOPBACK_6;
    return (isOwn ? this.#own : this.#strangers).take(ip, 1);
  }
}
