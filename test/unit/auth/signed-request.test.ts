/** @file The signed bytes of btauth/1 against its vector, and one spelling of every header. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { publicKeyOf, verifySignature } from "../../../chain/wallet/account.ts";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import {
  claimOf,
  freshNonce,
  HEADERS,
  signedBytes,
  signRequest,
} from "../../../src/auth/signed-request.ts";

const text = z.string();
const vector = z
  .object({
    method: text,
    target: text,
    body: text,
    bodySha256: text,
    nonce: text,
    scheme: text,
    sender: text,
    receiver: text,
    signature: text,
  })
  .parse(JSON.parse(readFileSync(new URL("../../fixtures/btauth.json", import.meta.url), "utf8")));
const content = {
  method: vector.method,
  target: vector.target,
  body: new TextEncoder().encode(vector.body),
};

/** An ed25519 public key as Node takes it. */
function ed25519Key(ss58: string): ReturnType<typeof createPublicKey> {
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  const key = Buffer.from(publicKeyOf(ss58).slice(2), "hex");
  return createPublicKey({ key: Buffer.concat([prefix, key]), format: "der", type: "spki" });
}

test("the public vector: eight lines, and its signature is over them", () => {
  const bytes = signedBytes(content, vector, vector.scheme);
  const lines = Buffer.from(bytes).toString("utf8").split("\n");
  assert.deepEqual(lines, [
    "btauth/1",
    "ed25519",
    "POST",
    "/generate?stream=false",
    vector.bodySha256,
    vector.nonce,
    vector.sender,
    vector.receiver,
  ]);
  const signature = Buffer.from(vector.signature.slice(2), "hex");
  assert.ok(verify(null, bytes, ed25519Key(vector.sender), signature));
});

test("any other line makes another text, which the signature does not cover", () => {
  const alice = signerFromUri("//Alice");
  const passage = { sender: alice.ss58, receiver: vector.receiver, nonce: vector.nonce };
  const bytes = signedBytes(content, passage);
  const signature = alice.sign(bytes);
  assert.ok(verifySignature(bytes, signature, alice.publicKey));
  const others = [
    signedBytes({ ...content, method: "GET" }, passage),
    signedBytes({ ...content, target: "/generate?stream=true" }, passage),
    signedBytes({ ...content, body: new Uint8Array() }, passage),
    signedBytes(content, { ...passage, nonce: "1752076800000000001" }),
    signedBytes(content, { ...passage, sender: vector.receiver }),
    signedBytes(content, { ...passage, receiver: "-" }),
    signedBytes(content, passage, "ed25519"),
  ];
  for (const other of others)
    assert.equal(verifySignature(other, signature, alice.publicKey), false);
});

test("what is signed is read back; any header in another spelling is none", () => {
  const alice = signerFromUri("//Alice");
  const headers = signRequest(content, alice, vector.receiver);
  const claim = claimOf(headers);
  assert.equal(claim?.sender, alice.ss58);
  assert.equal(claim.receiver, vector.receiver);
  assert.ok(
    verifySignature(signedBytes(content, claim), claim.signature, publicKeyOf(claim.sender)),
  );
  const bent: readonly (readonly [string, unknown])[] = [
    [HEADERS.version, "01"],
    [HEADERS.version, undefined],
    [HEADERS.nonce, "007"],
    [HEADERS.nonce, "-1"],
    [HEADERS.nonce, "1e9"],
    [HEADERS.nonce, "1".repeat(21)],
    [HEADERS.signature, ""],
    [HEADERS.signature, (headers[HEADERS.signature] ?? "").toUpperCase()],
    [HEADERS.signature, `${headers[HEADERS.signature]}00`],
    [HEADERS.hotkey, `${alice.ss58}, ${alice.ss58}`],
    [HEADERS.hotkey, alice.publicKey],
    [HEADERS.crypto, "ed25519"],
    [HEADERS.crypto, ""],
  ];
  for (const [name, value] of bent)
    assert.equal(claimOf({ ...headers, [name]: value }), null, name);
});

test("any headers at all are read or refused, never an exception", () => {
  const values = fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...Object.values(HEADERS)), values), (headers) => {
      claimOf(headers);
    }),
  );
});

test("processes that share a hotkey and a millisecond have different nonces", () => {
  const script = `import("./src/auth/signed-request.ts").then(({ freshNonce }) => console.log(freshNonce(5_000_000)))`;
  const [one, two] = [1, 2].map(() => execFileSync(process.execPath, ["-e", script]).toString());
  assert.match(one ?? "", /^5000000\d{6}\n$/);
  assert.notEqual(one, two);
});

test("nonces of one process rise, also when its clock goes back", () => {
  const times = [5_000_000_000_000, 5_000_000_000_000, 4_000_000_000_000];
  const [first = 0n, ...later] = times.map((ms) => BigInt(freshNonce(ms)));
  assert.equal(first / 1_000_000n, 5_000_000_000_000n);
  for (const [at, nonce] of later.entries()) assert.ok(nonce > (later[at - 1] ?? first));
});
