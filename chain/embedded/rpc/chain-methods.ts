/** @file JSON-RPC: chain_*. */
import { type Hex, toHex } from "../codec/bytes.ts";
import { type JsonValue } from "../codec/exact-json.ts";
import { headerJson } from "./header-json.ts";
import { type RpcMethods } from "./methods.ts";
import { type RpcParams, countOf } from "./params.ts";
import { type ServedChain } from "./served-chain.ts";

function blockHashOf(chain: ServedChain, params: RpcParams): JsonValue {
  const wanted = params.value(0);
  if (wanted === null) return chain.head().hash;
  if (Array.isArray(wanted)) {
    return wanted.map((item: JsonValue) => chain.blockHash(countOf(item, "a block number")));
  }
  return chain.blockHash(countOf(wanted, "the block number"));
}

function blockJson(chain: ServedChain, hash: Hex | undefined): JsonValue {
  const block = chain.block(hash);
  if (block === null) return null;
  const extrinsics = block.extrinsics.map(toHex);
  return { block: { header: headerJson(block.header), extrinsics }, justifications: null };
}

/** Blocks and hashes. */
export function chainMethods(chain: ServedChain): RpcMethods {
  const hashOf = (params: RpcParams): JsonValue => blockHashOf(chain, params);
  const finalized = (): JsonValue => chain.head().hash;
  return {
    chain_getBlockHash: hashOf,
    chain_getHead: hashOf,
    chain_getFinalizedHead: finalized,
    chain_getFinalisedHead: finalized,
    chain_getHeader: (params) => {
      const header = chain.header(params.optionalHash(0));
      return header === null ? null : headerJson(header);
    },
    chain_getBlock: (params) => blockJson(chain, params.optionalHash(0)),
  };
}
