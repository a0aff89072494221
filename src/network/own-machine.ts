/** @file Whether a request comes from somebody at this very machine, and not from a page or a proxy that lends them its address. */
import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";

/** Put there by a proxy: the address is then the proxy's, and who asks may be anybody. */
const PROXIED = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;

/**
 * Whether a request from this machine itself was addressed to a number or to `localhost`: one by a page whose own name points here (DNS
 * rebinding) was not. From elsewhere come those whom the operator named, by whatever name they know the node.
 */
export function isAddressed({ ip, headers }: FastifyRequest): boolean {
  if (!LOOPBACK.test(ip)) return true;
  const name = URL.parse(`http://${headers.host ?? ""}`)?.hostname ?? "";
  return name === "localhost" || isIP(name.replace(/^\[|\]$/g, "")) !== 0;
}

/** Whether a proxy handed it on. */
export function isProxied({ headers }: FastifyRequest): boolean {
  return PROXIED.some((name) => headers[name] !== undefined);
}

/** Whether it comes from this machine, for this node, and not from another site's page in a browser here. */
export function isFromHere(request: FastifyRequest): boolean {
  const site = request.headers["sec-fetch-site"];
  const isOwn = site === undefined || site === "same-origin" || site === "none";
  return LOOPBACK.test(request.ip) && isAddressed(request) && !isProxied(request) && isOwn;
}
