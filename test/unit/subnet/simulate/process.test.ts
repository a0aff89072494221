/** @file The real command: a league of a small model as a process, its report, its failures, and a stop that leaves nothing. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { eventually } from "../../../support/eventually.ts";
import { Running } from "../../../support/running.ts";
import { assertWellFormed } from "../report/well-formed.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "assay-simulate-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const temporary = join(folder, "tmp");
mkdirSync(temporary);
const file = join(folder, "subnet.toml");
writeFileSync(
  file,
  `name = "small"\n[data]\nfolder = ${JSON.stringify(join(ROOT, "docs"))}\nselection = "all"\n[model]\nlayers = 1\n`,
);
const SMALL = ["--windows", "2", "--miners", "5", "--cheats", "1", "--cast", "copy"];
const LIMIT_MS = 120_000;

/** Folders of leagues that did not clear up. */
const leftOver = (): readonly string[] =>
  readdirSync(temporary).filter((name) => name.startsWith("assay-"));

/** The command, with a temporary folder of its own. */
function started(...words: readonly string[]): Running {
  const { PATH } = process.env;
  return new Running("subnet", ["simulate", file, ...words], {
    PATH,
    HOME: folder,
    TMPDIR: temporary,
  });
}

async function ended(running: Running): Promise<number | null> {
  for (const until = performance.now() + LIMIT_MS; running.runs && performance.now() < until;)
    await sleep(50);
  return running.stop("SIGKILL");
}

/** Processes that work on the file, this one's child not counted. */
function leagues(): readonly string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(temporary);
    } catch {
      return false;
    }
  });
}

/** Whether a cast is under way: it has a world. */
const isPlaying = (): boolean =>
  readdirSync(temporary, { recursive: true }).some((path) =>
    String(path).includes("assay-simulation-"),
  );

/** Waits until one is. */
async function plays(): Promise<void> {
  await eventually("a cast began", isPlaying);
}

test("a league under a file: one JSON object, progress beside it, and a report", async () => {
  const report = join(folder, "out.html");
  const running = started(...SMALL, "--json", "--report", report);
  assert.equal(await ended(running), 0, running.out);
  const line = running.out.split("\n").find((one) => one.startsWith("{")) ?? "";
  const { file: played, strategies, casts } = JSON.parse(line);
  assert.equal(played, file);
  assert.deepEqual(strategies.map(({ name }: { name: string }) => name).toSorted(), [
    "copy",
    "honest",
  ]);
  assert.equal(casts.length, 2);
  assert.match(running.out, /2 casts/);
  const page = readFileSync(report, "utf8");
  assertWellFormed(page);
  assert.match(page, /Cost to attack/);
  assert.deepEqual(leftOver(), []);
});

test("a field of real size's kind: drawn losses on the real chain, and every output says so", async () => {
  const report = join(folder, "field.html");
  const size = ["--uids", "20", "--validators", "3", "--windows", "6", "--cheats", "4"];
  const running = started(...size, "--cast", "copy,split-3", "--json", "--report", report);
  assert.equal(await ended(running), 0, running.out);
  const line = running.out.split("\n").find((one) => one.startsWith("{")) ?? "";
  const { model, casts, lossAboveClean } = JSON.parse(line);
  assert.match(model, /drawn from a model fitted to \d+ recorded windows/);
  assert.equal(lossAboveClean, null);
  assert.equal(casts.length, 1);
  const [{ rows, loss }] = casts;
  assert.equal(loss, null);
  assert.equal(rows.length, 17);
  const paid = rows.reduce((sum: number, { share }: { share: number }) => sum + share, 0);
  assert.ok(Math.abs(paid - 1) < 1e-9);
  assert.match(running.out, /6 windows of 17 miners and 3 validators/);
  const page = readFileSync(report, "utf8");
  assertWellFormed(page);
  assert.match(page, /17, 4 of them not honest/);
  assert.match(page, /drawn from a model/);
  assert.deepEqual(leftOver(), []);
});

test("what cannot be modelled is refused by name: a strategy that nobody recorded, more uids than a subnet has", async () => {
  const running = started("--model", "--windows", "4", "--cast", "copy-noise");
  assert.notEqual(await ended(running), 0);
  assert.match(running.out, /error {2}bad-option/);
  assert.match(running.out, /"copy-noise" is in no recorded window/);
  const full = started("--miners", "255", "--validators", "2", "--windows", "4");
  assert.notEqual(await ended(full), 0);
  assert.match(full.out, /error {2}bad-option[^]*257 uids are more than the 256/);
});

test("a league that fails says why, once", async () => {
  const running = started(...SMALL, "--set", "data.folder=/nowhere");
  assert.notEqual(await ended(running), 0);
  assert.match(running.out, /error {2}simulation-failed/);
  assert.match(running.out, /\/nowhere/);
  assert.doesNotMatch(running.out, /\n\s+at /);
});

test(
  "Ctrl-C ends the league and all that it started",
  { skip: process.platform !== "linux" },
  async () => {
    const running = started("--windows", "1000", "--cast", "copy", "--miners", "5");
    await plays();
    assert.ok(leagues().length >= 2, "it plays in processes of its own");
    const began = performance.now();
    await running.stop("SIGINT");
    assert.ok(performance.now() - began < 6000, "it ended at once");
    await eventually("no league is left", () => leagues().length === 0);
    assert.deepEqual(leftOver(), []);
  },
);

test(
  "killed outright, it leaves no league either",
  { skip: process.platform !== "linux" },
  async () => {
    const running = started("--windows", "1000", "--cast", "copy", "--miners", "5");
    await plays();
    await running.stop("SIGKILL");
    await eventually("no league is left", () => leagues().length === 0);
    assert.deepEqual(leftOver(), []);
  },
);
