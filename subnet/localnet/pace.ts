/**
 * @file The pace of a local network: its one chain makes the next block as soon as everybody who is alive has done what the
 * block would make late, and never faster than `blockMs`. So a slow or busy machine takes longer and loses nothing.
 *
 * A network of strangers keeps time by itself; this is for one machine only, where the clock may follow the work.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ChainError } from "../../chain/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { WindowClock } from "../../src/protocol/window.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { BlockTimes } from "./block-times.ts";
import { type Gate, gateOf, joinGate, type Paced, type Seen, weightsGate } from "./gates.ts";
import { Patience } from "./patience.ts";
import { Pulse } from "./pulse.ts";

/** Whom the chain waits for now, and for how long it has. */
export type Waiting = { readonly names: readonly string[]; readonly seconds: number };

/** A neuron that is not waited for, until it is seen to be back. */
type Dropped = {
  readonly window: number;
  readonly why: "silent" | "slow";
  /** When, by performance.now(). */
  readonly at: number;
};

/** One closed gate. */
type Wait = {
  readonly gate: Gate;
  readonly pending: Set<Paced>;
  readonly since: number;
  /** Whether it was opened for validators that look for payloads of strangers alone. */
  leftStrangers: boolean;
};

/** Between two looks at a closed gate: at first at once, then ever more rarely, since looking takes time from the work. */
const LOOK_MS = { least: 40, most: 250 } as const;
/** A chain that fails for longer is gone. */
const CHAIN_PATIENCE_MS = 60_000;
const RETRY_MS = 500;
const HOLD_MS = 50;
/** Who lives answers within this time, on a crowded machine too. */
const ANSWER_MS = 2000;
/** Encrypted calls are longer, and nothing else that nodes of a network send is. */
const CARRIER_BYTES = 1100;
/** A slow neuron gets another chance after so many windows. */
const WINDOWS_OUT = 5;

/** Who makes the blocks, as the rest of a local network sees it. */
export type Pacing = Pick<
  Pace,
  "times" | "waiting" | "dropped" | "leadBlocks" | "follow" | "hold" | "holdAt" | "release" | "run"
>;

/** Makes the blocks of a local network. */
export class Pace {
  readonly times = new BlockTimes();
  /** Blocks between publishing the run and its first window, which waits until everybody has joined. */
  readonly leadBlocks: number = 4;
  readonly #subnet: Subnet;
  readonly #blockMs: number;
  readonly #patience = new Patience();
  readonly #pulses = new Map<string, Pulse>();
  readonly #dropped = new Map<string, Dropped>();
  #paced: readonly Paced[] = [];
  #clock: WindowClock | null = null;
  #wait: Wait | null = null;
  #holdAt = Infinity;
  #isHolding = false;
  #isResumed = false;

  constructor(subnet: Subnet, blockMs: number) {
    this.#subnet = subnet;
    this.#blockMs = blockMs;
  }

  /** From now on the chain waits for these neurons in the windows of this clock; when `isResumed`, first for all to join. */
  follow(clock: WindowClock, paced: readonly Paced[], isResumed = false): void {
    this.#clock = clock;
    this.#paced = paced;
    this.#isResumed = isResumed;
  }

  /** Makes no block after this one. */
  holdAt(block: number): void {
    this.#holdAt = block;
  }

  /** Makes no block any more; resolves once none is being made. */
  async hold(signal: AbortSignal): Promise<void> {
    this.#holdAt = -1;
    for (this.#isHolding = false; !this.#isHolding;) {
      signal.throwIfAborted();
      await pause(HOLD_MS, signal);
    }
  }

  /** Makes blocks again. */
  release(): void {
    this.#holdAt = Infinity;
  }

