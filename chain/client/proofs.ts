/** @file Storage that is proven: read from a node of which only the hash of a block is trusted. */
import { z } from "zod";
import { ChainError } from "../errors.ts";
import { utilCrypto } from "../polkadot.ts";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { hexSchema } from "./answers.ts";
import { type ClientParts } from "./parts.ts";
import { compactBytes } from "./scale.ts";
import { type ChainState } from "./state.ts";
import { provenValues } from "./storage-proof.ts";

const { blake2AsU8a } = utilCrypto;

/** Reads that need no trust in the node. */
export type Proofs = {
  /**
   * Values under raw storage keys after the block with hash `at`, null for nothing: the header hashes to `at`, the values
   * to the header's state root, so that a node cannot lie about them.
   * @throws ChainError proof-invalid, rpc-failed, chain-unreachable
   */
  provenStorage(keys: readonly Hex[], at: Hex): Promise<ReadonlyMap<Hex, Hex | null>>;
};

const headerSchema = z.object({
  parentHash: hexSchema,
  number: z.string().regex(/^0x[0-9a-fA-F]{1,8}$/),
  stateRoot: hexSchema,
  extrinsicsRoot: hexSchema,
  digest: z.object({ logs: z.array(hexSchema) }),
});
const proofSchema = z.object({ proof: z.array(hexSchema) });

/** SCALE of a header; its BLAKE2b-256 is the block's hash. */
function encoded(header: z.output<typeof headerSchema>): Uint8Array {
  const { parentHash, number, stateRoot, extrinsicsRoot, digest } = header;
  return Buffer.concat([
    bytesOf(parentHash),
    compactBytes(Number(number)),
    bytesOf(stateRoot),
    bytesOf(extrinsicsRoot),
    compactBytes(digest.logs.length),
    ...digest.logs.map(bytesOf),
  ]);
}

async function stateRootOf(state: ChainState, at: Hex): Promise<Hex> {
  const header = await state.request(headerSchema, "chain_getHeader", [at]);
  const hash = hexOf(blake2AsU8a(encoded(header), 256));
  if (hash === at) return header.stateRoot;
  const reason = `the header that was sent is of ${hash}`;
  throw new ChainError({ code: "proof-invalid", key: at, reason });
}

/** The group over a connected chain. */
export function proofsOf({ state }: ClientParts): Proofs {
  return {
    provenStorage: async (keys, at) => {
      const [stateRoot, { proof }] = await Promise.all([
        stateRootOf(state, at),
        state.request(proofSchema, "state_getReadProof", [keys, at]),
      ]);
      return provenValues(stateRoot, proof, keys);
    },
  };
}
