/** @file Flows on shared lines, against an independent slow simulation in small steps of time, and against what no network may do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Flows, type Line } from "../../../src/run/flows.ts";

type Sent = { readonly from: number; readonly to: number; readonly bytes: number };

/** When each transfer arrives, all begun at second 0. */
function arrivals(lines: readonly Line[], sent: readonly Sent[]): readonly number[] {
  const flows = new Flows(lines);
  const at = sent.map(() => Number.NaN);
  for (const [index, { from, to, bytes }] of sent.entries())
    flows.send(from, to, bytes, () => {
      at[index] = flows.now;
    });
  flows.run();
  return at;
}

/** Raises every rate by small steps until one of its lines is full: max-min fairness by its definition. */
function slowRates(lines: readonly Line[], sent: readonly Sent[]): number[] {
  const rates = sent.map(() => 0);
  const step = 0.01;
  const used = (node: number, way: "from" | "to"): number =>
    sent.reduce((sum, one, index) => (one[way] === node ? sum + (rates[index] ?? 0) : sum), 0);
  for (let isMoving = true; isMoving;) {
    isMoving = false;
    const rises = sent.map(
      ({ from, to }) =>
        used(from, "from") + step * sent.filter((one) => one.from === from).length <=
          (lines[from]?.uplinkMbps ?? 0) &&
        used(to, "to") + step * sent.filter((one) => one.to === to).length <=
          (lines[to]?.downlinkMbps ?? 0),
    );
    for (const [index, rise] of rises.entries())
      if (rise) {
        rates[index] = (rates[index] ?? 0) + step;
        isMoving = true;
      }
  }
  return rates;
}

/** The same by the slow rates. */
function slowArrivals(lines: readonly Line[], sent: readonly Sent[]): readonly number[] {
  const left = sent.map(({ bytes }) => bytes * 8);
  const at = sent.map(() => Number.NaN);
  let now = 0;
  for (;;) {
    const open = sent.flatMap((_, index) => (Number.isNaN(at[index]) ? [index] : []));
    if (open.length === 0) return at;
    const rates = slowRates(
      lines,
      open.flatMap((index) => sent[index] ?? []),
    );
    const soonest = Math.min(
      ...open.map((index, place) => (left[index] ?? 0) / ((rates[place] ?? 0) * 1e6)),
    );
    now += soonest;
    for (const [place, index] of open.entries()) {
      left[index] = (left[index] ?? 0) - soonest * (rates[place] ?? 0) * 1e6;
      if ((left[index] ?? 0) < 1) at[index] = now;
    }
  }
}

const NODES = 4;
const line = fc.record({
  uplinkMbps: fc.integer({ min: 5, max: 40 }),
  downlinkMbps: fc.integer({ min: 5, max: 40 }),
});
const network = fc.record({
  lines: fc.array(line, { minLength: NODES, maxLength: NODES }),
  sent: fc.array(
    fc.record({
      from: fc.nat(NODES - 1),
      to: fc.nat(NODES - 1),
      bytes: fc.integer({ min: 1e5, max: 1e7 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

test("arrivals are those of the definition, step by step", () => {
  fc.assert(
    fc.property(network, ({ lines, sent }) => {
      const wanted = slowArrivals(lines, sent);
      for (const [index, at] of arrivals(lines, sent).entries()) {
        const slow = wanted[index] ?? 0;
        // Steps of 0.01 Mbit/s leave up to that much of every line unused.
        assert.ok(Math.abs(at - slow) <= 0.02 * slow + 1e-6, `${at} is not ${slow}`);
      }
    }),
    { numRuns: 60 },
  );
});

test("no node takes or gives more than its line has, and the last byte of somebody is as late as that", () => {
  fc.assert(
    fc.property(network, ({ lines, sent }) => {
      const at = arrivals(lines, sent);
      for (let node = 0; node < NODES; node++) {
        const into = sent.filter(({ to }) => to === node);
        const bits = 8 * into.reduce((sum, { bytes }) => sum + bytes, 0);
        const last = Math.max(0, ...sent.flatMap(({ to }, i) => (to === node ? [at[i] ?? 0] : [])));
        const seconds = bits / ((lines[node]?.downlinkMbps ?? 1) * 1e6);
        assert.ok(last >= seconds * (1 - 1e-9), `${last} is before ${seconds}`);
      }
    }),
  );
});

test("what is due comes in order, also what is asked for meanwhile; bytes on no line are refused", () => {
  const flows = new Flows([{ uplinkMbps: 8, downlinkMbps: 8 }]);
  const told: string[] = [];
  flows.after(2, () => told.push(`two at ${flows.now}`));
  flows.after(1, () => {
    told.push("one");
    flows.after(0, () => told.push("at once"));
  });
  flows.after(1, () => told.push("one again"));
  flows.send(0, 0, 1.5e6, () => told.push(`bytes at ${flows.now}`));
  flows.run();
  assert.deepEqual(told, ["one", "one again", "at once", "bytes at 1.5", "two at 2"]);
  const dead = new Flows([{ uplinkMbps: 0, downlinkMbps: 1 }]);
  dead.send(0, 0, 1, () => undefined);
  assert.throws(() => dead.run(), RangeError);
});

test("lines without a limit carry at once", () => {
  const open = { uplinkMbps: Infinity, downlinkMbps: Infinity };
  assert.deepEqual(arrivals([open, open], [{ from: 0, to: 1, bytes: 1e12 }]), [0]);
});
