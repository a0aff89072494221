#!/usr/bin/env node
/**
 * @file `npm run image`: the tree that the container image holds, made without a container engine; the Dockerfile runs this very script.
 * With `--check` it is looked through and run as well.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkTree } from "./check.ts";
import { ASSETS, needsAsset, needsFile, needsPackage, type Platform, SOURCES } from "./tree.ts";

const HELP = `npm run image -- [options]

Makes the tree of the container image from this checkout and its node_modules: compiled sources, artifacts, packages without types, headers,
maps, tests and other platforms' binaries. --check looks for all of these, says how large the tree is, and runs miner, validator, subnet and
a local network of two windows from it.

  --out FOLDER     where to (a temporary folder, which is removed)
  --cpu x64|arm64  processor of the image (this machine's)
  --check
  --help
`;

const OPTIONS = {
  out: { type: "string" },
  cpu: { type: "string", default: process.arch },
  check: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAMS = ["miner", "validator", "subnet"] as const;

/** Files below a folder, with `/` between. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Compiles the sources that run, without types and maps. */
function compile(app: string): void {
  const config = join(ROOT, `tsconfig.image-${process.pid}.json`);
  const settings = {
    extends: "./tsconfig.json",
    compilerOptions: { declaration: false, sourceMap: false, outDir: join(app, "dist") },
    include: SOURCES,
  };
  writeFileSync(config, JSON.stringify(settings));
  try {
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    execFileSync(process.execPath, [compiler, "-p", config], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  } finally {
    rmSync(config);
  }
}

/** Folders of the packages that the compiled sources need, below node_modules. */
function productionPackages(): readonly string[] {
  const args = ["ls", "--omit=dev", "--all", "--parseable"];
  const text = execFileSync("npm", args, {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return text
    .trim()
    .split("\n")
    .map((path) => relative(join(ROOT, "node_modules"), path))
    .filter((path) => path !== "" && !path.startsWith(".."));
}

/** The name of the package in a folder below node_modules, which may lie in another one's. */
const nameOf = (folder: string): string => folder.split("node_modules/").at(-1) ?? folder;

function copyPackages(modules: string, platform: Platform): void {
  for (const folder of new Set(productionPackages())) {
    if (!folder.split("/node_modules/").every((one) => needsPackage(nameOf(one)))) continue;
    const from = join(ROOT, "node_modules", folder);
    for (const path of filesBelow(from)) {
      // Packages inside of packages come by themselves.
      if (path.startsWith("node_modules/") || !needsFile(path, platform)) continue;
      const to = join(modules, folder, path);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(from, path), to);
    }
  }
}

function copyAssets(app: string): void {
  for (const asset of ASSETS) {
    const from = join(ROOT, asset);
    const isFile = statSync(from).isFile();
    for (const path of isFile ? [""] : filesBelow(from)) {
      if (!isFile && !needsAsset(path)) continue;
      const to = join(app, asset, path);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(from, path), to);
    }
  }
}

/** What a running process reads of package.json. */
function writePackage(app: string): void {
  const whole: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const kept = ["name", "version", "license", "type", "bin", "exports", "engines"];
  const entries = typeof whole === "object" && whole !== null ? Object.entries(whole) : [];
  const own = Object.fromEntries(entries.filter(([key]) => kept.includes(key)));
  writeFileSync(
    join(app, "package.json"),
    `${JSON.stringify({ ...own, private: true }, null, 2)}\n`,
  );
}

/** Makes the tree: `opt/assay` with everything, `usr/local/bin` with its commands. */
function makeTree(out: string, platform: Platform): string {
  const app = join(out, "opt", "assay");
  mkdirSync(app, { recursive: true });
  compile(app);
  copyAssets(app);
  copyPackages(join(app, "node_modules"), platform);
  writePackage(app);
  const bin = join(out, "usr", "local", "bin");
  mkdirSync(bin, { recursive: true });
  for (const program of PROGRAMS) {
    execFileSync("chmod", ["755", join(app, "dist", program, "main.js")]);
    symlinkSync(`/opt/assay/dist/${program}/main.js`, join(bin, program));
  }
  return app;
}

const { values } = parseArgs({ options: OPTIONS });
if (values.help) process.stdout.write(HELP);
else {
  const { cpu } = values;
  if (cpu !== "x64" && cpu !== "arm64") throw new Error(`there is no image for ${cpu}`);
  const out =
    values.out === undefined ? mkdtempSync(join(tmpdir(), "assay-image-")) : resolve(values.out);
  try {
    const app = makeTree(out, { os: "linux", cpu });
    if (values.check) checkTree(ROOT, app, `linux-${cpu}`);
  } finally {
    if (values.out === undefined) rmSync(out, { recursive: true, force: true });
  }
}
