/**
 * @file Forks under a client: the newest blocks, with what it has sent, are replaced by others, again and again.
 *
 * A fork is two real chains that are branched from one database. An endpoint shows the first, with extrinsics of the client in blocks
 * that are not final; then the second, which has others in their place.
 */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import type { Dice } from "../outcome/dice.ts";
import { Duties } from "./duties.ts";
import { type Judged, judged } from "./judge.ts";
import {
  closeEndpoint,
  type Endpoint,
  LAG,
  NETUID,
  openEndpoint,
  type ServedChain,
  serveStage,
} from "./stage.ts";

/** What forks are played with. */
export type ForkPlan = {
  readonly rounds: number;
  readonly tempo: number;
  readonly blockMs: number;
};

/** A play of forks: blocks that were replaced, and of those how many extrinsics. */
export type PlayedForks = Judged & { readonly replaced: number; readonly orphans: number };

const PATIENCE_MS = 20_000;
const LOOK_MS = 5;
/** Within so long a client hands over again what a chain forgot that was started anew. */
const SENT_MS = 3000;

/** Waits for something that must come. @throws Error */
async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
    await sleep(LOOK_MS);
  }
}

/** The chain that counts, in files of a folder, and the endpoint that shows it. */
class Branches {
  readonly #folder: string;
  readonly #plan: ForkPlan;
  #file = "";
  #round = 0;
  #served: ServedChain | null = null;
  endpoint: Endpoint | null = null;
  replaced = 0;
  orphans = 0;

  constructor(folder: string, plan: ForkPlan) {
    this.#folder = folder;
    this.#plan = plan;
  }

  get served(): ServedChain {
    if (this.#served === null) throw new Error("no chain is open");
    return this.#served;
  }

  async open(): Promise<Endpoint> {
    this.#file = this.#next();
    this.#served = await this.#serve(this.#file);
    this.endpoint = await openEndpoint(this.served.endpoint);
    return this.endpoint;
  }

  /** Blocks at the pace of the plan. */
  async seal(count: number): Promise<void> {
    const { chain } = this.served;
    for (let made = 0; made < count; made++) {
      await chain.seal();
      await sleep(this.#plan.blockMs);
    }
    await until(
      "the view of a block",
      () => this.endpoint?.view.best.number === chain.head().number,
    );
  }

  /** Makes blocks until something is sent that the next one would take; at most `most`. */
  async sealUntilSent(most: number): Promise<void> {
    for (let made = 0; made < most && !this.#isSent; made++) await this.seal(1);
  }

  /** Branches the chain with a restart, makes `depth` blocks with what the client sends, and replaces them by one more. */
  async fork(depth: number): Promise<void> {
    const { view, proxy } = this.endpoint ?? (await this.open());
    proxy.set({ kind: "drop" });
    await this.served.close();
    const kept = this.#next();
    copyFileSync(this.#file, kept);
    this.#served = await this.#serve(this.#file);
    await view.switchTo(this.served.endpoint);
    proxy.set({ kind: "none" });
    const end = performance.now() + SENT_MS;
    while (!this.#isSent && performance.now() < end) await sleep(LOOK_MS);
    await this.seal(depth);
    const lost = this.served;
    this.replaced += depth;
    for (let back = 0; back < depth; back++) {
      const hash = lost.chain.blockHash(lost.chain.head().number - back) ?? undefined;
      // Each block begins with the time.
      this.orphans += (lost.chain.block(hash)?.extrinsics.length ?? 1) - 1;
    }
    this.#file = kept;
    this.#served = await this.#serve(kept);
    for (let made = 0; made <= depth; made++) await this.served.chain.seal();
    await view.switchTo(this.served.endpoint);
    await lost.close();
    await this.seal(LAG + 1);
  }

  async close(): Promise<void> {
    if (this.endpoint !== null) await closeEndpoint(this.endpoint);
    await this.#served?.close();
  }

  get #isSent(): boolean {
    return this.served.chain.pool.readyCount > 0;
  }

  #next(): string {
    return join(this.#folder, `${this.#round++}.sqlite`);
  }

  async #serve(database: string): Promise<ServedChain> {
    return serveStage({ tempo: this.#plan.tempo, database }, "manual");
  }
}

/** Plays forks of one or two blocks, which are as deep as what is not final. */
export async function playForks(plan: ForkPlan, dice: Dice): Promise<PlayedForks> {
  const folder = mkdtempSync(join(tmpdir(), "assay-forks-"));
  const branches = new Branches(folder, plan);
  let client: ChainClient | null = null;
  try {
    const endpoint = await branches.open();
    await branches.seal(LAG + 2);
    client = await connectChain({ endpoints: [endpoint.proxy.endpoint] });
    const duties = new Duties(client);
    const begun = (await client.nextEpoch(NETUID)) ?? 0;
    for (let round = 0; round < plan.rounds; round++) {
      await branches.sealUntilSent(plan.tempo);
      await branches.fork(dice.one([1, LAG]));
    }
    // At least one tempo is whole.
    const { chain } = branches.served;
    await branches.seal(Math.max(plan.tempo, begun + plan.tempo - chain.head().number) + 1);
    // What is under way still needs blocks.
    const over = new AbortController();
    const stopping = duties.stop().finally(() => over.abort());
    while (!over.signal.aborted) await branches.seal(1);
    await stopping;
    const found = judged(branches.served.chain, duties, { endpoints: [endpoint], sick: [] });
    return { ...found, replaced: branches.replaced, orphans: branches.orphans };
  } finally {
    await client?.close();
    await branches.close();
    rmSync(folder, { recursive: true });
  }
}
