/**
 * @file Windows as traces: every process that takes part in a window of a run draws its steps into the same trace, whose id follows from
 * run and window, so that nothing need be sent along. By OpenTelemetry, which is loaded only where OTEL_EXPORTER_OTLP_ENDPOINT is set; the
 * other variables of its specification (headers, sampling, resource) are heeded as it heeds them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Span as OtelSpan, Tracer } from "@opentelemetry/api";
import { blake2b256, type Hex } from "../protocol/digest.ts";
import type { Span } from "./tally.ts";

/** The variable that turns traces on. */
export const TRACES_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT";

/** A step of a window. */
type Traced = Span & {
  readonly runId: Hex;
  readonly window: number;
  readonly name: string;
  /** Whether the window is over for this process with it. */
  readonly last: boolean;
  readonly attributes?: Readonly<Record<string, number>>;
};

/** Draws steps. */
export type Traces = {
  add(step: Traced): void;
  /** Sends what is left, for a moment. */
  close(): Promise<void>;
};

/** A process does not wait longer for a collector when it ends. */
const CLOSING_MS = 2000;
const TRACE_ID_HEX = 32;

/** The trace of a window: 32 hex digits that are the same in every process. */
export function traceIdOf(runId: Hex, window: number): string {
  const bytes = new TextEncoder().encode(`assay/trace/1/${runId}/${window}`);
  return blake2b256(bytes).slice(2, 2 + TRACE_ID_HEX);
}

/** Modules that are loaded only when traces are asked for. */
async function load() {
  const [api, sdk, resources, { OTLPTraceExporter }] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/resources"),
    import("@opentelemetry/exporter-trace-otlp-http"),
  ]);
  return { api, sdk, resources, OTLPTraceExporter };
}

type Modules = Awaited<ReturnType<typeof load>>;

/** What a process is (`assay-miner`), and which (its address). */
type Who = { readonly service: string; readonly instance: string };

/** A span of a whole window, as one process sees it, under which its steps lie. */
type Open = { readonly window: number; readonly runId: Hex; readonly span: OtelSpan; toMs: number };

/** Steps as spans of OpenTelemetry. */
class Spans implements Traces {
  readonly #api: Modules["api"];
  readonly #provider: InstanceType<Modules["sdk"]["TracerProvider"]>;
  readonly #tracer: Tracer;
  /** Of the next span that begins a window. */
  #traceId = "";
  #open: Open | null = null;

  constructor({ api, sdk, resources, OTLPTraceExporter }: Modules, who: Who) {
    const random = new sdk.RandomIdGenerator();
    const about = {
      "service.name": who.service,
      "service.namespace": "assay",
      "service.instance.id": who.instance,
    };
    const told = resources.detectResources({ detectors: [resources.envDetector] });
    this.#api = api;
    this.#provider = new sdk.TracerProvider({
      idGenerator: {
        generateTraceId: () => this.#traceId,
        generateSpanId: () => random.generateSpanId(),
      },
      resource: resources.resourceFromAttributes(about).merge(told),
      spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    });
    this.#tracer = this.#provider.getTracer("assay");
  }

  add(step: Traced): void {
    const { window, runId, name, last, fromMs, toMs, attributes = {} } = step;
    if (this.#open?.window !== window || this.#open.runId !== runId) this.#end();
    this.#open ??= this.#begun(step);
    const { ROOT_CONTEXT, trace } = this.#api;
    const parent = trace.setSpan(ROOT_CONTEXT, this.#open.span);
    // As dates: small numbers would be taken for times of performance.now().
    const options = { startTime: new Date(fromMs), attributes };
    this.#tracer.startSpan(name, options, parent).end(new Date(toMs));
    this.#open.toMs = Math.max(this.#open.toMs, toMs);
    if (last) this.#end();
  }

  #begun({ window, runId, fromMs, toMs, attributes = {} }: Traced): Open {
    this.#traceId = traceIdOf(runId, window);
    const about = { "assay.run": runId, "assay.window": window, ...attributes };
    const options = { startTime: new Date(fromMs), attributes: about, root: true };
    return { window, runId, toMs, span: this.#tracer.startSpan("window", options) };
  }

  #end(): void {
    if (this.#open !== null) this.#open.span.end(new Date(this.#open.toMs));
    this.#open = null;
  }

  async close(): Promise<void> {
    this.#end();
    const closing = new AbortController();
    const patience = sleep(CLOSING_MS, undefined, { signal: closing.signal });
    const sent = this.#provider.shutdown().catch(() => undefined);
    await Promise.race([sent, patience.catch(() => undefined)]);
    closing.abort();
  }
}

/**
 * Traces of this process, or null where they are not asked for.
 * @param refuse - told when they are asked for and the packages are not there
 */
export async function openTraces(who: Who, refuse: (text: string) => void): Promise<Traces | null> {
  if ((process.env[TRACES_VARIABLE] ?? "") === "") return null;
  const modules = await load().catch(() => null);
  if (modules !== null) return new Spans(modules, who);
  refuse(
    `${TRACES_VARIABLE} is set, but the packages for traces are not installed: npm install --include=optional. Going on without traces`,
  );
  return null;
}
