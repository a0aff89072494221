/** @file Addresses, signatures, and the two written forms of an sr25519 secret. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { ChainError } from "../../../chain/errors.ts";
import { publicKeyOf, ss58Of, verifySignature } from "../../../chain/wallet/account.ts";
import { bytesOf, hexOf } from "../../../chain/wallet/hex.ts";
import { expandedSecretOf, privateKeyOf } from "../../../chain/wallet/private-key.ts";
import { secretOfSeed, secretOfText } from "../../../chain/wallet/secret.ts";
import {
  signerFromPrivateKey,
  signerFromSeed,
  signerFromUri,
} from "../../../chain/wallet/signer.ts";

const ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const ALICE_HEX = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
const ALICE_SEED = "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

function invalid(text: string): void {
  assert.throws(
    () => publicKeyOf(text),
    (error) => error instanceof ChainError && error.fault.code === "invalid-address",
    JSON.stringify(text),
  );
}

describe("addresses", () => {
  it("of the development accounts are the well-known ones", () => {
    assert.equal(signerFromUri("//Alice").ss58, ALICE);
    assert.equal(signerFromUri("//Bob").ss58, "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty");
    assert.equal(publicKeyOf(ALICE), ALICE_HEX);
    assert.equal(publicKeyOf(` ${ALICE_HEX.toUpperCase().replace("0X", "0x")}\n`), ALICE_HEX);
  });

  it("survive the way to text and back", () => {
    fc.assert(
      fc.property(bytes32, (key) => assert.equal(publicKeyOf(ss58Of(hexOf(key))), hexOf(key))),
    );
  });

  it("that are wrong by one character, or no address at all, are invalid-address", () => {
    for (let i = 0; i < ALICE.length; i++)
      invalid(`${ALICE.slice(0, i)}${ALICE[i] === "x" ? "y" : "x"}${ALICE.slice(i + 1)}`);
    fc.assert(fc.property(fc.string({ maxLength: 100 }), (text) => invalid(text)));
    // A valid SS58 text of 33 bytes (ecdsa keys) is not an account here.
    invalid("KYkNyLhrTHv1AHHzKEgE7mxHjJ5U7TsgNqvTqDoVNbSZQJJ9Q");
  });
});

describe("signatures", () => {
  it("verify over exactly the signed bytes, and survive no change", () => {
    const signer = signerFromUri("//Alice");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(511), (message, bit) => {
        const signature = signer.sign(message);
        assert.ok(verifySignature(message, signature, signer.publicKey));
        const changed = signature.slice();
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(verifySignature(message, changed, signer.publicKey), false);
        const longer = Uint8Array.of(...message, 0);
        assert.equal(verifySignature(longer, signature, signer.publicKey), false);
      }),
      { numRuns: 20 },
    );
  });

  it("of a wrapped message do not count for the message", () => {
    const signer = signerFromUri("//Alice");
    const wrapped = signer.sign(Buffer.from("<Bytes>hello</Bytes>"));
    assert.equal(verifySignature(Buffer.from("hello"), wrapped, signer.publicKey), false);
  });

  it("malformed in any way are false, not an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 70 }), bytes32, (m, s, key) => {
        assert.equal(verifySignature(m, s, hexOf(key)), false);
        assert.equal(verifySignature(m, s, hexOf(s)), false);
      }),
    );
  });
});

describe("secrets", () => {
  it("of //Alice take sp-core's form on disk and @polkadot's form in memory", () => {
    const { privateKey, publicKey } = secretOfSeed(bytesOf(ALICE_SEED));
    assert.equal(hexOf(publicKey), ALICE_HEX);
    assert.equal(hexOf(privateKey).slice(0, 10), "0x33a6f309");
    assert.equal(hexOf(expandedSecretOf(privateKey)).slice(0, 10), "0x98319d4f");
  });

  it("open the same account from seed and from private key", () => {
    fc.assert(
      fc.property(bytes32, (seed) => {
        const secret = secretOfSeed(seed);
        assert.deepEqual(privateKeyOf(expandedSecretOf(secret.privateKey)), secret.privateKey);
        const signer = signerFromPrivateKey(secret.privateKey, secret.publicKey);
        assert.equal(signer?.publicKey, signerFromSeed(seed).publicKey);
      }),
      { numRuns: 20 },
    );
  });

  it("of text: phrase, path and junk", () => {
    const phrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
    assert.equal(secretOfText(`  ${phrase} `)?.phrase, phrase);
    assert.equal(hexOf(secretOfText("//Alice")?.publicKey ?? new Uint8Array()), ALICE_HEX);
    assert.equal(hexOf(secretOfText(`${phrase}//Alice`)?.publicKey ?? new Uint8Array()), ALICE_HEX);
    assert.equal(secretOfText(`${phrase} walk`), null);
    fc.assert(
      fc.property(fc.string(), (text) =>
        assert.ok(text.trim().startsWith("/") || secretOfText(text) === null),
      ),
    );
  });
});
