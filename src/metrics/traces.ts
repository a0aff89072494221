/**
 * @file Windows as traces: every process that takes part in a window of a run draws its steps into the same trace, whose id follows from
 * run and window, so that nothing need be sent along. By OpenTelemetry, which is loaded only where OTEL_EXPORTER_OTLP_ENDPOINT is set; the
 * other variables of its specification (headers, sampling, resource) are heeded as it heeds them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Span as OtelSpan } from "@opentelemetry/api";
import { blake2b256, type Hex } from "../protocol/digest.ts";
import type { Span } from "./tally.ts";

/** The variable that turns traces on. */
export const TRACES_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT";

/** A step of a window. */
export type Traced = Span & {
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

/** A span of a whole window, as one process sees it, under which its steps lie. */
type Open = { readonly window: number; readonly runId: Hex; readonly span: OtelSpan; toMs: number };

/**
 * Traces of this process, or null where they are not asked for.
 * @param who - what the process is (`assay-miner`), and which (its address)
 * @param refuse - told when they are asked for and the packages are not there
 */
export async function openTraces(
  who: { readonly service: string; readonly instance: string },
  refuse: (text: string) => void,
): Promise<Traces | null> {
  if ((process.env[TRACES_VARIABLE] ?? "") === "") return null;
  const modules = await load().catch(() => null);
  if (modules === null) {
    refuse(
      `${TRACES_VARIABLE} is set, but the packages for traces are not installed: npm install --include=optional. Going on without traces`,
    );
    return null;
  }
  const { api, sdk, resources, OTLPTraceExporter } = modules;
  let traceId = "";
  const random = new sdk.RandomIdGenerator();
  const provider = new sdk.TracerProvider({
    idGenerator: { generateTraceId: () => traceId, generateSpanId: () => random.generateSpanId() },
    resource: resources
      .resourceFromAttributes({
        "service.name": who.service,
        "service.namespace": "assay",
        "service.instance.id": who.instance,
      })
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const tracer = provider.getTracer("assay");
  let open: Open | null = null;
  const end = (): void => {
    open?.span.end(open.toMs);
    open = null;
  };
  return {
    add({ runId, window, name, last, fromMs, toMs, attributes = {} }) {
      if (open !== null && (open.window !== window || open.runId !== runId)) end();
      if (open === null) {
        traceId = traceIdOf(runId, window);
        const about = { "assay.run": runId, "assay.window": window, ...attributes };
        const span = tracer.startSpan("window", {
          startTime: fromMs,
          attributes: about,
          root: true,
        });
        open = { window, runId, span, toMs };
      }
      const parent = api.trace.setSpan(api.ROOT_CONTEXT, open.span);
      tracer.startSpan(name, { startTime: fromMs, attributes }, parent).end(toMs);
      open.toMs = toMs;
      if (last) end();
    },
    async close() {
      end();
      const closing = new AbortController();
      const waited = sleep(CLOSING_MS, undefined, { signal: closing.signal }).catch(
        () => undefined,
      );
      await Promise.race([provider.shutdown().catch(() => undefined), waited]);
      closing.abort();
    },
  };
}
