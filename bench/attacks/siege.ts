/** @file A siege: an axon in one process, its attackers in another, and here an honest peer who fetches blobs all the while. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { fetchBytes, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { AnyAttack } from "./any-attack.ts";
import type { Target } from "./attackers.ts";
import type { Lures, Order, Outcome, Report } from "./child.ts";
import { lostTime } from "./lost-time.ts";

/** How the honest peer fares. */
type Service = {
  readonly fetches: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** What a siege did. */
export type Siege = {
  readonly before: Service;
  readonly during: Service;
  /** The most memory of the axon's process during the siege, above the most before. */
  readonly rssGrowthBytes: number;
  readonly attacks: Outcome;
  /** How long in all this process, which nobody attacks, was kept from running: by whatever else the machine does. */
  readonly lostMs: number;
};

const LIMITS = { limitBytes: 1 << 24, timeoutMs: 5000, sized: true };
const PAUSE_MS = 20;
/** The attackers come first: the honest peer's old connection is gone by then, and it has to be let in anew. */
const HEAD_START_MS = 1500;
/** One fetch of this many is of the large blob. */
const LARGE_EVERY = 10;

function start(role: "victim" | "attackers"): ChildProcess {
  const script = fileURLToPath(new URL(`./child${import.meta.url.slice(-3)}`, import.meta.url));
  return fork(script, [role]);
}

/** The next message of a child; what it is, both ends are written to agree on. */
async function next<Message>(child: ChildProcess): Promise<Message> {
  const [message]: Message[] = await once(child, "message", {
    signal: AbortSignal.timeout(30_000),
  });
  if (message === undefined) throw new Error("an empty message");
  return message;
}

class Victim {
  readonly #child = start("victim");
  #rss = 0;
  target: Target = { port: 0, large: "", text: "", share: 1 };
  #small: Hex = "0x";
  #large: Hex = "0x";

  async ready(): Promise<void> {
    const first = await next<Report>(this.#child);
    if (!("served" in first)) throw new Error("the victim did not say where it serves");
    [this.target, this.#small, this.#large] = [first.served, first.small, first.largeAddress];
    this.#child.on("message", (report: Report) => {
      if ("rssBytes" in report) this.#rss = Math.max(this.#rss, report.rssBytes);
    });
  }

  /** Fetches from hostile axons, too. */
  lure(lures: Lures): void {
    this.#child.send(lures);
  }

  /** The most memory since this was asked last. */
  takeRss(): number {
    const most = this.#rss;
    this.#rss = 0;
    return most;
  }

  /** Fetches from it for some time, as a peer does. */
  async serviceFor(ms: number): Promise<Service> {
    const axon = { ip: "127.0.0.1", port: this.target.port };
    const until = performance.now() + ms;
    const took: number[] = [];
    let failures = 0;
    for (let index = 0; performance.now() < until; index++) {
      const began = performance.now();
      const address = index % LARGE_EVERY === 0 ? this.#large : this.#small;
      // To its last byte; what the reader does then, hashing half a second, says nothing of the axon.
      const bytes = await fetchBytes(urlOf(axon, `/blobs/${address}`), LIMITS).catch(() => null);
      if (bytes === null) failures += 1;
      // One that fails at once was not served quickly.
      took.push(bytes === null ? LIMITS.timeoutMs : performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    took.sort((a, b) => a - b);
    const at = (share: number): number => took[Math.floor(share * (took.length - 1))] ?? 0;
    return { fetches: took.length, failures, p50Ms: at(0.5), p99Ms: at(0.99) };
  }

  async close(): Promise<void> {
    this.#child.kill();
    await once(this.#child, "exit");
  }
}

/** Attacks an axon with all of `attacks` at once. */
export async function besiege(
  attacks: readonly AnyAttack[],
  { beforeMs, duringMs }: { readonly beforeMs: number; readonly duringMs: number },
): Promise<Siege> {
  const victim = new Victim();
  const attackers = start("attackers");
  try {
    await victim.ready();
    const before = await victim.serviceFor(beforeMs);
    const calm = victim.takeRss();
    const order: Order = { attacks, target: victim.target };
    attackers.send(order);
    victim.lure(await next<Lures>(attackers));
    const lost = lostTime();
    await new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
    const during = await victim.serviceFor(duringMs);
    const lostMs = lost();
    const rssGrowthBytes = victim.takeRss() - calm;
    attackers.send("stop");
    const outcome = await next<Outcome>(attackers);
    return { before, during, rssGrowthBytes, attacks: outcome, lostMs };
  } finally {
    attackers.disconnect();
    await victim.close();
  }
}
