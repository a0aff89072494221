/** @file What was let in is refused after a restart, wherever a process was killed. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { type Entry, SeenNonces } from "../../../src/auth/seen-nonces.ts";
import type { Hex } from "../../../src/protocol/digest.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-nonces-"));
after(() => rmSync(folder, { recursive: true }));

const SECOND = 1_000_000_000n;
const START = 1_800_000_000n * SECOND;
/** After the first moments of a new file, which trusts nobody yet. */
const LATER = START + 3n * SECOND;
const hotkeyOf = (index: number): Hex => `0x${index.toString(16).padStart(64, "0")}`;

const of = (who: number, nonce: bigint): Entry => ({ hotkey: hotkeyOf(who), nonce });

let files = 0;
const freshPath = (): string => join(folder, `nonces-${files++}.txt`);

function entered(seen: SeenNonces, entries: readonly Entry[], now = LATER): string[] {
  return entries.map((entry) => seen.enter(entry, now));
}

test("once; also after a restart, and not before a new file knows what it forgot", () => {
  const path = freshPath();
  const entry = { hotkey: hotkeyOf(1), nonce: LATER };
  const first = new SeenNonces(path, START);
  assert.equal(first.enter({ hotkey: hotkeyOf(1), nonce: START }, START), "forgotten");
  assert.deepEqual(entered(first, [entry, entry]), ["new", "seen"]);
  assert.equal(first.enter({ ...entry, hotkey: hotkeyOf(2) }, LATER), "new");
  first.close();
  const second = new SeenNonces(path, LATER);
  assert.equal(second.size, 2);
  assert.deepEqual(entered(second, [entry]), ["seen"]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  second.close();
});

test("killed at any byte: every entry that was acted on is refused, and the file goes on", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1000 })), {
        minLength: 1,
        maxLength: 12,
        selector: (pair) => pair.join(),
      }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (pairs, share) => {
        const path = freshPath();
        const entries = pairs.map(([who, at]) => ({
          hotkey: hotkeyOf(who),
          nonce: LATER + BigInt(at),
        }));
        const first = new SeenNonces(path, START);
        // The file as a kill leaves it: cut anywhere while the last of those that were let in was written.
        const sizes = entries.map((entry) => {
          first.enter(entry, LATER);
          return statSync(path).size;
        });
        first.close();
        const bytes = readFileSync(path);
        const cut = Math.floor(share * bytes.length);
        writeFileSync(path, bytes.subarray(0, cut));
        const second = new SeenNonces(path, LATER);
        for (const [index, entry] of entries.entries())
          if ((sizes[index] ?? 0) <= cut) assert.notEqual(second.enter(entry, LATER), "new");
        const next = { hotkey: hotkeyOf(9), nonce: LATER + 5n * SECOND };
        assert.equal(second.enter(next, LATER + 4n * SECOND), "new");
        second.close();
        const third = new SeenNonces(path, LATER + 4n * SECOND);
        assert.equal(third.enter(next, LATER + 4n * SECOND), "seen");
        third.close();
        rmSync(path);
      },
    ),
    { numRuns: 200 },
  );
});

test("a damaged file forgets, so nothing that it may have known is let in", () => {
  const path = freshPath();
  const first = new SeenNonces(path, START);
  const entries = [1, 2, 3].map((index) => ({ hotkey: hotkeyOf(index), nonce: LATER }));
  entered(first, entries);
  first.close();
  const text = readFileSync(path, "utf8");
  for (const damaged of ["", "what?\n", text.replace(/ /g, "_"), text.replace("0x0", "0xg")]) {
    writeFileSync(path, damaged);
    const second = new SeenNonces(path, LATER);
    assert.deepEqual(entered(second, entries), ["forgotten", "forgotten", "forgotten"]);
    const later = { hotkey: hotkeyOf(1), nonce: LATER + 3n * SECOND };
    assert.equal(second.enter(later, LATER + 3n * SECOND), "new");
    second.close();
  }
});

test("bounded: a hotkey, all of them, and the file", () => {
  const path = freshPath();
  const limits = { total: 10, perHotkey: 4, keptNs: 20n * SECOND };
  const seen = new SeenNonces(path, START, limits);
  const burst = [0n, 1n, 2n, 3n, 4n].map((at) => of(1, LATER + at));
  assert.deepEqual(entered(seen, burst), ["new", "new", "new", "new", "full"]);
  for (const who of [2, 3, 4, 5, 6, 7]) assert.equal(seen.enter(of(who, LATER), LATER), "new");
  assert.equal(seen.enter(of(8, LATER), LATER), "full");
  // What is old makes room, and does not come back when the clock does.
  const then = LATER + 30n * SECOND;
  assert.equal(seen.enter(of(8, then), then), "new");
  assert.equal(seen.size, 1);
  assert.equal(seen.enter(of(1, LATER), LATER), "forgotten");
  for (let index = 1; index < 5000; index++) {
    const now = then + BigInt(index) * 10n * SECOND;
    assert.equal(seen.enter(of(8 + (index % 3), now), now), "new");
  }
  assert.ok(seen.size <= 10 + 20);
  assert.ok(statSync(path).size < 200_000, `${statSync(path).size} bytes`);
  seen.close();
});
