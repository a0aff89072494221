/** @file An HTTP server behind bounds: how it is made, and how it begins to listen. */
import { fastify, type FastifyInstance } from "fastify";
import { listenFault } from "../../base/listen.ts";
import { AssayError } from "../errors.ts";
import type { Bounds } from "./bounds.ts";

/** A server that listens. */
export type Axon = { readonly ip: string; readonly port: number; close(): Promise<void> };

/** A server whose sockets, requests and answers are bounded; bodies of at most so many bytes are read. */
export function boundedServer(bounds: Bounds, bodyLimit: number): FastifyInstance {
  const server = fastify({
    bodyLimit,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 128 },
    serverFactory: (handler) => bounds.server(handler),
  });
  bounds.watch(server);
  return server;
}

/** Begins to listen; port 0 takes a free one. @throws AssayError port-in-use, port-privileged, address-foreign, host-unknown */
export async function listening(
  server: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Axon> {
  try {
    await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    const fault = listenFault(cause, { service: "axon", host, port });
    throw fault === null ? cause : new AssayError(fault, { cause });
  }
  const address = server.server.address();
  const bound = address !== null && typeof address === "object" ? address : { address: host, port };
  return { ip: bound.address, port: bound.port, close: () => server.close() };
}
