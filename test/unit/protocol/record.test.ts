/** @file Records: hex floats, canonical JSON, and a chain in which any change shows. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import { canonicalJson, type Json } from "../../../src/protocol/canonical-json.ts";
import { type Hex } from "../../../src/protocol/digest.ts";
import { hexFloat, parseHexFloat } from "../../../src/protocol/hex-float.ts";
import {
  chainRecord,
  NO_RECORD,
  recordDigest,
  verifyRecords,
  type WindowRecordBody,
} from "../../../src/protocol/record.ts";

const hash = (byte: string): Hex => `0x${byte.repeat(32)}`;

const ABOUT = { rulesDigest: hash("04"), recordDigest: NO_RECORD };

function bodyOf(window: number): WindowRecordBody {
  const accepted = window === 2 ? [] : [2];
  const thetaBefore = hash(window === 0 ? "10" : window === 3 ? "12" : `1${window}`);
  return {
    format: "assay/record/2",
    genesis: hash("01"),
    runId: hash("02"),
    netuid: 3,
    window,
    validator: hash("03"),
    configDigest: hash("04"),
    hashes: { window: hash("05"), evaluation: hash("06") },
    neurons: 3,
    miners: [
      {
        uid: 2,
        hotkey: hash("07"),
        commitBlock: 29,
        payloadDigest: hash("08"),
        payloadBytes: 6000,
        verdict: "accepted",
        detail: "",
        losses: {
          own: { before: [hexFloat(2.5)], after: [hexFloat(2.4)] },
          noise: { before: [hexFloat(2.5)], after: [hexFloat(2.45)] },
        },
        rating: { mu: hexFloat(25), sigma: hexFloat(25 / 3) },
        trust: hexFloat(0.05),
        multiplier: hexFloat(1),
        final: hexFloat(0.05),
        weight: 65535,
      },
    ],
    voters: [
      {
        uid: 0,
        stake: "60",
        permit: true,
        silence: 0,
        votes: [{ window, ...ABOUT, acceptedUids: accepted, thetaDigest: thetaBefore }],
      },
    ],
    accepted,
    thetaBefore,
    thetaAfter: hash(window === 2 ? "12" : window === 3 ? "14" : `1${window + 1}`),
    flags: window === 2 ? ["null-window"] : [],
  };
}

function logOf(bodies: readonly WindowRecordBody[]): string[] {
  let head = NO_RECORD;
  return bodies.map((body) => {
    const { line, digest } = chainRecord(head, body);
    head = digest;
    return line;
  });
}

/** A log of two records whose second is a lie, chained as if it were true. */
function lyingLog(change: Partial<WindowRecordBody>): string[] {
  return logOf([bodyOf(0), { ...bodyOf(1), ...change }]);
}

const lines = logOf([0, 1, 2, 3].map(bodyOf));

function corruption(log: readonly string[]): string {
  try {
    verifyRecords(log);
  } catch (error) {
    assert.ok(isAssayError(error, "record-corrupt"), String(error));
    return error.message;
  }
  return assert.fail("it was accepted");
}

test("a log verifies, and its head is the digest of the last record", () => {
  const { records, head } = verifyRecords(lines);
  assert.deepEqual(
    records.map(({ window }) => window),
    [0, 1, 2, 3],
  );
  const last = records.at(-1);
  assert.ok(last);
  assert.equal(head, recordDigest(last.previous, last));
  assert.deepEqual(verifyRecords([]), { records: [], head: NO_RECORD });
});

test("1000 changes of one character: 1000 detected", () => {
  const { head } = verifyRecords(lines);
  const change = fc.tuple(
    fc.nat(lines.length - 1),
    fc.nat(5000),
    fc.integer({ min: 32, max: 126 }),
  );
  fc.assert(
    fc.property(change, ([line, position, character]) => {
      const text = lines[line] ?? "";
      const at = position % text.length;
      const letter = String.fromCharCode(character);
      fc.pre(text[at] !== letter);
      const changed = lines.with(line, text.slice(0, at) + letter + text.slice(at + 1));
      // A change in the last line leaves a valid log with another head: the head is what is published.
      const found = ((): string => {
        try {
          return verifyRecords(changed).head;
        } catch (error) {
          assert.ok(isAssayError(error, "record-corrupt"), String(error));
          return "refused";
        }
      })();
      assert.notEqual(found, head);
    }),
    { numRuns: 1000 },
  );
});

test("lines cannot be dropped, repeated or swapped", () => {
  const [a = "", b = "", c = ""] = lines;
  assert.match(corruption([b, c]), /line 1/);
  assert.match(corruption([a, c]), /line 2/);
  assert.match(corruption([a, a]), /line 2/);
  assert.match(corruption([a, `${b} `]), /canonical/);
  assert.match(corruption([a, "{"]), /not JSON/);
});

