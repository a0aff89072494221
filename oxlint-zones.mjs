#!/usr/bin/env node
/**
 * @file Writes .oxlintrc.json from the tables below: who may import whom, and which folder is the only
 * user of which package. `node oxlint-zones.mjs` writes it, `--check` fails when it is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";

/** Top-level folders that hold code. */
const TOP = [
  "base",
  "src",
  "miner",
  "validator",
  "kernels",
  "chain",
  "subnet",
  "dashboard",
  "bench",
  "test",
];

/** Folders inside src/. */
const PARTS = [
  "api",
  "blobs",
  "checkpoint",
  "command",
  "data",
  "gauntlet",
  "network",
  "neuron",
  "protocol",
  "queue",
  "run",
];

/** Third-party packages with one door: package (scope or name) -> the only zones that import it. */
const DOORS = {
  "@polkadot": "chain",
  "@polkadot/api": "test",
  ws: "chain",
  "onnxruntime-node": "kernels",
  "gpu.js": "kernels",
  webgpu: "kernels",
  commander: "src/command",
  "smol-toml": "src/command",
  hyparquet: "src/data",
  "hyparquet-compressors": "src/data",
  "@huggingface": "src/data",
  pino: "src/command",
  fastify: "src/network",
  "@fastify": "src/network",
  bullmq: "src/queue",
  ioredis: "src/queue",
  "@electric-sql": "src/queue",
  pg: "src/queue",
  s3mini: "src/blobs",
  openskill: "src/gauntlet",
  preact: "dashboard",
  uplot: "dashboard",
  "@acala-network": ["test", "bench"],
};

/**
 * Zones, general before specific: oxlint REPLACES a rule's options when a later override matches, so every
 * zone states its whole list. `may` names what it may import of ours; its own folder is always allowed unless
 * `alone` is set (then only ./siblings). `pure` bans clocks, randomness, files, sockets and process state;
 * `exact` also bans library functions whose last bits no standard fixes.
 */
const ZONES = [
  { zone: "base", may: [] },
  { zone: "kernels", may: ["base"] },
  { zone: "kernels/exact", may: [], alone: true, pure: true, exact: true },
  { zone: "chain", may: ["base"] },
  { zone: "chain/client", may: ["base"] },
  { zone: "src", may: ["base", "kernels", "chain", ...PARTS.map((part) => `src/${part}`)] },
  { zone: "src/protocol", may: [], pure: true },
  { zone: "src/api", may: ["src/protocol"], pure: true },
  { zone: "src/gauntlet", may: ["src/protocol"], pure: true },
  { zone: "src/blobs", may: ["base", "src/protocol"] },
  { zone: "src/command", may: ["base", "src/protocol", "kernels", "chain"] },
  { zone: "src/queue", may: ["src/protocol"] },
  { zone: "src/network", may: ["base", "src/protocol", "src/api", "src/blobs"] },
  { zone: "src/data", may: ["src/protocol", "src/blobs"] },
  { zone: "src/checkpoint", may: ["src/protocol", "kernels"] },
  {
    zone: "src/run",
    may: [
      "base",
      ...["api", "blobs", "checkpoint", "command", "data", "network", "protocol"].map(
        (part) => `src/${part}`,
      ),
      "kernels",
      "chain",
    ],
  },
  {
    zone: "src/neuron",
    may: [
      "base",
      ...["api", "blobs", "command", "network", "protocol", "run"].map((part) => `src/${part}`),
      "kernels",
      "chain",
    ],
  },
  { zone: "miner", may: ["base", "src", "kernels", "chain"] },
  { zone: "validator", may: ["base", "src", "kernels", "chain"] },
  // Roles are started as processes, never imported.
  { zone: "subnet", may: ["base", "src", "kernels", "chain"] },
  { zone: "bench", may: ["base", "src", "kernels", "chain"] },
  { zone: "dashboard", may: [], types: ["src/api"], browser: true },
];

