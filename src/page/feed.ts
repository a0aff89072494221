/**
 * @file What is new, as server-sent events. Every reader is told where it stands and not what it missed: a slow one gets the newest state
 * once it has taken the one before, so that no more than one event waits for each.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { LossView, NowView, WindowView } from "../api/page.ts";

/** What feeds are made from. */
export type Watched = {
  readonly now: NowView | null;
  windows(): readonly WindowView[];
  losses(): readonly LossView[];
  look(signal: AbortSignal): Promise<void>;
  /** Told why a look failed, once for each reason. */
  fault(error: unknown): void;
  /** Resolves when there may be something new. */
  wait(signal: AbortSignal): Promise<void>;
};

/** A socket without news for longer looks like one whose reader is gone. */
const HEARTBEAT_MS = 2000;
/** Between two looks, whatever happens. */
const LOOK_EVERY_MS = 1000;
/** Looking goes on for so long after the last page was closed: reloading one is no reason to begin anew. */
const LINGER_MS = 10_000;
/** A reader on this machine takes an event in less. */
const TAKING_MS = 150;
/** The end of a process does not wait for longer. */
const RENEWING_MS = 1000;
/** Mistakes that are told; more would be one with a changing text. */
const MOST_FAULTS = 16;
const HEARTBEAT = "event: beat\ndata: 0\n\n";

/** One event in the form of text/event-stream, of JSON, which has no line ends. */
export function eventText(name: string, json: string): string {
  return `event: ${name}\ndata: ${json}\n\n`;
}

/** Whether two lines hold the very same values. */
function isSame<T extends object>(a: T, b: T): boolean {
  const parts = new Map<string, unknown>(Object.entries(a));
  const others = Object.entries(b);
  return others.length === parts.size && others.every(([key, value]) => parts.get(key) === value);
}

/** Lines by window, each with the version in which it became what it is. Only one that may be new is written again. */
class Versioned<T extends { readonly window: number }> {
  readonly #lines = new Map<number, { line: T; text: string; version: number }>();

  /** Whether anything is new. */
  note(lines: readonly T[], version: number): boolean {
    let isNew = false;
    for (const line of lines) {
      const known = this.#lines.get(line.window);
      if (known !== undefined && isSame(known.line, line)) continue;
      const text = JSON.stringify(line);
      if (known?.text === text) continue;
      this.#lines.set(line.window, { line, text, version });
      isNew = true;
    }
    const [first] = lines;
    for (const window of this.#lines.keys())
      if (first === undefined || window < first.window) this.#lines.delete(window);
    return isNew;
  }

  /** The event of what is newer than a version; "": nothing is. */
  eventSince(version: number, name: string): string {
    const texts = [...this.#lines.values()].flatMap((one) =>
      one.version > version ? [one.text] : [],
    );
    return texts.length > 0 ? eventText(name, `[${texts.join(",")}]`) : "";
  }
}

/** Looks while somebody reads, and tells all who do. */
export class Feed {
  readonly #watched: Watched;
  readonly #lookEveryMs: number;
  readonly #windows = new Versioned<WindowView>();
  readonly #losses = new Versioned<LossView>();
  readonly #faults = new Set<string>();
  #now = "";
  #whole: string | null = null;
  #version = 0;
  #readers = 0;
  #changed = Promise.withResolvers<void>();
  #looking: AbortController | null = null;
  #idle: NodeJS.Timeout | null = null;

  /** @param lookEveryMs least time between two looks */
  constructor(watched: Watched, lookEveryMs: number = LOOK_EVERY_MS) {
    this.#watched = watched;
    this.#lookEveryMs = lookEveryMs;
  }

  /** Events from everything that is known on, until `signal` aborts. @yields texts of whole events */
  async *events(signal: AbortSignal): AsyncGenerator<string> {
    this.#enter();
    try {
      let told = -1;
      yield "retry: 2000\n\n";
      while (!signal.aborted) {
        const version = this.#version;
        // Nothing is known before the first look.
        const text = version === 0 || version === told ? HEARTBEAT : this.#since(told);
        if (version !== 0) told = version;
        yield text;
        await this.#news(told, signal);
      }
    } finally {
      this.#leave();
    }
  }

  /** Looks at once and gives readers a moment to take it; without readers it does nothing. */
  async renew(): Promise<void> {
    if (this.#looking === null) return;
    const signal = AbortSignal.any([this.#looking.signal, AbortSignal.timeout(RENEWING_MS)]);
    await this.#watched.look(signal).catch(() => undefined);
    this.#publish();
    await sleep(TAKING_MS);
  }

  /** Ends looking. */
  close(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#looking?.abort();
    this.#looking = null;
  }

  /** What is new since a version; all of it, for whoever has just come, is written once for all. */
  #since(version: number): string {
    if (version >= 0) return this.#newsSince(version);
    this.#whole ??= this.#newsSince(version);
    return this.#whole;
  }

  #newsSince(version: number): string {
    const windows = this.#windows.eventSince(version, "windows");
    return this.#now + windows + this.#losses.eventSince(version, "losses");
  }

  /** Waits for a version after this one, but no longer than a reader may hear nothing. */
  async #news(version: number, signal: AbortSignal): Promise<void> {
    if (this.#version > Math.max(0, version)) return;
    const stop = new AbortController();
    const timer = sleep(HEARTBEAT_MS, undefined, {
      signal: AbortSignal.any([signal, stop.signal]),
    });
    await Promise.race([this.#changed.promise, timer.catch(() => undefined)]);
    stop.abort();
  }

  #enter(): void {
    this.#readers += 1;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#looking !== null) return;
    this.#looking = new AbortController();
    void this.#look(this.#looking.signal);
  }

  #leave(): void {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    this.#idle = setTimeout(() => this.close(), LINGER_MS).unref();
  }

  async #look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#watched.look(signal);
        this.#publish();
        await sleep(this.#lookEveryMs, undefined, { signal });
        await this.#watched.wait(signal);
      } catch (error) {
        if (signal.aborted) return;
        // A page is no reason for a node to end: the next look may find what this one did not.
        this.#tell(error);
        await sleep(this.#lookEveryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Tells a mistake once: looks follow each other, and most fail alike. */
  #tell(error: unknown): void {
    const reason = String(error);
    if (this.#faults.has(reason) || this.#faults.size >= MOST_FAULTS) return;
    this.#faults.add(reason);
    this.#watched.fault(error);
  }

  #publish(): void {
    const version = this.#version + 1;
    const now = eventText("now", JSON.stringify(this.#watched.now));
    const isNew = [
      this.#windows.note(this.#watched.windows(), version),
      this.#losses.note(this.#watched.losses(), version),
      now !== this.#now,
    ];
    if (!isNew.includes(true)) return;
    this.#now = now;
    this.#whole = null;
    this.#version = version;
    const changed = this.#changed;
    this.#changed = Promise.withResolvers();
    changed.resolve();
  }
}
