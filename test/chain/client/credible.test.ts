/** @file Whether a head can be there: slots of headers, growth by slots, slots by the clock. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { ChainClock, isCredible, slotOf } from "../../../chain/client/credible.ts";

const PARENT = `0x${"00".repeat(32)}` as const;
const head = (number: number, slot: number | null) => ({ number, parent: PARENT, slot });

function preRuntime(engine: string, slot: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(slot));
  return `0x06${Buffer.from(engine).toString("hex")}20${bytes.toString("hex")}`;
}

describe("the slot of a header", () => {
  it("is what Aura's digest says, wherever it stands", () => {
    const slots = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const others = fc.array(fc.constantFrom("0x", "0x0461757261", preRuntime("BABE", 7)));
    fc.assert(
      fc.property(slots, others, others, (slot, before, after) => {
        assert.equal(slotOf([...before, preRuntime("aura", slot), ...after]), slot);
      }),
    );
  });

  it("is none without one", () => {
    for (const logs of [[], ["nonsense"], [preRuntime("BABE", 3)], ["0x066175726120"]])
      assert.equal(slotOf(logs), null);
  });
});

describe("a head", () => {
  const SLOT_MS = 250;
  const numbers = fc.integer({ min: 0, max: 1_000_000 });

  it("of a chain that goes by the clock is always credible, from whatever block of it that is known", () => {
    // Slots are left out, none is used twice.
    const gaps = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(numbers, gaps, numbers, (first, steps, begun) => {
        let slot = begun;
        const chain = steps.map((gap, index) => head(first + index, (slot += gap)));
        const last = chain.at(-1) ?? assert.fail();
        const clock = { nowMs: slot * SLOT_MS, slotMs: SLOT_MS };
        for (const known of [null, ...chain]) assert.ok(isCredible(last, known, clock));
        for (const one of chain) assert.ok(isCredible(one, last, clock));
      }),
    );
  });

  it("above what slots have room for is not, and none without a slot", () => {
    fc.assert(
      fc.property(numbers, numbers, numbers, (number, slot, more) => {
        const clock = { nowMs: (slot + more) * SLOT_MS, slotMs: SLOT_MS };
        const known = head(number, slot);
        assert.ok(isCredible(head(number + more, slot + more), known, clock));
        assert.ok(!isCredible(head(number + more + 1, slot + more), known, clock));
        assert.ok(!isCredible(head(number + 1, null), known, clock));
      }),
    );
  });

  it("in a slot that has not begun is not, unless the chain itself runs ahead of the clock", () => {
    const clock = { nowMs: 1000 * SLOT_MS, slotMs: SLOT_MS };
    // Half a minute of 250 ms.
    assert.ok(isCredible(head(20, 1120), head(10, 998), clock));
    assert.ok(!isCredible(head(20, 1121), head(10, 999), clock));
    assert.ok(isCredible(head(20, 1140), head(10, 1121), clock));
    assert.ok(isCredible(head(20, 1121), head(10, 999), { ...clock, slotMs: null }));
    assert.ok(isCredible(head(20, 1121), head(10, 999), null));
    assert.ok(!isCredible(head(20, 1008), head(10, 999), null), "ten blocks in nine slots");
  });

  it("is, after any break, where our clock is behind by what heads that were believed have shown", () => {
    const behind = fc.integer({ min: 0, max: 1_000_000 });
    const gaps = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(numbers, behind, gaps, (slot, behindMs, gap) => {
        let trueMs = slot * SLOT_MS;
        const clock = new ChainClock(() => trueMs - behindMs);
        clock.learn(SLOT_MS);
        const known = head(10, slot);
        clock.prove(known);
        trueMs += gap * SLOT_MS;
        assert.ok(isCredible(head(11, slot + gap), known, clock.now));
        const far = slot + gap + 130;
        const isShown = known.slot !== null && known.slot * SLOT_MS > trueMs - behindMs + 30_000;
        assert.equal(isCredible(head(11, far), known, clock.now), isShown);
      }),
    );
  });

  it("that was believed shows nothing where no slots are known, and never that our clock is ahead", () => {
    const clock = new ChainClock(() => 1000 * SLOT_MS);
    clock.prove(head(1, 5000));
    assert.equal(clock.now.behindSlots, 0);
    clock.learn(SLOT_MS);
    clock.prove(head(1, null));
    clock.prove(head(2, 900));
    assert.equal(clock.now.behindSlots, 0);
    clock.prove(head(3, 1100));
    clock.prove(head(4, 1050));
    assert.equal(clock.now.behindSlots, 100);
  });

  it("of a chain without slots is taken as it is", () => {
    const clock = { nowMs: 0, slotMs: null };
    assert.ok(isCredible(head(1_000_000, null), head(1, null), clock));
  });
});
