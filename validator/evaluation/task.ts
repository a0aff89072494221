/** @file One evaluation as it travels: which update is tried on which pages from which parameters, and the losses that come back. */
import { z } from "zod";
import type { PairedLosses } from "../../src/gauntlet/loss-score.ts";
import type { Other } from "../../src/gauntlet/similar.ts";
import { canonicalJson } from "../../src/protocol/canonical-json.ts";
import { blake2b256, type Hex } from "../../src/protocol/digest.ts";
import { hexFloat, parseHexFloat } from "../../src/protocol/hex-float.ts";
import { digestSchema } from "../../src/protocol/manifest.ts";

/** The sequences on which an update is tried: the window's noise batch, or the own pages of somebody in some window. */
export type Pages = { readonly kind: "noise" } | ({ readonly kind: "own" } & Other);

/** An evaluation: all that its losses depend on, beside the run and the chain. */
export type Task = {
  readonly window: number;
  readonly uid: number;
  readonly hotkey: Hex;
  /** Digest of the payload. */
  readonly payload: Hex;
  /** Digest of the parameters that the update is tried from. */
  readonly theta: Hex;
  /** Digest of the rules in force. */
  readonly rules: Hex;
  /** Share of the update that is applied. */
  readonly factor: number;
  /** What each tensor is clipped to. */
  readonly usual: readonly number[];
  readonly pages: Pages;
};

const number = z
  .string()
  .max(32)
  .transform((text, context) => {
    const value = parseHexFloat(text);
    if (value !== null && Number.isFinite(value)) return value;
    context.addIssue({ code: "custom", message: "must be a finite hex float" });
    return z.NEVER;
  });
const window = z.int().min(0);
const uid = z.int().min(0).max(65_535);

/** Tensors of a model: far more than any has. */
const MOST_TENSORS = 65_536;

/** A task as its text is read. */
const taskSchema = z.strictObject({
  window,
  uid,
  hotkey: digestSchema,
  payload: digestSchema,
  theta: digestSchema,
  rules: digestSchema,
  factor: number,
  usual: z.array(number).max(MOST_TENSORS),
  pages: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("noise") }),
    z.strictObject({ kind: z.literal("own"), uid, hotkey: digestSchema, window }),
  ]),
});

/** A task as text: equal tasks have equal texts. */
export function encodeTask(task: Task): string {
  const { factor, usual, pages } = task;
  return canonicalJson({
    ...task,
    factor: hexFloat(factor),
    usual: usual.map(hexFloat),
    pages: { ...pages },
  });
}

/** The task that a text describes; null for anything else. */
export function parseTask(text: string): Task | null {
  try {
    const json: unknown = JSON.parse(text);
    return taskSchema.parse(json);
  } catch {
    return null;
  }
}

/** What names a task in a run for good. */
export function taskId(runId: Hex, text: string): Hex {
  return blake2b256(new TextEncoder().encode(`assay/task/1\n${runId}\n${text}`));
}

/** Losses as they travel: float64, little endian, base64; NaN is one of them. */
export type SentLosses = { readonly before: string; readonly after: string };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** As many sequences as a manifest allows in a batch. */
const MOST_SEQUENCES = 65_536;
const MOST_CHARACTERS = 4 * Math.ceil((8 * MOST_SEQUENCES) / 3);

/** Shape of losses that were sent. */
export const sentLossesSchema = z.strictObject({
  before: z.string().max(MOST_CHARACTERS).regex(BASE64),
  after: z.string().max(MOST_CHARACTERS).regex(BASE64),
});

function bytesOfNumbers(values: readonly number[]): string {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [at, value] of values.entries()) bytes.writeDoubleLE(value, 8 * at);
  return bytes.toString("base64");
}

function numbersOf(text: string): readonly number[] {
  const bytes = Buffer.from(text, "base64");
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, at) =>
    bytes.readDoubleLE(8 * at),
  );
}

/** Losses to be sent. */
export function encodeLosses({ before, after }: PairedLosses): SentLosses {
  return { before: bytesOfNumbers(before), after: bytesOfNumbers(after) };
}

/** Losses that were sent; null unless there are equally many before and after, at least one, and all those before are finite. */
export function parseLosses({ before, after }: SentLosses): PairedLosses | null {
  const found = { before: numbersOf(before), after: numbersOf(after) };
  const pairs = found.before.length === found.after.length && found.before.length > 0;
  return pairs && found.before.every(Number.isFinite) ? found : null;
}
