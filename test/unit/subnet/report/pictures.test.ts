/** @file Pictures: ticks that hold what they measure, the pay curve's bounds, variation, and marks at their place. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { barsPicture } from "../../../../subnet/report/bars.ts";
import { curvePicture, keepsBounds } from "../../../../subnet/report/curve.ts";
import { emissionPicture } from "../../../../subnet/report/emission.ts";
import { percent, percentTick, ticksTo } from "../../../../subnet/report/numbers.ts";
import { spreadOf, spreadPicture } from "../../../../subnet/report/spread.ts";
import { sweepPicture } from "../../../../subnet/report/sweep.ts";

const about = { id: "x", title: "a <title>" };
const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });

test("ticks begin at 0, rise by one step, and reach what they measure", () => {
  fc.assert(
    fc.property(positive, (most) => {
      const ticks = ticksTo(most);
      assert.equal(ticks[0], 0);
      assert.ok((ticks.at(-1) ?? 0) >= most * (1 - 1e-9));
      assert.ok((ticks.at(-2) ?? 0) < most);
      assert.ok(ticks.length >= 3 && ticks.length <= 6, String(ticks));
    }),
  );
  for (const none of [0, -1, Number.NaN, Infinity]) assert.deepEqual(ticksTo(none), [0, 1]);
});

test("ticks of a small share are told apart", () => {
  for (const most of [0.003, 0.01, 0.025, 0.2, 1]) {
    const ticks = ticksTo(most);
    const labels = ticks.map((tick) => percentTick(tick, ticks));
    assert.equal(new Set(labels).size, labels.length, labels.join(" "));
  }
});

test("a share in percent, with a sign where asked, and no zero below zero", () => {
  assert.equal(percent(0.1234), "12.3 %");
  assert.equal(percent(0.1234, { places: 2, signed: true }), "+12.34 %");
  assert.equal(percent(-0.00001, { signed: true }), "0.0 %");
  assert.equal(percent(-0.2, { signed: true }), "-20.0 %");
});

const curve = (half: number, most = 0.7) => [
  { steps: 0.5, pay: half },
  { steps: 0.75, pay: most },
  { steps: 1, pay: 1 },
];

test("a pay curve keeps its bounds below the diagonal, and not too far at half", () => {
  assert.ok(keepsBounds(curve(0.4)));
  assert.ok(keepsBounds(curve(0.52)));
  assert.ok(!keepsBounds(curve(0.53)));
  assert.ok(!keepsBounds(curve(0.34)));
  assert.ok(!keepsBounds(curve(0.4, 0.8)));
  const drawn = curvePicture(about, curve(0.4)).text;
  assert.match(drawn, /a &lt;title&gt;/);
  assert.equal(drawn.match(/<circle/g)?.length, 3);
  assert.match(drawn, /<title>0\.5: 0\.40<\/title>/);
});

test("pay above an honest miner's still lies inside the picture", () => {
  const drawn = curvePicture(about, [{ steps: 1, pay: 1.6 }]).text;
  const [, y = ""] = /<circle[^>]* cy="([-\d.]+)"/.exec(drawn) ?? [];
  assert.ok(Number(y) >= 0, y);
});

test("variation is the sample's, and none of one pay or of no pay", () => {
  const found = spreadOf([1, 2, 3]);
  assert.ok(
    found !== null && Math.abs(found.cv - 0.5) < 1e-12 && Math.abs(found.most - 0.5) < 1e-12,
  );
  for (const pays of [[], [1], [0, 0]]) assert.equal(spreadOf(pays), null);
  fc.assert(
    fc.property(fc.array(positive, { minLength: 2, maxLength: 8 }), positive, (pays, factor) => {
      const [one, other] = [spreadOf(pays), spreadOf(pays.map((pay) => pay * factor))];
      assert.ok(one !== null && other !== null);
      assert.ok(Math.abs(one.cv - other.cv) < 1e-6 && one.most <= pays.length - 1 + 1e-9);
    }),
  );
  const drawn = spreadPicture(about, [
    { name: "a&b", pays: [1, 2, 3] },
    { name: "one", pays: [1] },
  ]);
  assert.equal(drawn.text.match(/<circle/g)?.length, 3);
  assert.match(drawn.text, /a&amp;b: variation 50\.0 %/);
});

test("areas of a window add up to what was paid in it, cheats on the ground", () => {
  const series = [
    { name: "honest", isHonest: true, shares: [0.7, 0.9], whole: 0.8 },
    { name: "cheat", isHonest: false, shares: [0.3, 0.1], whole: 0.2 },
  ];
  const drawn = emissionPicture(about, {
    series,
    period: "window",
    axis: "window",
    periods: [0, 1],
  }).text;
  const areas = [...drawn.matchAll(/<polygon class="area ([\w-]+)" points="([^"]*)"/g)];
  assert.deepEqual(
    areas.map(([, hue]) => hue),
    ["hue-0", "honest"],
  );
  const heights = areas.map(([, , points = ""]) =>
    points.split(" ").map((one) => Number(one.split(",")[1])),
  );
  const [below = [], above = []] = heights;
  assert.equal(below[0], above.at(-1), "the honest area lies on the cheat's");
  assert.ok(
    Math.abs(((below[3] ?? 0) - (below[0] ?? 0)) / ((below[3] ?? 0) - (above[0] ?? 0)) - 0.3) <
      1e-3,
  );
  assert.match(drawn, /cheat<\/span> <b>20\.0 %/);
});

test("a name that is too long for a picture is cut there, and whole for who hovers or listens", () => {
  const name = "n".repeat(300);
  const bars = [{ name, hue: 0, value: 0.02, mark: null, bound: null }];
  const words = { value: "earned", mark: "compute", bound: "at most" };
  const drawn = barsPicture(about, bars, words).text;
  assert.ok((/<text[^>]*>(n+…)<\/text>/.exec(drawn)?.[1]?.length ?? 300) < 60);
  assert.ok(drawn.includes(`<title>${name}: earned`));
});

test("a bar that crosses its bound is of another colour; nothing is drawn backwards", () => {
  const bars = [
    { name: "over", hue: 0, value: 0.02, mark: 0, bound: 0.01 },
    { name: "within", hue: 1, value: 0.005, mark: null, bound: 0.01 },
    { name: "free", hue: "honest" as const, value: -0.1, mark: null, bound: null },
  ];
  const drawn = barsPicture(about, bars, {
    value: "earned",
    mark: "compute",
    bound: "at most",
  }).text;
  const rects = [...drawn.matchAll(/<rect class="([\w-]+)"[^>]* width="([^"]*)"/g)];
  assert.deepEqual(
    rects.map(([, look]) => look),
    ["over", "hue-1", "honest"],
  );
  assert.ok(rects.every(([, , width]) => Number(width) >= 0));
  assert.match(drawn, /over: earned 2\.00 %, compute 0\.00 %, at most 1\.00 %/);
});

test("a sweep lies at its numbers where they rise, else evenly; what is not known is left out", () => {
  const places = (values: readonly string[]): readonly number[] => {
    const line = { name: "cv", hue: 0, shares: values.map((_, at) => (at === 9 ? null : 0.1)) };
    const drawn = sweepPicture(about, { key: "credit.floor", values, lines: [line] }).text;
    return [...drawn.matchAll(/<circle[^>]* cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  };
  const [a = 0, b = 0, c = 0] = places(["0.2", "0.3", "0.6"]);
  assert.ok(Math.abs((b - a) / (c - a) - 0.25) < 1e-3);
  const [d = 0, e = 0, f = 0] = places(["credit", "published", "x"]);
  assert.ok(Math.abs(e - d - (f - e)) < 0.02);
  assert.equal(places(["5"]).length, 1);
  const line = { name: "cv", hue: 0, shares: [null, 0.1] };
  assert.doesNotMatch(
    sweepPicture(about, { key: "k", values: ["1", "2"], lines: [line] }).text,
    /null|NaN/,
  );
});
