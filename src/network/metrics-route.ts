/**
 * @file `GET /metrics` of an axon: for whoever the operator named, by default this machine alone. What it tells is not secret, but it is
 * nobody else's business and costs a look at the chain, so strangers get a refusal that costs nothing.
 */
import { isIP } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Metrics as they are served. */
export type Metrics = {
  /** Whether an address may read them. */
  mayRead(ip: string): boolean;
  scrape(): Promise<{ readonly type: string; readonly text: string }>;
};

/** Scrapes that follow each other faster get the same text. */
const RENEW_MS = 1000;
/** Put there by a proxy: the address is then the proxy's, and who asks may be anybody. */
const PROXIED = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/** Whether the request was addressed to a number or to this machine: a page of a stranger's name that points here (DNS rebinding) was not. */
function isAddressed({ headers }: FastifyRequest): boolean {
  const name = URL.parse(`http://${headers.host ?? ""}`)?.hostname ?? "";
  return name === "localhost" || isIP(name.replace(/^\[|\]$/g, "")) !== 0;
}

function isProxied({ headers }: FastifyRequest): boolean {
  return PROXIED.some((name) => headers[name] !== undefined);
}

/** The route. */
export function metricsRoute(server: FastifyInstance, metrics: Metrics): void {
  let newest: ReturnType<Metrics["scrape"]> | null = null;
  let at = Number.NEGATIVE_INFINITY;
  server.get("/metrics", { exposeHeadRoute: false }, async (request, reply) => {
    if (!metrics.mayRead(request.ip) || isProxied(request) || !isAddressed(request))
      return reply.code(403).send({ error: "metrics are not for you: see --metrics-from" });
    const now = performance.now();
    if (newest === null || now - at >= RENEW_MS) {
      newest = metrics.scrape();
      at = now;
    }
    const { type, text } = await newest;
    return reply.header("content-type", type).header("cache-control", "no-store").send(text);
  });
}
