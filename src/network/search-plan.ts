/**
 * @file In which order, and when, the axons of a subnet are asked for one blob: its owner first and often, the others after a moment
 * and ever more rarely, who failed before only when its pause is over. Pure: whoever asks says what time it is.
 */
import type { Hex } from "../protocol/digest.ts";
import type { BackOffs } from "./back-offs.ts";

/** How one blob is looked for. Times are milliseconds of the clock of `startMs`. */
export type PlanOptions = {
  /** Whose blob it is, if anybody's: it is asked whatever weighs on it. */
  readonly owner: Hex | null;
  readonly startMs: number;
  /** So long the owner is asked alone, if it has an axon. */
  readonly othersAfterMs: number;
  /** After so long nobody is asked again but as `chances` say. */
  readonly patienceMs: number;
  /** How many questions at least an axon is asked that fails; one that said what it has is not asked again. */
  readonly chances: number;
  /** How long one axon is waited for alone; without it HEDGE_MS. Large answers take longer, and two of one are a waste. */
  readonly hedgeMs?: number;
  /** How many answers may be under way at the same time; without it MOST_AT_ONCE. Copies of a large one are bytes for nothing. */
  readonly mostAtOnce?: number;
  /** Over how long the rate of an answer is measured; without it none is handed on. Only what is large takes as long. */
  readonly paceMs?: number;
};

/**
 * What an axon said. `lacks`: not here, perhaps later. `failed`: nothing that could be used. `partly`: it was broken off after bytes
 * that were missing. `never`: it will never do.
 */
export type Answered = "lacks" | "failed" | "partly" | "never";

/** What to do now. */
export type Step =
  | { readonly kind: "ask"; readonly hotkey: Hex }
  /** Until then, or until an axon that was asked has answered. */
  | { readonly kind: "wait"; readonly untilMs: number }
  | { readonly kind: "over" };

/** What one axon was asked in this search. */
type Asked = {
  readonly tries: number;
  readonly failures: number;
  /** Since when its answer is due; null: it is not. */
  readonly sinceMs: number | null;
  readonly againMs: number;
  /** How fast its answer last came where that was too slow, so that another was asked in its place; Infinity: it was not. */
  readonly bytesPerMs: number;
};

const UNASKED: Asked = {
  tries: 0,
  failures: 0,
  sinceMs: null,
  againMs: -Infinity,
  bytesPerMs: Infinity,
};

/** How long one axon is waited for alone. */
const HEDGE_MS = 300;
/** An answer that comes more slowly is handed on to another axon, 256 KB a second. */
const FAST_BYTES_PER_MS = 256;
/** To one that was slow itself only where it was so many times as fast: on a slow line all are, and each change costs a moment. */
const FASTER = 2;
/** Others that are asked at the same time. */
const MOST_AT_ONCE = 8;
/** An owner that says "not yet" is asked again after a tenth of the time that the search has taken. */
const OWNER_AGAIN = { share: 0.1, leastMs: 60, mostMs: 1000 } as const;
/** An owner that fails, and anybody else, twice as long after each time. */
const OWNER_FAILED = { leastMs: 250, mostMs: 4000 } as const;
const OTHER_AGAIN = { leastMs: 500, mostMs: 4000 } as const;

const doubled = ({ leastMs, mostMs }: typeof OTHER_AGAIN | typeof OWNER_FAILED, times: number) =>
  Math.min(mostMs, leastMs * 2 ** Math.min(times, 8));

/** Of rates that may both be infinite. */
const descending = (a: number, b: number): number => Number(b > a) - Number(b < a);

/** The plan of one search. */
export class SearchPlan {
  readonly #options: PlanOptions;
  readonly #backOffs: Pick<BackOffs, "failuresOf" | "dueMs">;
  readonly #asked = new Map<Hex, Asked>();

  constructor(options: PlanOptions, backOffs: Pick<BackOffs, "failuresOf" | "dueMs">) {
    this.#options = options;
    this.#backOffs = backOffs;
  }

