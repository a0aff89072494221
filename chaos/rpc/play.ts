/** @file Plays faults of endpoints against a client that does a neuron's duties, and judges it by the chain's record. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { Duties } from "./duties.ts";
import { type Judged, judged, type Sickness } from "./judge.ts";
import { type Act, actsOf, type Pace } from "./plan.ts";
import {
  closeEndpoint,
  type Endpoint,
  openEndpoint,
  type ServedChain,
  serveStage,
} from "./stage.ts";

/** How one fault went: milliseconds until another endpoint had taken over, or one was back; null: none had. */
type Acted = { readonly name: string; readonly takenMs: number | null };

/** A play and its judgement. */
export type Played = Judged & {
  readonly acts: readonly Acted[];
  /** Milliseconds of a block as it came: more than the pace has on a machine that is too busy for it. */
  readonly blockMs: number;
};

const LOOK_MS = 5;
/** Part of the blocks of a time that have to be there when it is over. */
const SHARE = 0.8;
const PATIENCE_MS = 60_000;

/** A chain, its endpoints and a client of them. */
class Scene {
  readonly pace: Pace;
  readonly served: ServedChain;
  readonly endpoints: readonly Endpoint[];
  readonly sick: Sickness[] = [];
  #client: ChainClient | null = null;
  #backs = 0;

  constructor(pace: Pace, served: ServedChain, endpoints: readonly Endpoint[]) {
    this.pace = pace;
    this.served = served;
    this.endpoints = endpoints;
  }

  async connect(): Promise<ChainClient> {
    const { stallMs, timeoutMs } = this.pace;
    this.#client = await connectChain({
      endpoints: this.endpoints.map(({ proxy }) => proxy.endpoint),
      stallMs,
      timeoutMs,
      onNews: ({ kind }) => {
        if (kind === "back") this.#backs++;
      },
    });
    return this.#client;
  }

  /** One fault from its beginning to its end. */
  async act({ name, fault, whom, ms }: Act): Promise<Acted> {
    const { chain } = this.served;
    const hit = whom === "all" ? [...this.endpoints.keys()] : [this.#used];
    const from = chain.head().number;
    const begun = performance.now();
    const before = this.#backs;
    const isBack = (): boolean => this.#backs > before;
    for (const index of hit) this.endpoints[index]?.proxy.set(fault);
    const taken = await within(ms, isBack);
    await this.lasted(ms, begun);
    const healed = performance.now();
    for (const index of hit) this.endpoints[index]?.proxy.set({ kind: "none" });
    const to = chain.head().number;
    for (const endpoint of hit) this.sick.push({ endpoint, from, to });
    if (taken !== null) return { name, takenMs: taken - begun };
    // Nobody could take over: counted is from when somebody can.
    const back = await within(this.pace.failoverMs, isBack);
    return { name, takenMs: back === null ? null : back - (whom === "all" ? healed : begun) };
  }

  /** Waits until a time has passed since `begun`, and the blocks that belong to it: a busy machine makes them late. */
  async lasted(ms: number, begun = performance.now()): Promise<void> {
    const { chain } = this.served;
    const height = chain.head().number + (SHARE * ms) / this.pace.blockMs;
    await sleep(Math.max(0, ms - (performance.now() - begun)));
    await within(PATIENCE_MS, () => chain.head().number >= height);
  }

  async close(): Promise<void> {
    await this.#client?.close();
    for (const endpoint of this.endpoints) await closeEndpoint(endpoint);
    await this.served.close();
  }

  get #used(): number {
    return this.endpoints.findIndex(({ proxy }) => proxy.endpoint === this.#client?.endpoint);
  }
}

/** Plays all faults, one after the other, each on the endpoint that is in use then. */
export async function playFaults(pace: Pace, say: (text: string) => void): Promise<Played> {
  const { tempo, blockMs } = pace;
  const served = await serveStage({ tempo }, blockMs);
  const endpoints = [await openEndpoint(served.endpoint), await openEndpoint(served.endpoint)];
  const scene = new Scene(pace, served, endpoints);
  try {
    const duties = new Duties(await scene.connect());
    const begun = { at: performance.now(), height: served.chain.head().number };
    await within(3 * tempo * blockMs, () => duties.tempos.length > 1);
    const acts: Acted[] = [];
    for (const one of actsOf(pace)) {
      const acted = await scene.act(one);
      say(`${one.name}: ${takenText(acted)}`);
      acts.push(acted);
      await scene.lasted(pace.restMs);
    }
    await scene.lasted(tempo * blockMs);
    const tookMs = performance.now() - begun.at;
    const blocks = served.chain.head().number - begun.height;
    await duties.stop();
    const found = judged(served.chain, duties, scene);
    const late = acts.filter(({ takenMs }) => takenMs === null || takenMs > pace.failoverMs);
    const causes = late.map((one) => `${one.name}: ${takenText(one)}`);
    return { ...found, acts, blockMs: tookMs / blocks, causes: [...found.causes, ...causes] };
  } finally {
    await scene.close();
  }
}

function takenText({ takenMs }: Acted): string {
  return takenMs === null
    ? "no endpoint took over"
    : `an endpoint took over after ${(takenMs / 1000).toFixed(2)} s`;
}

/** The moment at which something is so; null when it is not so within a time. */
async function within(ms: number, isSo: () => boolean): Promise<number | null> {
  const end = performance.now() + ms;
  while (!isSo()) {
    if (performance.now() > end) return null;
    await sleep(LOOK_MS);
  }
  return performance.now();
}
