/** @file What a process on a subnet tells Prometheus: itself, and its page's figures of the subnet. */
import { statfs } from "node:fs/promises";
import { readersOf } from "../command/readers.ts";
import { exposed } from "../metrics/exposition.ts";
import { familiesOf } from "../metrics/metric.ts";
import { NODE_METRICS, type NodeState } from "../metrics/node-metrics.ts";
import { SUBNET_METRICS } from "../metrics/subnet-metrics.ts";
import type { Metrics } from "../network/metrics-route.ts";
import type { OpenPage } from "../page/page.ts";
import type { BlockClock } from "../run/block-clock.ts";

/** A scrape does not wait longer for a chain that does not answer: that is when it is needed most. */
const LOOK_PATIENCE_MS = 1500;

/** What is told of a disk; null where the system does not say. */
export async function diskOf(folder: string): Promise<NodeState["disk"]> {
  try {
    const { bsize, bavail, blocks } = await statfs(folder);
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
  } catch {
    return null;
  }
}

/** What metrics are made from. */
export type MetricsParts = {
  readonly from: string;
  readonly page: Pick<OpenPage, "seen">;
  readonly blocks: Pick<BlockClock, "current" | "seenMs">;
  /** Folder of the state: of its disk it is told how much is free. */
  readonly folder: string;
  readonly state: () => Pick<NodeState, "role" | "device" | "tally" | "window">;
};

/** A node at this moment. */
export async function nodeStateOf({
  blocks,
  folder,
  state,
}: Omit<MetricsParts, "from" | "page">): Promise<NodeState> {
  const block = { number: blocks.current.number, seenAt: blocks.seenMs / 1000 };
  return { ...state(), block, disk: await diskOf(folder) };
}

/** Metrics of a process. */
export function metricsOf(parts: MetricsParts): Metrics {
  return {
    mayRead: readersOf(parts.from) ?? (() => false),
    async scrape() {
      const [seen, node] = await Promise.all([
        parts.page.seen(LOOK_PATIENCE_MS),
        nodeStateOf(parts),
      ]);
      return exposed([...familiesOf(NODE_METRICS, node), ...familiesOf(SUBNET_METRICS, seen)]);
    },
  };
}
