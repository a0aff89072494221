/** @file JSON-RPC: system_* and account nonces. */
import { leanCrypto } from "../../lean-crypto.ts";
import { toHex } from "../codec/bytes.ts";
import { type JsonValue } from "../codec/exact-json.ts";
import { type RpcMethods } from "./methods.ts";
import { type RpcParams } from "./params.ts";
import { type ServedChain } from "./served-chain.ts";

const { decodeAddress } = leanCrypto;
const CHAIN_NAME = "Assay Localnet";
const NODE_NAME = "Assay embedded chain";
const NODE_VERSION = "0.1.0";
/** As Bittensor's: TAO in rao, generic Substrate addresses. */
const PROPERTIES = { ss58Format: 42, tokenDecimals: 9, tokenSymbol: "TAO" };

/** The node, and account nonces. */
export function systemMethods(chain: ServedChain): RpcMethods {
  const nextIndex = (params: RpcParams): JsonValue => {
    let account: Uint8Array;
    try {
      account = decodeAddress(params.text(0));
    } catch (error) {
      throw new TypeError("parameter 0 is not an SS58 address", { cause: error });
    }
    return chain.nextNonce(account);
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
      const { number } = chain.head();
      return { startingBlock: 0, currentBlock: number, highestBlock: number };
    },
    system_accountNextIndex: nextIndex,
    account_nextIndex: nextIndex,
    system_dryRun: (params) => toHex(chain.dryRun(params.bytes(0), params.optionalHash(1))),
  };
}
