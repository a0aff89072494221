/**
 * @file What the free text `additional` of a subnet's identity says about runs: which one, and with which rules
 * (docs/protocol.md#18-amendments).
 *
 * The text is words with one space between: `assay:run=0x<run id>`, optionally `after=0x<run id>@<window>` (this run follows
 * that one from that window on), optionally `assay:rules=<canonical JSON>` (an amendment). Other words are other people's.
 */
import * as z from "zod";
import { canonicalJson } from "./canonical-json.ts";
import { type Hex, isHex } from "./digest.ts";
import { digestSchema, manifestShape } from "./manifest.ts";
import type { IncentiveRules } from "./rules.ts";

/** Longest document of an amendment, in bytes of its canonical JSON: with the words of a run and of the one that it follows it fits an identity's 1,024. */
export const MAXIMUM_AMENDMENT_BYTES = 800;

const MAXIMUM_WINDOW = 2 ** 32 - 1;
const RUN_WORD = /^assay:run=(0x[0-9a-f]{64})$/;
const AFTER_WORD = /^after=(0x[0-9a-f]{64})@(0|[1-9]\d{0,9})$/;
const RULES_WORD = "assay:rules=";

/** Rules within the bounds of a manifest. */
export const rulesSchema: z.ZodType<IncentiveRules> = z
  .strictObject({
    scoring: manifestShape.unwrap().shape.scoring,
    evaluation: manifestShape.unwrap().shape.evaluation,
  })
  .readonly();

const amendmentSchema = z
  .strictObject({
    /** The run that it amends. */
    run: digestSchema,
    /** rulesDigest of the rules that it replaces. */
    after: digestSchema,
    /** First window in which the new rules hold. */
    from: z.int().min(1).max(MAXIMUM_WINDOW),
    rules: rulesSchema,
  })
  .readonly();

/** A complete set of rules that takes the place of another one. */
export type Amendment = z.infer<typeof amendmentSchema>;

/** What a subnet's identity says about runs. Whatever does not parse is null: anyone's typing error changes nothing. */
export type RunText = {
  readonly runId: Hex | null;
  /** The run that `runId` follows, and that run's first window that no longer counts. */
  readonly after: { readonly runId: Hex; readonly window: number } | null;
  readonly amendment: Amendment | null;
};

/** Reads the `additional` text of an identity. Never throws. */
export function parseRunText(additional: string | null): RunText {
  const words = (additional ?? "").split(" ");
  const runId = words.map((word) => RUN_WORD.exec(word)?.[1]).find((one) => one !== undefined);
  const after = words.map((word) => AFTER_WORD.exec(word)).find((one) => one !== null);
  const document = words.find((word) => word.startsWith(RULES_WORD));
  return {
    runId: hexOrNull(runId),
    after: afterOf(after?.[1], after?.[2]),
    amendment: document === undefined ? null : parseAmendment(document.slice(RULES_WORD.length)),
  };
}

function hexOrNull(text: string | undefined): Hex | null {
  return text !== undefined && isHex(text, 32) ? text : null;
}

function afterOf(runId: string | undefined, window: string | undefined): RunText["after"] {
  const id = hexOrNull(runId);
  const number = Number(window);
  return id === null || !(number <= MAXIMUM_WINDOW) ? null : { runId: id, window: number };
}

function isOurs(word: string): boolean {
  return RUN_WORD.test(word) || AFTER_WORD.test(word) || word.startsWith(RULES_WORD);
}

/** What the text says beside runs: the words of others, which whoever writes the text anew keeps. */
export function otherWords(additional: string | null): string {
  const words = (additional ?? "").split(" ").filter((word) => !isOurs(word));
  return words.join(" ").trim();
}

/** Exactly the bytes that `encodeRunText` writes, or null. */
function parseAmendment(text: string): Amendment | null {
  if (new TextEncoder().encode(text).length > MAXIMUM_AMENDMENT_BYTES) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = amendmentSchema.safeParse(value);
  return parsed.success && canonicalJson(parsed.data) === text ? parsed.data : null;
}

/**
 * The `additional` text for a run.
 * @throws RangeError if the amendment's document is too long or would not be read back.
 */
export function encodeRunText(text: RunText & { readonly runId: Hex }): string {
  const { runId, after, amendment } = text;
  const words = [`assay:run=${runId}`];
  if (after !== null) words.push(`after=${after.runId}@${after.window}`);
  if (amendment !== null) {
    const document = canonicalJson(amendment);
    if (parseAmendment(document) === null)
      throw new RangeError(
        `an amendment is a valid document of at most ${MAXIMUM_AMENDMENT_BYTES} bytes`,
      );
    words.push(`${RULES_WORD}${document}`);
  }
  return words.join(" ");
}
