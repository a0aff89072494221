/** @file One WebSocket: its requests in their line, its answers within limits. */
import { type WebSocket } from "ws";
import { type RpcAnswer, partsOf, sizeOf } from "./answer.ts";
import { type Connection, type Connections } from "./connections.ts";
import { Delivery } from "./delivery.ts";
import { type RpcLimits } from "./limits.ts";
import { RpcSession, type Seats } from "./session.ts";
import { type RpcTable } from "./table.ts";
import { type Line, type Turns } from "./turns.ts";

/** What all clients of a server share. */
export type House = {
  readonly table: RpcTable;
  readonly limits: RpcLimits;
  readonly turns: Turns;
  readonly connections: Connections;
  readonly seats: Seats;
  readonly clockMs: () => number;
  readonly report: (error: unknown) => void;
};

/** A frame of a client with a ping or its answer: two bytes, the mask, what it says. */
const CONTROL_BYTES = 2 + 4;
/** With so much for it to read the sizes of all are looked at. */
const NOTICEABLE_BYTES = 64 * 1024;

/** Serves a WebSocket until it closes; begins with {@link SocketClient.listen}. */
export class SocketClient {
  readonly #house: House;
  readonly #socket: WebSocket;
  readonly #connection: Connection;
  readonly #line: Line;
  readonly #session: RpcSession;
  readonly #delivery: Delivery;
  #waitingBytes = 0;

  constructor(house: House, socket: WebSocket, connection: Connection) {
    this.#house = house;
    this.#socket = socket;
    this.#connection = connection;
    const { table, limits, seats, turns } = house;
    const delivery = new Delivery(limits, house.clockMs);
    this.#delivery = delivery;
    this.#line = turns.line(() => delivery.hasRoom && socket.bufferedAmount < limits.unreadBytes);
    const send = (text: string): void => {
      this.#send(text);
    };
    this.#session = new RpcSession({ table, limits, seats, line: this.#line, send });
    connection.occupant = {
      waiting: () => this.#waitingBytes,
      isWaiting: () => this.#session.subscriptions > 0 || this.#isOwed,
      isOwed: () => this.#isOwed,
      unconfirmed: () => delivery.unconfirmed,
      spentMs: () => this.#line.spentMs,
      ping: () => {
        socket.ping();
      },
    };
  }

  get #isOwed(): boolean {
    return this.#line.waiting > 0 || this.#line.pending > 0;
  }

  /** Serves it from now on. */
  listen(): void {
    const { clockMs, connections } = this.#house;
    const connection = this.#connection;
    // Before the frames in it are read.
    connection.socket.prependListener("data", (part: Buffer) => {
      connection.arrive(part.length, clockMs());
      connections.relieve();
    });
    for (const control of ["ping", "pong"] as const) {
      this.#socket.on(control, (data: Buffer) => {
        connection.discount(CONTROL_BYTES + data.length);
      });
    }
    this.#socket.on("pong", (data: Buffer) => {
      this.#ping(this.#delivery.confirm(data));
    });
    this.#socket.on("message", (data) => {
      // The server keeps the default binaryType, so a message is one Buffer.
      if (Buffer.isBuffer(data)) this.#take(data);
    });
    this.#socket.on("close", () => {
      this.#line.close();
      this.#session.close();
    });
    this.#socket.on("error", () => {
      this.#socket.terminate();
    });
  }

  #ping(token: Buffer | null): void {
    if (token !== null && this.#socket.readyState === this.#socket.OPEN) this.#socket.ping(token);
  }

  #take(request: Buffer): void {
    this.#connection.asked(this.#house.clockMs());
    this.#waitingBytes += request.length;
    this.#line.push(() => {
      this.#waitingBytes -= request.length;
      this.#resume();
      return this.#session.answer(request, (answer) => {
        if (answer !== null) this.#send(answer);
      });
    });
    const { waitingRequests, waitingBytes } = this.#house.limits;
    if (this.#line.waiting >= waitingRequests || this.#waitingBytes >= waitingBytes)
      this.#socket.pause();
  }

  #resume(): void {
    const { waitingRequests, waitingBytes } = this.#house.limits;
    const isLow =
      this.#line.waiting * 2 <= waitingRequests && this.#waitingBytes * 2 <= waitingBytes;
    if (isLow && this.#socket.isPaused) this.#socket.resume();
  }

  #send(answer: RpcAnswer): void {
    const { limits, connections } = this.#house;
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > limits.mostUnreadBytes) {
      this.#socket.terminate();
      return;
    }
    const parts = partsOf(answer);
    for (const [index, part] of parts.entries())
      this.#socket.send(part, { binary: false, fin: index + 1 === parts.length });
    const bytes = sizeOf(answer);
    this.#ping(this.#delivery.send(bytes));
    this.#line.charge(bytes / limits.bytesPerMs);
    if (this.#socket.bufferedAmount > NOTICEABLE_BYTES) connections.relieve();
  }
}
