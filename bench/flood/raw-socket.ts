/** @file A WebSocket by hand, over TCP: a stranger's may stop reading at any time, and does not look at what it gets. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type Socket, connect } from "node:net";

const TEXT = 0x81;
const MASKED = 0x80;
const PING = 0x89;
const PONG = 0x8a;

/** One frame with a text; its mask is zero, which the protocol allows. */
export function frameOf(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65_536 ? 4 : 10);
  head[0] = TEXT;
  head[1] = MASKED | (body.length < 126 ? body.length : body.length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(body.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}

/** Bytes before the body of a frame of a server, by the second of them. */
function headBytesOf(small: number): number {
  if (small < 126) return 2;
  return small === 126 ? 4 : 10;
}

function bodyBytesOf(frame: Buffer, small: number): number {
  if (small < 126) return small;
  return small === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
}

/** Answers pings in a stream of frames, and looks at nothing else: who reads says so. */
class Ponger {
  readonly #socket: Socket;
  /** Of the frame that is not whole: its head, as far as it is there. */
  #head: Buffer = Buffer.alloc(0);
  /** Bytes of a frame's body that are still to come. */
  #left = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  read(part: Buffer): void {
    const skipped = Math.min(this.#left, part.length);
    this.#left -= skipped;
    let rest = skipped === 0 ? part : part.subarray(skipped);
    if (this.#head.length > 0) rest = Buffer.concat([this.#head, rest]);
    while (rest.length >= 2) {
      const [kind = 0, small = 0] = rest;
      const headBytes = headBytesOf(small);
      const isPing = kind === PING;
      if (rest.length < headBytes + (isPing ? small : 0)) break;
      const bytes = bodyBytesOf(rest, small);
      if (isPing) this.#socket.write(pongOf(rest.subarray(headBytes, headBytes + bytes)));
      const there = Math.min(rest.length, headBytes + bytes);
      this.#left = headBytes + bytes - there;
      rest = rest.subarray(there);
    }
    this.#head = rest;
  }
}

function pongOf(data: Buffer): Buffer {
  return Buffer.concat([Buffer.of(PONG, MASKED | data.length), Buffer.alloc(4), data]);
}

/** Opens a WebSocket; what comes before it is open is thrown away. */
export async function openRaw(port: number, isReading: boolean): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  // Whoever is cut off is cut off.
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await Promise.race([once(socket, "data"), once(socket, "close")]);
  const ponger = new Ponger(socket);
  if (isReading) socket.on("data", (part: Buffer) => ponger.read(part));
  else socket.pause();
  return socket;
}
