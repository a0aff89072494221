/** @file Structured logs: pino to standard error or a file, secrets redacted, network text never above debug. */
import pino from "pino";

/** Levels a node may log at; bytes and texts that strangers sent appear at `debug` only. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** The one logger type that constructors take. */
export type Log = pino.Logger;

/**
 * A logger that writes JSON lines. `file` names a log file (made with its folders); without it, standard error.
 * Keys that could hold a secret are removed wherever they stand.
 */
export function openLog(options: { name: string; level: LogLevel; file?: string }): Log {
  const destination = pino.destination(
    options.file === undefined
      ? { dest: 2, sync: true }
      : { dest: options.file, mkdir: true, sync: true },
  );
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
