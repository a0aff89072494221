/** @file Each fault has words, and the error keeps its code, details and cause. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { AssayError, describe, type Fault, isAssayError } from "../../src/errors.ts";

const FAULTS: readonly Fault[] = [
  { code: "bad-option", detail: "Unknown option --netiud; did you mean --netuid?" },
  { code: "port-in-use", host: "127.0.0.1", port: 9944 },
  { code: "data-unreadable", path: "/data", reason: "permission denied" },
  { code: "data-too-small", pages: 3, needed: 40 },
  { code: "disk-full", path: "/state/log" },
  { code: "blob-missing", digest: "0x00" },
  { code: "blob-corrupt", digest: "0x00", found: "0x01" },
  { code: "peer-timeout", url: "http://127.0.0.1:1" },
  { code: "peer-oversized", url: "http://127.0.0.1:1", limitBytes: 1024 },
  { code: "peer-unreachable", url: "http://127.0.0.1:1", reason: "refused" },
  { code: "manifest-invalid", reason: "name: too long" },
  { code: "run-not-published", netuid: 3 },
  { code: "digest-mismatch", window: 4, expected: "0x00", found: "0x01" },
  { code: "update-malformed", reason: "length" },
  { code: "record-corrupt", path: "/log", reason: "line 3" },
  { code: "state-corrupt", path: "/state", reason: "digest" },
  { code: "not-registered", hotkey: "5F", netuid: 3, wallet: "alice" },
  { code: "window-missed", window: 4 },
  { code: "node-died", role: "miner-1", exitCode: 1, logPath: "/log" },
];

for (const fault of FAULTS) {
  test(`${fault.code} says what happened and what to do next`, () => {
    const { cause, next } = describe(fault);
    for (const text of [cause, next]) {
      assert.ok(text.length > 10, text);
      assert.doesNotMatch(text, /undefined|null|\[object|\.\.$/);
    }
    const inner = new Error("inner");
    const error = new AssayError(fault, { cause: inner });
    assert.equal(error.code, fault.code);
    assert.equal(error.cause, inner);
    assert.ok(error.message.startsWith(`${fault.code}: `));
    assert.ok(isAssayError(error) && isAssayError(error, fault.code));
    assert.ok(!isAssayError(inner));
  });
}

test("a signal is told apart from an exit code", () => {
  const fault = { code: "node-died", role: "miner", exitCode: null, logPath: "x" } as const;
  assert.match(describe(fault).cause, /signal/);
});
