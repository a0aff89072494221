/** @file The main job on a small scale: a whole network runs, agrees, learns, pays exactly, and leaves nothing behind. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { livingWith, RunningLocalnet } from "../support/localnet.ts";

const summarySchema = z.object({
  windows: z.number(),
  heldOutLoss: z.object({ start: z.number(), end: z.number() }),
  baselineLoss: z.number().nullable(),
  bytesPerUpdate: z.number(),
  denseBytes: z.number(),
  uids: z.array(
    z.object({
      uid: z.number(),
      role: z.enum(["owner", "validator", "miner"]),
      kind: z.string(),
      emission: z.string().regex(/^\d+$/),
      score: z.number().nullable(),
      verdict: z.string(),
    }),
  ),
  issued: z.string(),
  scheduled: z.string(),
  ledger: z.record(z.string(), z.string()),
  cheaterShare: z.number(),
  digestsEqual: z.literal(true),
  seconds: z.number(),
  peakRssBytes: z.number(),
  record: z.string(),
});

test("sixteen windows with three cheaters", { timeout: 300_000 }, async (t) => {
  const net = new RunningLocalnet(["--windows", "16", "--json"]);
  t.after(() => rmSync(net.output, { recursive: true, force: true }));
  const code = await net.exited;
  assert.equal(code, 0, `${net.stderr}\n${net.stdout}`);
  const summary = summarySchema.parse(net.summary());
  t.diagnostic(JSON.stringify({ ...summary, uids: undefined }));
  assert.equal(summary.windows, 16);
  assert.ok(summary.heldOutLoss.end < summary.heldOutLoss.start - 1, "the model learned");
  assert.equal(summary.issued, summary.scheduled);
  const { paidNeuronsRao, paidOwnerRao, carriedRao, pendingRao, burnedRao } = summary.ledger;
  const parts = [paidNeuronsRao, paidOwnerRao, carriedRao, pendingRao, burnedRao].map((part) =>
    BigInt(part ?? "x"),
  );
  assert.equal(
    parts.reduce((sum, part) => sum + part, 0n),
    BigInt(summary.issued),
    "every rao is accounted for",
  );
  assert.ok(summary.cheaterShare < 0.05, `cheaters got ${summary.cheaterShare}`);
  assert.ok(summary.bytesPerUpdate * 50 < summary.denseBytes);
  assert.ok(summary.peakRssBytes < 8 * 2 ** 30, `peak ${summary.peakRssBytes}`);
  const honest = summary.uids.filter((one) => one.kind === "honest");
  assert.equal(honest.length, 4);
  assert.ok(
    honest.every((one) => BigInt(one.emission) > 0n),
    "every honest miner was paid",
  );
  assert.equal(new Set(honest.map((one) => one.emission)).size, 4, "and each by what it did");
  for (const cheat of summary.uids.filter((one) => ["copy", "noise", "replay"].includes(one.kind)))
    assert.match(
      cheat.verdict,
      /^(copied|replayed|loss-not-lowered|untrusted|distrusted|penalised|no-commitment)/,
      `${cheat.kind} is told why`,
    );
  assert.deepEqual(livingWith(net.output), [], "no process is left");
});

test(
  "Ctrl-C ends a run in order, with a summary and nothing left behind",
  { timeout: 180_000 },
  async (t) => {
    const net = new RunningLocalnet([
      "--windows",
      "60",
      "--miners",
      "1",
      "--attack",
      "none",
      "--json",
    ]);
    t.after(() => rmSync(net.output, { recursive: true, force: true }));
    await net.nodes();
    await sleep(15_000);
    net.child.kill("SIGINT");
    await net.exited;
    const { windows, digestsEqual } = z
      .object({ windows: z.number(), digestsEqual: z.boolean() })
      .parse(net.summary());
    assert.ok(windows < 60);
    assert.equal(digestsEqual, true);
    assert.deepEqual(livingWith(net.output), [], "no process is left");
  },
);
