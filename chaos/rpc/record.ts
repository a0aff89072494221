/** @file What accounts have signed, as a chain's blocks have it. */
import { z } from "zod";
import type { RpcConnection } from "../../chain/client/rpc.ts";
import { Runtime } from "../../chain/client/runtime.ts";
import { isHex } from "../../src/protocol/digest.ts";

/** One signed extrinsic. */
export type SignedCall = {
  readonly block: number;
  /** Who signed, as SS58. */
  readonly account: string;
  /** What is called, by its names, and with its arguments in hex. */
  readonly name: string;
  readonly method: string;
};

const TIMEOUT_MS = 30_000;
/** Nothing is signed with it. */
const NO_VERSION = { specVersion: 0, transactionVersion: 0 };
const blockSchema = z.object({ block: z.object({ extrinsics: z.array(z.string()) }) });

/** Signed extrinsics of blocks `first` .. `last` of the chain behind a connection, in order. */
export async function signedCalls(
  connection: RpcConnection,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<readonly SignedCall[]> {
  const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> =>
    connection.request(method, params, TIMEOUT_MS);
  const metadata = await ask("state_getMetadata");
  if (typeof metadata !== "string" || !isHex(metadata)) throw new Error("no metadata");
  const { registry } = new Runtime(metadata, NO_VERSION);
  const found: SignedCall[] = [];
  for (let block = first; block <= last; block++) {
    const hash = await ask("chain_getBlockHash", block);
    const { extrinsics } = blockSchema.parse(await ask("chain_getBlock", hash)).block;
    for (const hex of extrinsics) {
      const { isSigned, method, signer } = registry.createType("Extrinsic", hex);
      if (!isSigned) continue;
      const name = `${method.section}.${method.method}`;
      found.push({ block, account: signer.toString(), name, method: method.toHex() });
    }
  }
  return found;
}
