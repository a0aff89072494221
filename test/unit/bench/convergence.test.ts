/** @file The bookkeeping of the convergence bench: what is run next, what is never run again, what is said of goals. No training. */
import { strict as assert } from "node:assert";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ARMS, FINAL_SEEDS } from "../../../bench/convergence/arms.ts";
import { pageOf, pictureOf } from "../../../bench/convergence/pages.ts";
import { nextCell, progressOf } from "../../../bench/convergence/plan.ts";
import { type Cell, nameOf, Results } from "../../../bench/convergence/results.ts";
import { standingOf } from "../../../bench/convergence/standing.ts";
import { evenly, readText, Stream } from "../../../bench/convergence/text.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-convergence-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const fresh = (): string => join(folder, `results-${files++}.jsonl`);

/** Runs everything that is left with losses that `made` gives; returns the names in order. */
function play(
  results: Results,
  names: readonly string[],
  made: (cell: Cell) => number | null,
): string[] {
  const done: string[] = [];
  for (let cell = nextCell(results, names); cell !== undefined; cell = nextCell(results, names)) {
    const loss = made(cell);
    results.add(cell, { validation: loss, test: loss, seconds: 1 });
    done.push(nameOf(cell));
  }
  return done;
}

const LEVELS: ReadonlyMap<string, number> = new Map([
  ["synchronous", 1],
  ["sparseloco-5", 1.03],
  ["diloco-5", 1.05],
  ["average-5", 1.02],
]);

/** The fourth setting of each arm is best; the level is the arm's. */
function lossOf(cell: Cell): number {
  const arm = ARMS.find(({ name }) => name === cell.arm);
  const index =
    arm?.settings.findIndex((one) => nameOf({ ...cell, setting: one }) === nameOf(cell)) ?? -1;
  return (LEVELS.get(cell.arm) ?? 2) * (1 + Math.abs(index - 3) / 100);
}

test("every arm has as many settings as the baseline, no two alike", () => {
  for (const { name, settings } of ARMS) {
    assert.equal(settings.length, 16, name);
    assert.equal(new Set(settings.map((one) => JSON.stringify(one))).size, 16, name);
  }
});

test("a sweep comes before the runs that count, and those are of the setting that won", () => {
  const results = new Results(fresh(), "text");
  const done = play(results, ["synchronous"], lossOf);
  assert.equal(done.length, 16 + FINAL_SEEDS.length);
  const arm = ARMS[0];
  assert.ok(arm !== undefined);
  const finals = standingOf(results).arms[0];
  assert.deepEqual(finals?.best, arm.settings[3]);
  assert.deepEqual(
    done.slice(16).map((name) => name.split("/")[1]),
    ["final", "final", "final"],
  );
});

test("a later call goes on where one stopped; another text's results are not read", () => {
  const path = fresh();
  const first = new Results(path, "text");
  const cell = nextCell(first, []);
  assert.ok(cell !== undefined);
  first.add(cell, { validation: 1, test: 1, seconds: 1 });
  const again = new Results(path, "text");
  assert.notEqual(again.of(cell), undefined);
  assert.notEqual(nameOf(nextCell(again, []) ?? cell), nameOf(cell));
  assert.equal(progressOf(again).done, 1);
  const other = new Results(path, "another");
  assert.equal(nameOf(nextCell(other, []) ?? cell), nameOf(cell));
  appendFileSync(path, '{"recipe":1}\n');
  assert.throws(() => new Results(path, "text"), /:2 is no result/);
  writeFileSync(path, "{");
  assert.throws(() => new Results(path, "text"), /:1 is no result/);
});

test("a goal that is missed is printed as missed, one that was not run as open, a divergence as such", () => {
  const path = fresh();
  const results = new Results(path, "text");
  play(results, ["synchronous", "sparseloco-5", "diloco-5", "average-5"], lossOf);
  play(results, ["demo-10"], (cell) => (cell.phase === "sweep" ? lossOf(cell) : null));
  const standing = standingOf(results);
  const holds = new Map(standing.goals.map((goal) => [goal.text, goal.holds]));
  assert.equal(holds.get("sparseloco-5 ends no higher than diloco-5"), true);
  assert.equal(holds.get("sparseloco-5 ends no higher than average-5"), false);
  assert.equal(holds.get("sparseloco-10 ends no higher than diloco-10"), null);
  assert.equal(standing.goals.at(-1)?.holds, true);
  const page = pageOf(standing, progressOf(results));
  assert.match(page, /average-5 .* \*\*missed\*\* \|/);
  assert.match(page, /`demo-10` .* diverged \|/);
  assert.match(page, /`sparseloco-30` \| 0\/16 \| not run/);
  assert.match(page, /`sparseloco-5` .*\+3\.0 %/);
  const picture = pictureOf(standing);
  assert.match(picture, /^<svg [^]*<\/svg>\n$/);
  assert.doesNotMatch(picture, /NaN|Infinity|undefined/);
  assert.equal(readFileSync(path, "utf8").trim().split("\n").length, progressOf(results).done);
});

test("the text is split without a byte in common, and a seed always draws the same sequences", () => {
  const text = readText();
  assert.ok(text.training.length > 1e6 && text.validation.length > 1e5 && text.test.length > 1e5);
  const who = { seed: 5, miner: 1, miners: 4, context: 64 };
  const [one, two] = [new Stream(text, who), new Stream(text, who)];
  assert.deepEqual(one.next(3), two.next(3));
  assert.notDeepEqual(one.next(3), new Stream(text, { ...who, miner: 2 }).next(3));
  assert.equal(evenly(text.test, 64, 10).length, 650);
});
