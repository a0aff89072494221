/** @file Metrics as Prometheus reads them, by prom-client; it also tells of the process itself (processor, memory, files, event loop). */
import type { Registry } from "prom-client";
import type { Family } from "./metric.ts";

/** What a scrape gets. */
export type Exposition = { readonly type: string; readonly text: string };

async function load() {
  const { default: prometheus } = await import("prom-client");
  const own = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: own });
  return { prometheus, own };
}

/** Loaded with the first scrape: whoever asks for no metrics pays nothing. */
let loaded: ReturnType<typeof load> | null = null;

function add(
  { Gauge, Counter }: Awaited<ReturnType<typeof load>>["prometheus"],
  register: Registry,
  family: Family,
): void {
  const { name, help, labels = [], kind, samples } = family;
  const options = { name, help, labelNames: [...labels], registers: [register] };
  if (kind === "gauge") {
    const gauge = new Gauge(options);
    for (const { labels: values = {}, value } of samples) gauge.set(values, value);
    return;
  }
  const counter = new Counter(options);
  for (const { labels: values = {}, value } of samples) counter.inc(values, value);
}

/** The families, and what the process itself tells, in Prometheus' text format 0.0.4. */
export async function exposed(families: readonly Family[]): Promise<Exposition> {
  loaded ??= load();
  const { prometheus, own } = await loaded;
  const register = new prometheus.Registry();
  for (const family of families) add(prometheus, register, family);
  const text = `${await register.metrics()}\n${await own.metrics()}`;
  return { type: register.contentType, text };
}
