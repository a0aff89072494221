/** @file Files of a league's casts (`--keep`), and those of them that need not be played again (`--resume`). */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { blake2b256, type Hex } from "../src/protocol/digest.ts";
import type { CastResult } from "./cast.ts";
import type { CastOrder } from "./cast-process.ts";
import { configOf, type RunChoice } from "./material.ts";
import type { PlannedCast } from "./plan.ts";

/** Where the log of a cast goes in a folder. */
export function recordsPathIn(folder: string, { regime, spec }: PlannedCast): string {
  const who = spec.name.replaceAll(" + ", "+");
  return join(folder, `${regime}-${spec.seed}-${spec.honest}-honest-${who}.jsonl`);
}

/** Beside the log of a cast: who had which uid, what each was paid, and what it was played under. */
const resultPathOf = (recordsPath: string): string => `${recordsPath}.result.json`;

/** Digest of all that a subnet.toml and `--set` say, defaults included. @throws AssayError bad-option */
function settingsOf(choice: RunChoice): Hex {
  return blake2b256(new TextEncoder().encode(JSON.stringify(configOf(choice).config)));
}

/** Keeps what came of a cast, whole or not at all. */
export function keepResult({ spec, run, recordsPath }: CastOrder, result: CastResult): void {
  if (recordsPath === null) return;
  const path = resultPathOf(recordsPath);
  const kept = { regime: run.regime, settings: settingsOf(run), spec, result };
  writeFileSync(`${path}.part`, JSON.stringify(kept));
  renameSync(`${path}.part`, path);
}

const keptSchema = z.object({
  regime: z.string(),
  settings: z.string().optional(),
  spec: z.unknown(),
  result: z.custom<CastResult>(
    (value) => z.object({ rows: z.array(z.unknown()), loss: z.number() }).safeParse(value).success,
  ),
});

/** What a folder keeps of this very cast, played under the same settings; null without it. The program is taken to be the same. */
export function keptResultOf({ spec, run, recordsPath }: CastOrder): CastResult | null {
  if (recordsPath === null || !existsSync(resultPathOf(recordsPath))) return null;
  const kept = keptSchema.safeParse(JSON.parse(readFileSync(resultPathOf(recordsPath), "utf8")));
  if (!kept.success || kept.data.regime !== run.regime) return null;
  const isSame = kept.data.settings === settingsOf(run) && isDeepStrictEqual(kept.data.spec, spec);
  return isSame ? kept.data.result : null;
}
