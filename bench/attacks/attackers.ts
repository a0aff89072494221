/** @file Strangers who keep an axon busy: each holds a number of sockets from addresses of its own and reconnects when it is cut. */
import { connect, type Socket } from "node:net";

/** What is attacked. */
export type Target = {
  readonly port: number;
  readonly large: string;
  readonly text: string;
  /** Part of the whole attack that this target gets, where the attack has a rate. */
  readonly share: number;
};

/** What an attacker's socket acts with. */
type Scene = Target & {
  /** Notes an answer. */
  readonly answered: () => void;
};

type Kind = {
  /** Sockets held at once, spread over the addresses. */
  readonly sockets: number;
  readonly addresses: number;
  /** Whether an axon is to end these connections: whoever asks and reads as others do is served. */
  readonly isCut: boolean;
  /** What all sockets together ask in a second. */
  readonly perSecond?: number;
  /** What happens on a new socket. */
  readonly act: (socket: Socket, scene: Scene) => void;
};

const get = (path: string, method = "GET"): string =>
  `${method} ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

/** Does something again and again while the socket lives. */
function every(ms: number, socket: Socket, act: () => void): void {
  const timer = setInterval(act, ms);
  socket.once("close", () => clearInterval(timer));
}

/** Finds out that it was cut though it does not read: a line end before a request means nothing. */
function probe(socket: Socket): void {
  every(250, socket, () => void socket.write("\r\n"));
}

/** Asks, reads all of the answer, and asks again. */
function again(
  socket: Socket,
  path: string,
  method: string,
  answerBytes: (head: number) => number,
): void {
  let [waited, seen] = [Infinity, ""];
  const ask = (): void => {
    [waited, seen] = [Infinity, ""];
    socket.write(get(path, method));
  };
  socket.on("data", (piece: Buffer) => {
    if (waited === Infinity) {
      seen += piece.toString("latin1");
      const end = seen.indexOf("\r\n\r\n") + 4;
      if (end < 4) return;
      waited =
        answerBytes(Number(/content-length: (\d+)/i.exec(seen)?.[1] ?? 0)) - (seen.length - end);
    } else waited -= piece.length;
    if (waited <= 0) ask();
  });
  ask();
}

/** How many requests a second `requests` makes, and with how many sockets: no more than one is under way on each. */
const FLOOD = { perSecond: 5000, sockets: 128 };

/** Asks at its rate, unless the last answer is still to come. */
function askAtRate(socket: Socket, { share, answered }: Scene): void {
  let isWaiting = false;
  socket.on("data", () => {
    if (isWaiting) answered();
    isWaiting = false;
  });
  every((1000 * FLOOD.sockets) / (FLOOD.perSecond * share), socket, () => {
    if (!isWaiting) socket.write(get("/status"));
    isWaiting = true;
  });
}

const KINDS = {
  "idle-one-address": {
    sockets: 256,
    addresses: 1,
    isCut: true,
    act: (socket) => void socket.resume().write(get("/healthz")),
  },
  "idle-many-addresses": {
    sockets: 768,
    addresses: 64,
    isCut: true,
    act: (socket) => void socket.resume().write(get("/healthz")),
  },
  silent: { sockets: 256, addresses: 16, isCut: true, act: (socket) => void socket.resume() },
  "never-read": {
    sockets: 120,
    addresses: 8,
    isCut: true,
    act(socket, { large }) {
      socket.pause().write(get(large));
      probe(socket);
    },
  },
  "drip-readers": {
    sockets: 120,
    addresses: 8,
    isCut: true,
    act(socket, { large }) {
      socket.pause().write(get(large));
      every(100, socket, () => void socket.read(1024));
      probe(socket);
    },
  },
  "drip-headers": {
    sockets: 120,
    addresses: 8,
    isCut: true,
    act(socket) {
      socket.resume().write("GET /status HTTP/1.1\r\nhost: x\r\n");
      every(300, socket, () => void socket.write("x-slow: 1\r\n"));
    },
  },
  "drip-bodies": {
    sockets: 120,
    addresses: 8,
    isCut: true,
    act(socket) {
      socket.resume().write("POST /status HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n");
      every(300, socket, () => void socket.write("x"));
    },
  },
  pipelining: {
    sockets: 120,
    addresses: 8,
    isCut: true,
    act(socket, { text }) {
      socket.pause().write(get(text).repeat(1000));
      probe(socket);
    },
  },
  "many-heads": {
    sockets: 32,
    addresses: 8,
    isCut: false,
    act: (socket, { large }) => again(socket, large, "HEAD", () => 0),
  },
  "many-downloads": {
    sockets: 32,
    addresses: 8,
    isCut: false,
    act: (socket, { large }) => again(socket, large, "GET", (length) => length),
  },
  requests: {
    sockets: FLOOD.sockets,
    addresses: 16,
    isCut: false,
    perSecond: FLOOD.perSecond,
    act: askAtRate,
  },
} as const satisfies Record<string, Kind>;

/** The name of an attack. */
export type Attack = keyof typeof KINDS;

/** All of them. */
export const ATTACKS = Object.keys(KINDS).filter((name): name is Attack => name in KINDS);

/** Whether the connections of an attack are to be ended by the axon. */
export const isCut = (name: Attack): boolean => KINDS[name].isCut;

/** What became of an attack. */
export type Damage = {
  /** Connections that were made. */
  readonly made: number;
  /** Those of them that were cut. */
  readonly cuts: number;
  /** The longest life of one, in milliseconds; of those that live at the end, until then. */
  readonly longestMs: number;
  /** Of an attack with a rate. */
  readonly rate: Held | null;
};

/** How an axon holds down a flood. */
type Held = {
  /** When the first second was over in which less than half of what was asked was answered; null: never. */
  readonly heldAfterMs: number | null;
  /** Answers a second from then on, or in all. */
  readonly perSecond: number;
};

const RECONNECT_MS = 250;
const SECOND_MS = 1000;

/** Counts answers by the second. */
class Answers {
  readonly #began = performance.now();
  readonly #bySecond: number[] = [];

  readonly count = (): void => {
    const second = Math.floor((performance.now() - this.#began) / SECOND_MS);
    this.#bySecond[second] = (this.#bySecond[second] ?? 0) + 1;
  };

  /** What became of a flood of so many requests a second. */
  held(asked: number): Held {
    const whole = Math.floor((performance.now() - this.#began) / SECOND_MS);
    const seconds = Array.from({ length: whole }, (_, second) => this.#bySecond[second] ?? 0);
    const first = seconds.findIndex((answers) => answers < asked / 2);
    const counted = seconds.slice(Math.max(0, first));
    const sum = counted.reduce((all, answers) => all + answers, 0);
    return {
      heldAfterMs: first < 0 ? null : (first + 1) * SECOND_MS,
      perSecond: sum / Math.max(1, counted.length),
    };
  }
}

/** Attacks until told to stop. @param from the last part of the first address of 127.0.0.0/24 */
export function attack(name: Attack, target: Target, from: number): () => Damage {
  const { sockets, addresses, act, perSecond }: Kind = KINDS[name];
  let [made, cuts, longestMs, ended] = [0, 0, 0, false];
  const open = new Map<Socket, number>();
  const answers = new Answers();
  const scene = { ...target, answered: answers.count };
  const hold = (index: number): void => {
    if (ended) return;
    const localAddress = `127.0.0.${from + (index % addresses)}`;
    const socket = connect({ port: target.port, host: "127.0.0.1", localAddress });
    socket.on("error", () => undefined);
    socket.once("connect", () => {
      open.set(socket, performance.now());
      made += 1;
      act(socket, scene);
    });
    socket.once("close", () => {
      const began = open.get(socket);
      if (began !== undefined && !ended) {
        cuts += 1;
        longestMs = Math.max(longestMs, performance.now() - began);
      }
      open.delete(socket);
      setTimeout(hold, RECONNECT_MS, index).unref();
    });
  };
  for (let index = 0; index < sockets; index++) hold(index);
  return () => {
    ended = true;
    const now = performance.now();
    for (const [socket, began] of open) {
      longestMs = Math.max(longestMs, now - began);
      socket.destroy();
    }
    const rate = perSecond === undefined ? null : answers.held(perSecond * target.share);
    return { made, cuts, longestMs, rate };
  };
}
