/** @file Options of `subnet backup` and `subnet restore`. */
import { z } from "zod";
import { flag, optionalText } from "../../src/command/fields.ts";

/** Options of `subnet backup`. */
export const backupOptions = z.strictObject({
  folder: optionalText(
    "what is to be kept: a node's folder, a publication, a run of a local network, a wallet; its processes may run",
  ),
  output: z
    .string({ error: "name the folder to write" })
    .min(1)
    .meta({ description: "folder to write; it must not be there" }),
  openKeys: flag("take keys that no password protects, too; whoever has the backup has them"),
  json: flag("print one JSON object"),
});

/** Options of `subnet restore`. */
export const restoreOptions = z.strictObject({
  backup: optionalText("folder that subnet backup wrote"),
  output: optionalText(
    "folder to make; it must not be there, or be empty (default: where the backup was made of)",
  ),
  json: flag("print one JSON object"),
});

/** Parsed options of `subnet backup`. */
export type BackupOptions = z.output<typeof backupOptions>;
/** Parsed options of `subnet restore`. */
export type RestoreOptions = z.output<typeof restoreOptions>;