  /** What to do at `nowMs`, of axons that are published now. */
  next(axons: Iterable<Hex>, nowMs: number): Step {
    const hotkeys = [...axons];
    const { owner, startMs, patienceMs } = this.#options;
    const isLate = nowMs >= startMs + patienceMs;
    const hasOwner = owner !== null && hotkeys.includes(owner);
    const isFirst = hasOwner && this.#of(owner).bytesPerMs === Infinity;
    if (isFirst && this.#mayAsk(owner, nowMs, isLate)) return { kind: "ask", hotkey: owner };
    const others = hotkeys.filter((hotkey) => !isFirst || hotkey !== owner);
    const opensMs = Math.max(this.#othersFromMs(hasOwner), this.#hedgedMs(nowMs));
    if (nowMs >= opensMs) {
      const next = this.#best(others, nowMs, isLate);
      if (next !== null) return { kind: "ask", hotkey: next };
    }
    if (isLate && this.#underWay === 0 && !hotkeys.some((one) => this.#hasChance(one)))
      return { kind: "over" };
    const times = others.map((one) => Math.max(opensMs, this.#dueMs(one, isLate)));
    if (isFirst) times.push(this.#dueMs(owner, isLate));
    times.push(isLate ? opensMs : startMs + patienceMs);
    return { kind: "wait", untilMs: Math.min(...times.filter((time) => time > nowMs)) };
  }

  /** An axon is asked. */
  began(hotkey: Hex, nowMs: number): void {
    const asked = this.#of(hotkey);
    this.#asked.set(hotkey, { ...asked, tries: asked.tries + 1, sinceMs: nowMs });
  }

  /** Its answer comes on: it is waited for as if it had just been asked. */
  moved(hotkey: Hex, nowMs: number): void {
    const asked = this.#of(hotkey);
    if (asked.sinceMs !== null) this.#asked.set(hotkey, { ...asked, sinceMs: nowMs });
  }

  /** Whether an answer that comes so fast is to be handed on: it is slow, and of these axons one may be faster. */
  isOutdone(
    hotkey: Hex,
    bytesPerMs: number,
    { axons, nowMs }: { readonly axons: Iterable<Hex>; readonly nowMs: number },
  ): boolean {
    if (bytesPerMs >= FAST_BYTES_PER_MS) return false;
    const isLate = nowMs >= this.#options.startMs + this.#options.patienceMs;
    return [...axons].some(
      (one) =>
        one !== hotkey &&
        this.#of(one).bytesPerMs > FASTER * bytesPerMs &&
        this.#mayAsk(one, nowMs, isLate),
    );
  }

  /** Its answer came so fast: where that is slow it is asked for the rest after all that may be faster. */
  paced(hotkey: Hex, came: number): void {
    if (this.#options.paceMs === undefined) return;
    const bytesPerMs = came < FAST_BYTES_PER_MS ? came : Infinity;
    this.#asked.set(hotkey, { ...this.#of(hotkey), bytesPerMs });
  }

  /** Who was slow where an answer that came so fast shows that the line is not. */
  outdoneBy(bytesPerMs: number): readonly Hex[] {
    if (bytesPerMs < FAST_BYTES_PER_MS) return [];
    return [...this.#asked].flatMap(([hotkey, asked]) =>
      FASTER * asked.bytesPerMs < bytesPerMs ? [hotkey] : [],
    );
  }

  /** It has answered, or will not. */
  ended(hotkey: Hex, how: Answered, nowMs: number): void {
    const asked = this.#of(hotkey);
    // It is asked for the rest as one that was not asked yet: what is missing grows less each time.
    if (how === "partly") {
      this.#asked.set(hotkey, { ...UNASKED, bytesPerMs: asked.bytesPerMs });
      return;
    }
    const failures = how === "failed" ? asked.failures + 1 : 0;
    const againMs =
      how === "never" ? Infinity : nowMs + this.#pauseMs(hotkey, { ...asked, failures }, nowMs);
    this.#asked.set(hotkey, { ...asked, failures, sinceMs: null, againMs });
  }

  #of(hotkey: Hex): Asked {
    return this.#asked.get(hotkey) ?? UNASKED;
  }

  get #underWay(): number {
    return [...this.#asked.values()].filter(({ sinceMs }) => sinceMs !== null).length;
  }

  #pauseMs(hotkey: Hex, { tries, failures }: Asked, nowMs: number): number {
    if (hotkey !== this.#options.owner) return doubled(OTHER_AGAIN, tries - 1);
    if (failures > 0) return doubled(OWNER_FAILED, failures - 1);
    const { share, leastMs, mostMs } = OWNER_AGAIN;
    return Math.min(mostMs, Math.max(leastMs, share * (nowMs - this.#options.startMs)));
  }

  /** Whether it was not asked yet, or has failed and was not asked often. */
  #hasChance(hotkey: Hex): boolean {
    const { tries, failures, againMs } = this.#of(hotkey);
    if (tries === 0) return true;
    return failures > 0 && tries < this.#options.chances && againMs < Infinity;
  }

  /** From when on it may be asked; Infinity while its answer is awaited. Late its last chances are open, whatever weighs on it. */
  #dueMs(hotkey: Hex, isLate: boolean): number {
    const { sinceMs, againMs } = this.#of(hotkey);
    if (sinceMs !== null) return Infinity;
    if (isLate) return this.#hasChance(hotkey) ? againMs : Infinity;
    return hotkey === this.#options.owner
      ? againMs
      : Math.max(againMs, this.#backOffs.dueMs(hotkey));
  }

  #mayAsk(hotkey: Hex, nowMs: number, isLate: boolean): boolean {
    return nowMs >= this.#dueMs(hotkey, isLate);
  }

  /** From when on others than the owner are asked. */
  #othersFromMs(hasOwner: boolean): number {
    const { startMs, othersAfterMs } = this.#options;
    return hasOwner ? startMs + othersAfterMs : startMs;
  }

  /** From when on one more may be asked while the answers of those before are awaited. */
  #hedgedMs(nowMs: number): number {
    const { owner, hedgeMs = HEDGE_MS, mostAtOnce = MOST_AT_ONCE } = this.#options;
    const awaited = [...this.#asked].flatMap(([hotkey, { tries, sinceMs }]) =>
      sinceMs === null || (hotkey === owner && tries > 1) ? [] : [sinceMs],
    );
    if (awaited.length === 0) return nowMs;
    return awaited.length >= mostAtOnce ? Infinity : Math.max(...awaited) + hedgeMs;
  }

  /** Of others that may be asked now, the one that was not slow, or least so, then with the least against it, then that was asked least. */
  #best(others: readonly Hex[], nowMs: number, isLate: boolean): Hex | null {
    const able = others.filter((hotkey) => this.#mayAsk(hotkey, nowMs, isLate));
    const [best] = able.toSorted(
      (a, b) =>
        descending(this.#of(a).bytesPerMs, this.#of(b).bytesPerMs) ||
        this.#backOffs.failuresOf(a) - this.#backOffs.failuresOf(b) ||
        this.#of(a).tries - this.#of(b).tries,
    );
    return best ?? null;
  }
}
