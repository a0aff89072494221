/** @file Signature checks: good ones pass, anything else is false, nothing throws. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as fc from "fast-check";
import { blake2b256, cryptoReady } from "../../../../chain/embedded/codec/hashing.ts";
import {
  checkEcdsa,
  checkEd25519,
  checkSr25519,
  recoverEcdsa,
  recoverEcdsaExpanded,
} from "../../../../chain/embedded/wasm/signatures.ts";
import { utilCrypto } from "../../../../chain/polkadot.ts";
import { key } from "../dev-chain.ts";

before(cryptoReady);

const MESSAGE = new TextEncoder().encode("a message");
const CHECKS = { sr25519: checkSr25519, ed25519: checkEd25519, ecdsa: checkEcdsa } as const;

for (const scheme of ["sr25519", "ed25519", "ecdsa"] as const) {
  test(`${scheme}: good, one bit off, another key, garbage`, () => {
    const pair = key("//Alice", scheme);
    const check = CHECKS[scheme];
    const signature = pair.sign(MESSAGE);
    const { publicKey } = pair;
    assert.equal(check({ signature, message: MESSAGE, publicKey }), true);
    const other = key("//Bob", scheme).publicKey;
    assert.equal(check({ signature, message: MESSAGE, publicKey: other }), false);
    fc.assert(
      fc.property(fc.nat(signature.length * 8 - 1), (bit) => {
        const forged = signature.slice();
        forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return !check({ signature: forged, message: MESSAGE, publicKey });
      }),
      { numRuns: 20 },
    );
    const length = signature.length;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: length, maxLength: length }),
        fc.uint8Array({ minLength: publicKey.length, maxLength: publicKey.length }),
        (garbage, someKey) => !check({ signature: garbage, message: MESSAGE, publicKey: someKey }),
      ),
      { numRuns: 20 },
    );
  });
}

test("sr25519: the key of zeros is the neutral element, for which everybody can sign, as on a node", () => {
  // R = s * B for a random s, by libsodium's ristretto255: what schnorrkel 0.11 takes.
  const signature = Buffer.from(
    "82e4ff5def46df85d3afd3d649a3b478d3b317c2f3d6a03998f0863e9f93cf30" +
      "7383010789602e403664b31cb0e3415f1669d1ba322eabfd013858bf6c361780",
    "hex",
  );
  const publicKey = new Uint8Array(32);
  assert.equal(checkSr25519({ signature, message: Uint8Array.of(1, 2, 3), publicKey }), true);
  assert.equal(checkSr25519({ signature, message: MESSAGE, publicKey }), true);
  const unmarked = Uint8Array.from(signature);
  unmarked[63] = (unmarked[63] ?? 0) & 127;
  assert.equal(checkSr25519({ signature: unmarked, message: MESSAGE, publicKey }), false);
});

test("sr25519: says the same as the implementation in JavaScript of every signature that is bent anywhere", () => {
  const pair = key("//Alice", "sr25519");
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, fc.nat(127), fc.nat(255), (message, at, flip) => {
      const signature = pair.sign(message);
      const other = Uint8Array.from(pair.publicKey);
      const bent = at < 64 ? signature : other;
      bent[at % bent.length] = (bent[at % bent.length] ?? 0) ^ flip;
      let expected = false;
      try {
        expected = utilCrypto.sr25519Verify(message, signature, other);
      } catch {
        // It throws where it cannot read.
      }
      return checkSr25519({ signature, message, publicKey: other }) === expected;
    }),
    { numRuns: 40 },
  );
});

test("ed25519 follows ZIP-215: a small-order key with a zero scalar counts as valid, as on a node", () => {
  const identity = Uint8Array.of(1, ...new Uint8Array(31));
  const signature = Uint8Array.of(...identity, ...new Uint8Array(32));
  assert.equal(checkEd25519({ signature, message: MESSAGE, publicKey: identity }), true);
});

/** 64 equal bytes, then v. */
function with65(rs: number, v: number): Uint8Array {
  return Uint8Array.of(...new Uint8Array(64).fill(rs), v);
}

test("secp256k1 recovery: key, and the error codes of sp-io", () => {
  const pair = key("//Alice", "ecdsa");
  const hash = blake2b256(MESSAGE);
  const signature = pair.sign(MESSAGE);
  assert.deepEqual(recoverEcdsa(signature, hash), pair.publicKey);
  const expanded = recoverEcdsaExpanded(signature, hash);
  assert.ok(typeof expanded !== "number");
  assert.deepEqual(expanded.subarray(0, 32), pair.publicKey.subarray(1));
  const shifted = signature.slice();
  shifted[64] = (shifted[64] ?? 0) + 27;
  assert.deepEqual(recoverEcdsa(shifted, hash), pair.publicKey);
  assert.equal(recoverEcdsa(with65(0xff, 0), hash), 0);
  assert.equal(recoverEcdsa(with65(1, 4), hash), 1);
  assert.equal(recoverEcdsa(with65(0, 0), hash), 2);
});
