/** @file The scorebook as text: doubles survive the round trip exactly, and a damaged file is refused. */
import * as z from "zod";
import { AssayError } from "../errors.ts";
import { canonicalJson } from "../protocol/canonical-json.ts";
import { refuseNewer } from "../protocol/format.ts";
import { digestSchema } from "../protocol/manifest.ts";
import type { ScoringMode } from "../protocol/scoring.ts";
import { HISTORY_LENGTH } from "./penalties.ts";
import { modeOfBook, type Scorebook } from "./scorebook.ts";

const finite = z.number();
const window = z.int().min(-1).max(Number.MAX_SAFE_INTEGER);

const penaltySchema = z
  .strictObject({
    rule: z.enum(["absent", "often-absent", "invalid", "stolen", "often-unhelpful"]),
    multiplier: z.number().min(0).max(1),
    lastWindow: window,
  })
  .readonly();

const entrySchema = z
  .strictObject({
    hotkey: digestSchema,
    rating: z.strictObject({ mu: finite, sigma: z.number().gt(0) }).readonly(),
    trust: z.number().min(-1).max(1),
    windows: z.int().min(0),
    lastWindow: window,
    history: z
      .array(z.enum(["+", "-", "0", "x"]))
      .max(HISTORY_LENGTH)
      .readonly(),
    penalties: z.array(penaltySchema).max(16).readonly(),
  })
  .readonly();

/** The largest `windowBound` there can be. */
const MOST_CREDIT = 100;

const creditEntrySchema = z
  .strictObject({
    hotkey: digestSchema,
    credit: z.number().min(-MOST_CREDIT).max(MOST_CREDIT),
    attendance: z.number().min(0).max(1),
    odds: z.number().min(-20).max(20),
    windows: z.int().min(0),
    lastWindow: window,
  })
  .readonly();

function ascending<T extends z.ZodType<{ readonly hotkey: string }>>(entry: T) {
  return z
    .array(entry)
    .readonly()
    .refine((entries) => entries.every(({ hotkey }, at) => isAfter(hotkey, entries[at - 1])), {
      error: "hotkeys must ascend",
    });
}

const publishedSchema = z
  .strictObject({
    format: z.literal("assay/scorebook/1"),
    window,
    entries: ascending(entrySchema),
  })
  .readonly();

const creditSchema = z
  .strictObject({
    format: z.literal("assay/credit-book/1"),
    window,
    scale: z.number().min(0),
    entries: ascending(creditEntrySchema),
  })
  .readonly();

/** Schema of a scorebook of either mode. */
export const scorebookSchema: z.ZodType<Scorebook> = z.discriminatedUnion("format", [
  publishedSchema,
  creditSchema,
]);

function isAfter(hotkey: string, before: { readonly hotkey: string } | undefined): boolean {
  return before === undefined || before.hotkey < hotkey;
}

/** The scorebook as canonical JSON: equal states give equal text. */
export function encodeScorebook(book: Scorebook): string {
  return canonicalJson(book);
}

/**
 * Read what `encodeScorebook` wrote. `path` only names the file; with a `mode`, a book of another one is refused.
 * @throws AssayError state-corrupt, format-newer.
 */
export function parseScorebook(text: string, path = "scorebook", mode?: ScoringMode): Scorebook {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AssayError({ code: "state-corrupt", path, reason: "not JSON" }, { cause: error });
  }
  refuseNewer(value, path, "assay/scorebook/1", "assay/credit-book/1");
  const parsed = scorebookSchema.safeParse(value);
  if (parsed.success) {
    const found = modeOfBook(parsed.data);
    if (mode === undefined || mode === found) return parsed.data;
    const reason = `scores of mode "${found}" in a run of mode "${mode}"`;
    throw new AssayError({ code: "state-corrupt", path, reason });
  }
  const [issue] = parsed.error.issues;
  const reason = `${issue?.path.join(".") ?? "root"}: ${issue?.message ?? "invalid"}`;
  throw new AssayError({ code: "state-corrupt", path, reason }, { cause: parsed.error });
}
