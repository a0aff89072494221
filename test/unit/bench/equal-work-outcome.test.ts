/** @file What local networks left behind, read: who was paid what, who was away as it was told, who missed a window besides. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Cast, chosenCasts, MISS_PERCENT } from "../../../bench/equal-work/casts.ts";
import {
  newcomerPay,
  outcomeOf,
  type Remains,
  readNodes,
  readReplay,
  readSummary,
  type Replay,
} from "../../../bench/equal-work/outcome.ts";
import { isAway } from "../../../miner/strategies/absence.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { WindowRecord } from "../../../src/protocol/record.ts";
import { stub } from "../stub.ts";

const key = (digit: string): Hex => `0x${digit.repeat(64)}`;
const RUN_ID = key("a");
const HONEST = key("1");
const [OTHER, CHEAT, LATE] = [key("2"), key("3"), key("4")];
const WINDOWS = 40;

type ReplayedRow = readonly [name: string | null, earnedShares: readonly number[]];

function replayed(epochWindows: readonly number[], shares: readonly ReplayedRow[]): Replay {
  const rows = shares.map(([name, earnedShares], at) => ({
    hotkey: key(String(at + 1)),
    name,
    earnedShares,
  }));
  return readReplay(`progress\n${JSON.stringify({ trial: { epochWindows, rows } })}\n`);
}

const share = fc.double({ min: 0.01, max: 1, noNaN: true });

test("a newcomer's pay is for the windows that are compared, against the mean of the others in the same", () => {
  const windows = Array.from({ length: 8 }, (_, window) => window);
  const at = { from: 3, to: 6 };
  // Epochs 4, 5 and 6 pay for windows 3, 4 and 5; what is paid before and after does not count.
  const counted = (some: number): number[] =>
    windows.map((window) => (window > 3 && window < 7 ? some : 9));
  const rows: readonly ReplayedRow[] = [
    ["a", counted(0.5)],
    ["b", counted(0.3)],
    [null, counted(0.2)],
  ];
  assert.ok(Math.abs(newcomerPay(replayed(windows, rows), at) - 0.5) < 1e-12);
  fc.assert(
    fc.property(fc.array(share, { minLength: 8, maxLength: 8 }), share, (shares, factor) => {
      const own = shares.map((one) => one * factor);
      const pay = newcomerPay(
        replayed(windows, [
          ["a", shares],
          [null, own],
          ["b", shares],
        ]),
        at,
      );
      assert.ok(Math.abs(pay - factor) < 1e-9);
    }),
  );
  assert.equal(newcomerPay(replayed(windows, [["a", windows.map(() => 0)]]), at), 0);
});

const uid = (name: string, role: string, kind: string, emission: string): unknown => ({
  name,
  role,
  kind,
  emission,
});

const SUMMARY = readSummary(
  `starting\n\n${JSON.stringify({
    record: "/somewhere",
    stopped: false,
    seconds: 12.5,
    pace: { windowMs: 1600, medianMs: 100 },
    faults: [],
    uids: [
      uid("owner", "owner", "owner", "999999999999999999999"),
      uid("validator-1", "validator", "validator", "888888888888888888888"),
      uid("miner-1", "miner", "honest", "30000000000000000000"),
      uid("miner-2", "miner", "honest", "15000000000000000000"),
      uid("copy-1", "miner", "copy", "0"),
      uid("stranger", "miner", "honest", "15000000000000000000"),
    ],
  })}\n`,
);

const node = (name: string, hotkey: Hex): unknown => ({
  name,
  hotkey,
  role: "miner",
  ss58: `5${name}`,
});

const NODES = readNodes(
  JSON.stringify({
    runId: RUN_ID,
    endpoint: "ws://x",
    nodes: [node("miner-1", HONEST), node("miner-2", OTHER), node("copy-1", CHEAT)],
  }),
);

const judged = (hotkey: Hex, verdict: string): WindowRecord["miners"][number] =>
  stub<WindowRecord["miners"][number]>({ hotkey, verdict });

/** What a run left in which the first miner got these verdicts, and a stranger came in window 1. */
function remains(verdictOf: (window: number) => string): Remains {
  const records = Array.from({ length: WINDOWS }, (_, window) => {
    const late = judged(LATE, window === 1 ? "no-commitment" : "below-floor");
    const others = [judged(OTHER, "accepted"), judged(CHEAT, "copied")];
    const miners = [judged(HONEST, verdictOf(window)), ...others, ...(window < 1 ? [] : [late])];
    return stub<WindowRecord>({ window, miners });
  });
  const paid = Array.from({ length: WINDOWS + 1 }, (_, window) => window);
  const rows: readonly ReplayedRow[] = [
    ["miner-1", paid.map(() => 0.4)],
    ["miner-2", paid.map(() => 0.4)],
    ["copy-1", paid.map(() => 0)],
    [null, paid.map((window) => (window < 2 ? 0 : 0.2))],
  ];
  return { summary: SUMMARY, nodes: NODES, records, replay: replayed(paid, rows) };
}

