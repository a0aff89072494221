/** @file A `redis-server` of our own: on a socket file in our folder, no port, started again when it dies. */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Longest path that a Unix socket can have on every system. */
const MOST_PATH_BYTES = 100;
const START_MS = 5000;
const PROBE_MS = 500;

/** Whether somebody answers on a socket file. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.setTimeout(PROBE_MS, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/** A Redis server for one folder and whoever may read it. */
export class PrivateRedis {
  readonly #folder: string;
  #starting: Promise<boolean> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The socket file that it listens on. */
  get socket(): string {
    return join(this.#folder, "redis.sock");
  }

  /**
   * Starts it unless it runs: one that outlived its validator (kill -9) is taken over with all that it holds. False where there is no
   * `redis-server` on the path, or none that comes up.
   */
  ensure(): Promise<boolean> {
    this.#starting ??= this.#start().finally(() => (this.#starting = null));
    return this.#starting;
  }

  async #start(): Promise<boolean> {
    if (Buffer.byteLength(this.socket) > MOST_PATH_BYTES) return false;
    if (await answers(this.socket)) return true;
    const settings = {
      port: "0",
      dir: this.#folder,
      unixsocket: this.socket,
      unixsocketperm: "700",
      save: "",
      appendonly: "yes",
      appendfsync: "everysec",
      "maxmemory-policy": "noeviction",
    };
    const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
    const child = spawn("redis-server", args, { stdio: "ignore", detached: true });
    let ended = false;
    child.once("error", () => (ended = true));
    child.once("exit", () => (ended = true));
    // Stopped by us when we close, not because a terminal's Ctrl-C reaches all that it started.
    child.unref();
    for (const until = performance.now() + START_MS; performance.now() < until; await sleep(10)) {
      if (await answers(this.socket)) return true;
      if (ended) return false;
    }
    child.kill("SIGKILL");
    return false;
  }
}
