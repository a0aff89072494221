/** @file Every failure ends as one screen: code, cause, next step, and a command that exists with the flags it has. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import type { NextCommand } from "../../../base/fault.ts";
import { ChainError } from "../../../chain/errors.ts";
import { KernelError } from "../../../kernels/errors.ts";
import {
  balanceOptions,
  faucetOptions,
  registerOptions,
  stakeOptions,
  statusOptions,
  unstakeOptions,
  walletImportOptions,
  walletListOptions,
  walletOptions,
  whyOptions,
} from "../../../miner/account/options.ts";
import { minerOptions } from "../../../miner/options.ts";
import { type Failure, failureOf, reportFailure, screenOf } from "../../../src/command/failure.ts";
import type { Invocation } from "../../../src/command/next-command.ts";
import { flagOf } from "../../../src/command/words.ts";
import { AssayError } from "../../../src/errors.ts";
import { chainOptions } from "../../../subnet/chain-options.ts";
import { createOptions } from "../../../subnet/create/options.ts";
import { publishOptions } from "../../../subnet/publish/options.ts";
import { statusOptions as subnetStatusOptions } from "../../../subnet/status/options.ts";
import { exportOptions } from "../../../subnet/export/options.ts";
import { initOptions } from "../../../subnet/init/options.ts";
import { localnetOptions } from "../../../subnet/localnet/options.ts";
import { validatorOptions } from "../../../validator/options.ts";
import { ASSAY_FAULTS, CHAIN_FAULTS, CHAIN_VARIANTS, KERNEL_CODES } from "../../support/faults.ts";

const systemError = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: x`), { code, ...(path !== undefined && { path }) });

const failures: Failure[] = [
  ...Object.values(ASSAY_FAULTS).map((fault) => failureOf(new AssayError(fault))),
  ...[...Object.values(CHAIN_FAULTS), ...CHAIN_VARIANTS].map((fault) =>
    failureOf(new ChainError(fault)),
  ),
  ...Object.values(KERNEL_CODES).map((code) => failureOf(new KernelError(code, "no cuda"))),
  failureOf(new AssayError({ ...ASSAY_FAULTS["not-enough-funds"], faucet: true })),
  failureOf(new AssayError({ ...ASSAY_FAULTS["not-enough-stake"], haveRao: 0n })),
  failureOf(systemError("ENOSPC", "/x")),
  failureOf(systemError("EACCES", "/x")),
  failureOf(new Error("odd")),
  failureOf(new Error("")),
  failureOf("thrown text"),
];

const SCRIPTS = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(
    JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")),
  ).scripts;
const SCHEMAS: Readonly<Record<string, z.ZodObject>> = {
  miner: minerOptions,
  "miner wallet": walletOptions,
  "miner wallet hotkey": walletOptions,
  "miner wallet import": walletImportOptions,
  "miner wallet list": walletListOptions,
  "miner register": registerOptions,
  "miner balance": balanceOptions,
  "miner faucet": faucetOptions,
  "miner stake": stakeOptions,
  "miner unstake": unstakeOptions,
  "miner status": statusOptions,
  "miner why": whyOptions,
  validator: validatorOptions,
  "subnet chain": chainOptions,
  "subnet localnet": localnetOptions,
  "subnet create": createOptions,
  "subnet export": exportOptions,
  "subnet init": initOptions,
  "subnet publish": publishOptions,
  "subnet status": subnetStatusOptions,
};
const KEYS = new Set(Object.values(SCHEMAS).flatMap((schema) => Object.keys(schema.shape)));
// --host of the chain's port stands in words only where another host than loopback was named.
const FLAGS = new Set([...KEYS].map((key) => `--${flagOf(key)}`).concat("--help", "--config"));

const INVOCATION: Invocation = {
  program: "miner",
  words: [],
  keys: Object.keys(minerOptions.shape),
  given: new Map([
    ["wallet", { value: "bob's", layer: "flag", place: "--wallet" }],
    ["netuid", { value: 3, layer: "file", place: "x.toml, line 1" }],
  ]),
  configPath: null,
};

/** A command names a command that exists, with options that it has and values that it takes. */
function assertRuns(command: NextCommand): void {
  if ("system" in command) {
    assert.ok(command.system.length > 1);
    if (command.system[0] === "npm" && command.system[1] === "run")
      assert.ok((command.system[2] ?? "") in SCRIPTS, command.system.join(" "));
  } else if ("ours" in command) {
    const schema = SCHEMAS[command.ours];
    assert.ok(schema !== undefined, `no such command: ${command.ours}`);
    for (const key of command.keep ?? []) assert.ok(key in schema.shape, `${command.ours} ${key}`);
    schema.parse(command.set ?? {});
  } else if ("again" in command) {
    for (const [key, value] of Object.entries(command.again)) {
      // The chain's --host is the one key that no command has yet: it is left out of the line then.
      if (key === "host") continue;
      assert.ok(KEYS.has(key), key);
      const takers = Object.values(SCHEMAS).filter((schema) => key in schema.shape);
      assert.ok(
        takers.some((schema) => schema.safeParse({ [key]: value }).success),
        `${key}=${String(value)}`,
      );
    }
  }
}

