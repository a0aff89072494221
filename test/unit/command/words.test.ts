/** @file Spellings of a key, and the nearest valid word. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { flagOf, nearest, nearestHint, variableOf } from "../../../src/command/words.ts";

test("names of flags and variables come from the key", () => {
  assert.equal(flagOf("axonHost"), "axon-host");
  assert.equal(variableOf("axonHost"), "ASSAY_AXON_HOST");
  const key = fc.stringMatching(/^[a-z]+([A-Z][a-z]+){0,3}$/);
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 8 }), (keys) => {
      assert.equal(new Set(keys.map(flagOf)).size, keys.length);
      assert.equal(new Set(keys.map(variableOf)).size, keys.length);
    }),
  );
});

test("the nearest word is the word itself, or the one with a single letter changed", () => {
  const words = ["endpoint", "netuid", "wallet", "hotkey"];
  fc.assert(
    fc.property(fc.constantFrom(...words), fc.nat(8), (word, at) => {
      assert.equal(nearest(word, words), word);
      assert.equal(nearest(word.slice(0, at) + word.slice(at + 1), words), word);
    }),
  );
  assert.equal(nearest("x", []), undefined);
});

test("a word that has nothing in common with any is near to none", () => {
  assert.equal(nearest("localnet", ["preset", "json"]), undefined);
  assert.equal(nearestHint("zzz", ["wallet"], "command"), "");
  assert.equal(nearestHint("walet", ["wallet"], "command"), "; nearest command: wallet");
});