test("a chain that was made anew around a lie still shows the lie", () => {
  assert.match(corruption(lyingLog({ window: 0 })), /window 0 follows 0/);
  assert.match(corruption(lyingLog({ runId: hash("ff") })), /runId differs/);
  assert.match(corruption(lyingLog({ thetaBefore: hash("ff") })), /other parameters/);
  assert.match(corruption(lyingLog({ accepted: [1, 2] })), /the votes accept \[2\]/);
  assert.match(corruption(lyingLog({ accepted: [], voters: [] })), /null window/);
  assert.match(corruption(lyingLog({ neurons: -1 })), /neurons/);
});

test("a log shows how silent its voters were, and is refused if that gives another accepted set", () => {
  const [present] = bodyOf(1).voters;
  const withGone = (silence: number): string[] =>
    lyingLog({
      voters: [
        { uid: 1, stake: "90", permit: true, silence, votes: [] },
        ...(present ? [present] : []),
      ],
    });
  assert.equal(verifyRecords(withGone(9)).records.length, 2, "90 * 10 / 16 is less than 60");
  assert.match(corruption(withGone(8)), /the votes accept \[\]/);
});

test("parameters go back in a null window only when it says so, and only to where they were three windows before", () => {
  const step = bodyOf(1);
  const quiet = (window: number): WindowRecordBody => ({
    ...bodyOf(1),
    window,
    voters: [],
    accepted: [],
    thetaBefore: step.thetaAfter,
    thetaAfter: step.thetaAfter,
    flags: ["null-window"],
  });
  const back: WindowRecordBody = {
    ...quiet(4),
    thetaAfter: step.thetaBefore,
    flags: ["null-window", "void"],
  };
  const log = (last: WindowRecordBody): string[] => logOf([step, quiet(2), quiet(3), last]);
  assert.equal(verifyRecords(log(back)).records.length, 4);
  assert.equal(verifyRecords(logOf([quiet(3), back])).records.length, 2, "a log that begins later");
  assert.match(corruption(log({ ...back, flags: ["null-window"] })), /moved in a null window/);
  assert.match(corruption(log({ ...back, thetaAfter: hash("ff") })), /moved in a null window/);
});

test("what votes for other parameters accept is nobody's", () => {
  const votes = [{ window: 1, ...ABOUT, acceptedUids: [2], thetaDigest: hash("ff") }];
  const voters = [{ uid: 0, stake: "60", permit: true, silence: 0, votes }];
  assert.match(corruption(lyingLog({ voters })), /the votes accept \[\]/);
  const { thetaBefore } = bodyOf(1);
  const quiet = { voters, accepted: [], thetaAfter: thetaBefore };
  assert.equal(verifyRecords(lyingLog(quiet)).records.length, 2);
});

test("what votes by other rules than the writer's accept is nobody's", () => {
  const [voter] = bodyOf(1).voters;
  assert.ok(voter);
  const votes = voter.votes.map((vote) => ({ ...vote, rulesDigest: hash("ff") }));
  assert.match(corruption(lyingLog({ voters: [{ ...voter, votes }] })), /the votes accept \[\]/);
});

test("hex floats are C's, exact, and have one spelling", () => {
  const pairs: readonly [number, string][] = [
    [3, "0x1.8p+1"],
    [0.1, "0x1.999999999999ap-4"],
    [0, "0x0p+0"],
    [-0, "-0x0p+0"],
    [5e-324, "0x0.0000000000001p-1022"],
    [Number.MAX_VALUE, "0x1.fffffffffffffp+1023"],
    [Number.NEGATIVE_INFINITY, "-inf"],
    [Number.NaN, "nan"],
  ];
  for (const [value, text] of pairs) {
    assert.equal(hexFloat(value), text);
    assert.ok(Object.is(parseHexFloat(text), value), text);
  }
  for (const text of ["0x1.80p+1", "0x1p0", "0x1p+2000", "1.5", "", "0x0p+1", "0x0.8p+0", "-nan"]) {
    assert.equal(parseHexFloat(text), null, text);
  }
  fc.assert(fc.property(fc.double(), (value) => Object.is(parseHexFloat(hexFloat(value)), value)));
  fc.assert(
    fc.property(fc.stringMatching(/^-?0x[01](\.[0-9a-f]{1,3})?p[+-]\d{1,4}$/), (text) => {
      const value = parseHexFloat(text);
      return value === null || hexFloat(value) === text;
    }),
  );
});

test("canonical JSON: one text per value, and it reads back", () => {
  assert.equal(canonicalJson({ b: [1, -0, "é"], a: null }), '{"a":null,"b":[1,-0,"é"]}');
  assert.throws(() => canonicalJson(Number.NaN), RangeError);
  const { tie } = fc.letrec<{ tie: Json; leaf: Json }>((self) => ({
    tie: fc.oneof(
      { depthSize: "small" },
      self("leaf"),
      fc.array(self("tie"), { maxLength: 4 }),
      fc.dictionary(fc.string(), self("tie"), { maxKeys: 4, noNullPrototype: true }),
    ),
    leaf: fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
  }));
  fc.assert(
    fc.property(tie, (value) => {
      const text = canonicalJson(value);
      assert.deepEqual(JSON.parse(text), value);
    }),
  );
});
