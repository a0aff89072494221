/** @file Every failure ends as one screen: code, cause, next command; and every command it names exists. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { ChainError, type ChainFault, type ChainFaultCode } from "../../../chain/errors.ts";
import { KernelError } from "../../../kernels/errors.ts";
import { flagOf } from "../../../src/command/command.ts";
import {
  chainOptions,
  localnetOptions,
  minerOptions,
  validatorOptions,
} from "../../../src/command/options.ts";
import { AssayError, type FaultCode, type FaultOf } from "../../../src/errors.ts";
import { type Failure, failureOf, runMain, screenOf } from "../../../src/command/failure.ts";

/** One fault of each code; the compiler requires that none is forgotten. */
const FAULTS: { readonly [C in FaultCode]: FaultOf<C> } = {
  "bad-option": { code: "bad-option", detail: "unknown option --netiud" },
  "port-in-use": { code: "port-in-use", host: "127.0.0.1", port: 1 },
  "data-unreadable": { code: "data-unreadable", path: "/data", reason: "gone" },
  "data-too-small": { code: "data-too-small", pages: 1, needed: 2 },
  "held-out-too-small": { code: "held-out-too-small", bytes: 1, needed: 2, found: "x" },
  "disk-full": { code: "disk-full", path: "/x" },
  "blob-missing": { code: "blob-missing", digest: "0x00" },
  "blob-corrupt": { code: "blob-corrupt", digest: "0x00", found: "0x01" },
  "peer-timeout": { code: "peer-timeout", url: "http://127.0.0.1:1" },
  "peer-oversized": { code: "peer-oversized", url: "http://127.0.0.1:1", limitBytes: 1 },
  "peer-unreachable": { code: "peer-unreachable", url: "http://127.0.0.1:1", reason: "refused" },
  "manifest-invalid": { code: "manifest-invalid", reason: "x" },
  "run-not-published": { code: "run-not-published", netuid: 1 },
  "digest-mismatch": { code: "digest-mismatch", window: 1, expected: "0x00", found: "0x01" },
  "update-malformed": { code: "update-malformed", reason: "x" },
  "record-corrupt": { code: "record-corrupt", path: "/x", reason: "x" },
  "state-corrupt": { code: "state-corrupt", path: "/x", reason: "x" },
  "not-registered": { code: "not-registered", hotkey: "5F", netuid: 1, wallet: "w" },
  "window-missed": { code: "window-missed", window: 1 },
  "node-died": { code: "node-died", role: "miner-1", exitCode: 1, logPath: "/log" },
};
const CHAIN_FAULTS: { readonly [C in ChainFaultCode]: Extract<ChainFault, { code: C }> } = {
  "chain-unreachable": { code: "chain-unreachable", endpoint: "ws://127.0.0.1:1" },
  "wrong-genesis": {
    code: "wrong-genesis",
    expected: "0x00",
    found: "0x01",
    endpoint: "ws://127.0.0.1:1",
  },
  "extrinsic-invalid": { code: "extrinsic-invalid", reason: "Payment", detail: "" },
  "extrinsic-failed": {
    code: "extrinsic-failed",
    pallet: "Balances",
    error: "X",
    docs: "two\nlines",
  },
  "extrinsic-timeout": { code: "extrinsic-timeout", hash: "0x00", timeoutMs: 1 },
  "rpc-failed": { code: "rpc-failed", endpoint: "ws://127.0.0.1:1", method: "m", reason: "r" },
  "runtime-incompatible": { code: "runtime-incompatible", item: "i", expected: "a", found: "b" },
  "port-in-use": { code: "port-in-use", host: "127.0.0.1", port: 1 },
  "database-unreadable": { code: "database-unreadable", path: "/x" },
  "runtime-import-missing": { code: "runtime-import-missing", names: ["a"] },
  "runtime-trap": { code: "runtime-trap", call: "c", log: "l" },
  "runtime-unreadable": { code: "runtime-unreadable", path: "/x" },
  "genesis-invalid": { code: "genesis-invalid", reason: "r" },
  "wallet-missing": { code: "wallet-missing", path: "/x", known: [] },
  "wallet-unreadable": { code: "wallet-unreadable", path: "/x", reason: "r" },
  "wallet-wrong-password": { code: "wallet-wrong-password", path: "/x" },
  "wallet-exists": { code: "wallet-exists", path: "/x" },
  "wallet-unsupported": { code: "wallet-unsupported", path: "/x", format: "Fernet" },
  "invalid-name": { code: "invalid-name", name: "n" },
  "invalid-address": { code: "invalid-address", text: "t" },
  "not-registered": { code: "not-registered", hotkey: "5F", netuid: 1 },
  "subnet-missing": { code: "subnet-missing", netuid: 1 },
};

