/**
 * @file The one place that loads the @polkadot packages, and it loads their CommonJS build on purpose.
 *
 * They are 700 small modules. Through Node's ES module loader they cost 0.9 s and 390 MB in every process, through
 * `require` 0.3 s and 130 MB (0.23 s with a compile cache; Node 24.21 on two cores). A localnet has ten processes.
 *
 * Elsewhere import only types of these packages, and write `import type { X }`: `import { type X }` would be kept as
 * an import for its side effects and load the ES build after all.
 */
import { createRequire } from "node:module";
import { env } from "node:process";
import type * as ApiPackage from "@polkadot/api";
import type * as KeyringPackage from "@polkadot/keyring";
import type * as UtilCryptoPackage from "@polkadot/util-crypto";

export { typesPackage } from "./lean-crypto.ts";

const require = createRequire(import.meta.url);
// Other code of the process may load the ES build as well; both work side by side, and the warning only alarms.
env["POLKADOTJS_DISABLE_ESM_CJS_WARNING"] ??= "1";

/** sr25519, addresses, hashes. Call `cryptoWaitReady` before the first signature. */
export const utilCrypto: typeof UtilCryptoPackage = require("@polkadot/util-crypto");
/** Key pairs from phrases and URIs. */
export const keyringPackage: typeof KeyringPackage = require("@polkadot/keyring");

/** The decorated client; loaded on demand, because nothing of ours uses it. */
export function apiPackage(): typeof ApiPackage {
  const loaded: typeof ApiPackage = require("@polkadot/api");
  return loaded;
}