function cast(): Cast {
  const [newcomer] = chosenCasts(["newcomer"], 60);
  assert.ok(newcomer !== undefined);
  return { ...newcomer, windows: WINDOWS, newcomer: { joins: 1, from: 1 } };
}

test("a window that a miner was told to miss is no loss; any other one without an update is", () => {
  const windows = Array.from({ length: WINDOWS }, (_, window) => window);
  const told = windows.filter((window) =>
    isAway({ runId: RUN_ID, hotkey: HONEST, window }, MISS_PERCENT),
  );
  assert.ok(told.length > 0, "a key with which the test can fail");
  for (const verdict of ["no-commitment", "payload-missing"]) {
    const left = remains((window) => (window % 2 === 0 ? verdict : "accepted"));
    const [first, second] = outcomeOf(cast(), 2, left).miners;
    const away = told.filter((window) => window % 2 === 0).length;
    assert.deepEqual([first?.away, first?.missed], [away, WINDOWS / 2 - away]);
    assert.deepEqual(first?.verdicts, { [verdict]: WINDOWS / 2, accepted: WINDOWS / 2 });
    assert.deepEqual([second?.away, second?.missed], [0, 0]);
  }
});

test("shares are of what miners were paid; a hotkey that the network did not start is the newcomer", () => {
  const outcome = outcomeOf(
    cast(),
    2,
    remains(() => "accepted"),
  );
  assert.deepEqual(
    outcome.miners.map(({ kind, share: own }) => [kind, own]),
    [
      ["honest", 0.5],
      ["honest", 0.25],
      ["copy", 0],
      ["newcomer", 0.25],
    ],
  );
  const late = outcome.miners.at(-1);
  assert.deepEqual(late?.verdicts, { "no-commitment": 1, "below-floor": WINDOWS - 2 });
  assert.equal(outcome.newcomer?.came, 2);
  // Each epoch from the second on: 0.2 against a mean of 0.8 / 3.
  assert.ok(Math.abs((outcome.newcomer?.pay ?? 0) - 0.75) < 1e-9);
  const [first = 1, second = 0] = outcome.newcomer?.pays ?? [];
  assert.ok(Math.abs(first - 0.75) < 1e-9 && Math.abs(second - 0.75) < 1e-9);
  assert.equal(outcome.newcomer?.pays.length, WINDOWS - 1);
  assert.deepEqual([outcome.windowsRecorded, outcome.repeat, outcome.faults], [WINDOWS, 2, []]);
  const summary = { ...SUMMARY, stopped: true, faults: ["the tokens do not add up"] };
  const stopped = outcomeOf(cast(), 1, { ...remains(() => "accepted"), summary });
  assert.deepEqual(stopped.faults, ["stopped", "the tokens do not add up"]);
});

test("an output without a summary is an error, not an empty row", () => {
  for (const output of ["", "error: no\n", "{}\n", '{"uids":[]}'])
    assert.throws(() => readSummary(output));
  for (const output of ["", "{}\n"]) assert.throws(() => readReplay(output));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const read of [readSummary, readReplay, readNodes]) assert.throws(() => read(text));
    }),
  );
});
