/**
 * @file `GET /metrics` of an axon: for whoever the operator named, by default this machine alone. What it tells is not secret, but it is
 * nobody else's business and costs a look at the chain, so strangers get a refusal that costs nothing.
 */
import type { FastifyInstance } from "fastify";
import { isAddressed, isProxied } from "./own-machine.ts";

/** Metrics as they are served. */
export type Metrics = {
  /** Whether an address may read them. */
  mayRead(ip: string): boolean;
  scrape(): Promise<{ readonly type: string; readonly text: string }>;
};

/** Scrapes that follow each other faster get the same text. */
const RENEW_MS = 1000;

/** The route. */
export function metricsRoute(server: FastifyInstance, metrics: Metrics): void {
  let newest: ReturnType<Metrics["scrape"]> | null = null;
  let at = Number.NEGATIVE_INFINITY;
  server.get("/metrics", { exposeHeadRoute: false }, async (request, reply) => {
    if (!metrics.mayRead(request.ip) || isProxied(request) || !isAddressed(request))
      return reply.code(403).send({
        error:
          "metrics are not told here: see --metrics-from; from this machine ask 127.0.0.1 or localhost, not through a proxy",
      });
    const now = performance.now();
    if (newest === null || now - at >= RENEW_MS) {
      newest = metrics.scrape();
      at = now;
    }
    const { type, text } = await newest;
    return reply.header("content-type", type).header("cache-control", "no-store").send(text);
  });
}
