/** @file What the process of an embedded chain tells. */
import { type Metric, only } from "./metric.ts";
import { type NodeState, SHARED_METRICS } from "./node-metrics.ts";

/** A chain at a moment. */
export type ChainState = Pick<NodeState, "block" | "disk"> & {
  /** Blocks that were made, and extrinsics in them, since the process began. */
  readonly blocks: number;
  readonly extrinsics: number;
  /** Extrinsics that wait. */
  readonly pooled: number;
  /** Of its SQLite file and that file's log; null in memory. */
  readonly databaseBytes: number | null;
};

/** Everything that a chain tells. */
export const CHAIN_METRICS: readonly Metric<ChainState>[] = [
  ...SHARED_METRICS,
  {
    name: "assay_chain_blocks_total",
    kind: "counter",
    help: "Blocks that the chain made since its process began.",
    of: ({ blocks }) => only(blocks),
  },
  {
    name: "assay_chain_extrinsics_total",
    kind: "counter",
    help: "Extrinsics in those blocks.",
    of: ({ extrinsics }) => only(extrinsics),
  },
  {
    name: "assay_chain_pool_extrinsics",
    kind: "gauge",
    help: "Extrinsics that wait for a block.",
    of: ({ pooled }) => only(pooled),
  },
  {
    name: "assay_chain_database_bytes",
    kind: "gauge",
    help: "Bytes of the chain's SQLite file and of that file's log.",
    of: ({ databaseBytes }) => only(databaseBytes),
  },
];
