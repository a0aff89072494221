/** @file Casts in processes of their own, as many at once as there are cores. */
import { fork } from "node:child_process";
import type { CastResult } from "./cast.ts";
import type { CastNews, CastOrder } from "./cast-process.ts";

/** What is told while casts are played. */
export type PoolNews = {
  readonly onWindow: (order: CastOrder, window: number) => void;
  readonly onResult: (order: CastOrder, result: CastResult) => void;
};

/** Plays one cast. @throws Error with the reason of the process */
async function playApart(order: CastOrder, { onWindow }: PoolNews): Promise<CastResult> {
  // As this file is: .ts from a checkout, .js from a build.
  const child = fork(new URL(`./cast-process${import.meta.url.slice(-3)}`, import.meta.url));
  const { promise, resolve, reject } = Promise.withResolvers<CastResult>();
  const failed = (reason: string): void => reject(new Error(`cast ${order.spec.name}: ${reason}`));
  child.on("message", (news: CastNews) => {
    if (news.kind === "window") onWindow(order, news.window);
    else if (news.kind === "result") resolve(news.result);
    else failed(news.reason);
  });
  child.on("error", (error) => failed(error.message));
  child.on("exit", (code, signal) => failed(`its process ended with ${code ?? signal}`));
  child.send(order);
  try {
    return await promise;
  } finally {
    child.kill();
  }
}

/** Plays all, `workers` at a time; the results in the order of the orders. @throws Error of the first that fails */
export async function playAll(
  orders: readonly CastOrder[],
  workers: number,
  news: PoolNews,
): Promise<readonly CastResult[]> {
  const results = new Map<number, CastResult>();
  const waiting = orders.entries();
  const work = async (): Promise<void> => {
    for (const [index, order] of waiting) {
      const result = await playApart(order, news);
      results.set(index, result);
      news.onResult(order, result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, workers) }, work));
  return orders.flatMap((_, index) => results.get(index) ?? []);
}
