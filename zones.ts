/**
 * @file Who may import whom, and which package has which doors. From these tables `node oxlint-zones.mjs` writes the rules
 * of .oxlintrc.json, and `node test/lint/import-graph.ts` checks the imports as the compiler resolves them.
 *
 * A zone is a folder's own files ("src/run"), a whole tree ("test/**"), or one file that has rules of its own
 * ("src/errors.ts") and so leaves the zone of its folder. `may` names what a zone imports of ours, in the same three forms;
 * its own zone and base/ are always among it. What is not allowed is forbidden, also to a folder that has no zone.
 */

/** What a zone may import, and how clean it is kept. */
export type Zone = {
  readonly zone: string;
  readonly may: readonly string[];
  /** Zones of which types alone may be imported. */
  readonly types?: readonly string[];
  /** Bans clocks, randomness, files, sockets and process state. */
  readonly pure?: true;
  /** Bans library functions whose last bits no standard fixes. */
  readonly exact?: true;
  /** Stands alone: not even base/. */
  readonly alone?: true;
  /** Runs in a browser: bans node: modules. */
  readonly browser?: true;
};

const ERRORS = "src/errors.ts";
const FAULTS = "src/faults.ts";
/** What is meant for use outside kernels/ and chain/. */
const KERNELS = ["kernels", "kernels/nn", "kernels/optim", "kernels/engine"];
const CHAIN = ["chain/errors.ts", "chain/client", "chain/wallet"];
const EMBEDDED = ["", "/codec", "/rpc", "/reader"].map((room) => `chain/embedded${room}`);
/** What a role may import: all that is shared, never another role. Roles are started as processes. */
const SHARED = ["src/**", ...KERNELS, ...CHAIN];

/** The rooms of kernels/ reach base/ by kernels/errors.ts alone. */
const KERNELS_ROOMS: readonly Zone[] = [
  { zone: "kernels/exact", may: [], pure: true, exact: true },
  // AssemblyScript, a language of its own: only asc reads it.
  { zone: "kernels/exact/assembly", may: [] },
  { zone: "kernels/compress", may: ["kernels/exact", "kernels/errors.ts"] },
  // Loads gpu.js from a package folder of its own.
  { zone: "kernels/gpu", may: ["kernels/exact", "kernels/errors.ts"] },
  { zone: "kernels/graph", may: ["kernels/tensor.ts", "kernels/errors.ts"] },
  { zone: "kernels/nn", may: ["kernels/graph", "kernels"] },
  { zone: "kernels/optim", may: ["kernels/nn", "kernels/exact", "kernels/errors.ts"] },
  {
    zone: "kernels/reference",
    may: ["graph", "nn", "exact", "tensor.ts", "errors.ts"].map((at) => `kernels/${at}`),
  },
  {
    zone: "kernels/engine",
    may: ["kernels", ...["graph", "nn", "optim", "exact", "compress"].map((at) => `kernels/${at}`)],
  },
];
const KERNELS_ZONES: readonly Zone[] = [
  { zone: "kernels", may: [] },
  ...KERNELS_ROOMS.map((room) => ({ ...room, alone: true as const })),
];

const CHAIN_ZONES: readonly Zone[] = [
  { zone: "chain", may: [] },
  { zone: "chain/wallet", may: ["chain"] },
  { zone: "chain/client", may: ["chain", "chain/wallet"] },
  ...embeddedZones(["codec", "state", "wasm", "blocks", "pool"]),
  {
    zone: "chain/build",
    may: ["chain", "chain/embedded/codec", "chain/embedded/state", "chain/embedded/wasm"],
  },
  {
    zone: "chain/native",
    may: [
      "chain",
      "chain/wallet",
      ...["codec", "state", "wasm", "blocks"].map((room) => `chain/embedded/${room}`),
    ],
  },
  {
    zone: "chain/network",
    may: [
      "chain",
      "chain/client",
      "chain/wallet",
      "chain/native",
      "chain/embedded/artifact.ts",
      ...["codec", "state", "wasm", "blocks"].map((room) => `chain/embedded/${room}`),
    ],
  },
  {
    zone: "chain/benchmark",
    may: [
      "chain",
      "chain/build",
      ...["codec", "state", "wasm", "blocks"].map((room) => `chain/embedded/${room}`),
    ],
  },
];

