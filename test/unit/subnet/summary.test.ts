/** @file The end of a local network: exact money, the exit code, and the fields that scripts rely on. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import type { Row } from "../../../subnet/localnet/screen.ts";
import {
  cheaterShareOf,
  exitCodeOf,
  type Summary,
  summaryJson,
  summaryText,
} from "../../../subnet/localnet/summary.ts";
import { isExact, type TokenLedger } from "../../../subnet/audit/emission.ts";

const LEDGER: TokenLedger = {
  issuedRao: 100n,
  scheduledRao: 100n,
  paidNeuronsRao: 60n,
  paidOwnerRao: 18n,
  carriedRao: 2n,
  pendingRao: 15n,
  burnedRao: 5n,
};
const ROWS: readonly Row[] = [
  {
    uid: 0,
    name: "owner",
    kind: "owner",
    score: null,
    verdict: "publishes",
    incentive: 0,
    earnedRao: 18n,
  },
  {
    uid: 1,
    name: "validator-1",
    kind: "validator",
    score: null,
    verdict: "votes",
    incentive: 0,
    earnedRao: 30n,
  },
  {
    uid: 2,
    name: "miner-1",
    kind: "honest",
    score: 1.25,
    verdict: "accepted",
    incentive: 0.9,
    earnedRao: 12_345_678_901_234_567_890n,
  },
  {
    uid: 3,
    name: "copy-1",
    kind: "copy",
    score: 0,
    verdict: "copied: x",
    incentive: 0.1,
    earnedRao: 3n,
  },
];
const SUMMARY: Summary = {
  windows: 12,
  stopped: false,
  heldOutLoss: { start: 5.5, end: 2.25 },
  baselineLoss: 2.2,
  aloneLoss: 2.5,
  bytesPerUpdate: 6000,
  denseBytes: 400_000,
  rows: ROWS,
  ledger: LEDGER,
  cheaterShare: 0.001,
  digestsEqual: true,
  seconds: 90,
  peakRssBytes: 2 ** 30,
  record: "/runs/1",
  pace: { blocks: 148, medianMs: 120, longestMs: 900, waitedFor: [{ name: "miner-2", blocks: 9 }] },
  missed: {},
  final: {
    runId: `0x${"01".repeat(32)}`,
    window: 12,
    thetaDigest: `0x${"02".repeat(32)}`,
    checkpoint: `0x${"03".repeat(32)}`,
    path: "/runs/1/owner/blobs/03",
  },
  sample: "export interface X {\n  a: string;\n}",
};

test("the money is exact only when issued, scheduled and accounted are equal to the rao", () => {
  assert.ok(isExact(LEDGER));
  const field = fc.constantFrom(
    "issuedRao",
    "scheduledRao",
    "paidNeuronsRao",
    "paidOwnerRao",
    "carriedRao",
    "pendingRao",
    "burnedRao",
  );
  fc.assert(
    fc.property(
      field,
      fc.bigInt().filter((one) => one !== 0n),
      (name, difference) => {
        assert.ok(!isExact({ ...LEDGER, [name]: LEDGER[name] + difference }));
      },
    ),
  );
});

test("parts that sum up are exact, above 2^53 too", () => {
  const part = fc.bigInt({ min: 0n, max: 2n ** 70n });
  const parts = fc.record({
    paidNeuronsRao: part,
    paidOwnerRao: part,
    carriedRao: part,
    pendingRao: part,
    burnedRao: part,
  });
  fc.assert(
    fc.property(parts, (given) => {
      const issuedRao = Object.values(given).reduce((sum, one) => sum + one, 0n);
      assert.ok(isExact({ ...given, issuedRao, scheduledRao: issuedRao }));
      assert.ok(!isExact({ ...given, issuedRao: issuedRao + 1n, scheduledRao: issuedRao + 1n }));
    }),
  );
});

test("the exit code is 0 only if all agreed, the loss fell and the money adds up", () => {
  assert.equal(exitCodeOf(SUMMARY), 0);
  const bad: Partial<Summary>[] = [
    { digestsEqual: false },
    { heldOutLoss: { start: 2, end: 2 } },
    { heldOutLoss: { start: 5, end: Number.NaN } },
    { ledger: { ...LEDGER, issuedRao: 101n } },
  ];
  for (const one of bad) assert.equal(exitCodeOf({ ...SUMMARY, ...one }), 1);
  assert.equal(exitCodeOf({ ...SUMMARY, baselineLoss: null, aloneLoss: null }), 0);
});

test("the cheaters' share is of what miners earned; owner and validators do not count", () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 20n });
  fc.assert(
    fc.property(amount, amount, amount, (honest, cheated, others) => {
      const share = cheaterShareOf([
        { kind: "honest", earnedRao: honest },
        { kind: "copy", earnedRao: cheated },
        { kind: "noise", earnedRao: 0n },
        { kind: "validator", earnedRao: others },
        { kind: "owner", earnedRao: others },
      ]);
      const exact = honest + cheated === 0n ? 0 : Number(cheated) / Number(honest + cheated);
      assert.ok(Math.abs(share - exact) < 2e-6);
      assert.ok(share >= 0 && share <= 1);
    }),
  );
  assert.equal(cheaterShareOf([]), 0);
});

test("the JSON has every field that scripts rely on, amounts as decimal strings", () => {
  const amount = z.string().regex(/^\d+$/);
  const schema = z.object({
    windows: z.number(),
    heldOutLoss: z.strictObject({ start: z.number(), end: z.number() }),
    baselineLoss: z.number().nullable(),
    bytesPerUpdate: z.number(),
    denseBytes: z.number(),
    uids: z.array(
      z.object({
        uid: z.number(),
        role: z.enum(["owner", "validator", "miner"]),
        kind: z.string(),
        emission: amount,
        score: z.number().nullable(),
        verdict: z.string(),
      }),
    ),
    issued: amount,
    scheduled: amount,
    cheaterShare: z.number(),
    digestsEqual: z.boolean(),
    seconds: z.number(),
    peakRssBytes: z.number(),
    record: z.string(),
  });
  const text = summaryJson(SUMMARY);
  assert.doesNotMatch(text, /\n/);
  const value: unknown = JSON.parse(text);
  const parsed = schema.parse(value);
  assert.deepEqual(parsed.heldOutLoss, SUMMARY.heldOutLoss);
  assert.deepEqual(
    parsed.uids.map(({ role, kind, emission }) => [role, kind, emission]),
    [
      ["owner", "owner", "18"],
      ["validator", "validator", "30"],
      ["miner", "honest", "12345678901234567890"],
      ["miner", "copy", "3"],
    ],
  );
  assert.equal(parsed.issued, "100");
});

test("the text says what went wrong in capitals and hides nothing", () => {
  const good = summaryText(SUMMARY, 200);
  assert.match(good, /Done after 12 windows/);
  assert.match(good, /2\.3 % above|above/);
  assert.doesNotMatch(good, /DIFFERED|DOES NOT|undefined|NaN/);
  const bad = summaryText(
    {
      ...SUMMARY,
      stopped: true,
      digestsEqual: false,
      baselineLoss: null,
      aloneLoss: null,
      ledger: { ...LEDGER, burnedRao: 0n },
    },
    200,
  );
  assert.match(bad, /Stopped after/);
  assert.match(bad, /DIFFERED BETWEEN NODES/);
  assert.match(bad, /DOES NOT ADD UP/);
  assert.match(bad, /not measured/);
});

test("a run in which no update was accepted has a text without infinities", () => {
  const text = summaryText({ ...SUMMARY, bytesPerUpdate: 0, rows: [] }, 200);
  assert.doesNotMatch(text, /Infinity|NaN|undefined/);
});
