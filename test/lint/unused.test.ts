/** @file What nobody uses is found in a planted program, and what tests alone use as well. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { z } from "zod";
import { ROOT } from "./planting.ts";

const PROGRAM = {
  "package.json": JSON.stringify({
    name: "planted",
    type: "module",
    exports: { ".": { default: "./dist/src/index.js" } },
    dependencies: { zod: "4.6.7" },
  }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: { module: "nodenext", outDir: "dist", rootDir: "." },
  }),
  "src/index.ts": 'export { offered } from "./parts.ts";\n',
  "src/parts.ts": `export const offered = 1;
export const used = 2;
export const tested = 3;
export const inner = 4;
export const dead = 5;
export type Dead = typeof inner;
`,
  "src/dead.ts": "export const file = 1;\n",
  "miner/main.ts": 'import { used } from "../src/parts.ts";\nconsole.log(used);\n',
  "test/unit/parts.test.ts": 'import { tested } from "../../src/parts.ts";\nconsole.log(tested);\n',
};
const folder = mkdtempSync(join(tmpdir(), "assay-unused-"));
after(() => rmSync(folder, { recursive: true }));
for (const [path, text] of Object.entries(PROGRAM)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const names = z.array(z.object({ name: z.string() })).default([]);
const report = z.object({
  issues: z.array(
    z.object({ file: z.string(), files: names, dependencies: names, exports: names, types: names }),
  ),
});

/** "kind: name" of all that knip finds in the planted program under one of our configurations. */
function findings(config: string, ...more: readonly string[]): string[] {
  const knip = join(ROOT, "node_modules", "knip", "bin", "knip.js");
  const path = join(ROOT, "test", "lint", config);
  const run = spawnSync(process.execPath, [knip, "-c", path, "--reporter", "json", ...more], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(run.status, 1, run.stderr);
  const value: unknown = JSON.parse(run.stdout);
  return report
    .parse(value)
    .issues.flatMap(({ file, files, dependencies, exports, types }) => [
      ...files.map(() => `file: ${file}`),
      ...dependencies.map(({ name }) => `dependency: ${name}`),
      ...exports.map(({ name }) => `export: ${name}`),
      ...types.map(({ name }) => `type: ${name}`),
    ]);
}

test("a file, a package, an export and a type that nobody uses", () => {
  assert.deepEqual(
    new Set(findings("unused.jsonc")),
    new Set([
      "file: src/dead.ts",
      "dependency: zod",
      "export: dead",
      "export: inner",
      "type: Dead",
    ]),
  );
});

test("an export that tests alone use, but for what its own file uses", () => {
  const config = "used-by-tests-alone.jsonc";
  assert.deepEqual(
    new Set(findings(config, "--production", "--include", "exports")),
    new Set(["export: dead", "export: tested"]),
  );
});