const NODE_IMPURE = [
  "node:fs",
  "node:fs/promises",
  "node:net",
  "node:tls",
  "node:http",
  "node:https",
  "node:dgram",
  "node:os",
  "node:process",
  "node:perf_hooks",
  "node:timers",
  "node:timers/promises",
  "node:child_process",
  "node:worker_threads",
  "node:sqlite",
];
const GLOBALS_IMPURE = [
  "Date",
  "performance",
  "process",
  "crypto",
  "fetch",
  "WebSocket",
  "setTimeout",
  "setInterval",
  "setImmediate",
];
/** ECMAScript leaves the last bits of these to the engine. The ** operator has the same defect: review. */
const MATH_APPROXIMATE =
  "acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2 pow sin sinh tan tanh".split(
    " ",
  );

const inside = (zone, folder) => zone === folder || zone.startsWith(`${folder}/`);
const everything = (folder) => `**/${folder.startsWith("src/") ? folder.slice(4) : folder}/**`;

/** Import patterns of the folders of ours that a zone may not use. */
function forbidden({ zone, may, types = [] }) {
  const patterns = [];
  for (const folder of TOP) {
    if (inside(zone, folder) || may.includes(folder)) continue;
    const exceptions = [...may, ...types].filter((name) => inside(name, folder));
    if (exceptions.length === 0 || folder !== "src") patterns.push(everything(folder));
    // A negation lets the import through every group of the zone: never use it where another rule must also hold.
    if (folder !== "src") patterns.push(...exceptions.map((name) => `!${everything(name)}`));
  }
  const open = inside(zone, "src")
    ? zone !== "src"
    : [...may, ...types].some((name) => name.startsWith("src/"));
  if (open)
    patterns.push(
      ...PARTS.map((part) => `src/${part}`)
        .filter((part) => ![zone, ...may, ...types].includes(part))
        .map(everything),
    );
  return patterns;
}

function importRule(entry) {
  const { zone, may, types = [], pure = false, alone = false, browser = false } = entry;
  const packages = Object.keys(DOORS).filter(
    (name) => ![DOORS[name]].flat().some((door) => inside(zone, door)),
  );
  const named = may.length === 0 ? "nothing of ours" : may.join(", ");
  const patterns = [
    {
      group: forbidden(entry),
      message: `${zone}/ may import ${named}${types.length > 0 ? ` but types of ${types.join(", ")}` : ""}`,
    },
    {
      group: packages.flatMap((name) => [name, `${name}/**`]),
      message: "this package has one door: see DOORS in oxlint-zones.mjs",
    },
  ];
  if (types.length > 0) {
    patterns.push({
      group: types.map(everything),
      allowTypeImports: true,
      message: `${zone}/ may import types only`,
    });
    patterns.push({
      group: ["**/src/*"],
      message: `${zone}/ may import types of ${types.join(", ")} only`,
    });
  }
  if (browser) patterns.push({ group: ["node:*"], message: `${zone}/ runs in a browser` });
  if (alone) patterns.push({ group: ["../*.ts"], message: `${zone}/ stands alone` });
  const rule = { patterns };
  if (pure)
    rule.paths = [
      ...NODE_IMPURE.map((name) => ({
        name,
        message: "pure code: no clock, no files, no sockets",
      })),
      {
        name: "node:crypto",
        importNames: [
          "randomBytes",
          "randomFill",
          "randomFillSync",
          "randomInt",
          "randomUUID",
          "webcrypto",
        ],
        message: "pure code: randomness is an argument",
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
  return { files: [`${entry.zone}/**`], rules };
}

const size = (max) => ["error", { max, skipComments: true, skipBlankLines: true }];

const config = {
  $schema: "./node_modules/oxlint/configuration_schema.json",
  options: { typeAware: true },
  ignorePatterns: ["dist", "chain/target", "node_modules", "kernels/exact/assembly"],
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
    ...ZONES.map(override),
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
