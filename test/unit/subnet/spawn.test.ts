/** @file Roles as processes: started with their own log, stopped on request, gone when they end. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { diedOf, entryOf, startRole } from "../../../subnet/spawn.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-spawn-"));
after(() => rmSync(folder, { recursive: true }));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("each role has an entry point", () => {
  for (const role of ["miner", "validator", "subnet"] as const)
    assert.match(readFileSync(entryOf(role), "utf8"), /^#!/);
});

test("a process that ends by itself is never ready, and its words are in the log", async () => {
  const logPath = join(folder, "bad.log");
  const running = startRole("miner", ["--netiud", "1"], { name: "miner-1", logPath });
  assert.equal(await running.ready, null);
  assert.equal(await running.exited, 2);
  assert.match(readFileSync(logPath, "utf8"), /error {2}bad-option/);
  assert.match((await diedOf(running, "miner-1")).summary, /^bad-option: .*--netiud.*--netuid/);
  await running.stop(1000);
  assert.ok(!isAlive(running.pid));
});

test("a process that is killed leaves its log's name", async () => {
  const logPath = join(folder, "killed.log");
  const args = ["chain", "--port", "0", "--sealing", "manual"];
  const running = startRole("subnet", args, { name: "chain", logPath });
  await running.ready;
  process.kill(running.pid, "SIGKILL");
  const { fault } = await diedOf(running, "chain");
  assert.deepEqual(fault, { code: "node-died", role: "chain", exitCode: null, logPath });
});

test("a serving process says so once, and SIGTERM ends it in order", async () => {
  const logPath = join(folder, "chain.log");
  const args = ["chain", "--port", "0", "--sealing", "manual"];
  const running = startRole("subnet", args, { name: "chain", logPath });
  const message = await running.ready;
  assert.ok(typeof message === "object" && message !== null && "port" in message);
  assert.ok(isAlive(running.pid));
  await running.stop(5000);
  assert.equal(await running.exited, 0);
  assert.ok(!isAlive(running.pid));
});
