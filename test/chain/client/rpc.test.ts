/** @file One connection to a node: what comes before the answer that names it is heard, however many subscriptions ended before. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { RpcConnection } from "../../../chain/client/rpc.ts";

/** As many as would fill what is kept for ids that are not known yet, and some. */
const SUBSCRIPTIONS = 70;
const requestSchema = z.object({
  id: z.number(),
  method: z.string(),
  params: z.array(z.unknown()),
});

function tell(socket: WebSocket, subscription: unknown, result: string): void {
  socket.send(JSON.stringify({ method: "told", params: { subscription, result } }));
}

it("the first notice of each subscription is heard, after late ones of those before", async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const { id, method, params } = requestSchema.parse(JSON.parse(data.toString()));
      const answer = (result: unknown): void =>
        socket.send(JSON.stringify({ jsonrpc: "2.0", id, result }));
      if (method === "subscribe") {
        tell(socket, `s${id}`, "first");
        answer(`s${id}`);
        return;
      }
      answer(true);
      tell(socket, params[0], "late");
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const connection = await RpcConnection.open(`ws://127.0.0.1:${address.port}`, 3000);
  try {
    let heard = 0;
    for (let count = 0; count < SUBSCRIPTIONS; count++) {
      const call = { method: "subscribe", params: [] };
      const id = await connection.listen(call, 3000, () => heard++);
      connection.unlisten("unsubscribe", id);
      // Its late notice has come when this is answered.
      await connection.request("ping", [], 3000);
    }
    assert.equal(heard, SUBSCRIPTIONS);
  } finally {
    connection.close();
    server.close();
  }
});
