/** @file The text that Prometheus reads: one family after the other, values and labels as they are, whatever stands in a label. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { OF_PROCESS } from "../../../observability/metric-list.ts";
import type { Family } from "../../../src/metrics/metric.ts";
import { exposed } from "../../../src/metrics/exposition.ts";

test("families in text format 0.0.4, labels escaped, the process itself behind them", async () => {
  const { type, text } = await exposed([
    { name: "assay_a_total", kind: "counter", help: "Counts.", samples: [{ value: 3 }] },
    {
      name: "assay_b",
      kind: "gauge",
      help: "Two\nlines \\ of help.",
      labels: ["run"],
      samples: [
        { labels: { run: 'a"b\\c\nd' }, value: -1.5 },
        { labels: { run: "e" }, value: 1e21 },
      ],
    },
  ]);
  assert.match(type, /^text\/plain; version=0\.0\.4/);
  const ours = text.slice(0, text.indexOf("# HELP process_"));
  assert.deepEqual(ours.trim().split("\n"), [
    "# HELP assay_a_total Counts.",
    "# TYPE assay_a_total counter",
    "assay_a_total 3",
    "",
    "# HELP assay_b Two\\nlines \\\\ of help.",
    "# TYPE assay_b gauge",
    'assay_b{run="a\\"b\\\\c\\nd"} -1.5',
    'assay_b{run="e"} 1e+21',
  ]);
  for (const { name, kind } of OF_PROCESS) {
    if (name === "process_open_fds" && process.platform !== "linux") continue;
    assert.match(text, new RegExp(`^# TYPE ${name} ${kind}$`, "m"));
    assert.match(text, new RegExp(`^${name} \\S`, "m"));
  }
});

function gauge(uid: string, value: number): Family {
  const samples = [{ labels: { uid }, value }];
  return { name: "assay_c", kind: "gauge", help: "One.", labels: ["uid"], samples };
}

test("a scrape leaves nothing behind: the next one tells its own values alone", async () => {
  await exposed([gauge("1", 5)]);
  const { text } = await exposed([gauge("2", 6)]);
  assert.ok(text.includes('assay_c{uid="2"} 6') && !text.includes('assay_c{uid="1"}'));
});
