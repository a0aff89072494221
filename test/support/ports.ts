/** @file A server of a test on a free port of this machine. */
import { strict as assert } from "node:assert";
import type { Server } from "node:net";

/** Listens on loopback; the port. */
export async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}