/** Floors from the ground up: a room may import every room below it. The chain stands on the rooms, its JSON-RPC and that in a thread on top. */
function embeddedZones(rooms: readonly string[]): Zone[] {
  const inner = rooms.map((room) => `chain/embedded/${room}`);
  const folders = [...inner, "chain/embedded", "chain/embedded/rpc", "chain/embedded/reader"];
  return folders.map((zone, floor) => ({
    zone,
    may: ["chain", ...folders.slice(0, floor)],
  }));
}

/** Rooms of src/, a space between. */
function parts(names: string): readonly string[] {
  return names.split(" ").map((part) => `src/${part}`);
}

const SRC_ZONES: readonly Zone[] = [
  { zone: FAULTS, may: [] },
  { zone: ERRORS, may: [FAULTS] },
  // The arithmetic with the same bits everywhere, pure as well: it packs and unpacks updates.
  { zone: "src/protocol", may: [ERRORS, "kernels/exact"], pure: true },
  { zone: "src/api", may: [ERRORS, "src/protocol"], pure: true },
  { zone: "src/gauntlet", may: [ERRORS, "src/protocol"], pure: true },
  { zone: "src/view", may: [ERRORS, "src/api", "src/protocol", "src/gauntlet"], pure: true },
  { zone: "src/yuma", may: [], pure: true },
  { zone: "src/disk", may: [ERRORS] },
  { zone: "src/blobs", may: [ERRORS, "src/protocol", "src/disk"] },
  {
    zone: "src/command",
    may: [ERRORS, "src/protocol", "kernels/errors.ts", "chain/errors.ts"],
  },
  { zone: "src/auth", may: [ERRORS, "src/protocol"] },
  { zone: "src/network", may: [ERRORS, "src/protocol", "src/api", "src/auth", "src/blobs"] },
  { zone: "src/data", may: [ERRORS, "src/protocol", "src/blobs"] },
  {
    zone: "src/checkpoint",
    may: [ERRORS, "src/protocol", "src/blobs", "kernels", "kernels/nn", "kernels/optim"],
  },
  {
    zone: "src/run",
    may: [
      ERRORS,
      ...parts("api auth blobs checkpoint command data disk gauntlet network protocol"),
      ...KERNELS,
      ...CHAIN,
    ],
  },
  {
    zone: "src/metrics",
    may: [ERRORS, ...parts("api gauntlet protocol run"), "chain/client"],
  },
  {
    zone: "src/page",
    may: [ERRORS, ...parts("api network protocol run view"), "kernels/nn", ...CHAIN],
  },
  {
    zone: "src/neuron",
    may: [
      ERRORS,
      ...parts("api auth blobs command disk metrics network page protocol run view"),
      ...KERNELS,
      ...CHAIN,
    ],
  },
  {
    zone: "src/doctor",
    may: [
      ERRORS,
      ...parts("api blobs command disk network neuron protocol run"),
      ...KERNELS,
      ...CHAIN,
    ],
  },
  { zone: "src/queue", may: [ERRORS] },
  // The package as others import it.
  { zone: "src/index.ts", may: [ERRORS, FAULTS, "src/protocol", "src/gauntlet"] },
];

/** Rooms of subnet/. */
const rooms = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `subnet/${name}`);

