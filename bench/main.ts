/** @file `npm run bench [-- <case> ...]`: the figures of kernels and chain as ratios against a rival or limit in the same run. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("./", import.meta.url));
const SUFFIX = import.meta.url.slice(-3);

/** Cases by name: every other file of this folder is one; it prints one JSON line a result. */
const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith(SUFFIX) && !file.endsWith(".d.ts") && file !== `main${SUFFIX}`)
  .map((file) => file.slice(0, -SUFFIX.length));

/** They take minutes to most of an hour or of a machine's memory, or need PyTorch or gpu.js: only who names them wants them. */
const NAMED_ONLY: readonly string[] = ["equal-work", "gpu-kernels", "memory", "size", "train"];

const words = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith("-"));
/** For the case itself. */
const flags = words.filter((word) => word.startsWith("-"));
/** What a case says of itself at its top. */
function aboutOf(name: string): string {
  const text = readFileSync(`${FOLDER}${name}${SUFFIX}`, "utf8");
  const doc = /\/\*\*\s*(?:\* )?@file ([^]*?)\s*\*\//.exec(text)?.[1] ?? "";
  return doc.replaceAll(/\n \* ?/g, "\n    ");
}

function help(): void {
  console.log("npm run bench -- [case ...] [flags of the case]\n");
  for (const name of wanted.length === 0 ? cases : wanted)
    console.log(
      `${name}${NAMED_ONLY.includes(name) ? " (only if it is named)" : ""}\n    ${aboutOf(name)}\n`,
    );
}

function runAll(): void {
  for (const name of wanted.length === 0
    ? cases.filter((one) => !NAMED_ONLY.includes(one))
    : wanted) {
    console.error(`-- ${name}`);
    const run = spawnSync(process.execPath, [`${FOLDER}${name}${SUFFIX}`, ...flags], {
      stdio: "inherit",
    });
    if (run.status !== 0) process.exitCode = 1;
  }
}

const unknown = wanted.find((name) => !cases.includes(name));
if (unknown === undefined) {
  if (flags.includes("--help")) help();
  else runAll();
} else {
  console.error(`error: no bench case "${unknown}"; there are ${cases.join(", ")}`);
  process.exitCode = 2;
}
