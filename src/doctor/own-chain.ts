/** @file A chain of this machine that stands still, and how its process is started so that it makes blocks by itself. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { NextCommand } from "../../base/fault.ts";
import { occupantOf } from "../disk/folder-claim.ts";
import { ended } from "./finding.ts";
import type { Listener } from "./listener.ts";

/** Milliseconds a block of a chain that was begun to wait for others: its genesis says so, and it is started with no other time. */
const WAITING_SEALING = "250";
/** Options of `subnet chain` that name files. */
const PATHS = ["--database", "--genesis", "--subnet"];

/** Options as words of their own: `--database=x` is `--database x`. */
const apart = (words: readonly string[]): readonly string[] =>
  words.flatMap((word) => {
    const at = word.startsWith("--") ? word.indexOf("=") : -1;
    return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
  });

function without(words: readonly string[], option: string): readonly string[] {
  const at = words.indexOf(option);
  return at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
}

/** Whether a local network works with the database: its nodes say when a block is due, and may wait for minutes. */
function isDriven(database: string): boolean {
  const run = dirname(database);
  return existsSync(join(run, "localnet.json")) || occupantOf(run) !== null;
}

/** The words with paths that hold everywhere. Of those before the command the last one is the program's own file. */
function placed(words: readonly string[], folder: string): readonly string[] {
  const program = words.indexOf("chain") - 1;
  return words.map((word, at) =>
    at === program ||
    PATHS.includes(words[at - 1] ?? "") ||
    /^\.{1,2}\//.test(word) ||
    // A runtime without a folder is found by its name.
    (at === 0 && word.includes("/"))
      ? resolve(folder, word)
      : word,
  );
}

/**
 * Commands that end a chain's process and start it again with blocks by the clock; null where it is no such chain, would begin anew or
 * elsewhere, or is driven by a local network, which would lose its run.
 * @param port that it listens on
 */
export function lively(holder: Listener | null, port: number): readonly NextCommand[] | null {
  if (holder === null || holder.folder === null) return null;
  const { pid, folder } = holder;
  const words = apart(holder.words);
  const command = words.indexOf("chain");
  // `chain start` and `chain join` wait for other authorities.
  if (command < 1 || words[command + 1]?.startsWith("--") !== true) return null;
  const database = words[words.indexOf("--database") + 1];
  if (!words.includes("--database") || database === undefined) return null;
  if (isDriven(resolve(folder, database))) return null;
  const others = without(placed(words, folder), "--port");
  const sealing = words[words.indexOf("--sealing") + 1] ?? "";
  const waits = words.includes("--sealing") && ["manual", "instant"].includes(sealing);
  const whole = waits ? [...without(others, "--sealing"), "--sealing", WAITING_SEALING] : others;
  return [...ended(pid), { system: [...whole, "--port", String(port)] }];
}
