/** @file A `redis-server` of our own: on a socket file in our folder, no port, started again when it dies. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Longest path that a Unix socket can have on every system. */
const MOST_PATH_BYTES = 100;
const START_MS = 5000;
const PROBE_MS = 500;

/** Makes a folder that nobody else can look into; false where somebody else has made it, or may. */
function isOurs(folder: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = userInfo();
  const found = lstatSync(folder);
  return found.isDirectory() && (uid === -1 || found.uid === uid) && (found.mode & 0o022) === 0;
}

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

  /** The socket file that it listens on: in the folder, or, where that path is too long for a socket, in one of ours for temporary files. */
  get socket(): string {
    const path = join(this.#folder, "redis.sock");
    if (Buffer.byteLength(path) <= MOST_PATH_BYTES) return path;
    const name = createHash("sha256").update(this.#folder).digest("hex").slice(0, 24);
    return join(tmpdir(), `assay-${userInfo().uid}`, name);
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
    if (!isOurs(dirname(this.socket))) return false;
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
