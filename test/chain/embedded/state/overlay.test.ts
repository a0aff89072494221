/** @file The overlay against a slow model: a list of plain maps. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as fc from "fast-check";
import { cryptoReady } from "../../../../chain/embedded/codec/hashing.ts";
import { Overlay } from "../../../../chain/embedded/state/overlay.ts";
import { ScaleReader } from "../../../../chain/embedded/codec/scale.ts";
import {
  type TrieRoot,
  trieApply,
  trieFind,
  trieGet,
  trieKeys,
  valueBytes,
} from "../../../../chain/embedded/state/trie.ts";
import { trieRootHash } from "../../../../chain/embedded/state/trie-root.ts";

before(cryptoReady);

const keys = fc
  .array(fc.constantFrom("a", "b", "\xff"), { maxLength: 3 })
  .map((parts) => parts.join(""));
const bytes = fc.uint8Array({ maxLength: 3 });

type Step =
  | { readonly kind: "set"; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: "remove" | "append" | "next"; readonly key: string }
  | { readonly kind: "clear"; readonly key: string; readonly limit: number | null }
  | { readonly kind: "begin" | "commit" | "rollback" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("set" as const), key: keys, value: bytes }),
    fc.record({ kind: fc.constantFrom("remove", "append", "next"), key: keys }),
    fc.record({
      kind: fc.constant("clear" as const),
      key: keys,
      limit: fc.option(fc.nat(4)),
    }),
    fc.record({ kind: fc.constantFrom("begin", "commit", "rollback") }),
  ),
  { maxLength: 40 },
);

/** A layer: key to value, null = deleted. The first is the parent state. */
type Layer = Map<string, readonly number[] | null>;

class Model {
  layers: Layer[];
  constructor(base: Layer) {
    this.layers = [base, new Map()];
  }
  get(key: string): readonly number[] | null {
    for (const layer of this.layers.toReversed()) {
      const value = layer.get(key);
      if (value !== undefined) return value;
    }
    return null;
  }
  set(key: string, value: readonly number[] | null): void {
    this.layers.at(-1)?.set(key, value);
  }
  live(): string[] {
    const all = new Set(this.layers.flatMap((layer) => [...layer.keys()]));
    return [...all].filter((key) => this.get(key) !== null).toSorted();
  }
  append(key: string, item: number): void {
    const old = this.get(key) ?? [];
    // Compact length of one byte is enough here; anything that is not a vector begins anew.
    const readable = old.length > 0 && ((old[0] ?? 1) & 3) === 0 && (old[0] ?? 0) >> 2 < 60;
    const count = readable ? (old[0] ?? 0) >> 2 : 0;
    this.set(key, [(count + 1) << 2, ...(readable ? old.slice(1) : []), item]);
  }
  clear(prefix: string, limit: number | null): { all: boolean; loops: number } {
    const [base, ...pending] = this.layers;
    for (const layer of pending) {
      for (const key of layer.keys()) if (key.startsWith(prefix)) this.set(key, null);
    }
    const there = [...(base?.keys() ?? [])].filter((key) => key.startsWith(prefix)).toSorted();
    const visited = there.slice(0, limit ?? undefined);
    for (const key of visited) this.set(key, null);
    return { all: visited.length === there.length, loops: visited.length };
  }
}

/** Only vectors whose length prefix the model reads the same way. */
const isPlain = (value: Uint8Array): boolean =>
  value.length === 0 || (((value[0] ?? 0) & 3) === 0 && (value[0] ?? 0) >> 2 < 20);

function endTransaction(overlay: Overlay, model: Model, commit: boolean): void {
  if (overlay.depth === 0) return;
  const top = model.layers.pop() ?? new Map();
  if (!commit) {
    overlay.rollback();
    return;
  }
  overlay.commit();
  for (const [key, value] of top) model.set(key, value);
}

function play(overlay: Overlay, model: Model, step: Step): void {
  switch (step.kind) {
    case "set":
      overlay.set(step.key, step.value);
      model.set(step.key, [...step.value]);
      break;
    case "remove":
      overlay.remove(step.key);
      model.set(step.key, null);
      break;
    case "append":
      overlay.append(step.key, Uint8Array.of(7));
      model.append(step.key, 7);
      break;
    case "next":
      assert.equal(overlay.next(step.key), model.live().find((key) => key > step.key) ?? null);
      break;
    case "clear":
      assert.deepEqual(
        overlay.clearPrefix(step.key, step.limit),
        model.clear(step.key, step.limit),
      );
      break;
    case "begin":
      overlay.begin();
      model.layers.push(new Map());
      break;
    case "rollback":
    case "commit":
      endTransaction(overlay, model, step.kind === "commit");
      break;
  }
}

