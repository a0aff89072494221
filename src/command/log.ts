/** @file Structured logs: pino to standard error or a file, no secret in them, network text never above debug. */
import pino from "pino";
import { hidden } from "../../base/hidden.ts";
import { type LogLimits, RotatingLog } from "./rotation.ts";

/** Levels a node may log at; bytes and texts that strangers sent appear at `debug` only. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Kept while a log cannot be written. */
const MOST_UNWRITTEN_BYTES = 1 << 20;
/** What lies deeper in a value is left out. */
const MOST_DEPTH = 6;
/** Names of what could hold a secret: left out wherever they stand. */
const SECRET =
  /pass(word|phrase)|mnemonic|seed|secret|private|^(pair|phrase|suri|uri|authorization)$/i;

/** The one logger type that constructors take. */
export type Log = pino.Logger;

/** An error with what a person needs of it: errors have no enumerable message. */
function plainError(error: Error, depth: number): object {
  const { name, message, cause } = error;
  const own = Object.fromEntries(Object.entries(error));
  const under = cause === undefined ? {} : { cause };
  return cleaned({ name, message, ...own, ...under }, depth);
}

/** A value without secrets: keys that could hold one, bytes that could be one, user names and passwords in addresses. */
function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return hidden(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (depth >= MOST_DEPTH) return "…";
  if (Array.isArray(value)) return value.map((one) => clean(one, depth + 1));
  return value instanceof Error ? plainError(value, depth) : cleaned(value, depth);
}

function cleaned(fields: object, depth: number): Record<string, unknown> {
  const shown = Object.entries(fields).filter(([key]) => !SECRET.test(key));
  return Object.fromEntries(shown.map(([key, value]) => [key, clean(value, depth + 1)]));
}

/**
 * A logger that writes JSON lines. `file` names a log file (made with its folders; a new one begins when it is full, and few older ones
 * stay); without it, standard error. No line holds a secret:
 * whatever is handed over, keys that could name one are left out and addresses lose their user names and passwords.
 */
export function openLog(options: {
  name: string;
  level: LogLevel;
  file?: string;
  /** Fields of every line: where the process stands as it is written. */
  place?: () => object;
  /** How much of the file is kept. */
  limits?: LogLimits;
}): Log {
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
      mixin: options.place ?? (() => ({})),
      formatters: { log: (fields) => cleaned(fields, 0) },
      hooks: {
        logMethod(args, method) {
          for (const [place, one] of args.entries())
            if (typeof one === "string") args[place] = hidden(one);
          method.apply(this, args);
        },
      },
    },
    options.file === undefined
      ? destination
      : new RotatingLog(destination, options.file, options.limits),
  );
}
