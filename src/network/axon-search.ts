/** @file One search for one blob at the axons of a subnet: asks as the plan says, and notes what each answer cost. */
import { setTimeout as sleep } from "node:timers/promises";
import { type AssayError, isAssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import type { BackOffs } from "./back-offs.ts";
import { type BlobLimits, fetchBlob, type PeerAddress } from "./client.ts";
import { Received } from "./received.ts";
import { type Answered, type PlanOptions, SearchPlan } from "./search-plan.ts";

/** What a search needs. */
export type SearchParts = {
  /** Who is published now, by hotkey. */
  readonly axons: () => Promise<ReadonlyMap<Hex, PeerAddress>>;
  readonly backOffs: BackOffs;
  readonly limits: BlobLimits & { readonly signal: AbortSignal };
  readonly plan: Omit<PlanOptions, "startMs">;
  /** Looked at whenever the search has waited: the blob, if it has come here by another way. */
  readonly here?: () => Promise<Uint8Array | null>;
  /** Ends the search without a blob. */
  readonly over?: AbortSignal;
  /** Told of an axon that sent other bytes than were asked for, or to a store that did; `place`: where they lay. */
  readonly onWrong?: (hotkey: Hex, place: string) => void;
  /** Told of an axon that did not answer in time, or not to the end. */
  readonly onLate?: (error: AssayError) => void;
};

/** The longest rest: somebody may have published an axon meanwhile. */
const REST_MS = 1000;
/** Fewer bytes are not worth going on behind. */
const LEAST_KEPT_BYTES = 256 << 10;
/** An answer that comes on more slowly is hedged like one that does not come at all. */
const MOVING_BYTES_PER_MS = 32;
/** A question that is withdrawn after so long has cost as much as one that failed. */
const SLOW_MS = 1000;

/** One question: since when it is open, what it goes on behind, and what has come. */
type Asking = {
  readonly askedMs: number;
  readonly before: Received | null;
  readonly received: Received;
};

/** Why an answer was ended that came on: too slowly, and another axon may be faster. */
class Outdone extends Error {
  readonly bytesPerMs: number;

  constructor(bytesPerMs: number) {
    super(`the answer came at ${bytesPerMs.toFixed(0)} bytes a millisecond`);
    this.bytesPerMs = bytesPerMs;
  }
}

class AxonSearch {
  readonly #address: Hex;
  readonly #parts: SearchParts;
  readonly #plan: SearchPlan;
  readonly #done = new AbortController();
  readonly #signal: AbortSignal;
  #found: Uint8Array | null = null;
  /** A failure of our own. */
  #error: Error | null = null;
  #news = Promise.withResolvers<void>();
  /** Who was published when this was last looked at. */
  #known: ReadonlyMap<Hex, PeerAddress> = new Map();
  /** The longest beginning of the blob that came. */
  #beginning: Received | null = null;
  /** Once a blob of several senders was wrong, and nobody knows by whom, each goes on behind its own bytes alone. */
  readonly #beginnings = new Map<Hex, Received>();
  #isMixed = true;
  /** Whose wrong bytes were excused once, since others had sent some of them. */
  readonly #excused = new Set<Hex>();

  constructor(address: Hex, parts: SearchParts) {
    this.#address = address;
    this.#parts = parts;
    const { plan, backOffs, limits, over } = parts;
    this.#plan = new SearchPlan({ ...plan, startMs: performance.now() }, backOffs);
    const ends = over === undefined ? [] : [over];
    this.#signal = AbortSignal.any([limits.signal, this.#done.signal, ...ends]);
  }

  async run(): Promise<Uint8Array | null> {
    const { limits, over, axons, here } = this.#parts;
    try {
      for (;;) {
        limits.signal.throwIfAborted();
        if (this.#error !== null) throw this.#error;
        if (this.#found !== null) return this.#found;
        if (over?.aborted === true) return null;
        const known = await axons();
        this.#known = known;
        const step = this.#plan.next(known.keys(), performance.now());
        if (step.kind === "over") return null;
        if (step.kind === "wait") {
          await this.#rest(step.untilMs);
          const own = this.#found === null ? await here?.() : null;
          if (own) return own;
          continue;
        }
        const axon = known.get(step.hotkey);
        if (axon !== undefined) void this.#ask(step.hotkey, axon);
      }
    } finally {
      this.#done.abort();
    }
  }

  /** Until a time, until an axon has answered, or until the search is ended. */
  async #rest(untilMs: number): Promise<void> {
    const ms = Math.min(REST_MS, Math.max(1, untilMs - performance.now()));
    const woken = new AbortController();
    const signal = AbortSignal.any([this.#signal, woken.signal]);
    const rested = sleep(ms, undefined, { signal }).catch(() => undefined);
    await Promise.race([rested, this.#news.promise]);
    woken.abort();
    this.#news = Promise.withResolvers();
  }

  async #ask(hotkey: Hex, axon: PeerAddress): Promise<void> {
    const { backOffs, limits } = this.#parts;
    const askedMs = performance.now();
    this.#plan.began(hotkey, askedMs);
    backOffs.asking(hotkey, askedMs + limits.timeoutMs);
    const before = this.#isMixed ? this.#beginning : (this.#beginnings.get(hotkey) ?? null);
    const received = new Received(before);
    const outdone = new AbortController();
    const signal = AbortSignal.any([this.#signal, outdone.signal]);
    const bounded = { ...limits, received, signal, ...this.#watched(hotkey, outdone) };
    try {
      const bytes = await fetchBlob(axon, this.#address, bounded);
      backOffs.answered(hotkey);
      this.#found ??= bytes;
      if (bytes !== null) this.#blame({ askedMs, before, received });
      this.#plan.ended(hotkey, "lacks", performance.now());
    } catch (error) {
      const answered =
        this.#kept(hotkey, error, { askedMs, before, received }) ??
        this.#weighed(hotkey, error, askedMs);
      this.#plan.ended(hotkey, answered, performance.now());
    }
    this.#news.resolve();
  }

  /** Whoever was slow beside an answer that was fast has cost the time in which it was measured: the next search asks it last. */
  #blame({ askedMs, before, received }: Asking): void {
    const nowMs = performance.now();
    const bytesPerMs = (received.bytes - (before?.bytes ?? 0)) / (nowMs - askedMs);
    const { backOffs, plan } = this.#parts;
    for (const slow of this.#plan.outdoneBy(bytesPerMs))
      backOffs.failed(slow, plan.paceMs ?? 0, { askedMs, nowMs });
  }

  /** Tells the plan of an answer that comes on; of small ones it asks others at once whatever comes. */
  #watched(hotkey: Hex, outdone: AbortController): Pick<BlobLimits, "onBytes"> {
    const { hedgeMs } = this.#parts.plan;
    if (hedgeMs === undefined) return {};
    let marked = 0;
    const isSlow = this.#pacer(hotkey);
    const onBytes = (bytes: number): void => {
      const bytesPerMs = isSlow(bytes);
      if (bytesPerMs !== null) outdone.abort(new Outdone(bytesPerMs));
      if (bytes < marked + hedgeMs * MOVING_BYTES_PER_MS) return;
      marked = bytes;
      this.#plan.moved(hotkey, performance.now());
    };
    return { onBytes };
  }

  /** Says of the bytes that came how fast they come, when that is so slow that another is to be asked for the rest. */
  #pacer(hotkey: Hex): (bytes: number) => number | null {
    const { limits, plan } = this.#parts;
    // A range has nothing to be gone on with; it is short.
    const paceMs = limits.range === undefined ? (plan.paceMs ?? Infinity) : Infinity;
    let from: { readonly ms: number; readonly bytes: number } | null = null;
    return (bytes) => {
      const nowMs = performance.now();
      // Fewer than before: it begins anew.
      if (from === null || bytes < from.bytes) from = { ms: nowMs, bytes };
      const tookMs = nowMs - from.ms;
      if (tookMs < paceMs) return null;
      const bytesPerMs = (bytes - from.bytes) / tookMs;
      from = { ms: nowMs, bytes };
      const others = { axons: this.#known.keys(), nowMs };
      return this.#plan.isOutdone(hotkey, bytesPerMs, others) ? bytesPerMs : null;
    };
  }

  /** Keeps what came of an answer that was broken off; null where that is nothing, or the error says something else. */
  #kept(hotkey: Hex, error: unknown, { askedMs, before, received }: Asking): Answered | null {
    if (error instanceof Outdone) {
      this.#keep(hotkey, received);
      this.#plan.paced(hotkey, error.bytesPerMs);
      return "partly";
    }
    if (isAssayError(error, "blob-corrupt")) {
      this.#beginnings.delete(hotkey);
      if (received.senders.size === 1 || this.#excused.has(hotkey)) return null;
      this.#excused.add(hotkey);
      this.#isMixed = false;
      this.#beginning = null;
      return "partly";
    }
    const { limits, onLate } = this.#parts;
    const isBroken = isAssayError(error) && BROKEN.has(error.code);
    if (!isBroken || limits.range !== undefined) return null;
    onLate?.(error);
    const came = received.bytes - (before?.bytes ?? 0);
    if (came < LEAST_KEPT_BYTES) return null;
    this.#keep(hotkey, received);
    // Whoever drips is not fast because it also breaks off.
    this.#plan.paced(hotkey, came / (performance.now() - askedMs));
    return "partly";
  }

  #keep(hotkey: Hex, received: Received): void {
    if (!this.#isMixed) {
      // A question that was begun before may have gone on behind somebody else.
      const own = this.#beginnings.get(hotkey)?.bytes ?? 0;
      if (received.senders.size === 1 && received.bytes > own)
        this.#beginnings.set(hotkey, received);
    } else if (received.bytes > (this.#beginning?.bytes ?? 0)) {
      this.#beginning = received;
    }
  }

  /** What an error says of the axon, and what it cost. */
  #weighed(hotkey: Hex, error: unknown, askedMs: number): Answered {
    const { backOffs, limits } = this.#parts;
    const nowMs = performance.now();
    const tookMs = nowMs - askedMs;
    const failed = (costMs: number): Answered => {
      backOffs.failed(hotkey, costMs, { askedMs, nowMs });
      return "failed";
    };
    // The address names those bytes, and they are too many: true or not, more of it is not needed, and no harm is done.
    if (isAssayError(error, "peer-oversized")) return "never";
    // Wrong bytes are the work of reading and hashing them.
    if (isAssayError(error, "blob-corrupt")) {
      this.#parts.onWrong?.(hotkey, placeOf(error));
      return failed(Math.max(tookMs, limits.timeoutMs));
    }
    if (PEER_FAULTS.some((code) => isAssayError(error, code))) return failed(tookMs);
    if (this.#signal.aborted) return tookMs < SLOW_MS ? "lacks" : failed(tookMs);
    this.#error ??= error instanceof Error ? error : new Error(String(error));
    return "failed";
  }
}

/** Where wrong bytes lay. */
function placeOf({ fault }: AssayError): string {
  return fault.code === "blob-corrupt" ? (fault.place ?? "") : "";
}

/** An answer that ended too early, or never came. */
const BROKEN: ReadonlySet<string> = new Set(["peer-timeout", "peer-unreachable"]);
const PEER_FAULTS = ["peer-timeout", "peer-unreachable", "peer-refused"] as const;

/**
 * The blob at `address` from the first axon that hands out the right bytes; null when the search is over without.
 * @throws the reason of `limits.signal` when it aborts
 */
export function searchAxons(address: Hex, parts: SearchParts): Promise<Uint8Array | null> {
  return new AxonSearch(address, parts).run();
}
