/** @file What only a development chain allows: making its blocks by hand, and looking into its pool. */
import { z } from "zod";
import { type Hex } from "../wallet/hex.ts";
import { hexSchema } from "./answers.ts";
import { type ClientParts } from "./parts.ts";

/** Control over a development chain's blocks. */
export type Development = {
  /**
   * Makes blocks of what is ready up to block `to`, none on a chain that is there already, so that asking again after a
   * lost answer is safe; resolves with the head's hash. @throws ChainError rpc-failed elsewhere
   */
  newBlock(to: number): Promise<Hex>;
  /** The extrinsics that wait in the node's pool. */
  pendingExtrinsics(): Promise<readonly Hex[]>;
};

/** The group over a connected chain. */
export function developmentOf({ state }: ClientParts): Development {
  return {
    newBlock: async (to) => state.request(hexSchema, "dev_newBlock", [{ to }]),
    pendingExtrinsics: async () =>
      state.request(z.array(hexSchema), "author_pendingExtrinsics", []),
  };
}
