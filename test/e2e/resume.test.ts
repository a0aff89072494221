/** @file A run whose parent is killed, and one that is stopped with Ctrl-C, go on where they stood; nothing recorded is lost. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { livingWith, type Nodes, Observer, RunningLocalnet } from "../support/localnet.ts";

const WINDOWS = 10;
const summarySchema = z.object({
  windows: z.number(),
  stopped: z.boolean(),
  faults: z.array(z.string()),
  windowsCompared: z.number(),
  rederived: z.boolean(),
  digestsEqual: z.boolean(),
  missed: z.record(z.string(), z.number()),
  uids: z.array(z.object({ emission: z.string() })),
  ledger: z.record(z.string(), z.string()),
  issued: z.string(),
  scheduled: z.string(),
});

/** Waits for the parameters of a window, then for a look at what everybody has. */
async function digestsAt(nodes: Nodes, window: number): Promise<Map<number, string>> {
  const observer = await Observer.connect(nodes);
  try {
    await observer.reached("validator-1", window, 120_000);
    return new Map((await observer.digests("validator-1")).map((one) => [one.window, one.digest]));
  } finally {
    await observer.close();
  }
}

/** Windows in the record of the first validator, in the order in which they were written. */
function recordedWindows(folder: string, nodes: Nodes): number[] {
  const { ss58 } = nodes.nodes.find((one) => one.name === "validator-1") ?? { ss58: "" };
  const path = join(folder, "nodes", ss58, `records-${nodes.runId.slice(2, 18)}.jsonl`);
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line) => z.object({ window: z.number() }).parse(JSON.parse(line)).window);
}

test(
  "killed in the middle, stopped, gone on twice: one run, equal everywhere, paid exactly",
  { timeout: 300_000 },
  async (t) => {
    const words = ["--windows", String(WINDOWS), "--miners", "2", "--attack", "replay", "--json"];
    const first = new RunningLocalnet([...words, "--no-baseline", "--keep"]);
    t.after(() => rmSync(first.output, { recursive: true, force: true }));
    const nodes = await first.nodes();
    const before = await digestsAt(nodes, 4);
    const folder = first.folder ?? "";
    first.child.kill("SIGKILL");
    await first.exited;

    // The children of the dead parent may still be at work: they are waited for.
    const second = new RunningLocalnet(["--json", "--no-baseline", "--keep"], first.output);
    await second.newNodes(nodes);
    const between = await digestsAt(await second.nodes(), 7);
    second.child.kill("SIGINT");
    const stoppedAt = performance.now();
    await second.exited;
    t.diagnostic(`from Ctrl-C to the end: ${(performance.now() - stoppedAt).toFixed(0)} ms`);
    assert.ok(performance.now() - stoppedAt < 10_000);
    const early = summarySchema.parse(second.summary());
    assert.equal(early.stopped, true);
    assert.deepEqual(early.faults, []);
    assert.ok(early.windows >= 7 && early.windows < WINDOWS);
    assert.match(second.stderr, /go on +npm run subnet -- localnet resume \//);

    const third = new RunningLocalnet(["--json", "--no-baseline", "--keep"], first.output);
    const code = await third.exited;
    assert.equal(code, 0, third.stderr);
    const summary = summarySchema.parse(third.summary());
    t.diagnostic(JSON.stringify({ ...summary, uids: undefined }));
    assert.equal(summary.windows, WINDOWS);
    assert.equal(summary.stopped, false);
    assert.ok(summary.digestsEqual && summary.rederived);
    assert.equal(summary.windowsCompared, WINDOWS + 1, "the windows before the stops as well");
    // Only the kill may cost an update: one that was committed, and whose payload lay in memory alone.
    for (const [name, windows] of Object.entries(summary.missed))
      assert.ok(windows <= 1, `${name} missed ${windows}`);
    assert.equal(summary.issued, summary.scheduled);
    const { paidNeuronsRao = "x", paidOwnerRao = "x" } = summary.ledger;
    const earned = summary.uids.reduce((sum, one) => sum + BigInt(one.emission), 0n);
    assert.equal(earned, BigInt(paidNeuronsRao) + BigInt(paidOwnerRao), "all pay is somebody's");

    const recorded = recordedWindows(folder, nodes);
    assert.deepEqual(
      recorded,
      Array.from({ length: WINDOWS }, (_, window) => window),
    );
    for (const [window, digest] of before)
      if (between.has(window)) assert.equal(between.get(window), digest);
    assert.deepEqual(livingWith(first.output), [], "no process is left");

    // A run that is over is served again, and keeps its summary.
    assert.ok(existsSync(join(folder, "wallets")), "--keep");
    const served = new RunningLocalnet(["--json"], first.output);
    await served.newNodes(await second.nodes());
    await sleep(1000);
    assert.match(served.stderr, /all 10 windows are over; nothing is trained any more/);
    const observer = await Observer.connect(await served.nodes());
    const held = await observer.reached("validator-1", WINDOWS, 60_000);
    await observer.close();
    assert.equal(held, WINDOWS);
    served.child.kill("SIGINT");
    assert.equal(await served.exited, 0);
    assert.deepEqual(livingWith(first.output), []);
  },
);

test("what cannot go on is refused before anything starts", { timeout: 60_000 }, async (t) => {
  const empty = new RunningLocalnet(["--windows", "2", "--data", "/nowhere"]);
  t.after(() => rmSync(empty.output, { recursive: true, force: true }));
  assert.notEqual(await empty.exited, 0);
  const nothing = new RunningLocalnet([], empty.output);
  assert.equal(await nothing.exited, 2);
  assert.match(nothing.stderr, /holds no run that has begun/);
  const longer = new RunningLocalnet(["--windows", "99"], empty.output);
  assert.equal(await longer.exited, 2);
  assert.match(longer.stderr, /part of its manifest.*none can be added/);
  assert.match(longer.stderr, /run +npm run subnet -- localnet --windows 99/);
});
