/** @file Looks through the tree of the image, and runs what is in it: from no other folder, with an empty home. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { binaryKind } from "./tree.ts";

/** What must not be in it, whatever the rules that made it say. */
const FORBIDDEN = /\.(d\.[cm]?ts|ts|h|hpp|map|md)$|(^|\/)(test|tests)\/[^/]+\.test\.|\.test\.js$/;
/** Bytes of the tree: what packages grow by has to be decided. */
const MOST_BYTES = 220e6;
const RUN_MS = 600_000;
const WORDS = 60_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function headOf(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(20);
    return head.subarray(0, readSync(file, head));
  } finally {
    closeSync(file);
  }
}

/** Files below a folder that are none of licences. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const bytesBelow = (folder: string): number =>
  filesBelow(folder).reduce((sum, path) => sum + statSync(path).size, 0);

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** Every file: none of another platform, none that only a developer needs. */
function checkFiles(root: string, app: string, platform: string): void {
  const files = filesBelow(app);
  const kinds = new Map<string, number>();
  for (const path of files) {
    const name = relative(app, path);
    const isLicence = /licen[cs]e|notice|copying/i.test(name);
    assert.ok(isLicence || !FORBIDDEN.test(name), `${name} does not belong into an image`);
    const kind = binaryKind(headOf(path));
    if (kind === null) continue;
    assert.equal(kind, platform, `${name} is a binary of ${kind}`);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const bytes = bytesBelow(app);
  const installed = bytesBelow(join(root, "node_modules"));
  say(
    `${files.length} files, ${mb(bytes)}: ${(bytes / installed).toFixed(2)} of this checkout's node_modules (${mb(installed)})`,
  );
  say(`binaries: ${[...kinds].map(([kind, count]) => `${count} of ${kind}`).join(", ")}`);
  assert.ok(bytes < MOST_BYTES, `${mb(bytes)} are more than ${mb(MOST_BYTES)}`);
}

/** A folder with text to learn, since the image has none. */
function textIn(folder: string): string {
  mkdirSync(folder);
  const lines = Array.from(
    { length: WORDS },
    (_, index) => `export const name${(index * 7919) % 9973}: number = ${index};`,
  );
  for (let part = 0; part < 12; part++)
    writeFileSync(
      join(folder, `part-${part}.ts`),
      lines.slice((part * WORDS) / 12, ((part + 1) * WORDS) / 12).join("\n"),
    );
  return folder;
}

/** Loads every package that package.json names, as they lie in the tree: what one of them needs was not left out. */
function checkPackages(root: string, app: string): void {
  const whole: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.ok(typeof whole === "object" && whole !== null && "dependencies" in whole);
  // Those of @noble have no root to load; what runs below loads their parts.
  const names = Object.keys(whole.dependencies ?? {}).filter((name) => !name.startsWith("@noble/"));
  const code = `for (const name of ${JSON.stringify(names)}) await import(name); process.exit()`;
  const place = join(app, "packages-check.mjs");
  writeFileSync(place, code);
  try {
    execFileSync(process.execPath, [place], { timeout: RUN_MS, stdio: "pipe" });
  } finally {
    rmSync(place);
  }
  say(`${names.length} packages of package.json load`);
}

/** Looks through the tree and runs it. @throws AssertionError naming what is wrong */
export function checkTree(root: string, app: string, platform: string): void {
  checkFiles(root, app, platform);
  checkPackages(root, app);
  const home = mkdtempSync(join(tmpdir(), "assay-image-home-"));
  try {
    const run = (program: string, ...args: readonly string[]): string =>
      execFileSync(process.execPath, [join(app, "dist", program, "main.js"), ...args], {
        cwd: home,
        env: { HOME: home, PATH: process.env["PATH"] },
        encoding: "utf8",
        timeout: RUN_MS,
        stdio: ["ignore", "pipe", "pipe"],
      });
    for (const program of ["miner", "validator", "subnet"]) {
      const said = run(program, "--version").trim();
      assert.match(said, new RegExp(`^${program} \\d+\\.\\d+\\.\\d+$`));
      say(said);
    }
    const words = [
      "--windows",
      "2",
      "--miners",
      "2",
      "--attack",
      "none",
      "--port",
      "0",
      "--no-baseline",
      "--json",
    ];
    const net = run("subnet", "localnet", ...words, "--data", textIn(join(home, "text")));
    const summary: unknown = JSON.parse(net.trim().split("\n").at(-1) ?? "");
    assert.ok(typeof summary === "object" && summary !== null && "faults" in summary);
    assert.deepEqual(summary.faults, []);
    say("a local network of two windows ran from it and ended well");
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
