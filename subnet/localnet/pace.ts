/**
 * @file The pace of a local network: its one chain makes the next block as soon as everybody who is alive has done what the
 * block would make late, and never faster than `blockMs`. So a slow or busy machine takes longer and loses nothing.
 *
 * A network of strangers keeps time by itself; this is for one machine only, where the clock may follow the work.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Status, statusSchema } from "../../src/api/types.ts";
import { type AxonAddress, fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { isInPhase, type WindowClock } from "../../src/protocol/window.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { BlockTimes } from "./block-times.ts";

/** A neuron that the chain waits for. */
export type Paced = {
  readonly name: string;
  readonly role: "miner" | "validator";
  readonly hotkey: Hex;
};

/** What must be done before a block, and by whom. */
type Gate = {
  readonly window: number;
  readonly role: Paced["role"] | "all";
  /** Whether a neuron has done it, by what the chain knows or by what it says. */
  done(one: Paced, seen: Seen): boolean;
};

/** What is known while a gate is closed. */
type Seen = {
  /** Commitments by hotkey: the block they were included in. */
  readonly blocks: ReadonlyMap<Hex, number>;
  /** All waiting extrinsics as one text. */
  readonly pool: string;
  readonly status: ReadonlyMap<string, Status | null>;
};

/** Between two looks at a closed gate. */
const LOOK_MS = 40;
const STATUS_LIMITS = { limitBytes: 8192, timeoutMs: 1500 };
/** A neuron that answers is waited for this long, one that does not answer twice is not waited for. */
const PATIENCE_MS = 60_000;
const SILENT_LOOKS = 2;

/** Makes the blocks of a local network. */
export class Pace {
  readonly times = new BlockTimes();
  readonly #subnet: Subnet;
  readonly #blockMs: number;
  #paced: readonly Paced[] = [];
  #clock: WindowClock | null = null;
  /** Looks in a row without an answer, by name. */
  readonly #silent = new Map<string, number>();

  constructor(subnet: Subnet, blockMs: number) {
    this.#subnet = subnet;
    this.#blockMs = blockMs;
  }

  /** From now on the chain waits for these neurons in the windows of this clock. */
  follow(clock: WindowClock, paced: readonly Paced[]): void {
    this.#clock = clock;
    this.#paced = paced;
  }

  /** Makes blocks until `signal` aborts. @throws ChainError when the chain is gone */
  async run(signal: AbortSignal): Promise<void> {
    const { chain, blocks } = this.#subnet;
    while (!signal.aborted) {
      const started = performance.now();
      const next = blocks.current.number + 1;
      const waitedFor = await this.#open(next, signal);
      const rest = this.#blockMs - (performance.now() - started);
      if (rest > 0) await sleep(rest, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await chain.newBlock();
      await blocks.reached(next, signal);
      this.times.note(performance.now() - started, waitedFor);
    }
  }

  /** Waits until everybody who is alive has done what block `next` would make late; returns who was waited for last. */
  async #open(next: number, signal: AbortSignal): Promise<string | null> {
    const gate = this.#clock === null ? null : gateOf(this.#clock, next);
    if (gate === null) return null;
    const until = performance.now() + PATIENCE_MS;
    let last: string | null = null;
    const due = this.#paced.filter((one) => gate.role === "all" || gate.role === one.role);
    for (const pending = new Set(due); !signal.aborted && performance.now() < until;) {
      const seen = await this.#look([...pending]);
      for (const one of pending)
        if (gate.done(one, seen) || this.#isOut(one, gate, seen)) pending.delete(one);
      const [first] = pending;
      if (first === undefined) break;
      last = first.name;
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    return last;
  }

  /** Whether a neuron is no reason to wait: it does not answer, has not joined, or has nothing to send. */
  #isOut({ name, role }: Paced, gate: Gate, { status }: Seen): boolean {
    if ((this.#silent.get(name) ?? 0) >= SILENT_LOOKS) return true;
    const known = status.get(name);
    if (known === null || known === undefined || gate.role === "all") return false;
    if (known.window === null || known.window < gate.window - 1) return true;
    const { progress } = known;
    return role === "miner" && progress?.step === "skipped" && progress.window === gate.window;
  }

  async #look(pending: readonly Paced[]): Promise<Seen> {
    const { chain, netuid, finder } = this.#subnet;
    const hotkeys = pending.map((one) => one.hotkey);
    const [commitments, pool, axons] = await Promise.all([
      chain.commitments(netuid, hotkeys),
      chain.pendingExtrinsics(),
      finder.axons(),
    ]);
    const answers = await Promise.all(
      pending.map(async (one) => [one.name, await this.#ask(one, axons.get(one.hotkey))] as const),
    );
    return {
      blocks: new Map([...commitments].map(([hotkey, { block }]) => [hotkey, block])),
      pool: pool.join(),
      status: new Map(answers),
    };
  }

  async #ask({ name }: Paced, axon: AxonAddress | undefined): Promise<Status | null> {
    const limits = STATUS_LIMITS;
    const status =
      axon === undefined
        ? null
        : await fetchJson(urlOf(axon, "/status"), statusSchema, limits).catch(() => null);
    this.#silent.set(name, status === null ? (this.#silent.get(name) ?? 0) + 1 : 0);
    return status;
  }
}

/** What must be done before block `next`, or null when nothing depends on it. */
export function gateOf(clock: WindowClock, next: number): Gate | null {
  const window = clock.windowOf(next);
  if (window < 0 || !clock.isInRun(window)) return null;
  if (next === clock.startBlock(0))
    return {
      window,
      role: "all",
      done: ({ name }, seen) => (seen.status.get(name)?.window ?? null) !== null,
    };
  if (next === clock.deadlineBlock(window))
    return { window, role: "miner", done: isCommitted(clock, window, "commit") };
  if (next === clock.firstJudgeBlock(window))
    return { window, role: "validator", done: hasCollected(window) };
  if (next === clock.lastJudgeBlock(window))
    return { window, role: "validator", done: isCommitted(clock, window, "judge") };
  return null;
}

/** Its commitment lies in the phase, or waits in the pool for the block that is about to be made. */
function isCommitted(clock: WindowClock, window: number, phase: "commit" | "judge"): Gate["done"] {
  return ({ hotkey }, { blocks, pool }) => {
    const block = blocks.get(hotkey);
    const included = block !== undefined && isInPhase(clock, { window, phase }, block);
    return included || pool.includes(hotkey.slice(2));
  };
}

function hasCollected(window: number): Gate["done"] {
  return ({ name }, { status }) => {
    const progress = status.get(name)?.progress;
    if (!progress) return false;
    return progress.window > window || (progress.window === window && progress.step !== "settled");
  };
}
