/** @file Free ports of this machine for the servers of tests. */
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Listens on loopback; the port. */
export async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

/** A port that nobody listens on: for a server that is told its port. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  await once(server.close(), "close");
  return port;
}
