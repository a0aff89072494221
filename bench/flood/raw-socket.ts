/** @file A WebSocket by hand, over TCP: a stranger's may stop reading at any time, and does not look at what it gets. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type Socket, connect } from "node:net";

const TEXT = 0x81;
const MASKED = 0x80;

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
  if (isReading) socket.on("data", () => undefined);
  else socket.pause();
  return socket;
}
