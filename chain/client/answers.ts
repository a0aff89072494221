/** @file Shapes of the JSON-RPC answers that the client reads: checked, because a node is outside input. */
import { z } from "zod";
import { type Hex } from "../wallet/hex.ts";

/** `0x` text, made lowercase. */
export const hexSchema = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})*$/)
  .transform((text): Hex => `0x${text.slice(2).toLowerCase()}`);

/** Answer of chain_getBlock; null for a hash that the node does not know. */
export const blockSchema = z
  .object({
    block: z.object({
      header: z.object({ number: z.string().regex(/^0x[0-9a-fA-F]{1,8}$/) }),
      extrinsics: z.array(hexSchema),
    }),
  })
  .nullable();

/** Answer of state_queryStorageAt: key and value, null where absent. */
export const changesSchema = z.array(
  z.object({ changes: z.array(z.tuple([hexSchema, hexSchema.nullable()])) }),
);

/** The part of state_getRuntimeVersion that signing needs. */
export const runtimeVersionSchema = z.object({
  specVersion: z.number(),
  transactionVersion: z.number(),
});
