/** @file Traces by the real exporter to a collector in this process: the same trace in every process of a window, steps under their window. */
import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { openTraces, traceIdOf, TRACES_VARIABLE } from "../../../src/metrics/traces.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { Collector } from "../../observe/collector.ts";
import { portOf } from "../../support/ports.ts";

const RUN: Hex = `0x${"ab".repeat(32)}`;
const before = process.env[TRACES_VARIABLE];
after(() => {
  if (before === undefined) delete process.env[TRACES_VARIABLE];
  else process.env[TRACES_VARIABLE] = before;
});

test("ids follow from run and window, as docs/metrics.md says", () => {
  // blake2b256("assay/trace/1/" + run + "/7") by Python's hashlib, first 16 bytes.
  assert.equal(traceIdOf(RUN, 7), "63002df3752f353f6eabad88bb9cb3f6");
  assert.notEqual(traceIdOf(RUN, 7), traceIdOf(RUN, 8));
});

test("without the variable nothing is loaded and nothing is drawn", async () => {
  delete process.env[TRACES_VARIABLE];
  assert.equal(await openTraces({ service: "assay-miner", instance: "a" }, assert.fail), null);
  process.env[TRACES_VARIABLE] = "";
  assert.equal(await openTraces({ service: "assay-miner", instance: "a" }, assert.fail), null);
});

test("two processes draw into one trace a window, each its steps under its own window", async (t) => {
  const collector = await Collector.start();
  t.after(() => collector.close());
  process.env[TRACES_VARIABLE] = collector.url;
  for (const instance of ["a", "b"]) {
    const traces = await openTraces({ service: "assay-miner", instance }, assert.fail);
    assert.ok(traces !== null);
    const step = { runId: RUN, fromMs: 1000, toMs: 3000, last: false };
    traces.add({ ...step, window: 7, name: "committed" });
    traces.add({ ...step, window: 7, name: "settled", fromMs: 3000, toMs: 5500, last: true });
    // One whose last step never came is ended by the next window, or by the end of the process.
    traces.add({ ...step, window: 8, name: "committed" });
    traces.add({ ...step, window: 9, name: "committed" });
    await traces.close();
  }
  assert.deepEqual(collector.faults, []);
  const found = collector.spans.filter(({ traceId }) => traceId === traceIdOf(RUN, 7));
  assert.deepEqual(
    found
      .map(({ process: who, name, isRoot, seconds }) => [who, name, isRoot, seconds])
      .toSorted((a, b) => (a.join() < b.join() ? -1 : 1)),
    ["a", "b"].flatMap((instance) => [
      [`assay-miner ${instance}`, "committed", false, 2],
      [`assay-miner ${instance}`, "settled", false, 2.5],
      [`assay-miner ${instance}`, "window", true, 4.5],
    ]),
  );
  const windows = new Set(collector.spans.map(({ traceId }) => traceId));
  assert.deepEqual(windows, new Set([7, 8, 9].map((window) => traceIdOf(RUN, window))));
});

test("a collector that never answers does not keep a process", async (t) => {
  const silent = createServer(() => undefined);
  process.env[TRACES_VARIABLE] = `http://127.0.0.1:${await portOf(silent)}`;
  t.after(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const traces = await openTraces({ service: "assay-miner", instance: "a" }, assert.fail);
  traces?.add({ runId: RUN, window: 1, name: "settled", fromMs: 1, toMs: 2, last: true });
  const from = performance.now();
  await traces?.close();
  assert.ok(performance.now() - from < 3000);
});
