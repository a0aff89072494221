/** @file A subnet as a process reaches it: its chain, its time in blocks, and blobs from here or from its axons. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { BlobStore } from "../blobs/directory.ts";
import type { BlockClock } from "./block-clock.ts";
import type { Finder } from "./finder.ts";

/** What whoever follows, serves or audits a run reads from. */
export type Subnet = {
  readonly netuid: number;
  readonly chain: ChainClient;
  readonly blocks: BlockClock;
  readonly blobs: BlobStore;
  readonly finder: Finder;
  /** Waits; where blocks are simulated, so is the time between them. */
  readonly pause: (ms: number) => Promise<void>;
};
