/** @file Processes under faults: paused, killed, started again, with another clock. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { NodeProcess } from "../../../../chaos/real/node-process.ts";

test("a process is killed, started again, and ends when asked", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-chaos-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const logPath = join(folder, "chain.log");
  const args = ["chain", "--port", "0", "--sealing", "manual", "--log-level", "warn"];
  const chain = new NodeProcess({ name: "chain", role: "subnet", args, logPath });
  assert.equal(chain.runs, false);
  for (let round = 0; round < 2; round++) {
    chain.start();
    assert.notEqual(await chain.ready, null, readFileSync(logPath, "utf8"));
    if (round === 0) await chain.kill();
  }
  assert.ok(chain.runs);
  chain.pause();
  assert.equal(await chain.stop(20_000), 0, readFileSync(logPath, "utf8"));
  const log = readFileSync(logPath, "utf8");
  assert.equal(log.match(/^-- started/gm)?.length, 2);
  assert.match(log, /-- ended with SIGKILL/);
});

test("a preloaded clock is off in every way that a wall clock is read", () => {
  const preload = new URL("../../../../chaos/real/shifted-clock.ts?ms=86400000", import.meta.url);
  const look =
    "console.log(JSON.stringify([Date.now(), +new Date(), performance.timeOrigin, +new Date(5), new Date() instanceof Date, Date.parse('1970-01-02T00:00:00Z')]))";
  const run = spawnSync(process.execPath, ["--import", preload.href, "-e", look]);
  const found: unknown = JSON.parse(run.stdout.toString());
  assert.ok(Array.isArray(found), run.stderr.toString());
  const [now, made, origin, ...fixed] = found.map(Number);
  for (const clock of [now, made, origin])
    assert.ok(Math.abs((clock ?? 0) - Date.now() - 86_400_000) < 20_000, `${clock}`);
  assert.deepEqual(fixed, [5, 1, 86_400_000]);
});
