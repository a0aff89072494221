/** @file What a node tells of an extrinsic that it watches. */
import { z } from "zod";
import type { Hex } from "../wallet/hex.ts";
import { hexSchema } from "./answers.ts";

const includedSchema = z.object({ inBlock: hexSchema });
const finalSchema = z.object({ finalized: hexSchema });
const usurpedSchema = z.object({ usurped: z.string() });
const retractedSchema = z.object({ retracted: z.string() });
const finalityTimeoutSchema = z.object({ finalityTimeout: z.string() });

/**
 * Where the node says the extrinsic is: in a block, final in one, in a block that was replaced, gone from its pool, or out of its sight
 * (it says no more).
 */
export type Fate =
  | { readonly kind: "included"; readonly hash: Hex }
  | { readonly kind: "final"; readonly hash: Hex }
  | { readonly kind: "retracted" }
  | { readonly kind: "gone"; readonly status: string }
  | { readonly kind: "lost" };

/** What a status of the watched extrinsic says; null where it says that it waits. */
export function fateOf(status: unknown): Fate | null {
  const final = finalSchema.safeParse(status);
  if (final.success) return { kind: "final", hash: final.data.finalized };
  const included = includedSchema.safeParse(status);
  if (included.success) return { kind: "included", hash: included.data.inBlock };
  if (status === "dropped" || status === "invalid") return { kind: "gone", status };
  if (usurpedSchema.safeParse(status).success) return { kind: "gone", status: "usurped" };
  if (retractedSchema.safeParse(status).success) return { kind: "retracted" };
  return finalityTimeoutSchema.safeParse(status).success ? { kind: "lost" } : null;
}
