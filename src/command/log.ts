/** @file Structured logs: pino to standard error or a file, secrets redacted, network text never above debug. */
import pino from "pino";

/** Levels a node may log at; bytes and texts that strangers sent appear at `debug` only. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Kept while a log cannot be written. */
const MOST_UNWRITTEN_BYTES = 1 << 20;

/** The one logger type that constructors take. */
export type Log = pino.Logger;

/**
 * A logger that writes JSON lines. `file` names a log file (made with its folders); without it, standard error.
 * Keys that could hold a secret are removed wherever they stand.
 */
export function openLog(options: { name: string; level: LogLevel; file?: string }): Log {
  const destination = pino.destination({
    ...(options.file === undefined ? { dest: 2 } : { dest: options.file, mkdir: true }),
    sync: true,
    maxLength: MOST_UNWRITTEN_BYTES,
  });
  // A full disk costs lines of the log, not the work; they are written once there is space again, as far as they were kept.
  destination.on("error", () => undefined);
  return pino(
    {
      name: options.name,
      level: options.level,
      redact: {
        paths: ["password", "mnemonic", "seed", "*.password", "*.mnemonic", "*.seed", "*.pair"],
        remove: true,
      },
    },
    destination,
  );
}
