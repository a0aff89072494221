/** @file What the page says of a recorded window: the losses' means by plain arithmetic, its counts, its votes, the phases of its clock. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseHexFloat } from "../../../src/protocol/hex-float.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import { minerRows } from "../../../src/view/miner.ts";
import { phasesAt } from "../../../src/view/phases.ts";
import { voteRows } from "../../../src/view/vote.ts";
import { windowLine } from "../../../src/view/window.ts";
import { verdictView } from "../../../src/view/verdict.ts";
import { manifest, recordOf, records } from "./recorded.ts";

const sum = (texts: readonly string[]): number =>
  texts.reduce((all, text) => all + (parseHexFloat(text) ?? Number.NaN), 0);

test("falls are those of the recorded losses, verdicts and weights those of the row", () => {
  let measured = 0;
  for (const record of records) {
    const rows = minerRows(record, "credit");
    assert.deepEqual(
      rows.map(({ uid }) => uid),
      record.miners.map(({ uid }) => uid),
    );
    for (const [index, row] of rows.entries()) {
      const { losses, verdict, weight, final } = record.miners[index] ?? assert.fail();
      assert.equal(row.verdict.code, verdict);
      assert.equal(row.weight, weight);
      assert.equal(row.score, parseHexFloat(final));
      assert.equal(row.accepted, record.accepted.includes(row.uid));
      if (losses === null || losses.own === null) {
        assert.equal(row.own, null);
        continue;
      }
      measured++;
      for (const [fall, paired] of [
        [row.own, losses.own],
        [row.noise, losses.noise],
      ] as const) {
        const [before, after] = [sum(paired.before), sum(paired.after)];
        assert.ok(Math.abs((fall ?? Number.NaN) - (before - after) / before) < 1e-12);
      }
    }
    const shares = rows.reduce((all, { share }) => all + share, 0);
    assert.ok(Math.abs(shares - 1) < 1e-12);
  }
  assert.ok(measured > 20);
});

test("a window counts what came, what was applied, and every verdict", () => {
  const record = recordOf(3);
  const line = windowLine(record, minerRows(record, "credit"));
  assert.deepEqual(line.accepted, [3, 4, 5, 6, 8]);
  assert.equal(line.seen, 7);
  assert.equal(
    line.bytes,
    record.miners.reduce((all, { payloadBytes }) => all + (payloadBytes ?? 0), 0),
  );
  assert.deepEqual(line.verdicts, { accepted: 4, copied: 1, "below-floor": 1, replayed: 1 });
  assert.ok(line.own !== null && line.noise !== null && line.own > 0);
});

test("a window in which nothing was applied gains nothing, and is no division by zero", () => {
  const record = { ...recordOf(1), accepted: [] };
  const line = windowLine(record, minerRows(record, "credit"));
  assert.deepEqual([line.own, line.noise], [null, null]);
});

test("losses that do not pair up cost their numbers and not the page", () => {
  const record = recordOf(1);
  const miners = record.miners.map((row) => {
    if (row.losses === null) return row;
    const { own, noise } = row.losses;
    return { ...row, losses: { own, noise: { ...noise, after: noise.after.slice(1) } } };
  });
  for (const row of minerRows({ ...record, miners }, "credit")) assert.equal(row.own, null);
});

test("votes: as the majority, otherwise, of other parameters, none", () => {
  const record = recordOf(2);
  const [first, second] = record.voters;
  const [vote] = first?.votes ?? [];
  assert.ok(first !== undefined && second !== undefined && vote !== undefined);
  const rows = voteRows({
    ...record,
    voters: [
      first,
      { ...first, uid: 70, votes: [{ ...vote, acceptedUids: [3] }] },
      { ...first, uid: 71, votes: [{ ...vote, thetaDigest: `0x${"ab".repeat(32)}` }] },
      { ...first, uid: 72, votes: [] },
      { ...first, uid: 73, votes: [{ ...vote, window: 1 }] },
    ],
  });
  assert.deepEqual(
    rows.map(({ voted, sameParameters, asMajority }) => [voted, sameParameters, asMajority]),
    [
      [true, true, true],
      [true, true, false],
      [true, false, true],
      [false, false, false],
      [false, false, false],
    ],
  );
});

test("phases of any block agree with the clock", () => {
  const clock = windowClock(manifest);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), (height) => {
      const phases = phasesAt(manifest, clock, height);
      const window = clock.windowOf(height);
      const done = phases.reduce((all, phase) => all + phase.done, 0);
      if (!clock.isInRun(window)) {
        assert.equal(done, window < 0 ? 0 : clock.blocksPerWindow);
        return;
      }
      assert.equal(done, height - clock.startBlock(window) + 1);
      const last = phases.findLast((phase) => phase.done > 0);
      assert.equal(last?.name, clock.phaseOf(height));
    }),
  );
});

test("a code that is not known stands alone", () => {
  assert.deepEqual(verdictView("brand-new", "credit"), { code: "brand-new", text: "" });
  assert.match(verdictView("accepted", "credit").text, /lowered the loss/);
});
