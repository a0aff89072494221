/** @file The end of a local network: exact money, the exit code, and the fields that scripts rely on. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import type { NextCommand } from "../../../base/fault.ts";
import type { Row } from "../../../subnet/localnet/frame.ts";
import { unpainted } from "./unpainted.ts";
import {
  cheaterShareOf,
  exitCodeOf,
  type Summary,
  summaryJson,
  faultsOf,
} from "../../../subnet/localnet/summary.ts";
import { summaryText, type SummaryView } from "../../../subnet/localnet/summary-text.ts";
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
  planned: 12,
  stopped: false,
  skipped: [],
  windowsRecorded: 12,
  windowsUnseen: 0,
  recordHeads: {},
  windowsWithUpdates: 12,
  windowsCompared: 12,
  rederived: true,
  heldOutLoss: { start: 5.5, end: 2.25 },
  measured: { window: 11, loss: 2.3 },
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
  pace: {
    blocks: 148,
    medianMs: 120,
    longestMs: 900,
    longest: { name: "miner-2", window: 3 },
    windowMs: 1600,
    waitedFor: [{ name: "miner-2", blocks: 9 }],
  },
  missed: {},
  final: {
    runId: `0x${"01".repeat(32)}`,
    window: 12,
    thetaDigest: `0x${"02".repeat(32)}`,
    checkpoint: `0x${"03".repeat(32)}`,
    path: "/runs/1/owner/blobs/03",
  },
  prompt: "export interface ",
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
    { windowsCompared: 0 },
    { rederived: false },
    { windowsWithUpdates: 5 },
    { ledger: { ...LEDGER, issuedRao: 101n } },
  ];
  for (const one of bad) assert.equal(exitCodeOf({ ...SUMMARY, ...one }), 1);
  assert.equal(exitCodeOf({ ...SUMMARY, baselineLoss: null, aloneLoss: null }), 0);
});

test("the cheaters' share is of what miners earned; owner and validators do not count", () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 20n });
  fc.assert(
    fc.property(amount, amount, amount, amount, (full, half, cheated, others) => {
      const honest = full + half;
      const share = cheaterShareOf([
        { kind: "honest", earnedRao: full },
        { kind: "steps-0.5", earnedRao: half },
        { kind: "copy", earnedRao: cheated },
        { kind: "noise", earnedRao: 0n },
        { kind: "validator", earnedRao: others },
        { kind: "owner", earnedRao: others },
      ]);
      if (share === null) return assert.equal(honest + cheated, 0n);
      const exact = Number(cheated) / Number(honest + cheated);
      assert.ok(Math.abs(share - exact) < 2e-6);
      assert.ok(share >= 0 && share <= 1);
    }),
  );
  assert.equal(cheaterShareOf([]), null);
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

const KEPT: SummaryView = {
  width: 80,
  paint: unpainted,
  line: (command: NextCommand) =>
    "ours" in command
      ? `npm run ${command.ours} ${JSON.stringify(command.set ?? command.args)}`
      : "",
  isKept: true,
};

test("the text says what went wrong in plain words and hides nothing", () => {
  const good = summaryText(SUMMARY, KEPT);
  assert.match(good, /Done: 12 windows in 1:30\./);
  assert.match(good, /the network ended\s+2\.3 % above it/);
  assert.match(good, /no honest miner missed a window/);
  assert.doesNotMatch(good, /FAILED|DIFFERED|DOES NOT|undefined|NaN/);
  const bad = summaryText(
    {
      ...SUMMARY,
      stopped: true,
      digestsEqual: false,
      baselineLoss: null,
      aloneLoss: null,
      missed: { "miner-1": 3 },
      ledger: { ...LEDGER, burnedRao: 0n },
    },
    KEPT,
  );
  assert.match(bad, /FAILED after 12 of 12 windows and 1:30: nodes held different parameters/);
  assert.match(bad, /DIFFERED BETWEEN NODES/);
  assert.match(bad, /DOES NOT ADD UP/);
  assert.match(bad, /not measured/);
  assert.match(bad, /MISSED: miner-1 3/);
});

test("a dead run is called one", () => {
  const dead = { ...SUMMARY, windowsWithUpdates: 2, bytesPerUpdate: 0 };
  assert.equal(exitCodeOf(dead), 1);
  const text = summaryText(dead, { ...KEPT, width: 120 });
  assert.match(
    text,
    /FAILED .*no update was accepted in 10 of 12 windows: the network did not work/,
  );
  assert.doesNotMatch(text, /Done/);
  const unseen = summaryText({ ...dead, windowsRecorded: 0, windowsWithUpdates: 0 }, KEPT);
  assert.match(unseen, /honest miners +not known/);
});

test("stopped after a window or two, a run proves nothing and fails at nothing", () => {
  const short: Summary = {
    ...SUMMARY,
    windows: 1,
    planned: 60,
    stopped: true,
    windowsWithUpdates: 0,
    windowsCompared: 0,
    heldOutLoss: { start: 5.4, end: 5.4 },
  };
  assert.deepEqual(faultsOf(short), []);
  assert.match(summaryText(short, KEPT), /Stopped after 1 of 60 windows/);
  assert.match(summaryText(short, KEPT), /not compared: no window was done/);
});

test("what there was no time for is said, and nothing is made up", () => {
  const cut: Summary = {
    ...SUMMARY,
    stopped: true,
    skipped: ["re-deriving every window", "the last parameters"],
    heldOutLoss: null,
    denseBytes: null,
    rederived: false,
    final: null,
    prompt: null,
    sample: "",
  };
  const text = summaryText(cut, { ...KEPT, width: 120 });
  assert.match(text, /not measured at the end; 2\.300 in window 11/);
  assert.match(text, /left out +re-deriving every window, the last parameters/);
  assert.doesNotMatch(text, /re-derived from|final checkpoint|generate|the model writes|NaN|null/);
  assert.equal(exitCodeOf(cut), 0);
  const parsed: unknown = JSON.parse(summaryJson(cut));
  assert.ok(typeof parsed === "object" && parsed !== null && !("final" in parsed));
});

test("the commands that go on with a run stand whole on their lines", () => {
  const text = summaryText({ ...SUMMARY, stopped: true }, KEPT);
  const lines = text.split("\n");
  assert.ok(
    lines.includes(
      '  write on with it  npm run subnet generate {"run":"/runs/1","prompt":"export interface "}',
    ),
  );
  assert.ok(
    lines.includes('  for transformers  npm run subnet export {"run":"/runs/1","output":"model"}'),
  );
  assert.ok(lines.includes('  go on             npm run subnet localnet resume ["/runs/1"]'));
  assert.match(summaryText(SUMMARY, KEPT), /serve it again/);
  assert.doesNotMatch(summaryText(SUMMARY, { ...KEPT, isKept: false }), /resume/);
});

test("no line but a path or a command is wider than the terminal", () => {
  for (const width of [60, 80, 100, 200])
    for (const line of summaryText(SUMMARY, { ...KEPT, width }).split("\n"))
      if (!/\/runs\/1/.test(line)) assert.ok(line.length <= width, `${width}: ${line}`);
});

test("a run in which no update was accepted has a text without infinities", () => {
  const text = summaryText({ ...SUMMARY, bytesPerUpdate: 0, rows: [] }, KEPT);
  assert.doesNotMatch(text, /Infinity|NaN|undefined/);
});
