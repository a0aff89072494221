/** @file Folders of local runs that are damaged, and files that are no files: each is named for what it is, and nothing starts. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { Invocations, table } from "../support/invocations.ts";
import {
  MANIFEST_BYTES,
  parametersOf,
  recordOf,
  RUN_ID,
  summarise,
} from "../unit/subnet/export/small-run.ts";
import { createMembers } from "../../subnet/localnet/members.ts";
import { WALLETS, writeProgress, writeRun } from "../../subnet/localnet/run-folder.ts";

const all = new Invocations();
after(() => rmSync(all.home, { recursive: true, force: true }));

const SHAPE = { miners: 1, validators: 1, attack: "none" } as const;
const whole = join(all.home, "whole");

before(async () => {
  cpSync(await recordOf({ a: { window: 3, seed: 1 } }), whole, { recursive: true });
  await createMembers(SHAPE, join(whole, WALLETS));
  await writeRun(whole, {
    ...SHAPE,
    runId: RUN_ID,
    netuid: 1,
    port: 1,
    blockMs: 100,
    device: "cpu",
  });
  await writeProgress(whole, { seconds: 1, peakRssBytes: 1, heldOut: [{ window: 2, loss: 3 }] });
  writeFileSync(join(whole, "genesis.json"), "{}");
  new DatabaseSync(join(whole, "chain.sqlite")).exec("CREATE TABLE another (a)");
  await summarise(whole, { window: 3, seed: 1 }, { path: "gone" });
});

let copies = 0;

/** A copy of the whole run, damaged. */
function run(damage: (at: (...path: string[]) => string) => void): string {
  const folder = join(all.home, `run-${copies++}`);
  cpSync(whole, folder, { recursive: true });
  damage((...path) => join(folder, ...path));
  return folder;
}

/** Cuts every blob of the run. */
function cutBlobs(at: (...path: string[]) => string): void {
  for (const place of [at("owner", "blobs"), at("nodes", "a", "blobs")])
    for (const one of readdirSync(place, { recursive: true, withFileTypes: true }))
      if (one.isFile()) truncateSync(join(one.parentPath, one.name), 4);
}

function cutLists(at: (...path: string[]) => string): void {
  writeFileSync(at("summary.json"), "{");
  truncateSync(at("nodes.json"), 20);
}

const output = ["--output", join(all.home, "model")];
const resume = (folder: string): string[] => ["localnet", "resume", folder, "--port", "0"];
const EXPORTED = /cannot go on, but its model.*\n.*export --run \S+ --output model/;

table(all, [
  [
    "subnet",
    () => ["export", "--run", run(cutBlobs), ...output],
    "run-damaged",
    [/its manifest 0x\w+ is missing or damaged/, /--checkpoint/],
  ],
  ["subnet", () => resume(run(cutBlobs)), "run-damaged", [/its manifest 0x\w+ is missing/]],
  // Neither a damaged summary nor a damaged list of nodes keeps the chain from being looked at, which is another's.
  [
    "subnet",
    () => resume(run(cutLists)),
    "run-damaged",
    [/chain.sqlite is not the chain of its genesis/, EXPORTED],
  ],
]);

const manifest = (): string => all.file(MANIFEST_BYTES);
const model = (checkpoint: string, of = manifest()): string[] => [
  "export",
  "--checkpoint",
  checkpoint,
  "--manifest",
  of,
  ...output,
];

table(all, [
  [
    "subnet",
    () => model(all.home),
    "checkpoint-invalid",
    [/cannot be used: the folder has neither model\.safetensors/],
  ],
  [
    "subnet",
    () => model("/dev/zero"),
    "checkpoint-invalid",
    [/The checkpoint \/dev\/zero cannot be used: zero is no regular file/],
  ],
  [
    "subnet",
    () => model(all.file(parametersOf(1).checkpoint), "/dev/zero"),
    "bad-option",
    [/--manifest .*: it is a device/],
  ],
  [
    "subnet",
    () => model(all.file(parametersOf(1).checkpoint.subarray(0, 3000))),
    "checkpoint-invalid",
    [/The checkpoint \S+ cannot be used: /],
  ],
  [
    "subnet",
    () => model(all.file(`name = "a table, no tensors"`)),
    "checkpoint-invalid",
    [/no safetensors file/],
  ],
  [
    "subnet",
    ["chain", "--genesis", "/dev/zero", "--port", "0"],
    "bad-option",
    [/--genesis .*device/],
  ],
  ["subnet", ["check", "/dev/zero"], "bad-option", [/cannot be read: it is a device/]],
]);

/** A link that leads back to itself. */
function circle(): string {
  const [one, two] = [join(all.home, "circle"), join(all.home, "circle-2")];
  symlinkSync(two, one);
  symlinkSync(one, two);
  return one;
}

/** A pipe that nobody reads or writes. */
function pipe(): string {
  const path = join(all.home, "pipe");
  spawnSync("sh", ["-c", `mkfifo ${path}`]);
  return path;
}

const create = (...args: string[]): string[] => ["create", "--wallet", "none", ...args];

table(all, [
  [
    "subnet",
    create("--name", "x".repeat(257)),
    "bad-option",
    [/--name .* has 257 bytes; the chain takes at most 256/],
  ],
  [
    "subnet",
    create("--description", "é".repeat(600)),
    "bad-option",
    [/--description .* has 1200 bytes; the chain takes at most 1024/],
  ],
  ["subnet", create("--url", "not a url"), "bad-option", [/--url not a url must be a URL/]],
  [
    "subnet",
    () => ["params", "set", "power", "1", circle()],
    "bad-option",
    [/circle cannot be read: its links lead in a circle/],
  ],
  [
    "subnet",
    ["params", "set", "windows", "7"],
    "bad-option",
    [/\d is no regular file to write to/],
    { prefix: ["bash", "-c", `"$0" "$@" <(echo 'windows = 5')`] },
  ],
  ["subnet", () => ["init", "--force", "--yes", pipe()], "bad-option", [/pipe is no regular file/]],
]);

test("params set names the folder that refuses, not a file that nobody named", async (t) => {
  if (!all.isUnprivileged) return t.skip("the checkout is not readable for everybody");
  // The home may be read by everybody and written by its owner.
  const args = ["params", "set", "power", "1", all.file("")];
  const ended = await all.run("subnet", args, { unprivileged: true });
  all.refuses(ended, "file-refused", /permission denied/);
  assert.doesNotMatch(ended.screen, /\.tmp/);
});