const failures: Failure[] = [
  ...Object.values(FAULTS).map((fault) => failureOf(new AssayError(fault))),
  ...Object.values(CHAIN_FAULTS).map((fault) => failureOf(new ChainError(fault))),
  failureOf(new KernelError("device-refused", "no cuda")),
  failureOf(Object.assign(new Error("ENOSPC"), { code: "ENOSPC", path: "/x" })),
  failureOf(Object.assign(new Error("EACCES: /x"), { code: "EACCES" })),
  failureOf(new Error("odd")),
  failureOf("thrown text"),
];

const SCRIPTS = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(
    JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")),
  ).scripts;
const FLAGS = new Set(
  [minerOptions, validatorOptions, chainOptions, localnetOptions]
    .flatMap((schema) => Object.keys(schema.shape))
    .map((key) => `--${flagOf(key)}`)
    .concat("--help", "--config", "--print-config"),
);
/** Commands of the public wallet tool that our texts name (btcli 9). */
const BTCLI = [/^btcli wallet (regen-hotkey|regen-coldkey)$/];

function isCommand(text: string): boolean {
  const [tool = "", name = ""] = text.split(" ");
  if (tool === "btcli") return BTCLI.some((pattern) => pattern.test(text));
  if (tool === "npm") return text.startsWith("npm run ") && text.slice(8) in SCRIPTS;
  if (tool === "subnet") return ["localnet", "chain"].includes(name);
  if (tool === "miner" && ["wallet", "register"].includes(name)) return true;
  return ["miner", "validator"].includes(tool) && text === tool;
}

for (const failure of failures)
  test(`${failure.code}: cause and next step are whole, and name only what exists`, () => {
    const { code, cause, next } = failure;
    for (const line of [code, cause, next]) {
      assert.ok(line.length > 2, line);
      assert.doesNotMatch(line, /\n|undefined|\[object/);
    }
    for (const [, command = ""] of next.matchAll(/`([^`]+)`/g))
      assert.ok(isCommand(command), `no such command: ${command}`);
    for (const [flag] of next.matchAll(/--[a-z][a-z.-]*[a-z]/g))
      assert.ok(FLAGS.has(flag), `no such flag: ${flag}`);
    const lines = screenOf(failure).trim().split("\n");
    assert.deepEqual(
      lines.map((line) => line.trim().split(/\s+/)[0]),
      ["error", "cause", "next"],
    );
  });

test("a chain fault that also exists in src keeps its code", () => {
  assert.equal(
    failureOf(new ChainError({ code: "port-in-use", host: "h", port: 1 })).code,
    "port-in-use",
  );
});

/** Runs `main` through runMain; returns what it printed to standard error and the exit code. */
async function ran(main: () => Promise<unknown>): Promise<{ text: string; exitCode: unknown }> {
  const write = process.stderr.write.bind(process.stderr);
  const before = process.exitCode;
  let text = "";
  process.stderr.write = (chunk: string | Uint8Array) => ((text += String(chunk)), true);
  try {
    await runMain(main);
  } finally {
    process.stderr.write = write;
  }
  const { exitCode } = process;
  process.exitCode = before;
  return { text, exitCode };
}

test("runMain: refused input exits with 2, failures with 1, neither shows a stack", async () => {
  const refused = await ran(() =>
    Promise.reject(new AssayError({ code: "bad-option", detail: "no" })),
  );
  assert.equal(refused.exitCode, 2);
  const failed = await ran(() => Promise.reject(new AssayError({ code: "disk-full", path: "/x" })));
  assert.equal(failed.exitCode, 1);
  for (const { text } of [refused, failed]) assert.doesNotMatch(text, /\n\s+at /);
});

test("runMain: only an error that nobody foresaw shows its stack", async () => {
  const { text, exitCode } = await ran(() => Promise.reject(new Error("odd")));
  assert.equal(exitCode, 1);
  assert.match(text, /internal[\s\S]*odd[\s\S]*\n\s+at /);
});

test("runMain: success leaves the exit code alone", async () => {
  const { text, exitCode } = await ran(() => Promise.resolve());
  assert.equal(text, "");
  assert.equal(exitCode, process.exitCode);
});