const ROLE_ZONES: readonly Zone[] = [
  { zone: "miner/account", may: SHARED },
  { zone: "miner/machine", may: [...SHARED, "miner/account"] },
  { zone: "miner/strategies", may: SHARED },
  { zone: "miner", may: [...SHARED, "miner/account", "miner/machine", "miner/strategies"] },
  { zone: "validator/evaluation", may: SHARED },
  { zone: "validator/desk", may: [...SHARED, "validator/evaluation"] },
  { zone: "validator/worker", may: [...SHARED, "validator/evaluation"] },
  {
    zone: "validator",
    may: [...SHARED, "validator/evaluation", "validator/desk", "validator/worker"],
  },
  { zone: "subnet/spawn.ts", may: SHARED },
  { zone: "subnet/config", may: SHARED },
  { zone: "subnet/native", may: [...SHARED, "chain/native", "chain/embedded/codec"] },
  { zone: "subnet/init", may: [...SHARED, "subnet/config"] },
  { zone: "subnet/check", may: [...SHARED, "subnet/config"] },
  { zone: "subnet/owner", may: [...SHARED, "subnet/config"] },
  { zone: "subnet/create", may: [...SHARED, ...rooms("config", "check", "owner")] },
  { zone: "subnet/serve", may: [...SHARED, ...rooms("config", "owner")] },
  { zone: "subnet/publish", may: [...SHARED, ...rooms("config", "check", "owner", "serve")] },
  { zone: "subnet/status", may: [...SHARED, ...rooms("config", "check", "owner")] },
  { zone: "subnet/params", may: [...SHARED, ...rooms("config", "check", "owner")] },
  { zone: "subnet/logs", may: SHARED },
  { zone: "subnet/export", may: SHARED },
  { zone: "subnet/generate", may: [...SHARED, "subnet/export"] },
  { zone: "subnet/backup", may: SHARED },
  { zone: "subnet/baseline", may: SHARED },
  { zone: "subnet/audit", may: [...SHARED, "subnet/baseline"] },
  // From data to markup: what strangers called themselves is escaped here and nowhere else.
  { zone: "subnet/report", may: [], pure: true },
  // Writes one where a person named a file.
  { zone: "subnet/report/file.ts", may: [ERRORS, "src/disk", "subnet/report"] },
  {
    zone: "subnet/simulate",
    may: [...SHARED, ...rooms("config", "report"), "subnet/report/file.ts"],
  },
  {
    zone: "subnet/localnet",
    may: [
      ...SHARED,
      "subnet/spawn.ts",
      "chain/native",
      "chain/embedded/artifact.ts",
      "chain/embedded/codec",
      ...rooms("config", "check", "publish", "export", "generate", "baseline", "audit", "native"),
    ],
  },
  { zone: "subnet/replay", may: [...SHARED, ...rooms("audit", "config", "report")] },
  {
    zone: "subnet/recorded",
    may: [
      ...SHARED,
      ...EMBEDDED,
      ...rooms("audit", "config", "localnet", "replay", "report"),
      "subnet/report/file.ts",
    ],
  },
  { zone: "subnet", may: [...SHARED, ...EMBEDDED, "subnet/**"] },
];

