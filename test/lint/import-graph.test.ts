/** @file The graph of imports is the compiler's, and nothing that is wrong with it stays unseen. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { ZONES } from "../../zones.ts";
import {
  circlesOf,
  floorsOf,
  importFaults,
  readImportGraph,
  readWholeGraph,
} from "./import-graph.ts";
import { ROOT } from "./planting.ts";

/** This repository's. */
const OURS = readWholeGraph();
const PROGRAM = {
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      module: "nodenext",
      target: "esnext",
      types: [],
      allowImportingTsExtensions: true,
      noEmit: true,
    },
    include: ["src"],
  }),
  "src/errors.ts": "export class AssayError extends Error {}\n",
  "src/protocol/value.ts": `import { AssayError } from "../errors.ts";
export { AssayError };
export type Late = import("../run/late.ts").Late;
`,
  "src/gauntlet/one.ts": `import type { Two } from "./two.ts";
export type One = { readonly two: Two };
`,
  "src/gauntlet/two.ts": `import type { One } from "./one.ts";
export type Two = { readonly one: One | null };
`,
  "src/run/late.ts": `export type Late = 1;
export const later: unknown = await import("../neuron/node.ts");
`,
  "src/neuron/node.ts": "export const node = 1;\n",
  "src/nowhere/file.ts": "export {};\n",
};
const folder = mkdtempSync(join(tmpdir(), "assay-graph-"));
after(() => rmSync(folder, { recursive: true }));
for (const [path, text] of Object.entries(PROGRAM)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test("imports of values, of types, inline and deferred are all seen", () => {
  const graph = readImportGraph(folder);
  assert.deepEqual(
    new Set(graph.arrows.map(({ from, to }) => `${from} ${to}`)),
    new Set([
      "src/protocol/value.ts src/errors.ts",
      "src/protocol/value.ts src/run/late.ts",
      "src/gauntlet/one.ts src/gauntlet/two.ts",
      "src/gauntlet/two.ts src/gauntlet/one.ts",
      "src/run/late.ts src/neuron/node.ts",
    ]),
  );
  assert.deepEqual(
    new Set(importFaults(graph)),
    new Set([
      "no zone, add its folder to zones.ts: src/nowhere/file.ts",
      "against zones.ts: src/protocol/value.ts imports src/run/late.ts",
      "against zones.ts: src/run/late.ts imports src/neuron/node.ts",
      "a circle: src/gauntlet/one.ts, src/gauntlet/two.ts",
    ]),
  );
});

test("circles are found whatever their length, and a file that imports itself is one", () => {
  const arrows = ["a b", "b c", "c a", "c d", "d d", "e a"].map((text) => {
    const [from = "", to = ""] = text.split(" ");
    return { from, to };
  });
  const graph = { files: ["a", "b", "c", "d", "e"], arrows, packages: [] };
  assert.deepEqual(circlesOf(graph), [["a", "b", "c"], ["d"]]);
});

test("a package without a door is refused, and so is one in a zone it has no door to", () => {
  const packages = [
    { from: "src/run/x.ts", to: "left-pad" },
    { from: "src/run/x.ts", to: "fastify" },
    { from: "src/network/x.ts", to: "fastify" },
  ];
  const graph = { files: ["src/run/x.ts"], arrows: [], packages };
  assert.deepEqual(importFaults(graph), [
    "no door for this package: src/run/x.ts imports left-pad",
    "no door for this package: src/run/x.ts imports fastify",
  ]);
});

test("the zones stand on floors: each higher than all it may import", () => {
  assert.equal(floorsOf().size, ZONES.length);
  const circle = [
    { zone: "a", may: ["b"], alone: true },
    { zone: "b", may: ["a/file.ts"], alone: true },
  ] as const;
  assert.throws(() => floorsOf(circle), /a > b > a/);
});

test("this repository has no circle and no arrow against the floors", () => {
  assert.ok(OURS.files.length > 250 && OURS.arrows.length > 1000 && OURS.packages.length > 50);
  assert.deepEqual(importFaults(OURS), []);
});

const tracked = spawnSync("git", ["ls-files", "*.ts", "*.tsx", "*.mts"], {
  cwd: ROOT,
  encoding: "utf8",
});
test("every tracked file is in the graph", { skip: tracked.status !== 0 && "needs git" }, () => {
  const missing = tracked.stdout
    .split("\n")
    .filter((path) => path !== "" && !path.startsWith("kernels/exact/assembly/"))
    .filter((path) => !OURS.files.includes(path));
  assert.deepEqual(missing, []);
});
