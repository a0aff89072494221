/** @file A collector of traces: takes what processes send by OTLP over HTTP as JSON, and keeps it. */
import { createServer, type Server } from "node:http";
import { z } from "zod";
import { portOf } from "../support/ports.ts";

const valueSchema = z.object({
  stringValue: z.string().optional(),
  intValue: z.number().optional(),
});
const attributesSchema = z.array(z.object({ key: z.string(), value: valueSchema }));
const requestSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: attributesSchema }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z.string().optional(),
              name: z.string(),
              startTimeUnixNano: z.string(),
              endTimeUnixNano: z.string(),
              attributes: attributesSchema.default([]),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** A span as it came, with the process that sent it. */
export type CollectedSpan = {
  readonly process: string;
  readonly traceId: string;
  readonly name: string;
  readonly isRoot: boolean;
  readonly seconds: number;
  /** Of spans of whole windows. */
  readonly window: number | undefined;
};

type Attributes = z.output<typeof attributesSchema>;

const textOf = (attributes: Attributes, key: string): string =>
  attributes.find((one) => one.key === key)?.value.stringValue ?? "";

function spansIn(text: string): CollectedSpan[] {
  const { resourceSpans } = requestSchema.parse(JSON.parse(text));
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const { attributes } = resource;
    const process = `${textOf(attributes, "service.name")} ${textOf(attributes, "service.instance.id")}`;
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        process,
        traceId: span.traceId,
        name: span.name,
        isRoot: span.parentSpanId === undefined,
        seconds: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e9,
        window: span.attributes.find(({ key }) => key === "assay.window")?.value.intValue,
      })),
    );
  });
}

/** A collector that listens. */
export class Collector {
  readonly #server: Server;
  readonly spans: CollectedSpan[] = [];
  /** Everything that was sent, headers left out. */
  received = "";
  /** Requests that were none. */
  readonly faults: string[] = [];
  url = "";

  private constructor() {
    this.#server = createServer((request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        this.#take(`${request.method} ${request.url}`, text);
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    });
  }

  #take(what: string, text: string): void {
    this.received += text;
    try {
      if (what !== "POST /v1/traces") throw new Error(what);
      this.spans.push(...spansIn(text));
    } catch (error) {
      this.faults.push(String(error));
    }
  }

  /** One on a free port. */
  static async start(): Promise<Collector> {
    const collector = new Collector();
    collector.url = `http://127.0.0.1:${await portOf(collector.#server)}`;
    return collector;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
