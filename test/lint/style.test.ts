/** @file The linter finds every planted violation of style and purity, and nobody can switch it off. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, test } from "node:test";
import {
  GLOBALS,
  IMPORTS,
  type Objection,
  PROPERTIES,
  Plants,
  ROOT,
  lintPlanted,
} from "./planting.ts";

const plants = new Plants();
const plant = plants.add.bind(plants);
const imports = (path: string): string => `import "${path}";`;

// kernels/exact stands alone and leaves no last bit to the engine.
plant("kernels/exact", IMPORTS, imports("../tensor.ts"), imports("../../src/protocol/window.ts"));
plant(
  "kernels/exact",
  PROPERTIES,
  "export const x: number = Math.tanh(1);",
  "export const x: number = Math.random();",
);
plant("kernels/exact", null, imports("./sparse.ts"), "export const x: number = Math.fround(1.1);");
plant("kernels", null, "export const x: number = Math.tanh(1);");

// Pure zones: no clock, no randomness, no files, no process.
for (const folder of ["src/protocol", "src/gauntlet", "src/api", "src/view", "kernels/exact"]) {
  plant(
    folder,
    GLOBALS,
    "export const x: number = Date.now();",
    "export const x: string = process.title;",
  );
  plant(
    folder,
    GLOBALS,
    "export const x: number = performance.now();",
    'export const x: unknown = await fetch("x");',
  );
  plant(folder, PROPERTIES, "export const x: number = Math.random();");
  plant(
    folder,
    IMPORTS,
    imports("node:fs"),
    imports("node:fs/promises"),
    imports("node:worker_threads"),
  );
  plant(folder, IMPORTS, 'import { randomBytes } from "node:crypto";');
  plant(folder, null, 'import { createHash } from "node:crypto";');
}
plant("src/network", null, "export const x: number = performance.now();", imports("node:fs"));
plant(
  "src/protocol",
  IMPORTS,
  'import * as crypto from "node:crypto";',
  'import crypto from "node:crypto";',
);

// Size and shape.
const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const x${index}: number = ${index};`).join(
    "\n",
  );
const longFunction = (count: number): string =>
  `export function f(x: number): number {\n${"  g(x);\n".repeat(count - 3)}  return x;\n}\nfunction g(_x: number): void {}`;
plant("src", null, lines(400), `// a comment\n\n${lines(400)}`);
plant("src", "max-lines", lines(401));
plant("kernels/nn", "max-lines", lines(401));
plant("test/unit", "max-lines", lines(401));
plant("miner", null, longFunction(60));
plant("miner", "max-lines-per-function", longFunction(61));
plant("test", null, longFunction(61));
plant("src", "max-params", "export function f(_a: 1, _b: 1, _c: 1, _d: 1, _e: 1): void {}");
plant(
  "src",
  "complexity",
  `export function f(x: number): number {\n${Array.from({ length: 12 }, (_, n) => `  if (x === ${n}) return ${n};`).join("\n")}\n  return x;\n}`,
);
plant("src", "no-explicit-any", "export function f(_x: any): void {}");
plant("src", "no-non-null-assertion", "export const f = (x: number | null): number => x!;");
plant("kernels/nn", null, "export const f = (x: number | null): number => x!;");
plant("src", "no-console", 'console.log("x");');
plant("miner", "no-console", 'console.log("x");');
plant("src", "no-default-export", "export default 1;");
plant("src", "explicit-module-boundary-types", "export function f(x: number) {\n  return x;\n}");
plant(
  "chain",
  "no-empty",
  "export function f(): void {\n  try {\n    g();\n  } catch {}\n}\nfunction g(): void {}",
);
plant("src", "prefer-node-protocol", 'import "fs";');
plant("src/run", "extensions", 'import "./x";');
plant(
  "src/run",
  "consistent-type-imports",
  'import { X } from "./x.ts";\nexport const f = (x: X): void => void x;',
);

describe("planted files", () => {
  let found: ReadonlyMap<string, readonly Objection[]> = new Map();
  before(() => {
    found = lintPlanted(plants.all);
  });
  for (const one of plants.all)
    test(`${one.rule ?? "nothing"} objects in ${dirname(one.path)}: ${one.text.split("\n")[0]?.slice(0, 80)}`, () => {
      assert.equal(plants.fault(one, found), null);
    });
});

describe("no file switches a rule off", () => {
  const tracked = spawnSync("git", ["ls-files", "*.ts", "*.mts", "*.mjs", "*.js", "*.tsx"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const switches = ["oxlint", "eslint"].map((tool) => `${tool}-disable`);
  const forbidden = [
    ...switches,
    ...["ignore", "nocheck", "expect-error"].map((word) => `@ts-${word}`),
  ];
  const skip = { skip: tracked.status === 0 ? false : "needs git" };

  test("in the sources of this repository", skip, () => {
    const paths = tracked.stdout.split("\n").filter((path) => path !== "");
    assert.ok(paths.length > 100);
    for (const path of paths) {
      let text = "";
      try {
        text = readFileSync(join(ROOT, path), "utf8");
      } catch {
        continue; // deleted, but not committed yet
      }
      for (const word of forbidden) assert.ok(!text.includes(word), `${word} in ${path}`);
    }
  });

  test("because a comment that does so is obeyed by the linter and would hide a violation", () => {
    const violation = 'import "../../miner/loop.ts";\n';
    const found = lintPlanted([
      { path: "src/run/x.ts", text: violation },
      { path: "src/run/y.ts", text: `/* ${switches[0] ?? ""} */\n${violation}` },
    ]);
    assert.ok(found.get("src/run/x.ts")?.some(({ rule }) => rule === IMPORTS));
    assert.equal(found.get("src/run/y.ts"), undefined);
  });
});
