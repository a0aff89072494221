/**
 * @file The two written forms of an sr25519 secret. sp-core (and so btwallet) stores the scalar itself;
 * @polkadot stores it the ed25519 way, multiplied by the cofactor 8. The nonce half is the same in both.
 */

const SCALAR_BYTES = 32;
const SECRET_BYTES = 64;
const COFACTOR_BITS = 3;

/** Shifts a little-endian integer right by 3 bits (divides by 8). */
function dividedByCofactor(scalar: Uint8Array): Uint8Array {
  const out = new Uint8Array(SCALAR_BYTES);
  for (let i = 0; i < SCALAR_BYTES; i++) {
    const upper = scalar[i + 1] ?? 0;
    out[i] = ((scalar[i] ?? 0) >> COFACTOR_BITS) | (upper << (8 - COFACTOR_BITS));
  }
  return out;
}

/** Shifts a little-endian integer left by 3 bits (multiplies by 8). */
function timesCofactor(scalar: Uint8Array): Uint8Array {
  const out = new Uint8Array(SCALAR_BYTES);
  for (let i = 0; i < SCALAR_BYTES; i++) {
    const lower = i === 0 ? 0 : (scalar[i - 1] ?? 0);
    out[i] = ((scalar[i] ?? 0) << COFACTOR_BITS) | (lower >> (8 - COFACTOR_BITS));
  }
  return out;
}

/** The `privateKey` bytes of a wallet file (64) from the secret key of @polkadot (64). */
export function privateKeyOf(expandedSecret: Uint8Array): Uint8Array {
  const out = expandedSecret.slice(0, SECRET_BYTES);
  out.set(dividedByCofactor(expandedSecret.subarray(0, SCALAR_BYTES)));
  return out;
}

/** The secret key of @polkadot (64 bytes) from the `privateKey` bytes of a wallet file (64). */
export function expandedSecretOf(privateKey: Uint8Array): Uint8Array {
  const out = privateKey.slice(0, SECRET_BYTES);
  out.set(timesCofactor(privateKey.subarray(0, SCALAR_BYTES)));
  return out;
}
