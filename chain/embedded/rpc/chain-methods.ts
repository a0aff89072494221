/** @file JSON-RPC: chain_* and system_*. */
import { utilCrypto } from "../../polkadot.ts";
import { type Hex, toHex } from "../codec/bytes.ts";
import { type Engine } from "../chain.ts";
import { type JsonValue } from "../codec/exact-json.ts";
import { headerJson } from "../blocks/header.ts";
import { type RpcMethods } from "./method.ts";
import { type RpcParams, countOf } from "./params.ts";

const { decodeAddress } = utilCrypto;
const CHAIN_NAME = "Assay Localnet";
const NODE_NAME = "Assay embedded engine";
const NODE_VERSION = "0.1.0";
/** As Bittensor's: TAO in rao, generic Substrate addresses. */
const PROPERTIES = { ss58Format: 42, tokenDecimals: 9, tokenSymbol: "TAO" };

function blockHashOf(engine: Engine, params: RpcParams): JsonValue {
  const wanted = params.value(0);
  if (wanted === null) return engine.head().hash;
  if (Array.isArray(wanted)) {
    return wanted.map((item: JsonValue) => engine.blockHash(countOf(item, "a block number")));
  }
  return engine.blockHash(countOf(wanted, "the block number"));
}

function blockJson(engine: Engine, hash: Hex | undefined): JsonValue {
  const block = engine.block(hash);
  if (block === null) return null;
  const extrinsics = block.extrinsics.map(toHex);
  return { block: { header: headerJson(block.header), extrinsics }, justifications: null };
}

/** Blocks and hashes. */
export function chainMethods(engine: Engine): RpcMethods {
  const hashOf = (params: RpcParams): JsonValue => blockHashOf(engine, params);
  const finalized = (): JsonValue => engine.head().hash;
  return {
    chain_getBlockHash: hashOf,
    chain_getHead: hashOf,
    chain_getFinalizedHead: finalized,
    chain_getFinalisedHead: finalized,
    chain_getHeader: (params) => {
      const header = engine.header(params.optionalHash(0));
      return header === null ? null : headerJson(header);
    },
    chain_getBlock: (params) => blockJson(engine, params.optionalHash(0)),
  };
}

/** The node, and account nonces. */
export function systemMethods(engine: Engine): RpcMethods {
  const nextIndex = (params: RpcParams): JsonValue => {
    let account: Uint8Array;
    try {
      account = decodeAddress(params.text(0));
    } catch (error) {
      throw new TypeError("parameter 0 is not an SS58 address", { cause: error });
    }
    return engine.nextNonce(account);
  };
  return {
    system_name: () => NODE_NAME,
    system_version: () => NODE_VERSION,
    system_chain: () => CHAIN_NAME,
    system_chainType: () => "Local",
    system_properties: () => PROPERTIES,
    system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
    system_peers: () => [],
    system_nodeRoles: () => ["Authority"],
    system_syncState: () => {
      const { number } = engine.head();
      return { startingBlock: 0, currentBlock: number, highestBlock: number };
    },
    system_accountNextIndex: nextIndex,
    account_nextIndex: nextIndex,
    system_dryRun: (params) => toHex(engine.dryRun(params.bytes(0), params.optionalHash(1))),
  };
}
