/** @file The folder that a league keeps (`--keep`): of each cast the log of its first validator, and who had which uid. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { verifyRecords } from "../../src/protocol/record.ts";
import type { RecordedCast } from "./fit.ts";

const SUFFIX = ".result.json";

const resultSchema = z.object({
  regime: z.enum(["learning", "plateau"]),
  spec: z.object({
    name: z.string(),
    seed: z.number(),
    windows: z.number(),
    strategies: z.array(z.string()),
    honest: z.number(),
    missPercent: z.number(),
    newcomer: z.number().nullable(),
  }),
  result: z.object({
    rows: z.array(
      z.object({
        strategy: z.string(),
        uid: z.number(),
        compute: z.number(),
        share: z.number(),
      }),
    ),
  }),
});

/** What became of a kept cast. */
export type KeptResult = z.output<typeof resultSchema>;

/** The files of results in a folder, by name. @throws Error of the file system */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .toSorted()
    .map((file) => join(folder, file));
}

/** What came of each kept cast. @throws Error of the file system, and for a file that is no result */
export function keptResults(folder: string): readonly KeptResult[] {
  return filesIn(folder).map((path) => resultSchema.parse(JSON.parse(readFileSync(path, "utf8"))));
}

/** Each kept cast with its log, whose chain must hold. @throws Error as {@link keptResults}; AssayError record-corrupt */
export function keptCasts(folder: string): readonly RecordedCast[] {
  return filesIn(folder).map((path) => {
    const { regime, spec, result } = resultSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    const log = path.slice(0, -SUFFIX.length);
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    const { records } = verifyRecords(lines, log);
    const { name, seed, windows } = spec;
    return { regime, name, seed, windows, rows: result.rows, records };
  });
}
