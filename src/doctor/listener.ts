/** @file Which process of this machine listens on a port, as Linux tells; elsewhere nobody knows. */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";

/** A process that listens. */
export type Listener = {
  readonly pid: number;
  /** Its command line. */
  readonly words: readonly string[];
  /** The folder that its relative paths begin in; null where that cannot be seen. */
  readonly folder: string | null;
  /** Whether it was stopped (SIGSTOP, Ctrl-Z): it holds its port and answers nobody. */
  readonly stopped: boolean;
};

/** In the tables of /proc/net: the state of a socket that listens. */
const LISTENING = "0A";

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** The folder that a process works in; null where it is gone or another user's. */
function folderOf(pid: string): string | null {
  try {
    return realpathSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/** Inodes of the sockets that listen on a port. */
function socketsOn(port: number): ReadonlySet<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = ["tcp", "tcp6"].flatMap((name) => textOf(`/proc/net/${name}`).split("\n"));
  const found = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => state === LISTENING && local.endsWith(`:${hex}`));
  return new Set(found.map((columns) => `socket:[${columns[9] ?? ""}]`));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function holds(pid: string, sockets: ReadonlySet<string>): boolean {
  return namesIn(`/proc/${pid}/fd`).some((fd) => {
    try {
      return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false; // closed meanwhile
    }
  });
}

/** The process that listens on a port of this machine; null where none does or it cannot be seen. */
export function listenerOn(port: number): Listener | null {
  const sockets = socketsOn(port);
  if (sockets.size === 0) return null;
  const pid = namesIn("/proc").find((name) => /^\d+$/.test(name) && holds(name, sockets));
  if (pid === undefined) return null;
  // The state stands behind the name, which may hold any character.
  const state = /^.*\) (\S)/s.exec(textOf(`/proc/${pid}/stat`))?.[1];
  const words = textOf(`/proc/${pid}/cmdline`).split("\0").slice(0, -1);
  return { pid: Number(pid), words, folder: folderOf(pid), stopped: state === "T" };
}

/** The process as part of a sentence. */
export function listenerText({ pid, words }: Listener): string {
  const shown = words.slice(0, 4).join(" ");
  return `process ${pid} (${shown.length > 80 ? `${shown.slice(0, 79)}…` : shown})`;
}
