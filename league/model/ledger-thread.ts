/** @file The thread that makes the blocks of a modelled subnet: weights in, what epochs paid out. */
import { parentPort, workerData } from "node:worker_threads";
import { reasonOf } from "../../base/fault.ts";
import type { Weights } from "./field.ts";
import { SubnetChain, type SubnetChainOptions } from "./subnet-chain.ts";

/** A window's weights, by uid of the validator. */
export type LedgerOrder = {
  readonly window: number;
  readonly weights: readonly (Weights | null)[];
};

/** What the epoch of a window paid each uid, in rao; or why there are no more. */
export type LedgerNews =
  | { readonly kind: "paid"; readonly window: number; readonly paidRao: readonly number[] }
  | { readonly kind: "failed"; readonly reason: string };

const tell = (news: LedgerNews): void => parentPort?.postMessage(news, []);

const options: SubnetChainOptions = workerData;
const opened = SubnetChain.open(options);
let last: Promise<unknown> = opened;

/** Makes the blocks of a window, after those of all before it; once one failed, none follow. */
async function pay({ window, weights }: LedgerOrder, before: Promise<unknown>): Promise<void> {
  await before;
  const chain = await opened;
  tell({ kind: "paid", window, paidRao: await chain.window(weights) });
}

parentPort?.on("message", (order: LedgerOrder) => {
  const paid = pay(order, last);
  last = paid;
  paid.catch((error: unknown) => tell({ kind: "failed", reason: reasonOf(error) }));
});
