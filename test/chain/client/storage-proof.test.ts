/** @file Proofs of storage: ours against our check and against smoldot's reading of them; whoever changes a bit is found out. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { decode_proof } from "@acala-network/chopsticks-executor";
import * as fc from "fast-check";
import { z } from "zod";
import { provenValues } from "../../../chain/client/storage-proof.ts";
import { type Hex, fromHex, hexOfKey, toHex } from "../../../chain/embedded/codec/bytes.ts";
import { blake2b256, cryptoReady } from "../../../chain/embedded/codec/hashing.ts";
import { readProof } from "../../../chain/embedded/state/read-proof.ts";
import { type StateVersion, trieRootHash } from "../../../chain/embedded/state/trie-root.ts";
import { trieApply } from "../../../chain/embedded/state/trie.ts";
import { failsAs } from "./fixture.ts";

before(cryptoReady);

/** Keys that share prefixes of any length, and some that are prefixes of others. */
const keys = fc
  .tuple(
    fc.constantFrom("", "\x00", "\xab", "\xab\xcd", "a prefix of more than sixty-three nibbles"),
    fc.array(fc.constantFrom("\x00", "\x01", "\x10", "\xff", "a"), { maxLength: 4 }),
  )
  .map(([head, tail]) => head + tail.join(""));
/** Lengths around 32, where layout V1 begins to hash values, and around 28, where nodes stop being inlined. */
const values = fc
  .tuple(fc.constantFrom(0, 1, 2, 20, 27, 28, 31, 32, 33, 63, 64, 300), fc.nat(3))
  .map(([length, byte]) => new Uint8Array(length).fill(byte));
const versions = fc.constantFrom<StateVersion>(0, 1);
const trees = fc.array(fc.tuple(keys, values), { maxLength: 30 });

type Proven = {
  readonly root: Hex;
  readonly proof: readonly Hex[];
  readonly truth: ReadonlyMap<Hex, Hex | null>;
};

function proven(
  entries: readonly (readonly [string, Uint8Array])[],
  asked: readonly string[],
  version: StateVersion,
): Proven {
  const model = new Map(entries);
  const tree = trieApply(null, model);
  const root = toHex(trieRootHash(tree, version));
  const truth = new Map(
    asked.map((key): [Hex, Hex | null] => {
      const value = model.get(key);
      return [hexOfKey(key), value === undefined ? null : toHex(value)];
    }),
  );
  return { root, proof: readProof(tree, asked, version).map(toHex), truth };
}

const asking = fc.array(keys, { minLength: 1, maxLength: 6 });

test("what is proven is what is there, or that nothing is", () => {
  fc.assert(
    fc.property(trees, asking, versions, (entries, asked, version) => {
      const { root, proof, truth } = proven(entries, asked, version);
      assert.deepEqual(provenValues(root, proof, [...truth.keys()]), truth);
    }),
    { numRuns: 500 },
  );
});

function flipped(proof: readonly Hex[], part: number, bit: number): Hex[] {
  return proof.map((hex, index) => {
    if (index !== part) return hex;
    const bytes = Buffer.from(hex.slice(2), "hex");
    const at = (bit >> 3) % bytes.length;
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit & 7)), at);
    return toHex(bytes);
  });
}

test("a proof with any bit flipped, a part left out, or another root proves nothing", () => {
  const tree = fc.array(fc.tuple(keys, values), { minLength: 1, maxLength: 30 });
  const places = fc.tuple(fc.nat(), fc.nat());
  fc.assert(
    fc.property(tree, asking, versions, places, (entries, asked, version, [a, bit]) => {
      const { root, proof, truth } = proven(entries, asked, version);
      const part = a % proof.length;
      const wanted = [...truth.keys()];
      const others = [
        [root, flipped(proof, part, bit)],
        [root, proof.filter((_, index) => index !== part)],
        [flipped([root], 0, bit)[0] ?? root, proof],
      ] as const;
      for (const [claimed, parts] of others)
        assert.throws(
          () => provenValues(claimed, parts, wanted),
          failsAs({ code: "proof-invalid" }),
        );
    }),
    { numRuns: 500 },
  );
});

test("any bytes at all are refused as a proof, not believed and no crash", () => {
  const parts = fc.array(
    fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => toHex(bytes)),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(parts, keys, (proof, key) => {
      // The root of the first part, so that it is read.
      const root = toHex(blake2b256(fromHex(proof[0] ?? "0x")));
      try {
        provenValues(root, proof, [hexOfKey(key)]);
      } catch (error) {
        failsAs({ code: "proof-invalid" })(error);
      }
    }),
    { numRuns: 2000 },
  );
});

test("smoldot reads the same values out of our proofs", async () => {
  const decoded = z.array(z.tuple([z.string(), z.string()]));
  await fc.assert(
    fc.asyncProperty(trees, asking, versions, async (entries, asked, version) => {
      const { root, proof, truth } = proven(entries, asked, version);
      const read = new Map(decoded.parse(await decode_proof(root, proof)));
      for (const [key, value] of truth) assert.equal(read.get(key) ?? null, value, key);
    }),
    { numRuns: 100 },
  );
});
