/**
 * @file A siege of a small local network that trains: one miner, one validator or all of its nodes under one attack. What counts is
 * whether windows are missed; beside it how honest peers are served, the nodes' memory, and how long attackers last.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { fetchBytes, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import { isEnded } from "./any-attack.ts";
import type { Attack, Damage } from "./attackers.ts";
import type { Order, Outcome } from "./child.ts";
import type { ChainAttack, HotkeysAnswer, HotkeysOrder } from "./hotkeys.ts";
import { blobsOf, type LiveNetwork, type Node } from "./live-network.ts";
import { lostTime } from "./lost-time.ts";
import type { Missed, Row } from "./report.ts";

/** Whom an attack is meant for. */
export const TARGETS = ["miner", "validator", "all"] as const;
export type TargetName = (typeof TARGETS)[number];

/** A siege as far as it can be told while the network still runs: what was missed is in the records. */
export type Siege = {
  readonly row: Row;
  /** The windows that it touched. */
  readonly first: number;
  readonly last: number;
  /** Whose commitments were hostile. */
  readonly hostile: readonly Hex[];
};

const LIMITS = { limitBytes: 1 << 24, timeoutMs: 5000, sized: true };
const PAUSE_MS = 50;
/** One fetch of this many is of the parameters, the others are of an update. */
const LARGE_EVERY = 10;
/** Between two sieges: refused addresses are forgotten, and memory is what it is without attack. */
const CALM_MS = 6000;
/** A window is recorded some windows later. */
const RECORDED_WITHIN = 4;
const RECORDED_MS = 120_000;
const ATTACKED_MS = 60_000;

/** What the honest peer fetches from a node: its parameters and updates, not the corpus. */
function wantedOf(node: Node): { readonly update: Hex; readonly theta: Hex } {
  const blobs = blobsOf(node).filter(({ bytes }) => bytes < 1_000_000);
  const [theta, update] = [blobs.at(-1), blobs.findLast(({ bytes }) => bytes < 100_000)];
  if (theta === undefined || update === undefined) throw new Error(`${node.name} has no updates`);
  return { theta: theta.address, update: update.address };
}

/** An honest peer that fetches from all victims in turn; a fetch that fails counts as long as it may take. */
async function serve(
  victims: readonly Node[],
  ms: number,
): Promise<Pick<Row, "fetches" | "failures" | "p50Ms" | "p99Ms">> {
  const wanted = victims.map((node) => ({ ...wantedOf(node), ip: "127.0.0.1", port: node.port }));
  const until = performance.now() + ms;
  const took: number[] = [];
  let failures = 0;
  for (let index = 0; performance.now() < until; index++) {
    const axon = wanted[index % wanted.length];
    if (axon === undefined) break;
    const address = index % LARGE_EVERY === 0 ? axon.theta : axon.update;
    const began = performance.now();
    const bytes = await fetchBytes(urlOf(axon, `/blobs/${address}`), LIMITS).catch(() => null);
    if (bytes === null) failures += 1;
    took.push(bytes === null ? LIMITS.timeoutMs : performance.now() - began);
    await sleep(PAUSE_MS);
  }
  took.sort((a, b) => a - b);
  const at = (share: number): number => took[Math.floor(share * (took.length - 1))] ?? 0;
  return { fetches: took.length, failures, p50Ms: at(0.5), p99Ms: at(0.99) };
}

const scriptOf = (name: string): string =>
  fileURLToPath(new URL(`./${name}${import.meta.url.slice(-3)}`, import.meta.url));

/** An attack that is on, and what ends it. */
type Attackers = { readonly hostile: readonly Hex[]; end(): Promise<readonly Damage[]> };

