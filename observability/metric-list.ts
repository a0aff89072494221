/** @file Every metric there is, with who tells it. */
import { CHAIN_METRICS } from "../src/metrics/chain-metrics.ts";
import type { Described } from "../src/metrics/metric.ts";
import { NODE_METRICS } from "../src/metrics/node-metrics.ts";
import { SUBNET_METRICS } from "../src/metrics/subnet-metrics.ts";

/** Metrics of one source. */
export type Group = {
  readonly title: string;
  readonly about: string;
  readonly metrics: readonly Described[];
};

/** Of what prom-client tells of a process, the part that our dashboards and rules rest on. Which others there are depends on the system. */
export const OF_PROCESS: readonly Described[] = [
  {
    name: "process_cpu_seconds_total",
    kind: "counter",
    help: "Seconds of processors that the process took, its own and the system's for it.",
  },
  { name: "process_resident_memory_bytes", kind: "gauge", help: "Resident memory." },
  {
    name: "process_open_fds",
    kind: "gauge",
    help: "Open file descriptors, sockets among them (Linux).",
  },
  {
    name: "nodejs_eventloop_lag_p99_seconds",
    kind: "gauge",
    help: "Delay of the event loop that one of a hundred turns exceeds; ten milliseconds of it are the clock's.",
  },
  { name: "nodejs_heap_size_used_bytes", kind: "gauge", help: "Heap in use." },
];

/** All metrics, each in one group. */
export function metricGroups(): readonly Group[] {
  const node = new Set(NODE_METRICS.map(({ name }) => name));
  return [
    {
      title: "A node of itself",
      about:
        "Miner and validator; the owner of a local network tells of them what it has. What is counted is counted since the process began, and of windows that it went through as they happened: those that it replays after an absence do not count.",
      metrics: NODE_METRICS,
    },
    {
      title: "A node of its subnet",
      about:
        "The figures of its page ([page](../docs/page.md)), from the same source. Validators and the owner of a local network tell of every uid of the subnet, a miner of its own alone.",
      metrics: SUBNET_METRICS,
    },
    {
      title: "The embedded chain",
      about:
        "The process of `subnet chain`, at the port of its JSON-RPC, beside the two `assay_chain_block_` metrics and those of the disk above. Heap and event loop are those of the thread that makes blocks; memory and processor those of all its threads.",
      metrics: CHAIN_METRICS.filter(({ name }) => !node.has(name)),
    },
    {
      title: "Any process",
      about:
        "As prom-client names them, with many more that dashboards for Node know. Those of the event loop are of the time since the last scrape, and begin with the second one.",
      metrics: OF_PROCESS,
    },
  ];
}