for (const failure of failures)
  test(`${failure.code}: cause, next step and command are whole, and name only what exists`, () => {
    const { code, explanation } = failure;
    const { cause, next, commands = [] } = explanation;
    for (const line of [code, cause, next]) {
      assert.ok(line.length > 2, line);
      assert.doesNotMatch(line, /\n|undefined|\[object|null|\.\.$|`/);
    }
    assert.match(cause, /\.$/);
    assert.match(next, /\.$/);
    for (const [flag] of next.matchAll(/--[a-z][a-z.-]*[a-z]/g))
      assert.ok(FLAGS.has(flag), `no such flag: ${flag}`);
    for (const command of commands) assertRuns(command);
    const lines = screenOf(failure, INVOCATION).trim().split("\n");
    assert.deepEqual(
      lines.map((line) => line.trim().split(/\s+/)[0]),
      ["error", "cause", "next", ...(commands.length > 0 ? ["run"] : [])],
    );
  });

test("a next command keeps what the person gave, quoted for a shell", () => {
  const failure = failureOf(
    new AssayError({ code: "not-registered", hotkey: "5F", netuid: 3, wallet: "bob's" }),
  );
  const screen = screenOf(failure, INVOCATION);
  assert.ok(
    screen.includes(String.raw`run    npm run miner -- register --wallet 'bob'\''s' --netuid 3`),
    screen,
  );
});

test("what starting again does is said by the command, and only where it is the very same one", () => {
  const invocation = { ...INVOCATION, restart: "it goes on where it stopped" };
  const full = screenOf(failureOf(systemError("ENOSPC", "/x")), invocation);
  assert.match(full, /start it again: it goes on where it stopped\.\n/);
  const taken = screenOf(failureOf(new AssayError(ASSAY_FAULTS["port-in-use"])), invocation);
  assert.doesNotMatch(taken, /it goes on/);
});

test("a refused path names the option that it came from", () => {
  const given = new Map([
    ["state", { value: "/s", layer: "flag", place: "--state" }],
    ["logFile", { value: "/s/log", layer: "flag", place: "--log-file" }],
  ] as const);
  const { explanation } = failureOf(systemError("EACCES", "/s/log/x"), given);
  assert.match(explanation.cause, /\/s\/log\/x \(from --log-file\): permission denied/);
});

/** Reports a failure; returns what it printed to standard error and the exit code. */
function reported(error: unknown): { text: string; exitCode: unknown } {
  const write = process.stderr.write.bind(process.stderr);
  const before = process.exitCode;
  let text = "";
  process.stderr.write = (chunk: string | Uint8Array) => ((text += String(chunk)), true);
  try {
    reportFailure(error, INVOCATION);
  } finally {
    process.stderr.write = write;
  }
  const { exitCode } = process;
  process.exitCode = before;
  return { text, exitCode };
}

test("refused input exits with 2, failures with 1, neither shows a stack", () => {
  const refused = reported(new AssayError({ code: "bad-option", detail: "no." }));
  assert.equal(refused.exitCode, 2);
  const failed = reported(new AssayError({ code: "disk-full", path: "/x" }));
  assert.equal(failed.exitCode, 1);
  for (const { text } of [refused, failed]) assert.doesNotMatch(text, /\n\s+at /);
});

test("only an error that nobody foresaw shows its stack", () => {
  const { text, exitCode } = reported(new Error("odd"));
  assert.equal(exitCode, 1);
  assert.match(text, /internal[\s\S]*odd[\s\S]*\n\s+at /);
});
