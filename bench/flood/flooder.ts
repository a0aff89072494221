/** @file The strangers' process: floods from when it is told what it needs to know until it is ended. Tells how much it sent. */
import { type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Kind, type Known, mannerOf, requestOf } from "./kinds.ts";
import { frameOf, openRaw } from "./raw-socket.ts";

/** What it is told. */
export type Orders = { readonly kind: Kind; readonly port: number; readonly known: Known };
/** What it tells. */
export type Told = {
  readonly sent: number;
  readonly cut: number;
  /** Nothing more will come of it. */
  readonly isDone: boolean;
};

const REPORT_MS = 200;
/** Who was cut off comes again after so long. */
const AGAIN_MS = 100;
const STRANGERS = 1_000_000;

let sent = 0;
let cut = 0;
let finished = 0;

async function closed(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
}

async function drained(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once("drain", resolve));
}

/** One stranger on one connection. */
async function pour({ kind, port, known }: Orders, first: number): Promise<number> {
  const { isReading, requests } = mannerOf(kind);
  const socket = await openRaw(port, isReading);
  const end = closed(socket);
  let done = 0;
  for (; done < requests && !socket.destroyed; done++) {
    sent++;
    const more = socket.write(frameOf(requestOf(kind, first + done, known)));
    // The chain reads no more for now; some of what was sent may wait in the system.
    if (!more) await Promise.race([drained(socket), end]);
    else if (done % 16 === 0) await sleep(0);
  }
  if (done >= requests) finished++;
  await end;
  return done;
}

async function stranger(orders: Orders, number: number): Promise<void> {
  for (let first = number * STRANGERS; ;) {
    first += await pour(orders, first).catch(() => 0);
    cut++;
    await sleep(AGAIN_MS);
  }
}

process.once("message", (orders: Orders) => {
  const { sockets } = mannerOf(orders.kind);
  for (let number = 0; number < sockets; number++) void stranger(orders, number);
  setInterval(() => {
    const told: Told = { sent, cut, isDone: finished >= sockets };
    process.send?.(told);
  }, REPORT_MS);
});
process.once("disconnect", () => process.exit());
