/** @file What a node tells of an extrinsic that it watches. */
import { z } from "zod";
import type { Hex } from "../wallet/hex.ts";
import { hexSchema } from "./answers.ts";

const includedSchema = z.object({ inBlock: hexSchema });
const finalSchema = z.object({ finalized: hexSchema });
const usurpedSchema = z.object({ usurped: z.string() });
const finalityTimeoutSchema = z.object({ finalityTimeout: z.string() });

/** Where the node says the extrinsic is: final in a block, refused later, or out of sight (connection lost). */
export type Fate =
  | { readonly kind: "final"; readonly hash: Hex }
  | { readonly kind: "refused"; readonly status: string }
  | { readonly kind: "lost" };

/** The block that has it, final or not; null where the status says something else. */
export function blockOf(status: unknown): Hex | null {
  const included = includedSchema.safeParse(status);
  return included.success ? included.data.inBlock : null;
}

/** What a status of the watched extrinsic decides; null while it is still under way. */
export function fateOf(status: unknown): Fate | null {
  const final = finalSchema.safeParse(status);
  if (final.success) return { kind: "final", hash: final.data.finalized };
  if (status === "dropped" || status === "invalid") return { kind: "refused", status };
  if (usurpedSchema.safeParse(status).success) return { kind: "refused", status: "usurped" };
  return finalityTimeoutSchema.safeParse(status).success ? { kind: "lost" } : null;
}