test("get, next, append, clear_prefix and nested transactions equal the model", () => {
  const base = fc.uniqueArray(fc.tuple(keys, bytes.filter(isPlain)), { selector: ([key]) => key });
  fc.assert(
    fc.property(base, steps, (entries, list) => {
      const overlay = new Overlay(trieApply(null, entries));
      const model = new Model(new Map(entries.map(([key, value]) => [key, [...value]])));
      for (const step of list) {
        if (step.kind === "set" && !isPlain(step.value)) continue;
        play(overlay, model, step);
        assert.equal(overlay.depth, model.layers.length - 2);
      }
      for (const key of new Set(model.layers.flatMap((layer) => [...layer.keys()]))) {
        const value = overlay.get(key);
        assert.deepEqual(value === null ? null : [...value], model.get(key));
      }
      while (overlay.depth > 0) play(overlay, model, { kind: "commit" });
      const changes = overlay.changes();
      const written: Layer = model.layers[1] ?? new Map();
      assert.deepEqual([...changes.keys()].toSorted(), [...written.keys()].toSorted());
    }),
    { numRuns: 500 },
  );
});

/** Every key with its bytes. */
function contents(root: TrieRoot): [string, Uint8Array][] {
  return Array.from(trieKeys(root, ""), (key): [string, Uint8Array] => {
    const value = trieGet(root, key);
    return [key, value === null ? new Uint8Array() : Uint8Array.from(valueBytes(value))];
  });
}

test("a root that was given away stays as it is, and hashes as a tree made at once", () => {
  const asked = fc.array(fc.tuple(steps, fc.boolean()), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(asked, (parts) => {
      const overlay = new Overlay(trieApply(null, [["ab", Uint8Array.of(1)]]));
      const given: [TrieRoot, [string, Uint8Array][]][] = [];
      for (const [list, hashed] of parts) {
        for (const step of list) if (step.kind !== "clear" && step.kind !== "next") move(step);
        const { root } = overlay;
        if (hashed) overlay.stateRoot(1);
        given.push([root, contents(root)]);
      }
      function move(step: Step): void {
        if (step.kind === "set") overlay.set(step.key, step.value);
        else if (step.kind === "begin") overlay.begin();
        else if (step.kind === "remove") overlay.remove(step.key);
        else if (step.kind === "append") overlay.append(step.key, Uint8Array.of(7));
        else if (overlay.depth > 0 && step.kind === "commit") overlay.commit();
        else if (overlay.depth > 0 && step.kind === "rollback") overlay.rollback();
      }
      for (const [root, then] of given) {
        assert.deepEqual(contents(root), then);
        assert.deepEqual(trieRootHash(root, 1), trieRootHash(trieApply(null, then), 1));
      }
    }),
    { numRuns: 500 },
  );
});

test("a key is found in bytes as it is as text", () => {
  const entries = fc.uniqueArray(fc.tuple(keys, bytes), { selector: ([key]) => key });
  fc.assert(
    fc.property(entries, keys, fc.nat(3), (list, probe, from) => {
      const root = trieApply(null, list);
      const memory = Buffer.from("x".repeat(from) + probe + "x", "latin1");
      const found = trieFind(root, memory, from, probe.length);
      assert.equal(found?.value ?? null, trieGet(root, probe));
      if (found !== null) assert.equal(found.sample, probe);
    }),
  );
});

test("a rolled back append does not show in later appends", () => {
  const overlay = new Overlay(null);
  overlay.append("k", Uint8Array.of(1));
  overlay.begin();
  overlay.append("k", Uint8Array.of(2));
  overlay.rollback();
  overlay.append("k", Uint8Array.of(3));
  assert.deepEqual([...(overlay.get("k") ?? [])], [8, 1, 3]);
});

/** Milliseconds of the processor, which others may share, for so many appends. */
function time(count: number): number {
  const overlay = new Overlay(null);
  const begun = process.cpuUsage();
  for (let i = 0; i < count; i++) overlay.append("System.Events", new Uint8Array(50));
  const reader = new ScaleReader(overlay.get("System.Events") ?? new Uint8Array());
  assert.equal(reader.compact(), count);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

test("40 000 appends take time in proportion to their number", () => {
  time(5000);
  const small = Math.min(time(10_000), time(10_000));
  const large = Math.min(time(40_000), time(40_000));
  assert.ok(large < 12 * small + 20, `10k in ${small} ms, 40k in ${large} ms`);
});