  /** Whom the chain waits for now, if anybody. */
  get waiting(): Waiting | null {
    if (this.#wait === null || this.#wait.pending.size === 0) return null;
    const names = [...this.#wait.pending].map(({ name }) => name);
    return { names, seconds: (performance.now() - this.#wait.since) / 1000 };
  }

  /** Who is no longer waited for, since which window, and why. */
  get dropped(): ReadonlyMap<string, Dropped> {
    return this.#dropped;
  }

  /** Makes blocks until `signal` aborts. @throws ChainError when the chain has been gone for a minute */
  async run(signal: AbortSignal): Promise<void> {
    let failingSince: number | null = null;
    while (!signal.aborted) {
      try {
        this.#isHolding = this.#subnet.blocks.current.number >= this.#holdAt;
        await (this.#isHolding ? pause(HOLD_MS, signal) : this.#block(signal));
        failingSince = null;
      } catch (error) {
        if (signal.aborted) return;
        failingSince ??= performance.now();
        if (!(error instanceof ChainError)) throw error;
        if (performance.now() - failingSince > CHAIN_PATIENCE_MS) throw error;
        await pause(RETRY_MS, signal);
      }
    }
  }

  /** One block, after whatever it has to wait for. */
  async #block(signal: AbortSignal): Promise<void> {
    const { chain, blocks } = this.#subnet;
    const started = performance.now();
    const next = blocks.current.number + 1;
    const waitedFor = await this.#open(next, signal);
    const rest = this.#blockMs - (performance.now() - started);
    if (rest > 0) await pause(rest, signal);
    if (signal.aborted || next > this.#holdAt) return;
    // By its number: a request that a chain answers late, after it was made again, must not put a block in between that waited for nobody.
    await chain.newBlock(next);
    await blocks.reached(next, signal);
    // Blocks before the first window are those of starting, not of the run.
    const window = this.#clock?.windowOf(next) ?? -1;
    if (window >= 0 && next !== this.#clock?.startBlock(0))
      this.times.note({ milliseconds: performance.now() - started, waitedFor, window });
  }

  /** Waits until everybody who is alive has done what block `next` would make late; returns who was waited for last. */
  async #open(next: number, signal: AbortSignal): Promise<string | null> {
    const gates = await this.#gatesBefore(next);
    let last: string | null = null;
    for (const gate of gates) last = (await this.#pass(gate, next, signal)) ?? last;
    if (gates.length > 0) this.#isResumed = false;
    return last;
  }

  async #pass(gate: Gate, next: number, signal: AbortSignal): Promise<string | null> {
    const due = this.#paced.filter((one) => gate.role === "all" || gate.role === one.role);
    const pending = new Set(due);
    const wait = { gate, pending, since: performance.now(), leftStrangers: false };
    this.#wait = wait;
    let last: string | null = null;
    try {
      while (!signal.aborted && next <= this.#holdAt) {
        await this.#look(wait);
        const [first] = wait.pending;
        if (first === undefined) break;
        last = first.name;
        const waitedMs = performance.now() - wait.since;
        await pause(Math.min(LOOK_MS.most, Math.max(LOOK_MS.least, waitedMs / 10)), signal);
      }
    } finally {
      this.#wait = null;
    }
    return last;
  }

  async #gatesBefore(next: number): Promise<readonly Gate[]> {
    if (this.#clock === null) return [];
    const window = this.#clock.windowOf(next);
    const gate = this.#isResumed ? joinGate(window) : gateOf(this.#clock, next);
    const gates = gate === null ? [] : [gate];
    if (window < 0) return gates;
    const { chain, netuid } = this.#subnet;
    // Asked for every block: an owner may move it.
    const epoch = await chain.nextEpoch(netuid);
    return next + 1 === epoch ? [...gates, weightsGate(window, epoch)] : gates;
  }

  /** Takes out of `pending` whoever is ready, and whoever is no reason to wait. */
  async #look(wait: Wait): Promise<void> {
    const { gate, pending, since } = wait;
    const { chain, netuid, finder } = this.#subnet;
    const hotkeys = [...pending].map((one) => one.hotkey);
    const [commitments, extrinsics, axons] = await Promise.all([
      chain.commitments(netuid, hotkeys),
      chain.pendingExtrinsics(),
      finder.axons(),
    ]);
    for (const one of pending) {
      const pulse = this.#pulseOf(one);
      pulse.ask(axons.get(one.hotkey));
      const own = extrinsics.filter((extrinsic) => isSignedBy(extrinsic, one.hotkey));
      const seen: Seen = {
        block: commitments.get(one.hotkey)?.block ?? null,
        pooled: own.some((extrinsic) => !isCarrier(extrinsic)),
        carried: own.some(isCarrier),
        status: pulse.status,
      };
      this.#takeBack(one, pulse, gate);
      if (gate.done(seen)) this.#patience.note(gate.kind, performance.now() - since);
      else if (this.#awaitsStrangers(pulse, wait)) wait.leftStrangers = true;
      else if (!this.#isOut(one, pulse, { gate, since })) continue;
      pending.delete(one);
    }
    this.#maybeEnd(wait);
  }

  /** Ends a wait for nobody, or for those who will not come. */
  #maybeEnd({ gate, pending, since, leftStrangers }: Wait): void {
    const inVain =
      pending.size > 0 && performance.now() - since > this.#patience.limitMs(gate.kind);
    if (pending.size > 0 && !inVain) return;
    this.#patience.ended(gate.kind, inVain);
    if (gate.kind === "collect") this.#patience.collected(leftStrangers);
    // A payload that nobody serves is not the fault of the validators that look for it.
    if (gate.kind !== "collect") for (const one of pending) this.#drop(one, gate, "slow");
    pending.clear();
  }

  #pulseOf({ name }: Paced): Pulse {
    const pulse = this.#pulses.get(name) ?? new Pulse();
    this.#pulses.set(name, pulse);
    return pulse;
  }

  /** Who answers again, or was slow and has been left alone for some windows, is waited for once more. */
  #takeBack({ name }: Paced, pulse: Pulse, { window }: Gate): void {
    const dropped = this.#dropped.get(name);
    if (dropped === undefined) return;
    const { why, at, window: since } = dropped;
    const isBack = why === "silent" ? pulse.answeredAt > at : window >= since + WINDOWS_OUT;
    if (isBack) this.#dropped.delete(name);
  }

  #drop({ name }: Paced, { window }: Gate, why: Dropped["why"]): void {
    this.#dropped.set(name, { window, why, at: performance.now() });
  }

  /** Whether a neuron is no reason to wait: gone, silent for too long, elsewhere, or with nothing to send. */
  #isOut(one: Paced, pulse: Pulse, { gate, since }: Pick<Wait, "gate" | "since">): boolean {
    if (pulse.isGone) return true;
    const waitedMs = performance.now() - since;
    if (this.#dropped.has(one.name)) return true;
    // An old question may have failed by chance, so that it has to owe an answer at this gate too.
    if (waitedMs > ANSWER_MS && pulse.silentMs > this.#patience.silentMs(gate.kind)) {
      this.#drop(one, gate, "silent");
      return true;
    }
    const isFresh = pulse.answeredAt >= since;
    return isFresh && pulse.status !== null && gate.excused(pulse.status);
  }

  /**
   * Whether a validator looks, for a while already, for payloads of none of the nodes that the chain waits for: strangers decide for
   * themselves when to serve, or whether at all, and must not hold the chain.
   */
  #awaitsStrangers({ status, answeredAt }: Pulse, { gate, since }: Wait): boolean {
    if (gate.kind !== "collect" || answeredAt - since < this.#patience.strangersMs) return false;
    const awaited = status?.awaited;
    if (awaited?.window !== gate.window || awaited.more > 0) return false;
    const own = this.#paced.filter(({ hotkey }) => awaited.hotkeys.includes(hotkey));
    return own.every(
      (one) => this.#dropped.get(one.name)?.why === "silent" || this.#pulseOf(one).isGone,
    );
  }
}

/** Whether an extrinsic (length, version 4 signed, account id) is signed by a key: its bytes may stand anywhere in others. */
function isSignedBy(extrinsic: Hex, hotkey: Hex): boolean {
  return new RegExp(`^0x(?:[0-9a-f]{2}){1,4}8400${hotkey.slice(2)}`).test(extrinsic);
}

function isCarrier(extrinsic: Hex): boolean {
  return extrinsic.length > 2 * CARRIER_BYTES;
}

/** Sleeps; an abort ends it at once. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
