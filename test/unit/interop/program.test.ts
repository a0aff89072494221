/** @file A client as a process: what it says, and that at its limit nothing of it is left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runProgram } from "../../interop/clients/program.ts";

const LIMIT_MS = 500;
const node = (code: string, limitMs = 30_000): Parameters<typeof runProgram>[0] => ({
  file: process.execPath,
  args: ["-e", code],
  env: process.env,
  limitMs,
});

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("both streams and the exit code are kept", async () => {
  const outcome = await runProgram(node('console.log("a"); console.error("b"); process.exit(3)'));
  assert.deepEqual(outcome, { code: 3, out: "a\n", err: "b\n", isLate: false });
});

test("at its limit a program dies with what it started", async () => {
  const began = performance.now();
  const child = "setInterval(() => 0, 1000)";
  const parent = `const { spawn } = require("node:child_process");
    const { pid } = spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" });
    console.log(pid); setInterval(() => 0, 1000);`;
  const outcome = await runProgram(node(parent, 4 * LIMIT_MS));
  assert.equal(outcome.isLate, true);
  assert.equal(outcome.code, null);
  assert.ok(performance.now() - began < 20 * LIMIT_MS);
  const pid = Number(outcome.out.trim());
  assert.ok(pid > 0, "it had no time to start its child");
  for (let tries = 0; lives(pid) && tries < 50; tries++) await sleep(LIMIT_MS / 10);
  assert.equal(lives(pid), false);
});

test("what does not start is an error", async () => {
  await assert.rejects(runProgram({ ...node(""), file: "/no/such/program" }), /ENOENT/);
});