/** Every zone, from the ground up where one may import another. */
export const ZONES: readonly Zone[] = [
  { zone: "base", may: [], alone: true },
  ...KERNELS_ZONES,
  ...CHAIN_ZONES,
  ...SRC_ZONES,
  ...ROLE_ZONES,
  // What others build subnets of their own with, and two of those.
  { zone: "framework", may: [...SHARED] },
  { zone: "examples/compress", may: [] },
  { zone: "examples/scorer", may: [] },
  // Both roles in one process, on a chain, a clock and a network that are simulated.
  { zone: "simulation", may: [...SHARED, "miner", "validator", "miner/strategies"] },
  { zone: "league/tools", may: [...SHARED, "miner/strategies"] },
  { zone: "league/strategies", may: [...SHARED, "miner/strategies", "league/tools"] },
  {
    zone: "league/model",
    may: [...SHARED, "chain/embedded", "chain/embedded/codec", "league/tools/strategy.ts"],
  },
  {
    zone: "league",
    may: [...SHARED, "simulation", "subnet/config", "league/tools", "league/model"],
  },
  { zone: "dashboard", may: [], types: ["src/api"], alone: true, browser: true },
  // Makes the files that are served.
  { zone: "dashboard/build.ts", may: [] },
  // Makes dashboards, rules and their reference from the list of metrics.
  { zone: "observability", may: ["src/metrics"] },
  // Makes the tree of the container image.
  { zone: "deploy", may: [] },
  // Makes docs/commands.md, docs/openapi.json and docs/chain-calls.md of what they are about.
  {
    zone: "reference",
    may: "src/api src/command chain miner validator subnet subnet/config".split(" "),
  },
  { zone: "chaos/outcome", may: [] },
  {
    zone: "chaos/real",
    may: [...SHARED, "chaos/outcome", "subnet/spawn.ts", "subnet/localnet"],
  },
  { zone: "chaos/rpc", may: [...SHARED, ...EMBEDDED, "chaos/outcome", "chaos/real"] },
  {
    zone: "chaos/simulated",
    may: [...SHARED, "miner/strategies", "simulation", "subnet/config", "chaos/outcome"],
  },
  {
    zone: "chaos",
    may: [
      ERRORS,
      "src/command",
      ...["outcome", "real", "rpc", "simulated"].map((room) => `chaos/${room}`),
    ],
  },
  {
    zone: "bench/attacks",
    may: [
      ...CHAIN,
      "src/api",
      "src/blobs",
      "src/command",
      "src/network",
      "src/protocol",
      "src/run",
    ],
  },
  {
    zone: "bench/equal-work",
    may: ["src/api", "src/network", "src/protocol", "miner/strategies"],
  },
  {
    zone: "bench",
    may: "src/** kernels/** chain/** bench/attacks bench/convergence bench/codec bench/copier bench/equal-work bench/flood bench/loop-delay bench/support bench/train bench/workers".split(
      " ",
    ),
  },
  {
    zone: "bench/workers",
    may: [
      "src/**",
      ...KERNELS,
      "kernels/random.ts",
      ...CHAIN,
      "simulation",
      ...["desk", "evaluation", "worker"].map((room) => `validator/${room}`),
    ],
  },
  { zone: "bench/convergence", may: ["src/protocol", "src/run", "kernels/**"] },
  { zone: "bench/codec", may: ["src/**", "kernels/**"] },
  {
    zone: "bench/copier",
    may: [...CHAIN, "src/network", "src/protocol", "src/yuma", "bench/equal-work"],
  },
  { zone: "bench/loop-delay", may: [] },
  { zone: "bench/flood", may: ["chain", "bench/support"] },
  { zone: "bench/support", may: ["chain/**"] },
  { zone: "bench/train", may: ["kernels/**"] },
  { zone: "test/**", may: ["**"] },
  { zone: "test/support/faulty-device.ts", may: [] },
  { zone: "test/gpu/profiled-sessions.ts", may: [] },
  { zone: "test/support/bent-losses.ts", may: [] },
  // Root files are tools: this one, and those that read it.
  { zone: ".", may: [] },
];

