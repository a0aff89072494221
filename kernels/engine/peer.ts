/** @file What the engine talks to: a thread of this process, or a process of its own that may crash alone. Messages arrive as copies. */
import { type ChildProcess, fork } from "node:child_process";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { type KernelErrorCode, type KernelErrorDetails, reasonOf } from "../errors.ts";

/**
 * A request to the worker: to answer a method, or to end. `method` and `argument` have the types that the worker's handler takes,
 * because both ends are written against one type; a message channel cannot say so, hence `never`: whatever the handler wants.
 */
export type Request =
  | { readonly id: number; readonly method: never; readonly argument: never }
  | { readonly id: number; readonly end: true };

/** An error in a form that crosses threads and processes. */
export type Failure = {
  readonly code: KernelErrorCode;
  readonly message: string;
  readonly details: KernelErrorDetails;
  readonly stack: string;
};

/** The worker's answer to the request of the same id; `value` likewise has the type that the caller waits for. */
export type Response =
  | { readonly id: number; readonly value: never }
  | { readonly id: number; readonly failure: Failure };

/** The other end of a channel, seen from the end that asks. */
export type Peer = {
  /** What it is called when it ends. */
  readonly name: string;
  send(message: object): void;
  onMessage(listener: (message: Response) => void): void;
  /** Called once, with the reason; whatever ended it. */
  onEnd(listener: (reason: string, cause?: unknown) => void): void;
  /** Ends it by force. */
  kill(): void;
};

/** The same, seen from inside. */
export type Port = {
  /** @param transfer buffers that may move instead of being copied */
  post(message: object, transfer: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: Request) => void): void;
  close(): void;
};

const KEPT_CHARACTERS = 300;

/** Starts a thread that runs `script`. */
export function threadPeer(script: URL, workerData: unknown): Peer {
  const worker = new Worker(script, { workerData });
  return {
    name: "the engine's thread",
    // Nothing is transferred: the caller keeps its arrays.
    send: (message) => worker.postMessage(message, []),
    onMessage: (listener) => void worker.on("message", listener),
    onEnd(listener) {
      let cause: unknown;
      worker.once("error", (error) => (cause = error));
      worker.once("exit", (code) => {
        const reason = `the engine's thread ended with code ${code}`;
        listener(cause === undefined ? reason : reasonOf(cause), cause);
      });
    },
    kill: () => void worker.terminate(),
  };
}

/** How a process ended, with the last line that it wrote. */
export function endingOf(code: number | null, signal: string | null, written: string): string {
  const how = signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
  const last = written.trim().split("\n").at(-1) ?? "";
  return `the process ${how}${last === "" ? "" : ` (${last})`}`;
}

/** A process that runs `script`, with typed arrays in its messages, and the last that it wrote to stderr. */
export function forked(script: URL): { child: ChildProcess; written: () => string } {
  const child = fork(script, [], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv: [],
    serialization: "advanced",
  });
  let written = "";
  child.stderr?.on("data", (text: Buffer) => {
    written = (written + text.toString()).slice(-KEPT_CHARACTERS);
  });
  return { child, written: () => written };
}

/** Starts a process that runs `script`. What it writes to stderr is kept for the reason of its end. */
export function processPeer(script: URL): Peer {
  const { child, written } = forked(script);
  return {
    name: `process ${child.pid}`,
    // A process that is gone is reported by its end.
    send: (message) => void child.send(message, () => undefined),
    onMessage: (listener) => void child.on("message", listener),
    onEnd(listener) {
      // Without a process there is no close.
      if (child.pid === undefined)
        child.once("error", (cause) => listener(`no process was started: ${cause.message}`, cause));
      child.once("close", (code, signal) => listener(endingOf(code, signal, written())));
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

/** A peer in this very thread, for what has a process to itself already. @param serveOn answers on the other end */
export function localPeer(serveOn: (port: Port) => void): Peer {
  const { port1, port2 } = new MessageChannel();
  serveOn(threadPort(port2));
  return {
    name: "this thread",
    send: (message) => port1.postMessage(message),
    onMessage: (listener) => void port1.on("message", listener),
    onEnd: (listener) => void port1.once("close", () => listener("it was closed")),
    kill: () => port1.close(),
  };
}

/** The port of a thread. */
export function threadPort(port: MessagePort): Port {
  return {
    post: (message, transfer) => port.postMessage(message, transfer),
    onMessage: (listener) => void port.on("message", listener),
    close: () => port.close(),
  };
}

/**
 * The port of a process that was started by processPeer. The process ends when the one that started it does; signals of a terminal are left
 * to that one, which ends this one after what it still has to do.
 */
export function processPort(): Port {
  process.on("disconnect", () => process.exit());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => undefined);
  return {
    post: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    onMessage: (listener) => void process.on("message", (message: Request) => listener(message)),
    close: () => process.disconnect(),
  };
}
