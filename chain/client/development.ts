/** @file What only a development chain allows: making its blocks by hand, and looking into its pool. */
import { z } from "zod";
import { type Hex } from "../wallet/hex.ts";
import { hexSchema } from "./answers.ts";
import { type ClientParts } from "./parts.ts";

/** Control over a development chain's blocks. */
export type Development = {
  /** Makes one block of what is ready now; resolves with its hash. @throws ChainError rpc-failed elsewhere */
  newBlock(): Promise<Hex>;
  /** The extrinsics that wait in the node's pool. */
  pendingExtrinsics(): Promise<readonly Hex[]>;
};

/** The group over a connected chain. */
export function developmentOf({ state }: ClientParts): Development {
  return {
    newBlock: async () => state.request(hexSchema, "dev_newBlock", [{}]),
    pendingExtrinsics: async () =>
      state.request(z.array(hexSchema), "author_pendingExtrinsics", []),
  };
}
