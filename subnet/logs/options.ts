/** @file Options of `subnet logs`. */
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { choice, flag, optionalText, text, wholeNumber } from "../../src/command/fields.ts";

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A moment: so long ago (`10m`), or a date; the value is milliseconds since 1970, or how many before now (negative). */
const since = z
  .string()
  .transform((written, context) => {
    const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(written.trim()) ?? [];
    const length = Object.entries(UNIT_MS).find(([name]) => name === unit)?.[1];
    if (count !== undefined && length !== undefined) return -Number(count) * length;
    const at = Date.parse(written);
    if (Number.isFinite(at)) return at;
    context.addIssue({
      code: "custom",
      message:
        "must be a length such as 90s, 10m, 2h or 1d, or a date such as 2026-01-31T12:00:00Z",
    });
    return z.NEVER;
  })
  .optional()
  .meta({ description: "from when on: 90s, 10m, 2h or 1d ago, or a date; without it all" });

/** Windows: one, or the first and the last. */
const window = z
  .string()
  .regex(/^\d{1,15}(-\d{1,15})?$/, "must be a window such as 12, or a range such as 12-15")
  .optional()
  .meta({ description: "lines of a window (12) or of several (12-15); without it of all" });

/** Options of `subnet logs`. */
export const logsOptions = z.strictObject({
  role: optionalText(
    "whose lines: miner, validator, chain, or a node by its name such as miner-1; without it everybody's",
  ),
  folder: optionalText(
    "folder with the logs: of a local network's run, or where --log-file wrote them; without it the newest run's",
  ),
  output: text("folder of local networks' runs", join(homedir(), ".assay", "localnet")),
  since,
  level: choice("least level that is shown", ["info", "debug", "warn", "error"]),
  uid: wholeNumber(0, 65_535).optional().meta({ description: "lines of the node with this uid" }),
  window,
  run: optionalText("lines of the run whose id begins so"),
  follow: flag("go on with what is written from now on, until stopped"),
  json: flag("print the lines as they are, one JSON object each, with the node's name"),
});

/** Parsed options of `subnet logs`. */
export type LogsOptions = z.output<typeof logsOptions>;
