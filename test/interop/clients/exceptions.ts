/** @file Rows that may fail because of the client itself: at most three, each with the reason, which is upstream's. */
import type { Exception } from "./report.ts";

const NEWER =
  "before it claims it reads SubtensorModule.BasketClaimed, which the live network of spec 424 lacks as well; the call itself passes by a raw call";

/** At most `MOST_EXCEPTIONS`. */
export const EXCEPTIONS: readonly Exception[] = [
  { client: "SDK 11.3.0", act: "root claim", reason: NEWER },
  { client: "btcli 11.3.0", act: "root claim", reason: NEWER },
];
