/** @file Which command some words name, and what is said about words that name none. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import type { NextCommand } from "../../../base/fault.ts";
import { commandOf, type Runnable } from "../../../src/command/command.ts";
import { flag, text } from "../../../src/command/fields.ts";
import { type Program, routeOf, runProgram, usageOf } from "../../../src/command/router.ts";
import { isAssayError } from "../../../src/errors.ts";

const ran: string[] = [];
const plain = z.strictObject({ json: flag("print JSON") });
const withFile = z.strictObject({ file: text("a file", "subnet.toml") });

const make = (name: string): Runnable =>
  commandOf({ name, description: `does ${name}`, schema: plain, environment: {} }, () => {
    ran.push(name);
  });
const check = commandOf(
  {
    name: "subnet check",
    description: "checks",
    schema: withFile,
    positionals: ["file"],
    environment: {},
  },
  ({ file }) => {
    ran.push(`check ${file}`);
  },
);

const MINER: Program = {
  name: "miner",
  description: "Mine.",
  commands: ["miner", "miner wallet", "miner wallet list", "miner register"].map(make),
};
const SUBNET: Program = {
  name: "subnet",
  description: "Own.",
  commands: [...["subnet localnet", "subnet params get", "subnet params set"].map(make), check],
};

function routed(program: Program, ...args: readonly string[]): string {
  const route = routeOf(program, args);
  if (route.kind === "usage") return ["usage", ...route.group].join(" ");
  return [route.command.name, ...route.rest].join(" | ");
}

function refusal(
  program: Program,
  ...args: readonly string[]
): { detail: string; run?: NextCommand } {
  try {
    routeOf(program, args);
  } catch (error) {
    assert.ok(isAssayError(error) && error.fault.code === "bad-option", String(error));
    return error.fault;
  }
  throw new Error("was not refused");
}

test("the longest name wins, and what follows it is the command's", () => {
  assert.equal(routed(MINER), "miner");
  assert.equal(routed(MINER, "--json"), "miner | --json");
  assert.equal(routed(MINER, "wallet"), "miner wallet");
  assert.equal(routed(MINER, "wallet", "--json"), "miner wallet | --json");
  assert.equal(routed(MINER, "wallet", "list", "--json"), "miner wallet list | --json");
  assert.equal(routed(SUBNET, "params", "get", "x"), "subnet params get | x");
  assert.equal(routed(SUBNET, "check", "a.toml"), "subnet check | a.toml");
});

test("help is asked for in four ways", () => {
  assert.equal(routed(SUBNET, "--help"), "usage");
  assert.equal(routed(SUBNET, "-h"), "usage");
  assert.equal(routed(SUBNET, "help"), "usage");
  assert.equal(routed(SUBNET, "params", "--help"), "usage params");
  assert.equal(routed(SUBNET, "help", "localnet"), "subnet localnet | --help");
  assert.equal(routed(MINER, "help"), "miner | --help");
  assert.equal(routed(MINER, "help", "wallet", "list"), "miner wallet list | --help");
});

test("a mistyped name names the nearest of its place, and its help is the next step", () => {
  assert.match(
    refusal(MINER, "walet").detail,
    /miner has no command walet; nearest command: wallet;/,
  );
  assert.deepEqual(refusal(MINER, "walet").run, { ours: "miner wallet", set: { help: true } });
  assert.match(refusal(MINER, "wallet", "lst").detail, /miner wallet has no command lst;.*: list/);
  assert.match(refusal(SUBNET, "localnett").detail, /nearest command: localnet/);
  assert.match(
    refusal(SUBNET, "params", "gett").detail,
    /subnet params has no command gett.*: get/,
  );
  assert.match(
    refusal(SUBNET, "zzzz").detail,
    /has no command zzzz; there are localnet, params, check/,
  );
});

test("a missing name is told with those that there are", () => {
  assert.match(refusal(SUBNET).detail, /subnet needs the name of a command; there are localnet/);
  assert.match(refusal(SUBNET, "--json").detail, /needs the name/);
  assert.match(refusal(SUBNET, "params").detail, /subnet params needs.*there are get, set/);
});

test("the usage lists every command with its line, of a group those of the group", () => {
  const usage = usageOf(SUBNET);
  for (const { name, description } of SUBNET.commands) {
    assert.ok(usage.includes(name.slice("subnet ".length)));
    assert.ok(usage.includes(description));
  }
  assert.doesNotMatch(usageOf(SUBNET, ["params"]), /localnet/);
});

test("any words route to a command, to the usage, or to a refusal in words", () => {
  const word = fc.oneof(
    fc.constantFrom("wallet", "list", "params", "get", "check", "help", "--help", "-h", "--"),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(MINER, SUBNET),
      fc.array(word, { maxLength: 4 }),
      (program, args) => {
        try {
          const route = routeOf(program, args);
          if (route.kind === "command") assert.ok(program.commands.includes(route.command));
        } catch (error) {
          assert.ok(isAssayError(error, "bad-option"), String(error));
        }
      },
    ),
  );
});

/** Runs a program; returns what it printed and its exit code. */
async function run(program: Program, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = process;
  const out = stdout.write.bind(stdout);
  const err = stderr.write.bind(stderr);
  const before = process.exitCode;
  const printed = { stdout: "", stderr: "" };
  process.stdout.write = (chunk: string | Uint8Array) => ((printed.stdout += String(chunk)), true);
  process.stderr.write = (chunk: string | Uint8Array) => ((printed.stderr += String(chunk)), true);
  try {
    await runProgram(program, args);
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
  }
  const { exitCode } = process;
  process.exitCode = before;
  return { ...printed, exitCode: exitCode ?? 0 };
}

test("a program runs the command, prints help, or ends with a screen and its exit code", async () => {
  ran.length = 0;
  assert.deepEqual(await run(SUBNET, "check", "a.toml"), { stdout: "", stderr: "", exitCode: 0 });
  assert.deepEqual(ran, ["check a.toml"]);
  const help = await run(MINER, "--help");
  assert.match(String(help["stdout"]), /--json[\s\S]*Commands:\n {2}wallet +does miner wallet\n/);
  assert.match(
    String((await run(MINER, "wallet", "--help"))["stdout"]),
    /Commands:\n {2}wallet list/,
  );
  assert.match(String((await run(SUBNET, "--help"))["stdout"]), /^usage: subnet <command>/);
  const refused = await run(MINER, "walet");
  assert.equal(refused["exitCode"], 2);
  assert.match(String(refused["stderr"]), /run {4}npm run miner -- wallet --help\n/);
  assert.match(
    String((await run(MINER, "wallet", "--jsn"))["stderr"]),
    /run {4}npm run miner -- wallet --help\n/,
  );
});