/** Strangers at each of the victims, in processes of their own; resolves when all of them attack. */
async function strangers(name: Attack, victims: readonly Node[]): Promise<Attackers> {
  const children = victims.map((victim) => {
    const child = fork(scriptOf("child"), ["attackers"]);
    const large = `/blobs/${blobsOf(victim).at(-1)?.address ?? ""}`;
    const text = victim.role === "validator" ? "/records/1" : "/digests";
    const target = { port: victim.port, large, text, share: 1 / victims.length };
    const order: Order = { attacks: [name], target };
    child.send(order);
    return child;
  });
  await Promise.all(
    children.map((child) => once(child, "message", { signal: AbortSignal.timeout(ATTACKED_MS) })),
  );
  const end = async (child: ChildProcess): Promise<readonly Damage[]> => {
    child.send("stop");
    const [outcome]: Outcome[] = await once(child, "message");
    child.disconnect();
    const damage = outcome?.[name];
    return damage === undefined ? [] : [damage];
  };
  return {
    hostile: [],
    end: async () => (await Promise.all(children.map((child) => end(child)))).flat(),
  };
}

/** Hotkeys of the subnet that mean it harm. */
export class HostileHotkeys {
  readonly #child = fork(scriptOf("hotkeys"));
  #hotkeys: readonly Hex[] = [];

