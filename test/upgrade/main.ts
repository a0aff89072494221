#!/usr/bin/env node
/**
 * @file `npm run test:upgrade`: a local network that another revision of this repository began goes on with this one, in the same folder and on
 * the same chain. Then every store in it is marked as a later release's, and refused.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { FORMAT_FILE } from "../../src/disk/folder-format.ts";
import { Observer, RunningLocalnet } from "../support/localnet.ts";
import { checkRecords } from "./records.ts";

const HELP = `npm run test:upgrade -- [options]

Unpacks a revision of this repository, runs a local network with it for some windows, stops it, and goes on with the sources that lie here:
chain, miners, validators, records. Then marks every store as a later release's and looks that each is refused with words.
Needs git and takes about a minute on two free cores.

  --from REVISION   what to begin with (HEAD~1)
  --windows N       windows of each part (4)
  --help
`;

const OPTIONS = {
  from: { type: "string", default: "HEAD~1" },
  windows: { type: "string", default: "4" },
  help: { type: "boolean", default: false },
} as const;

const WINDOW_MS = 120_000;
const summarySchema = z.object({
  windows: z.number(),
  stopped: z.boolean(),
  faults: z.array(z.string()),
  windowsCompared: z.number(),
  rederived: z.boolean(),
  digestsEqual: z.boolean(),
  issued: z.string(),
  scheduled: z.string(),
});
type Summary = z.output<typeof summarySchema>;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The sources of a revision in a folder of their own, on the packages that lie here where it wants the same. */
function unpack(revision: string, folder: string): string {
  const sha = execFileSync("git", ["rev-parse", "--short=12", revision], {
    encoding: "utf8",
  }).trim();
  const archive = execFileSync("git", ["archive", sha], { maxBuffer: 1 << 30 });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  const lock = "package-lock.json";
  if (readFileSync(join(folder, lock)).equals(readFileSync(lock)))
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  else execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
  return sha;
}

/** Runs with the old sources until a window has begun, then stops. */
async function begin(root: string, windows: number): Promise<{ output: string; folder: string }> {
  const words = ["--windows", String(2 * windows), "--miners", "2", "--attack", "none"];
  const net = new RunningLocalnet([...words, "--no-baseline", "--keep", "--json"], null, root);
  const observer = await Observer.connect(await net.nodes());
  await observer.reached("validator-1", windows, WINDOW_MS);
  await observer.close();
  net.child.kill("SIGINT");
  await net.exited;
  const summary = summarySchema.parse(net.summary());
  assert.deepEqual(summary.faults, []);
  assert.ok(summary.windows >= windows, `only ${summary.windows} windows`);
  say(`before: ${summary.windows} windows, stopped`);
  return { output: net.output, folder: net.folder ?? "" };
}

/** Goes on with the sources that lie here, to the end. */
async function goOn(output: string): Promise<Summary> {
  const net = new RunningLocalnet(["--no-baseline", "--keep", "--json"], output);
  const code = await net.exited;
  assert.equal(code, 0, net.stderr);
  const summary = summarySchema.parse(net.summary());
  assert.deepEqual(summary.faults, []);
  return summary;
}

/** Marks one store of a copy of the run as a later release's; what opening the run then says. */
async function refused(run: string, mark: (folder: string) => void): Promise<string> {
  const output = mkdtempSync(join(tmpdir(), "assay-newer-"));
  try {
    cpSync(run, join(output, "run"), { recursive: true });
    mark(join(output, "run"));
    const net = new RunningLocalnet(["--json"], output);
    // A node that ends takes the start of its network with it.
    const code = await net.exited;
    assert.notEqual(code, 0, "it went on with a later release's store");
    return net.stderr;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** Adds one to the number that a text ends in. */
function later(text: string): string {
  return text.replace(
    /(\d+)(\s*)$/,
    (_, digits: string, rest: string) => `${Number(digits) + 1}${rest}`,
  );
}

const edit = (path: string, change: (text: string) => string): void =>
  writeFileSync(path, change(readFileSync(path, "utf8")));

/** One file of the nodes. */
function nodeFile(folder: string, pattern: RegExp): string {
  const nodes = join(folder, "nodes");
  const found = readdirSync(nodes, { recursive: true, encoding: "utf8" }).find((path) =>
    pattern.test(path),
  );
  assert.ok(found !== undefined, String(pattern));
  return join(nodes, found);
}

const STORES: Readonly<Record<string, (folder: string) => void>> = {
  "folder of the run": (folder) => edit(join(folder, FORMAT_FILE), later),
  "description of the run": (folder) =>
    edit(join(folder, "localnet.json"), (text) =>
      text.replace("assay/localnet/1", "assay/localnet/2"),
    ),
  "folder of a node": (folder) => edit(nodeFile(folder, /^[^/]+\/format$/), later),
  scorebook: (folder) =>
    edit(nodeFile(folder, /scorebook-.*\.json$/), (text) => text.replace("-book/1", "-book/2")),
  "record log": (folder) =>
    edit(nodeFile(folder, /records-.*\.jsonl$/), (text) =>
      text.replaceAll("assay/record/2", "assay/record/3"),
    ),
  "chain's database": (folder) => {
    const database = new DatabaseSync(join(folder, "chain.sqlite"));
    database.exec("UPDATE about SET value = 'assay-chain-9' WHERE name = 'format'");
    database.close();
  },
};

async function upgrade(revision: string, windows: number): Promise<void> {
  const old = mkdtempSync(join(tmpdir(), "assay-old-"));
  let output = "";
  try {
    say(`begins with ${unpack(revision, old)}`);
    const begun = await begin(old, windows);
    output = begun.output;
    const summary = await goOn(output);
    assert.equal(summary.windows, 2 * windows);
    assert.equal(summary.stopped, false);
    assert.ok(summary.digestsEqual && summary.rederived);
    assert.equal(summary.issued, summary.scheduled);
    const logs = checkRecords(begun.folder, summary.windows);
    say(`after: ${summary.windows} windows, equal parameters, derived again, ${logs} whole logs`);
    for (const [name, mark] of Object.entries(STORES)) {
      const text = await refused(begun.folder, mark);
      assert.match(text, /format-newer/, `${name}: ${text}`);
      assert.match(text, /Update Assay/, name);
      say(`a later release's ${name}: refused`);
      await sleep(0);
    }
  } finally {
    for (const folder of [old, output])
      if (folder !== "") rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: OPTIONS });
if (values.help) process.stdout.write(HELP);
else await upgrade(values.from, Number(values.windows));
