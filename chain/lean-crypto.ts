/**
 * @file What a chain itself needs of @polkadot/util-crypto, module by module: the whole package, with its word lists and networks,
 * takes 18 MB more in every thread. Everything else: polkadot.ts.
 */
import { createRequire } from "node:module";
import { env } from "node:process";
import type * as TypesPackage from "@polkadot/types";
import type * as UtilCryptoPackage from "@polkadot/util-crypto";
import type * as WasmCryptoPackage from "@polkadot/wasm-crypto";

const require = createRequire(import.meta.url);
// Other code of the process may load the ES build as well; both work side by side, and the warning only alarms.
env["POLKADOTJS_DISABLE_ESM_CJS_WARNING"] ??= "1";

/** The functions a chain uses. */
type LeanCrypto = Pick<
  typeof UtilCryptoPackage,
  | "blake2AsU8a"
  | "cryptoWaitReady"
  | "decodeAddress"
  | "ed25519Verify"
  | "keccakAsU8a"
  | "secp256k1Expand"
  | "secp256k1Recover"
  | "sha256AsU8a"
  | "xxhashAsU8a"
> &
  Pick<typeof WasmCryptoPackage, "sr25519Verify">;

const MODULES = [
  "address/decode",
  "blake2",
  "crypto",
  "ed25519/verify",
  "keccak",
  "secp256k1",
  "sha",
  "xxhash",
];

function loaded(): LeanCrypto {
  const parts = MODULES.map((name): object => require(`@polkadot/util-crypto/${name}`));
  const wasm: typeof WasmCryptoPackage = require("@polkadot/wasm-crypto");
  const { sr25519Verify } = wasm;
  const all: LeanCrypto = Object.assign({ sr25519Verify }, ...parts);
  return all;
}

/**
 * Hashes, signatures, addresses. `sr25519Verify(signature, message, publicKey)` is schnorrkel itself, which nodes use, in WASM: it throws
 * before `cryptoWaitReady` is over. The one of util-crypto is in JavaScript, takes five times as long, and refuses a key that nodes take.
 */
export const leanCrypto: LeanCrypto = loaded();

/** SCALE types and metadata; loaded on demand, because a wallet and a chain need none of it. */
export function typesPackage(): typeof TypesPackage {
  const types: typeof TypesPackage = require("@polkadot/types");
  return types;
}