  async #order(order: HotkeysOrder): Promise<HotkeysAnswer> {
    this.#child.send(order);
    const died = new AbortController();
    const exit = once(this.#child, "exit", { signal: died.signal }).then((): never => {
      throw new Error("the hostile hotkeys' process ended");
    });
    exit.catch(() => undefined);
    const message = once(this.#child, "message", { signal: died.signal });
    try {
      const [answer]: HotkeysAnswer[] = await Promise.race([message, exit]);
      if (answer === undefined) throw new Error("an empty answer");
      return answer;
    } finally {
      died.abort();
    }
  }

  /** Gives them uids. */
  async register({ place, folder }: LiveNetwork): Promise<void> {
    const manifest = join(folder ?? "", "owner", "blobs", place.runId.slice(2));
    const answer = await this.#order({ register: { ...place, manifest } });
    if ("hotkeys" in answer) this.#hotkeys = answer.hotkeys;
  }

  /** Attacks whoever reads the chain. */
  async attack(name: ChainAttack, [victim]: readonly Node[]): Promise<Attackers> {
    const address = victim && blobsOf(victim).at(-1)?.address;
    if (address === undefined) throw new Error("nobody to attack");
    await this.#order({ begin: name, address });
    return {
      hostile: this.#hotkeys,
      end: async () => {
        const answer = await this.#order("end");
        return "damage" in answer && answer.damage !== null ? [answer.damage] : [];
      },
    };
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** The most of some figures; null of none. */
const most = (figures: readonly number[]): number | null =>
  figures.length === 0 ? null : Math.max(...figures);

/** How long attackers lasted, in seconds. */
function lasted(
  damages: readonly Damage[],
  areEnded: boolean,
): Pick<Row, "connections" | "cutWithinSeconds" | "heldAfterSeconds" | "answersPerSecond"> {
  const rates = damages.flatMap(({ rate }) => rate ?? []);
  const never = Infinity;
  return {
    connections: damages.reduce((sum, { made }) => sum + made, 0),
    cutWithinSeconds: areEnded ? most(damages.map(({ longestMs }) => longestMs / 1000)) : null,
    heldAfterSeconds: most(rates.map(({ heldAfterMs }) => (heldAfterMs ?? never) / 1000)),
    answersPerSecond:
      rates.length === 0 ? null : rates.reduce((sum, { perSecond }) => sum + perSecond, 0),
  };
}

/** A network and whoever attacks it. */
export class Battlefield {
  readonly #network: LiveNetwork;
  readonly #hotkeys: HostileHotkeys | null;
  /** The most memory of each process while nobody attacked, and the p99 of then. */
  #calmPeaks: ReadonlyMap<number, number> = new Map();
  #calmP99Ms = 0;

  constructor(network: LiveNetwork, hotkeys: HostileHotkeys | null) {
    [this.#network, this.#hotkeys] = [network, hotkeys];
  }

  #victims(target: TargetName): readonly Node[] {
    const { nodes } = this.#network;
    return target === "all" ? nodes : nodes.filter(({ role }) => role === target).slice(0, 1);
  }

  async #begin(name: Attack | ChainAttack, victims: readonly Node[]): Promise<Attackers> {
    if (name !== "own-address" && name !== "hostile-axons") return strangers(name, victims);
    if (this.#hotkeys === null) throw new Error("no hotkey is registered for this attack");
    return this.#hotkeys.attack(name, victims);
  }

  /** Attacks for some time, after a moment of calm; "none" measures the network left alone. */
  async besiege(
    name: Attack | ChainAttack | "none",
    target: TargetName,
    ms: number,
  ): Promise<Siege> {
    const network = this.#network;
    const victims = this.#victims(target);
    network.takePeaks();
    await sleep(CALM_MS);
    const before = network.takePeaks();
    const first = await network.window();
    const began = performance.now();
    const attackers = name === "none" ? null : await this.#begin(name, victims);
    const lost = lostTime();
    const service = await serve(victims, ms);
    const lostMs = lost();
    const damages = (await attackers?.end()) ?? [];
    const peaks = network.takePeaks();
    const last = await network.window();
    const tookMs = performance.now() - began;
    if (name === "none") [this.#calmPeaks, this.#calmP99Ms] = [peaks, service.p99Ms];
    const growths = victims.map(
      ({ pid }) =>
        (peaks.get(pid) ?? 0) - Math.max(before.get(pid) ?? 0, this.#calmPeaks.get(pid) ?? 0),
    );
    const row: Row = {
      attack: name,
      target,
      seconds: ms / 1000,
      windows: last - first + 1,
      secondsPerWindow: tookMs / 1000 / Math.max(1, last - first),
      windowsMissed: null,
      missed: null,
      ...service,
      p99Ratio: service.p99Ms / Math.max(1, this.#calmP99Ms),
      rssGrowthMB: Math.max(0, ...growths) / 1e6,
      ...lasted(damages, name === "hostile-axons" || isEnded(name)),
      commitments: null,
      notRefused: null,
      machineLostSeconds: lostMs / 1000,
    };
    return { row, first, last, hostile: attackers?.hostile ?? [] };
  }

  /** Waits until the windows of a siege are recorded; false: the network stands still. */
  async recorded(last: number): Promise<boolean> {
    const until = performance.now() + RECORDED_MS;
    while ((await this.#network.window()) < last + RECORDED_WITHIN) {
      if (performance.now() > until) return false;
      await sleep(1000);
    }
    return true;
  }

  /** The row of a siege with what records say of its windows. */
  told({ row, first, last, hostile }: Siege): Row {
    const records = this.#network.records();
    const miners = this.#network.nodes.filter(({ role }) => role === "miner");
    const honest = miners.map(({ hotkey }) => hotkey);
    const missed = { nullWindows: 0, updates: 0, votes: 0 };
    let [windowsMissed, commitments, notRefused] = [0, 0, 0];
    for (let window = first; window <= last; window++) {
      const found = missedIn(records.get(window), honest);
      missed.nullWindows += found.nullWindows;
      missed.updates += found.updates;
      missed.votes += found.votes;
      if (found.nullWindows + found.updates + found.votes > 0) windowsMissed += 1;
      for (const one of records.get(window)?.miners ?? []) {
        if (!hostile.includes(one.hotkey) || one.commitBlock === null) continue;
        commitments += 1;
        if (!REFUSALS.has(one.verdict)) notRefused += 1;
      }
    }
    const counts = hostile.length === 0 ? {} : { commitments, notRefused };
    return { ...row, windowsMissed, missed, ...counts };
  }
}

/** Verdicts of an honest miner whose update did not come through. */
const ABSENT: ReadonlySet<string> = new Set([
  "no-commitment",
  "payload-missing",
  "not-accepted-by-majority",
]);
/** Verdicts of what was refused unread. */
const REFUSALS: ReadonlySet<string> = new Set(["malformed", "payload-missing"]);

/** What honest nodes missed in a window; one that nobody recorded, everything. */
function missedIn(record: WindowRecord | undefined, honest: readonly Hex[]): Missed {
  if (record === undefined) return { nullWindows: 1, updates: honest.length, votes: 0 };
  const there = record.miners.filter(({ verdict }) => !ABSENT.has(verdict));
  const present = new Set(there.map(({ hotkey }) => hotkey));
  return {
    nullWindows: record.accepted.length === 0 ? 1 : 0,
    updates: honest.filter((hotkey) => !present.has(hotkey)).length,
    votes: record.voters.filter(({ stake, votes }) => stake !== "0" && votes.length === 0).length,
  };
}
