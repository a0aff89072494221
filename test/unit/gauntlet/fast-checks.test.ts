/** @file Norms, replays and bodies of earlier windows: who is refused without a look at what an update does. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  fastChecks,
  type Fingerprint,
  fingerprintOf,
  ownOverlapLimit,
  type Sending,
} from "../../../src/gauntlet/fast-checks.ts";
import {
  clippedNorm,
  clippedUpdate,
  tensorNorms,
  usualNormsOf,
  wholeNorm,
} from "../../../src/gauntlet/norms.ts";
import { lowerMedian } from "../../../src/gauntlet/statistics.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { UPDATE_HEADER_BYTES } from "../../../src/protocol/update.ts";
import {
  digestOf,
  fingerprint,
  indexOverlap,
  indicesOf,
  mixed,
  similarPairs,
} from "./fingerprints.ts";

const settings = { minimumNormRatio: 0.1, maximumOverlap: 0.4, overlapWindows: 3 };

/** What the checks say, by uid. `applied`: earlier work that was applied. */
function check(
  updates: readonly Fingerprint[],
  earlier: readonly Fingerprint[] = [],
  { applied = [], usual }: { applied?: readonly Fingerprint[]; usual?: readonly number[] } = {},
): Record<string, string> {
  const bodies = new Map<Hex, readonly Sending[]>();
  for (const one of [...earlier, ...updates])
    bodies.set(one.bodyDigest, [...(bodies.get(one.bodyDigest) ?? []), one]);
  const found = fastChecks({
    updates,
    usual: usual ?? usualNormsOf(updates.map(({ norms }) => norms)),
    earlier: {
      bodies,
      fingerprints: earlier,
      isApplied: ({ hotkey, window }) =>
        applied.some((one) => one.hotkey === hotkey && one.window === window),
    },
    settings,
  });
  return Object.fromEntries([...found].map(([uid, { reason }]) => [uid, reason]));
}

test("honest updates pass", () => {
  assert.deepEqual(check([fingerprint(1, "a"), fingerprint(2, "b"), fingerprint(3, "c")]), {});
  assert.deepEqual(check([]), {});
});

test("norm below a tenth of the usual one, or zero, is too small", () => {
  const rest = [1, 2, 3].map((uid) => fingerprint(uid, `${uid}`, { norms: [3, 4] }));
  const of = (norms: number[]): Fingerprint[] => [...rest, fingerprint(4, "d", { norms })];
  assert.deepEqual(check(of([0.499, 0])), { 4: "norm-too-small" });
  assert.deepEqual(check(of([0.5, 0])), {});
  assert.deepEqual(check([fingerprint(4, "d", { norms: [0] })]), { 4: "norm-too-small" });
  assert.equal(lowerMedian([4, 1, 3, 2]), 2);
  assert.ok(Number.isNaN(lowerMedian([])));
});

test("one large tensor does not stand in for the others", () => {
  const rest = [1, 2, 3].map((uid) => fingerprint(uid, `${uid}`, { norms: [0.1, 4, 4] }));
  const hidden = fingerprint(4, "d", { norms: [400, 0, 0] });
  assert.deepEqual(check([...rest, hidden]), { 4: "norm-too-small" });
});

test("a majority of junk does not make honest updates too small: the last applied set is the measure", () => {
  const honest = [1, 2].map((uid) => fingerprint(uid, `${uid}`, { norms: [1, 1] }));
  const junk = [3, 4, 5].map((uid) => fingerprint(uid, `${uid}`, { norms: [100, 100] }));
  assert.deepEqual(check([...honest, ...junk], [], { usual: [1, 1] }), {});
  const alone = check([...honest, ...junk]);
  assert.deepEqual(alone, { 1: "norm-too-small", 2: "norm-too-small" }, "as in a first window");
});

test("similar and equal updates of one window are no matter of these checks", () => {
  const bodyDigest = digestOf("shared");
  const pair = [fingerprint(1, "a", { bodyDigest }), fingerprint(2, "a", { bodyDigest })];
  assert.deepEqual(check(pair), {});
});

test("a body that another sent in an earlier window is copied at any age", () => {
  const old = fingerprint(7, "a", { window: 1 });
  const same = { bodyDigest: old.bodyDigest };
  assert.deepEqual(check([fingerprint(2, "b", same)], [old]), { 2: "copied" });
  const mine = fingerprint(2, "b", { ...same, window: 1 });
  assert.deepEqual(
    check([fingerprint(2, "b", same)], [old, mine]),
    {},
    "who sent it as early as anybody copied nobody",
  );
});

test("coordinates of others' earlier work are no reason by themselves", () => {
  const old = fingerprint(7, "a", { window: 9 });
  assert.deepEqual(check([fingerprint(2, "a")], [old], { applied: [old] }), {});
});

test("own applied work is a replay, by body or by coordinates; own unapplied work may be sent again", () => {
  const mine = fingerprint(2, "a");
  const same = fingerprint(2, "b", { window: 1, bodyDigest: mine.bodyDigest });
  assert.deepEqual(check([mine], [same], { applied: [same] }), { 2: "replayed" });
  assert.deepEqual(check([mine], [same]), {});
  const earlier = fingerprint(2, "a", { window: 4, bodyDigest: digestOf("old") });
  assert.deepEqual(check([mine], [earlier], { applied: [earlier] }), { 2: "replayed" });
  assert.deepEqual(check([mine], [earlier]), {});
  assert.ok(Math.abs(ownOverlapLimit(0.4) - 0.7) < 1e-12);
  const half = { ...mine, indices: mixed("a", "b", 0.5) };
  assert.deepEqual(check([half], [earlier], { applied: [earlier] }), {});
});