/** Third-party packages, each with the zones that may import it. A package without a door may be imported by nobody. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  assay: ["examples/**"],
  zod: "framework reference examples/** chain/** src/** miner/** validator/** subnet/** bench/** chaos chaos/rpc league league/model test/**".split(
    " ",
  ),
  "@noble/hashes": ["src/protocol"],
  "hash-wasm": ["src/blobs"],
  "@noble/ciphers": ["chain/client", "chain/embedded", "test/**"],
  "@polkadot/keyring": ["chain", "chain/client", "chain/wallet", "test/**"],
  "@polkadot/types": [
    "bench",
    "bench/flood",
    "chain",
    "chain/benchmark",
    "chain/client",
    "chain/wallet",
    "reference",
    "test/**",
  ],
  "@polkadot/types-codec": ["chain/client", "reference"],
  "@polkadot/util-crypto": ["chain", "chain/client", "chain/wallet", "test/**"],
  "@polkadot/wasm-crypto": ["chain", "test/**"],
  // ApiPromise is for those who build on our client; no process of ours uses it.
  "@polkadot/api": ["chain", "chain/client", "test/**"],
  ws: ["chain/client", "chain/embedded/rpc", "chaos/rpc", "test/**"],
  // The files of test/ bend what it computes, or see where it does.
  "onnxruntime-node": [
    "kernels/engine",
    "test/support/faulty-device.ts",
    "test/gpu/profiled-sessions.ts",
    "test/support/bent-losses.ts",
  ],
  commander: ["src/command"],
  pino: ["src/command"],
  "smol-toml": ["src/command"],
  fastify: ["src/network"],
  "prom-client": ["src/metrics"],
  // Optional, and loaded only where traces are asked for.
  "@opentelemetry/api": ["src/metrics"],
  "@opentelemetry/exporter-trace-otlp-http": ["src/metrics"],
  "@opentelemetry/resources": ["src/metrics"],
  "@opentelemetry/sdk-trace": ["src/metrics"],
  preact: ["dashboard"],
  uplot: ["dashboard"],
  vite: ["dashboard/build.ts"],
  "@huggingface/tokenizers": ["src/data"],
  hyparquet: ["src/data"],
  "hyparquet-compressors": ["src/data"],
  "hyparquet-writer": ["test/**"],
  "ipfs-unixfs-importer": ["test/**"],
  s3mini: ["src/blobs"],
  bullmq: ["src/queue"],
  ioredis: ["src/queue", "test/**"],
  "@electric-sql/pglite": ["src/queue"],
  "fast-check": ["test/**"],
  "axe-core": ["test/**"],
  "@acala-network/chopsticks-executor": ["bench/support", "test/**"],
};

const isFile = (name: string): boolean => /\.[mc]?[jt]s$/.test(name);
const isTree = (name: string): boolean => name.endsWith("**");
const folderOf = (path: string): string =>
  path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
/** Whether the folder, or the file, lies in the tree. */
const inTree = (path: string, tree: string): boolean =>
  tree === "**" || path === tree.slice(0, -"/**".length) || path.startsWith(tree.slice(0, -2));

/** The zone of a file, by its path from the root of the repository; undefined when its folder has none. */
export function zoneOf(path: string, zones: readonly Zone[] = ZONES): Zone | undefined {
  const folder = folderOf(path);
  return (
    zones.find(({ zone }) => zone === path) ??
    zones.find(({ zone }) => zone === folder) ??
    zones.find(({ zone }) => isTree(zone) && inTree(folder, zone))
  );
}

/** Whether a name in a list of zones covers this zone, or this file. */
function covers(name: string, path: string): boolean {
  if (isTree(name)) return inTree(path, name);
  return name === path || (isFile(path) && !isFile(name) && name === folderOf(path));
}

/** What a zone may import besides itself: folders (of which all files of that very zone) and single files. */
export function allowed(entry: Zone, zones: readonly Zone[] = ZONES): readonly string[] {
  const may = entry.alone === true ? entry.may : ["base", ...entry.may];
  const known = zones.map(({ zone }) => zone).filter((zone) => zone !== entry.zone);
  return may.flatMap((name) =>
    isTree(name) ? known.filter((zone) => covers(name, zone)) : [name],
  );
}

/** Whether `from` may import `to`: paths of files from the root of the repository. */
export function mayImport(from: string, to: string, zones: readonly Zone[] = ZONES): boolean {
  const here = zoneOf(from, zones);
  const there = zoneOf(to, zones);
  if (here === undefined || there === undefined) return false;
  if (here === there) return true;
  // A graph does not tell types from values; the linter does.
  const may = [...allowed(here, zones), ...(here.types ?? [])];
  return may.some((name) => name === to || name === there.zone);
}

/** Packages that a zone may import. */
export function packagesOf(zone: string): readonly string[] {
  return Object.keys(DOORS).filter((name) => DOORS[name]?.some((door) => covers(door, zone)));
}
