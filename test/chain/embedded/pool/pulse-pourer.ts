/**
 * @file A stranger's process: pours false pulses into a chain over several sockets until it is killed.
 * Takes port, sockets, pulses a second and the hex of one; every one it sends names another sender.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { NOBODYS_KEY } from "./false-pulse.ts";

const [, , port = "", sockets = "", perSecond = "", hex = ""] = process.argv;
const TICK_MS = 20;

const open = Array.from({ length: Number(sockets) }, () => new WebSocket(`ws://127.0.0.1:${port}`));
let sent = 0;
await Promise.all(open.map(async (socket) => new Promise((done) => socket.on("open", done))));
const start = performance.now();
process.stdout.write("pouring\n");
process.on("SIGTERM", () => {
  process.stdout.write(`${sent}\n`, () => process.exit());
});
for (;;) {
  const due = ((performance.now() - start) * Number(perSecond)) / 1000;
  for (; sent < due; sent++) {
    const sender = sent.toString(16).padStart(NOBODYS_KEY.length, "0");
    const params = [hex.replace(NOBODYS_KEY, sender)];
    const request = { jsonrpc: "2.0", id: sent, method: "author_submitExtrinsic", params };
    open[sent % open.length]?.send(JSON.stringify(request));
  }
  await sleep(TICK_MS);
}
