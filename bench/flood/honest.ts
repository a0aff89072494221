/** @file Somebody who asks a chain little, as our own nodes do, and how long the answers take. */
import { setTimeout as sleep } from "node:timers/promises";

/** A JSON-RPC request over HTTP. @throws Error when it is refused */
export async function ask(
  port: number,
  method: string,
  params: unknown = [],
  patienceMs: number = LATE_MS,
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: "POST",
    // One that is kept could be closed by the chain just now.
    headers: { connection: "close" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(patienceMs),
  });
  const { result, error }: { result?: unknown; error?: unknown } = JSON.parse(
    await response.text(),
  );
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
  return result;
}

/** An answer that comes later counts as one that took so long. */
const LATE_MS = 10_000;
const PAUSE_MS = 40;
/** One request in so many comes over a connection of its own. */
const FRESH_EVERY = 25;
const TIMESTAMP = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";
const ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const REQUESTS: readonly (readonly [method: string, params: readonly unknown[]])[] = [
  ["chain_getHeader", []],
  ["state_queryStorageAt", [[TIMESTAMP]]],
  ["system_accountNextIndex", [ALICE]],
  ["state_getKeysPaged", ["0x26aa394eea5630e07c48ae0c9558cef7", 10]],
  ["state_call", ["Core_version", "0x"]],
];

async function opened(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error("no connection")));
  });
  return socket;
}

async function answered(socket: WebSocket, index: number): Promise<void> {
  const [method, params] = REQUESTS[index % REQUESTS.length] ?? ["chain_getHeader", []];
  await new Promise<void>((resolve, reject) => {
    const end = new AbortController();
    const { signal } = end;
    const settle = (error: Error | null): void => {
      end.abort();
      if (error === null) resolve();
      else reject(error);
    };
    const timer = setTimeout(() => settle(new Error("late")), LATE_MS);
    signal.addEventListener("abort", () => clearTimeout(timer));
    socket.addEventListener("message", () => settle(null), { signal });
    socket.addEventListener("close", () => settle(new Error("closed")), { signal });
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: index, method, params }));
  });
}

/** Asks until `signal` aborts; milliseconds of each answer, `LATE_MS` for one that did not come. */
export async function askSteadily(port: number, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  let socket: WebSocket | null = null;
  for (let index = 0; !signal.aborted; index++) {
    const start = performance.now();
    try {
      if (socket === null || socket.readyState !== WebSocket.OPEN || index % FRESH_EVERY === 0) {
        socket?.close();
        socket = await opened(port);
      }
      await answered(socket, index);
      times.push(performance.now() - start);
    } catch {
      socket?.close();
      socket = null;
      times.push(LATE_MS);
    }
    await sleep(PAUSE_MS);
  }
  socket?.close();
  return times;
}
