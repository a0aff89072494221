/** @file What a node tells of itself: who it is, what it did, its chain, its disk. */
import { each, type Metric, only } from "./metric.ts";
import type { Tally } from "./tally.ts";

/** A node at a moment. */
export type NodeState = {
  readonly role: "miner" | "validator" | "owner";
  readonly device: string;
  /** What it counted; null for an owner, who takes no part. */
  readonly tally: Tally | null;
  /** Window whose parameters it holds. */
  readonly window: number | null;
  /** Newest final block that it saw, and when, in seconds since 1970. */
  readonly block: { readonly number: number; readonly seenAt: number };
  /** Of the disk that its state lies on; null where the system does not say. */
  readonly disk: { readonly freeBytes: number; readonly sizeBytes: number } | null;
};

const NODE: readonly Metric<NodeState>[] = [
  {
    name: "assay_node_info",
    kind: "gauge",
    help: "Always 1; what the node runs as, and where it trains.",
    labels: ["role", "device"],
    of: ({ role, device }) => [{ labels: { role, device }, value: 1 }],
  },
  {
    name: "assay_run_info",
    kind: "gauge",
    help: "Always 1; the id of the run that the node takes part in.",
    labels: ["run"],
    of: ({ tally }) => (tally?.runId ? [{ labels: { run: tally.runId }, value: 1 }] : []),
  },
  {
    name: "assay_uid",
    kind: "gauge",
    help: "The node's uid in the newest window; absent while it has none.",
    of: ({ tally }) => only(tally?.uid),
  },
  {
    name: "assay_window",
    kind: "gauge",
    help: "Window whose parameters the node holds.",
    of: ({ window }) => only(window),
  },
];

/** Also told by the chain's own process. */
export const SHARED_METRICS: readonly Metric<Pick<NodeState, "block" | "disk">>[] = [
  {
    name: "assay_disk_free_bytes",
    kind: "gauge",
    help: "Bytes that may still be written to the disk of the process's state.",
    of: ({ disk }) => only(disk?.freeBytes),
  },
  {
    name: "assay_disk_size_bytes",
    kind: "gauge",
    help: "Bytes of the disk that the process's state lies on.",
    of: ({ disk }) => only(disk?.sizeBytes),
  },
  {
    name: "assay_chain_block_height",
    kind: "gauge",
    help: "Number of the newest final block that the process saw.",
    of: ({ block }) => only(block.number),
  },
  {
    name: "assay_chain_block_timestamp_seconds",
    kind: "gauge",
    help: "When the process saw the newest final block first, in seconds since 1970.",
    of: ({ block }) => only(block.seenAt),
  },
];

const CONNECTION: readonly Metric<NodeState>[] = [
  {
    name: "assay_chain_connected",
    kind: "gauge",
    help: "1 while the node's chain answers, 0 while it is sought.",
    of: ({ tally }) => only(tally?.chain.isConnected),
  },
  {
    name: "assay_chain_outages_total",
    kind: "counter",
    help: "How often the node lost its chain.",
    of: ({ tally }) => only(tally?.chain.outages),
  },
];

const STEPS: readonly Metric<NodeState>[] = [
  {
    name: "assay_steps_total",
    kind: "counter",
    help: "Steps of windows that are done. A miner commits (or skips) and settles, a validator collects, votes and records.",
    labels: ["step"],
    of: ({ tally }) => each("step", tally?.steps ?? [], ([step, { count }]) => [step, count]),
  },
  {
    name: "assay_step_seconds_total",
    kind: "counter",
    help: "Seconds from the step before to this one, waiting for blocks included.",
    labels: ["step"],
    of: ({ tally }) => each("step", tally?.steps ?? [], ([step, { seconds }]) => [step, seconds]),
  },
  {
    name: "assay_step_last_seconds",
    kind: "gauge",
    help: "The same, of the newest such step alone.",
    labels: ["step"],
    curve: ({ tally }) => tally?.place.window,
    of: ({ tally }) => each("step", tally?.steps ?? [], ([step, { last }]) => [step, last]),
  },
];

const WINDOWS: readonly Metric<NodeState>[] = [
  {
    name: "assay_windows_total",
    kind: "counter",
    help: "Windows that ended while the node took part in them.",
    of: ({ tally }) => only(tally?.windows.due),
  },
  {
    name: "assay_windows_null_total",
    kind: "counter",
    help: "Those of them in which no update was accepted.",
    of: ({ tally }) => only(tally?.windows.missed),
  },
  {
    name: "assay_windows_null_in_a_row",
    kind: "gauge",
    help: "Null windows since the last one in which an update was accepted.",
    curve: ({ tally }) => tally?.place.window,
    of: ({ tally }) => only(tally?.windows.missedInARow),
  },
  {
    name: "assay_votes_due_total",
    kind: "counter",
    help: "Windows in which the node's stake counted.",
    of: ({ tally }) => only(tally?.votes.due),
  },
  {
    name: "assay_votes_missed_total",
    kind: "counter",
    help: "Those of them without a vote of the node on the chain.",
    of: ({ tally }) => only(tally?.votes.missed),
  },
  {
    name: "assay_votes_missed_in_a_row",
    kind: "gauge",
    help: "Windows since the node's last vote in which its stake counted.",
    curve: ({ tally }) => tally?.place.window,
    of: ({ tally }) => only(tally?.votes.missedInARow),
  },
];

const UPDATES: readonly Metric<NodeState>[] = [
  {
    name: "assay_updates_made_total",
    kind: "counter",
    help: "Updates that the node made.",
    of: ({ tally }) => only(tally?.making.count),
  },
  {
    name: "assay_update_seconds_total",
    kind: "counter",
    help: "Seconds that making them took: inner steps, compression, encoding.",
    of: ({ tally }) => only(tally?.making.seconds),
  },
  {
    name: "assay_update_last_seconds",
    kind: "gauge",
    help: "Seconds that the newest one took.",
    curve: ({ tally }) => tally?.newest?.window,
    of: ({ tally }) => (tally?.newest ? only(tally.making.last) : []),
  },
  {
    name: "assay_update_bytes",
    kind: "gauge",
    help: "Bytes of the newest update, header included.",
    curve: ({ tally }) => tally?.newest?.window,
    of: ({ tally }) => only(tally?.newest?.bytes),
  },
  {
    name: "assay_training_loss_nats",
    kind: "gauge",
    help: "Mean loss of the newest update's inner steps, in nats per token.",
    curve: ({ tally }) => tally?.newest?.window,
    of: ({ tally }) => only(tally?.newest?.trainingLoss),
  },
  {
    name: "assay_updates_judged_total",
    kind: "counter",
    help: "Windows that ended with an update of the node made for them.",
    of: ({ tally }) => only(tally?.updates.due),
  },
  {
    name: "assay_updates_left_out_total",
    kind: "counter",
    help: "Those of them in which the majority did not accept it.",
    of: ({ tally }) => only(tally?.updates.missed),
  },
  {
    name: "assay_updates_left_out_in_a_row",
    kind: "gauge",
    help: "Updates left out since the last one that was accepted.",
    of: ({ tally }) => only(tally?.updates.missedInARow),
  },
];

/** Everything that a node tells of itself. */
export const NODE_METRICS: readonly Metric<NodeState>[] = [
  ...NODE,
  ...SHARED_METRICS,
  ...CONNECTION,
  ...STEPS,
  ...WINDOWS,
  ...UPDATES,
];
