/** @file What the page knows: told by the node as server-sent events, kept when the node is gone. */
import type { LossView, NowView, WindowView } from "../src/api/page.ts";

/** `live`: told within the last seconds. `full`: the node shows its page to too many already. `lost`: it does not answer. */
export type Link = "connecting" | "live" | "lost" | "full";

/** Everything that pages are made from. */
export type State = {
  readonly link: Link;
  readonly now: NowView | null;
  readonly windows: readonly WindowView[];
  readonly losses: readonly LossView[];
};

const EVENTS = "/page/events";
/** The node says something every two seconds. */
const SILENCE_MS = 7000;
const LOOK_MS = 1000;
const AGAIN_MS = 3000;

/** Lines by window, with newer ones in the place of older. */
function merged<T extends { readonly window: number }>(
  known: readonly T[],
  news: readonly T[],
): readonly T[] {
  const all = new Map(known.map((one) => [one.window, one]));
  for (const one of news) all.set(one.window, one);
  return [...all.values()].toSorted((a, b) => a.window - b.window);
}

/** Follows the node; `onState` is told each time something is new. */
export class Follower {
  readonly #onState: (state: State) => void;
  #state: State = { link: "connecting", now: null, windows: [], losses: [] };
  #source: EventSource | null = null;
  #heardAt = performance.now();

  constructor(onState: (state: State) => void) {
    this.#onState = onState;
  }

  start(): void {
    this.#open();
    setInterval(() => this.#watch(), LOOK_MS);
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.#onState(this.#state);
  }

  #open(): void {
    this.#heardAt = performance.now();
    const source = new EventSource(EVENTS);
    this.#source = source;
    source.addEventListener("now", ({ data }: MessageEvent<string>) => {
      const now: NowView | null = JSON.parse(data);
      const isSame = now?.run?.runId === this.#state.now?.run?.runId;
      this.#heardAt = performance.now();
      this.#set({ link: "live", now, ...(!isSame && { windows: [], losses: [] }) });
    });
    source.addEventListener("windows", ({ data }: MessageEvent<string>) => {
      const news: readonly WindowView[] = JSON.parse(data);
      this.#set({ windows: merged(this.#state.windows, news) });
    });
    source.addEventListener("losses", ({ data }: MessageEvent<string>) => {
      const news: readonly LossView[] = JSON.parse(data);
      this.#set({ losses: merged(this.#state.losses, news) });
    });
    source.addEventListener("beat", () => {
      this.#heardAt = performance.now();
    });
    source.addEventListener("error", () => void this.#lost(source));
  }

  /** Says what is wrong, and tries again. */
  async #lost(source: EventSource): Promise<void> {
    if (source !== this.#source) return;
    source.close();
    this.#source = null;
    const link = await fetch("/healthz").then(
      ({ ok }): Link => (ok ? "full" : "lost"),
      (): Link => "lost",
    );
    this.#set({ link });
    setTimeout(() => this.#open(), AGAIN_MS);
  }

  /** A connection that is silent is as good as none. */
  #watch(): void {
    const source = this.#source;
    if (source === null || performance.now() - this.#heardAt < SILENCE_MS) return;
    if (this.#state.link === "live") void this.#lost(source);
  }
}
