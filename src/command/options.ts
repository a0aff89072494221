/** @file Options of the commands: each schema gives the type, the flags, the environment names and the docs. */
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { CHEATS, STRATEGIES } from "./strategies.ts";

const count = (about: {
  description: string;
  standard: number;
  min?: number;
  max: number;
}): z.ZodDefault<z.ZodCoercedNumber> =>
  z.coerce
    .number()
    .int()
    .min(about.min ?? 0)
    .max(about.max)
    .default(about.standard)
    .meta({ description: about.description });

const text = (description: string, standard: string): z.ZodDefault<z.ZodString> =>
  z.string().min(1).default(standard).meta({ description });

const flag = (
  description: string,
): z.ZodDefault<z.ZodUnion<readonly [z.ZodBoolean, z.ZodCodec<z.ZodString, z.ZodBoolean>]>> =>
  z.union([z.boolean(), z.stringbool()]).default(false).meta({ description, type: "boolean" });

const device = z
  .enum(["auto", "cpu", "cuda", "webgpu"])
  .default("auto")
  .meta({ description: "where to train: auto tries cuda, webgpu, cpu" });

const logLevel = z
  .enum(["debug", "info", "warn", "error", "silent"])
  .default("info")
  .meta({ description: "least level that is logged" });

/** Which keys. */
const keys = {
  wallet: text("wallet name", "default"),
  hotkey: text("hotkey name inside the wallet", "default"),
  walletFolder: text("folder of the wallets", join(homedir(), ".bittensor", "wallets")),
};

/** Which chain and subnet. */
const network = {
  netuid: count({ description: "subnet id", standard: 1, min: 1, max: 65_535 }),
  endpoint: text("chain endpoints, first that answers wins, comma between", "ws://127.0.0.1:9944"),
  genesis: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/, "must be 0x and 64 hex digits")
    .optional()
    .meta({ description: "expected genesis hash; another chain is refused" }),
};

/** What every node takes: its wallet, its chain, its folder, its axon. */
const node = {
  ...keys,
  ...network,
  state: text("folder of this node's state, blobs and records", join(homedir(), ".assay", "nodes")),
  axonHost: text("address to serve on and to publish", "127.0.0.1"),
  axonPort: count({ description: "port to serve on, 0 for a free one", standard: 0, max: 65_535 }),
  device,
  threads: count({ description: "threads of the training engine", standard: 1, min: 1, max: 256 }),
  logLevel,
  logFile: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "log to this file instead of standard error" }),
};

/** Options of `miner`. */
export const minerOptions = z.strictObject({
  ...node,
  strategy: z
    .enum(STRATEGIES)
    .default("honest")
    .meta({ description: "honest work, or a known cheat to test a subnet with (localnet only)" }),
});

/** Options of `miner wallet`. */
export const walletOptions = z.strictObject(keys);

/** Options of `miner register`. */
export const registerOptions = z.strictObject({ ...keys, ...network });

/** Options of `validator`. */
export const validatorOptions = z.strictObject(node);

/** Options of `subnet chain`: the embedded chain as a process of its own. */
export const chainOptions = z.strictObject({
  port: count({
    description: "JSON-RPC port, WebSocket and HTTP; 0 for a free one",
    standard: 9944,
    max: 65_535,
  }),
  sealing: z
    .string()
    .regex(/^(manual|instant|[1-9]\d{0,5})$/, 'must be "manual", "instant" or milliseconds a block')
    .default("250")
    .meta({ description: "manual, instant, or milliseconds a block" }),
  genesis: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "JSON file merged into the development genesis" }),
  database: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "SQLite file; without it the chain lives in memory" }),
  logLevel,
});

/** Options of `subnet devices`. */
export const devicesOptions = z.strictObject({ device });

/** Options of `subnet localnet`, which is what `npm start` runs. */
export const localnetOptions = z.strictObject({
  preset: z
    .enum(["demo", "quick"])
    .default("demo")
    .meta({ description: "demo: 60 windows; quick: 12 windows, a smoke test" }),
  windows: count({ description: "windows to run", standard: 60, min: 2, max: 100_000 }),
  miners: count({ description: "honest miners", standard: 4, min: 1, max: 32 }),
  validators: count({ description: "validators", standard: 2, min: 1, max: 8 }),
  attack: z
    .string()
    .regex(
      new RegExp(`^(none|(${CHEATS.join("|")})(,(${CHEATS.join("|")}))*)$`),
      `must be none or a list of ${CHEATS.join(", ")}`,
    )
    .default(CHEATS.join(","))
    .meta({ description: "cheaters to start, comma between" }),
  data: text("folder whose *.d.ts and *.md files are the text to learn", "node_modules"),
  blockMs: count({ description: "milliseconds a block", standard: 250, min: 50, max: 60_000 }),
  port: count({
    description: "port of the chain's JSON-RPC, 0 for a free one",
    standard: 9944,
    max: 65_535,
  }),
  output: text("folder for the run's record", join(homedir(), ".assay", "localnet")),
  baseline: z.union([z.boolean(), z.stringbool()]).default(true).meta({
    description: "train the single-node baseline afterwards (false: skip)",
    type: "string",
  }),
  device,
  json: flag("print one JSON object as the last line"),
});

/** Values of each preset of `subnet localnet`, between defaults and file. */
export const localnetPresets = {
  demo: {},
  quick: { windows: 12 },
} as const;

/** Parsed options of each command. */
export type MinerOptions = z.output<typeof minerOptions>;
export type WalletOptions = z.output<typeof walletOptions>;
export type RegisterOptions = z.output<typeof registerOptions>;
export type ValidatorOptions = z.output<typeof validatorOptions>;
export type ChainOptions = z.output<typeof chainOptions>;
export type LocalnetOptions = z.output<typeof localnetOptions>;