test("checking a window twice does not make a miner its own copier", () => {
  const mine = fingerprint(2, "a");
  assert.deepEqual(check([mine], [mine], { applied: [mine] }), {});
});

test("10 000 honest pairs: none is similar", (context) => {
  const updates = Array.from({ length: 142 }, (_, uid) => fingerprint(uid, `honest ${uid}`));
  const pairs = similarPairs(updates, { maximumOverlap: 0.01 });
  const [worst] = pairs;
  context.diagnostic(`${(142 * 141) / 2} pairs, largest overlap ${worst?.overlap.toFixed(3)}`);
  assert.ok(pairs.length > 10_000);
  assert.deepEqual(similarPairs(updates, settings), []);
  assert.deepEqual(check(updates), {});
});

test("norm and fingerprint come from the decoded update and the bytes after the header", () => {
  const update = [
    { indices: Uint32Array.of(0, 5, 6), values: Float32Array.of(2, -2, 3) },
    { indices: Uint32Array.of(1), values: Float32Array.of(-5) },
  ];
  const bytes = Uint8Array.from({ length: 180 }, (_, at) => at);
  const identity = { uid: 1, hotkey: digestOf("h"), window: 3 };
  const one = fingerprintOf({ ...identity, bytes, update });
  const other = fingerprintOf({ ...identity, bytes: bytes.with(100, 0), update });
  assert.equal(one.bodyDigest, other.bodyDigest, "another header, the same work");
  assert.deepEqual(one.norms, [Math.sqrt(17), 5]);
  assert.deepEqual(one.norms, tensorNorms(update));
  assert.ok(!("bytes" in one) && !("update" in one), "nothing large is kept");
  assert.equal(indexOverlap(one.indices, one.indices), 1);
  assert.deepEqual(one.indices, [Uint32Array.of(0, 5, 6), Uint32Array.of(1)]);
  assert.equal(indicesOf("x").length, 1);
});

const norm = fc.double({ min: 0, max: 1e4, noNaN: true });
const float = norm.map(Math.fround);
const tensor = fc
  .array(fc.tuple(float, fc.boolean()), { minLength: 1, maxLength: 9 })
  .map((list) => ({
    indices: Uint32Array.from(list, (_, at) => at),
    values: Float32Array.from(list, ([size, negative]) => (negative ? -size : size)),
  }));

test("clipping: never up, never above the usual norm by more than a rounding, signs kept", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(tensor, norm), { minLength: 1, maxLength: 4 }), (list) => {
      const update = list.map(([one]) => one);
      const usual = list.map(([, one]) => one);
      const norms = tensorNorms(update);
      const clipped = clippedUpdate(update, norms, usual);
      for (const [at, { values }] of clipped.entries()) {
        const before = update[at] ?? assert.fail();
        for (const [entry, value] of values.entries()) {
          const old = before.values[entry] ?? Number.NaN;
          assert.ok(Math.abs(value) <= Math.abs(old) && value * old >= 0);
        }
        if ((norms[at] ?? 0) <= (usual[at] ?? 0)) assert.equal(clipped[at], before);
      }
      for (const [at, after] of tensorNorms(clipped).entries()) {
        // Float32 rounds factor and magnitudes; the smallest ones lose digits.
        const slack = 1 + 1e-6;
        assert.ok(after <= (usual[at] ?? 0) * slack + 1e-40, `${after} above ${usual[at]}`);
      }
      assert.ok(
        clippedNorm(norms, usual) <= Math.min(wholeNorm(norms), wholeNorm(usual)) * (1 + 1e-12),
      );
    }),
  );
});

/** Bit 0 of a code: negative; bit 1: `high`, not 1. */
function valuesOf(codes: readonly number[], high: number): Float32Array {
  return Float32Array.from(codes, (code) => (code & 1 ? -1 : 1) * (code > 1 ? high : 1));
}

/** A dense update of one tensor. */
function denseFingerprint(window: number, codes: readonly number[], high = 2): Fingerprint {
  const indices = Uint32Array.from(codes.keys());
  const update = [{ indices, values: valuesOf(codes, high) }];
  const bytes = Uint8Array.from([...new Uint8Array(UPDATE_HEADER_BYTES), ...codes, window]);
  return fingerprintOf({ uid: 1, hotkey: `0x${"aa".repeat(32)}`, window, bytes, update });
}

test("a dense update is known by its louder coordinates and their signs, and none is a replay by them", () => {
  const first = denseFingerprint(1, [0, 1, 2, 3, 2, 0]);
  assert.deepEqual(first.indices, [Uint32Array.of(4, 7, 8)]);
  assert.equal(first.isDense, true);
  assert.deepEqual(denseFingerprint(1, [0, 1, 0], 1).indices, [Uint32Array.of(0, 3, 4)]);
  const turned = denseFingerprint(2, [0, 1, 3, 3, 2, 0]);
  assert.equal(indexOverlap(first.indices, turned.indices), 2 / 3);
  const again = denseFingerprint(2, [0, 0, 2, 3, 2, 0]);
  assert.equal(indexOverlap(first.indices, again.indices), 1);
  const usual = [100];
  assert.deepEqual(check([again], [first], { applied: [first], usual: [1] }), {});
  assert.deepEqual(check([again], [first], { usual }), { 1: "norm-too-small" });
  const sparse = [{ indices: Uint32Array.of(0, 2), values: Float32Array.of(2, 1) }];
  const bytes = new Uint8Array(200);
  const other = fingerprintOf({ uid: 2, hotkey: "0x", window: 1, bytes, update: sparse });
  assert.deepEqual(other.indices, [Uint32Array.of(0, 2)]);
  assert.equal(other.isDense, undefined);
});
