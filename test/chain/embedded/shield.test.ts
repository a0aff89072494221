/** @file Encrypted calls on the real runtime: keys that rotate, carriers that are opened in their block, and those that nobody can open. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChainEvent, type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { concat, type Hex, toHex } from "../../../chain/embedded/codec/bytes.ts";
import { blake2b256, cryptoReady, twox128 } from "../../../chain/embedded/codec/hashing.ts";
import { byteVector } from "../../../chain/embedded/codec/scale.ts";
import { ShieldKeys } from "../../../chain/embedded/shield-keys.ts";
import { ShieldAuthor } from "../../../chain/embedded/shield.ts";
import { carried, nextKey, shielded } from "./carriers.ts";
import { key, openDevChain, requireCall, signerFor, transfer } from "./dev-chain.ts";

const KEY_BYTES = 1184;
const ROTATION_BLOCKS = 16;
const ALICE = "//Alice";

const openShielded = async (): Promise<EmbeddedChain> =>
  openDevChain({ author: new ShieldAuthor() });

function hashesOf(chain: EmbeddedChain): readonly Hex[] {
  return (chain.block()?.extrinsics ?? []).map((bytes) => toHex(blake2b256(bytes)));
}

test("an author without keys announces none", async (t) => {
  const chain = await openDevChain();
  t.after(async () => chain.close());
  await chain.seal();
  assert.equal(nextKey(chain), null);
});

test("keys rotate, and each may be encrypted to", async (t) => {
  const chain = await openShielded();
  t.after(async () => chain.close());
  await chain.seal();
  const first = nextKey(chain);
  assert.equal(first?.length, KEY_BYTES);
  for (let block = 1; block < ROTATION_BLOCKS; block++) await chain.seal();
  assert.deepEqual(nextKey(chain), first);
  await chain.seal();
  assert.notDeepEqual(nextKey(chain), first);
});

test("what a carrier holds follows it in its block", async (t) => {
  const chain = await openShielded();
  t.after(async () => chain.close());
  await chain.seal();
  const { carrier, inner } = carried(chain, nextKey(chain) ?? new Uint8Array());
  const hash = await chain.submit(carrier);
  await chain.seal();
  assert.deepEqual(hashesOf(chain).slice(-2), [hash, inner]);
  // Nonces go on after both.
  assert.equal(chain.nextNonce(key(ALICE).publicKey), 2);
  await chain.submit(transfer(signerFor(chain), key(ALICE), 2));
  await chain.seal();
  assert.equal(chain.nextNonce(key(ALICE).publicKey), 3);
});

test("a key of before the rotation is still opened", async (t) => {
  const chain = await openShielded();
  t.after(async () => chain.close());
  await chain.seal();
  const old = nextKey(chain) ?? new Uint8Array();
  for (let block = 0; block < ROTATION_BLOCKS + 8; block++) await chain.seal();
  assert.notDeepEqual(nextKey(chain), old);
  const { carrier, inner } = carried(chain, old);
  await chain.submit(carrier);
  await chain.seal();
  assert.equal(hashesOf(chain).at(-1), inner);
});

test("a carrier that nobody can open is refused before the pool and costs nothing", async (t) => {
  const [chain, other] = [await openShielded(), await openShielded()];
  t.after(async () => Promise.all([chain.close(), other.close()]));
  await Promise.all([chain.seal(), other.seal()]);
  const { carrier } = carried(chain, nextKey(other) ?? new Uint8Array());
  await assert.rejects(chain.submit(carrier), /Custom error: 23/);
  await chain.seal();
  assert.equal(chain.nextNonce(key(ALICE).publicKey), 0);
});

test("one that could be opened when it came, and cannot be any more, is left out of its block", async (t) => {
  const chain = await openShielded();
  t.after(async () => chain.close());
  await chain.seal();
  const signer = signerFor(chain);
  const { carrier } = carried(chain, nextKey(chain) ?? new Uint8Array());
  const statuses: unknown[] = [];
  chain.subscribe((event: ChainEvent) => {
    if (event.type === "transaction") statuses.push(event.status);
  });
  const hash = await chain.submit(carrier);
  // Blocks of other extrinsics, until its key is no longer kept.
  for (let block = 0; block < 4 * ROTATION_BLOCKS; block++) await chain.seal([]);
  await chain.seal();
  assert.ok(!hashesOf(chain).includes(hash));
  assert.equal(statuses.at(-1), "invalid");
  await chain.submit(transfer(signer, key(ALICE), 0));
});

test("a carrier that cannot be one does not enter the pool", async (t) => {
  const chain = await openShielded();
  t.after(async () => chain.close());
  await chain.seal();
  const signer = signerFor(chain);
  const call = requireCall(signer, "mevShield", "submitEncrypted");
  const bytes = shielded(new Uint8Array(100), nextKey(chain) ?? new Uint8Array());
  const refused = /Custom error: 23/;
  for (const ciphertext of [new Uint8Array(), bytes.subarray(0, 1129), bytes.subarray(1)]) {
    const extrinsic = signer.sign(key(ALICE), call(toHex(ciphertext)), 0);
    await assert.rejects(chain.submit(extrinsic), refused);
  }
});

test("the runtime opens a carrier for whoever has the key, and nobody else", async (t) => {
  await cryptoReady();
  const keys = new ShieldKeys();
  const encKey = keys.make(1) ?? assert.fail("the disk is full");
  const privateKey = keys.of(twox128(encKey));
  assert.ok(privateKey !== null);
  const chain = await openShielded();
  t.after(async () => chain.close());
  const inner = transfer(signerFor(chain), key(ALICE), 1);
  const sealed = shielded(inner, encKey);
  const [encapsulated, nonce, ciphertext] = [
    sealed.subarray(18, 18 + 1088),
    sealed.subarray(18 + 1088, 18 + 1088 + 24),
    sealed.subarray(18 + 1088 + 24),
  ];
  const parts = concat(
    sealed.subarray(0, 16),
    byteVector(encapsulated),
    byteVector(ciphertext),
    nonce,
  );
  const opened = (secret: Uint8Array): Uint8Array =>
    chain.call("ShieldApi_try_unshield_tx", concat(byteVector(secret), parts));
  const seed = privateKey.export({ format: "raw-seed" });
  assert.deepEqual(opened(seed), concat(Uint8Array.of(1), inner));
  // Of the 2,498 bytes of PKCS #8 the last 2,400 are the expanded key.
  const expanded = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-2400);
  assert.deepEqual(opened(expanded), concat(Uint8Array.of(1), inner));
  for (const other of [new Uint8Array(64), new Uint8Array(2400), new Uint8Array()])
    assert.deepEqual(opened(other), Uint8Array.of(0));
});
