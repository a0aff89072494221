#!/usr/bin/env node
/**
 * @file Writes .oxlintrc.json: the import rules from zones.ts, and the rules of style. `node oxlint-zones.mjs` writes it,
 * `--check` fails when it is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path/posix";
import { ZONES, allowed, packagesOf } from "./zones.ts";

const GLOBALS_IMPURE = [
  "Date",
  "performance",
  "process",
  "global",
  "crypto",
  "fetch",
  "navigator",
  "WebSocket",
  "EventSource",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "require",
];
/** ECMAScript leaves the last bits of these to the engine. The ** operator has the same defect: review. */
const MATH_APPROXIMATE =
  "acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2 pow sin sinh tan tanh".split(
    " ",
  );

const isFile = (name) => name.endsWith(".ts");
const isTree = (name) => name.endsWith("/**");
const folderOf = (file) => file.slice(0, file.lastIndexOf("/"));

/** The specifier, or the pattern of specifiers, by which a file of `folder` imports `name`: written in one way only. */
function specifier(folder, name) {
  const path = relative(folder, isFile(name) ? name : `${name}/*.ts`);
  return path.startsWith(".") ? path : `./${path}`;
}

/** Patterns that let through what a zone may import of ours. Later ones win, so files with a zone of their own come last. */
function ours(entry) {
  const { zone } = entry;
  if (entry.may.includes("**")) return ["!./**", "!../**"];
  const folder = isFile(zone) ? folderOf(zone) : zone;
  const names = [...(isFile(zone) ? [] : [zone]), ...allowed(entry)].filter(
    (name) => !isTree(name),
  );
  const shut = ZONES.map((other) => other.zone).filter(
    (other) => isFile(other) && names.includes(folderOf(other)) && !names.includes(other),
  );
  return [
    ...names.map((name) => `!${specifier(folder, name)}`),
    ...shut.map((name) => specifier(folder, name)),
  ];
}

/** Everything is forbidden but what is listed. oxlint REPLACES a rule's options when a later override matches, so every
 * zone states its whole list; and what one group of patterns lets through passes all of them, so there is one group. */
function importRule(entry) {
  const { zone, may, types = [] } = entry;
  const packages = packagesOf(zone);
  const node = entry.browser ? [] : entry.pure ? ["node:crypto"] : ["node:*", "node:*/*"];
  const named = [...(may.length === 0 ? ["nothing of ours"] : may), ...packages].join(", ");
  const group = {
    group: [
      "**",
      ...ours(entry),
      ...[...packages.flatMap((name) => [name, `${name}/**`]), ...node].map((name) => `!${name}`),
    ],
    message: `${zone} may import ${named}${types.length > 0 ? `, types of ${types.join(", ")}` : ""}: see zones.ts`,
  };
  const rule = { patterns: [group] };
  if (types.length > 0) {
    group.allowTypeImports = true;
    const others = ZONES.map((other) => other.zone).filter(
      (other) => ![zone, ...may, ...types, "."].includes(other),
    );
    rule.patterns.push({
      group: others.map((name) => specifier(zone, isTree(name) ? name.slice(0, -3) : name)),
      message: group.message,
    });
  }
  if (entry.pure)
    rule.paths = [
      {
        name: "node:crypto",
        allowImportNames: ["createHash"],
        message: "pure code: no clock, no files, no sockets, and randomness is an argument",
      },
    ];
  return ["error", rule];
}

function override(entry) {
  const rules = { "no-restricted-imports": importRule(entry) };
  if (entry.pure) {
    rules["no-restricted-globals"] = ["error", ...GLOBALS_IMPURE];
    rules["no-restricted-properties"] = [
      "error",
      ...["random", ...(entry.exact ? MATH_APPROXIMATE : [])].map((property) => ({
        object: "Math",
        property,
      })),
    ];
  }
  const files = isFile(entry.zone) || isTree(entry.zone) ? entry.zone : `${entry.zone}/*`;
  return { files: [files], rules };
}

/** What holds in a folder without a zone: its own files and node's modules. */
const NO_ZONE = {
  files: ["**"],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            group: ["**", "!./*.ts", "!node:*", "!node:*/*"],
            message: "this folder has no zone: add it to zones.ts",
          },
        ],
      },
    ],
  },
};

/** General before specific: trees, folders, files. */
const OVERRIDES = [
  NO_ZONE,
  ...ZONES.filter(({ zone }) => isTree(zone)).map(override),
  ...ZONES.filter(({ zone }) => !isTree(zone) && !isFile(zone) && zone !== ".").map(override),
  ...ZONES.filter(({ zone }) => isFile(zone)).map(override),
];

const size = (max) => ["error", { max, skipComments: true, skipBlankLines: true }];

const config = {
  $schema: "./node_modules/oxlint/configuration_schema.json",
  options: { typeAware: true },
  ignorePatterns: [
    "dist",
    "dashboard/built",
    "chain/target",
    "chain/node/target",
    "node_modules",
    "kernels/exact/assembly",
  ],
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "node", "promise"],
  categories: { correctness: "error", suspicious: "error" },
  rules: {
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "import/extensions": ["error", "always", { ignorePackages: true }],
    "oxc/no-barrel-file": ["error", { threshold: 0 }],
    "unicorn/prefer-node-protocol": "error",
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
    eqeqeq: "error",
    "no-var": "error",
    "no-console": "error",
    "no-empty": "error",
    "no-param-reassign": "off",
    complexity: ["error", { max: 12 }],
    "max-lines": size(400),
    "max-lines-per-function": size(60),
    "max-params": ["error", { max: 4 }],
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/explicit-module-boundary-types": "error",
    "typescript/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
    "typescript/switch-exhaustiveness-check": "error",
    "typescript/only-throw-error": "error",
    "typescript/no-misused-promises": "error",
    "typescript/return-await": ["error", "in-try-catch"],
    "typescript/prefer-promise-reject-errors": "error",
  },
  overrides: [
    ...OVERRIDES,
    {
      files: ["kernels/**"],
      // Under noUncheckedIndexedAccess an index into a typed array needs `!`; a test of the length stands before the loop.
      rules: { "max-lines": size(400), "typescript/no-non-null-assertion": "off" },
    },
    { files: ["src/index.ts"], rules: { "oxc/no-barrel-file": "off" } },
    {
      files: [
        "miner/main.ts",
        "validator/main.ts",
        "subnet/main.ts",
        "bench/**",
        "test/**",
        "kernels/build-exact.ts",
        "chain/build/build-runtime.ts",
        "chain/build/check-artifacts.ts",
        "*.mjs",
      ],
      rules: { "no-console": "off" },
    },
    { files: ["dashboard/vite.config.mjs"], rules: { "import/no-default-export": "off" } },
    {
      files: ["test/**"],
      rules: {
        // node:test calls return promises that the runner keeps.
        "typescript/no-floating-promises": "off",
        "max-lines-per-function": "off",
      },
    },
  ],
};

const target = new URL(".oxlintrc.json", import.meta.url);
/** JSON with every list of plain strings on one line. */
const text = `${JSON.stringify(config, null, 1)}\n`.replaceAll(
  /\[\s+("[^[\]{}]*")\s+\]/g,
  (_all, list) => `[${list.replaceAll(/\s*\n\s*/g, " ")}]`,
);
if (!process.argv.includes("--check")) {
  writeFileSync(target, text);
} else if (readFileSync(target, "utf8") !== text) {
  console.error(".oxlintrc.json is stale: run `node oxlint-zones.mjs`");
  process.exitCode = 1;
}
