/** @file Axons whose answers are meant to harm whoever asks: endless, a bomb, silence, wrong bytes, a byte now and then. */
import { createServer, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { Damage } from "./attackers.ts";

const MEBIBYTE = 1 << 20;
const ZEROS = Buffer.alloc(MEBIBYTE);
/** Of the size of an update. */
const ANSWER_BYTES = 7000;
const DRIP_MS = 100;

/** Unfolds to 256 MiB, sent as a quarter of one. */
const bomb = (): Buffer =>
  gzipSync(Buffer.alloc(256 * MEBIBYTE), { level: 1, chunkSize: MEBIBYTE });

/** Sends for as long as somebody reads. */
function pour(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write(ZEROS));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}

/** Sends a byte now and then. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { "content-length": ANSWER_BYTES });
  const timer = setInterval(() => void response.write("x"), DRIP_MS);
  response.once("close", () => clearInterval(timer));
}

/** What an axon does with its `index`-th request. */
const ACTS = {
  // Without a length, and with one that nobody can want.
  "endless-answers": (response, index) => {
    response.writeHead(200, index % 2 === 0 ? {} : { "content-length": 2 ** 40 });
    pour(response);
  },
  "gzip-bombs": (() => {
    let bytes: Buffer | null = null;
    return (response) => {
      bytes ??= bomb();
      response.writeHead(200, { "content-encoding": "gzip", "content-length": bytes.length });
      response.end(bytes);
    };
  })(),
  // Not a byte, and half of what was promised.
  "no-answers": (response, index) => {
    if (index % 2 === 0) return;
    response.writeHead(200, { "content-length": ANSWER_BYTES });
    response.write(ZEROS.subarray(0, ANSWER_BYTES / 2));
  },
  "wrong-answers": (response) => void response.end(ZEROS.subarray(0, ANSWER_BYTES)),
  "drip-answers": drip,
} as const satisfies Record<string, (response: ServerResponse, index: number) => void>;

/** What a hostile axon does. */
export type Hostility = keyof typeof ACTS;

/** All of it. */
export const HOSTILITIES = Object.keys(ACTS).filter((name): name is Hostility => name in ACTS);

/** A hostile axon that listens. */
export type HostileAxon = {
  readonly port: number;
  /** Ends it; how long its victims held on. */
  close(): Damage;
};

/** Answers everything in one hostile way. A connection counts from its last request to its end. */
export async function openHostileAxon(how: Hostility): Promise<HostileAxon> {
  let [requests, made, cuts, longestMs] = [0, 0, 0, 0];
  const asked = new Map<Socket, number>();
  const ended = (socket: Socket): void => {
    const began = asked.get(socket);
    if (began === undefined) return;
    asked.delete(socket);
    cuts += 1;
    longestMs = Math.max(longestMs, performance.now() - began);
  };
  const server = createServer((request, response) => {
    if (!asked.has(request.socket)) made += 1;
    asked.set(request.socket, performance.now());
    request.resume();
    response.on("error", () => undefined);
    ACTS[how](response, requests++);
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket) => void socket.once("close", () => ended(socket)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close() {
      for (const socket of asked.keys()) ended(socket);
      server.closeAllConnections();
      server.close();
      return { made, cuts, longestMs, rate: null };
    },
  };
}
