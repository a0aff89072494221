/** @file One kind of flood against one chain: blocks that came on time, honest answers, memory. */
import { fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { quantile } from "../support/oracle-block.ts";
import type { Orders, Told } from "./flooder.ts";
import { ask, askSteadily } from "./honest.ts";
import { type Kind, type Known } from "./kinds.ts";
import { signedRemark } from "./signed.ts";

const FLOODER = fileURLToPath(new URL(`./flooder${import.meta.url.slice(-3)}`, import.meta.url));
const MB = 1e6;
const GROWING_MS = 120_000;
const AGAIN_MS = 500;
const MOST_TRIES = 20;

/** What one kind of flood did. */
export type Row = {
  readonly kind: Kind | "none";
  readonly seconds: number;
  /** Requests that were sent, and connections that the chain cut off. */
  readonly sent: number;
  readonly cut: number;
  /** Blocks that were made, of those that were due. */
  readonly onTime: number;
  readonly honest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** Resident megabytes (10^6 bytes) of the chain: the most, and how much more it is afterwards than before. */
  readonly mostMB: number;
  readonly grownMB: number;
};

/** What must hold; growth in all rows but those whose clients make the chain hold something. */
export const BOUNDS = { onTime: 0.95, p99Ms: 250, mostMB: 1000, grownMB: 100 } as const;

/** Bounds that a row breaks. */
export function brokenBy(row: Row): readonly string[] {
  const { onTime, p99Ms, mostMB, grownMB } = BOUNDS;
  return [
    ...(row.onTime < onTime ? ["onTime"] : []),
    ...(row.p99Ms > p99Ms ? ["p99Ms"] : []),
    ...(row.mostMB > mostMB ? ["mostMB"] : []),
    ...(row.kind === "malformed" && row.grownMB > grownMB ? ["grownMB"] : []),
  ];
}

async function height(port: number): Promise<number> {
  // The chain may have no room for one more connection just now.
  const once = async (): Promise<unknown> => ask(port, "chain_getHeader");
  let header: unknown = null;
  for (let tries = 0; header === null && tries < MOST_TRIES; tries++) {
    header = await once().catch(() => null);
    if (header === null) await sleep(AGAIN_MS);
  }
  if (typeof header !== "object" || header === null || !("number" in header))
    throw new Error("no header");
  return Number(header.number);
}

/** What strangers find out before they come. */
export async function knownOf(port: number): Promise<Known> {
  const numbers = Array.from({ length: (await height(port)) + 1 }, (_, number) => number);
  const hashes = await ask(port, "chain_getBlockHash", [numbers]);
  if (!Array.isArray(hashes)) throw new Error("no hashes");
  const blocks = hashes.map(String);
  return { genesis: blocks[0] ?? "", blocks, extrinsic: await signedRemark(port) };
}

/** Makes blocks that a flood can ask about. */
export async function grow(port: number, blocks: number): Promise<void> {
  await ask(port, "dev_newBlock", [{ count: blocks }], GROWING_MS);
}

/** How long a flood lasts, and the chain's pace. */
export type Plan = {
  readonly seconds: number;
  readonly blockMs: number;
  readonly known: Known;
  /** Until connections are made and the flood is on; until what was held for strangers is let go. */
  readonly beforeMs: number;
  readonly afterMs: number;
};

/** Whom strangers attack. */
export type Besieged = {
  readonly port: number;
  /** Resident bytes now. */
  readonly rss: number;
  /** The most since it was asked last. */
  takeMostRss(): number;
};

/** Waits until something was sent; a minute at most. */
async function begun(sent: () => number): Promise<void> {
  for (let i = 0; i < 600 && sent() === 0; i++) await sleep(100);
}

/** Strangers of one kind for some seconds; "none": nobody but the honest client. */
export async function besiege(
  chain: Besieged,
  kind: Kind | "none",
  { seconds, blockMs, known, beforeMs, afterMs }: Plan,
): Promise<Row> {
  const { port } = chain;
  const before = chain.rss;
  const child = kind === "none" ? null : fork(FLOODER);
  let told: Told = { sent: 0, cut: 0, isDone: false };
  child?.on("message", (message: Told) => (told = message));
  if (kind !== "none") child?.send({ kind, port, known } satisfies Orders);
  if (kind !== "none" && kind !== "idle") await begun(() => told.sent);
  await sleep(beforeMs);
  chain.takeMostRss();
  const end = new AbortController();
  const asking = askSteadily(port, end.signal);
  const [first, startedAt] = [await height(port), performance.now()];
  await sleep(seconds * 1000);
  const [last, elapsedMs] = [await height(port), performance.now() - startedAt];
  end.abort();
  const times = await asking;
  const most = chain.takeMostRss();
  child?.kill("SIGKILL");
  await sleep(afterMs);
  return {
    kind,
    seconds,
    sent: told.sent,
    cut: told.cut,
    onTime: (last - first) / Math.floor(elapsedMs / blockMs),
    honest: times.length,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    mostMs: Math.max(...times),
    mostMB: most / MB,
    grownMB: (chain.rss - before) / MB,
  };
}
