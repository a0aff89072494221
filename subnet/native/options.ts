/** @file Options of `subnet chain spec`, `keys`, `start`, `join` and `authorities`: a chain of many machines. */
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import {
  chainFields,
  count,
  flag,
  keyFields,
  list,
  optionalText,
  text,
  wholeNumber,
} from "../../src/command/fields.ts";

const HIGHEST_PORT = 65_535;
const port = (description: string, standard: number): ReturnType<typeof count> =>
  count({ description, standard, min: 1, max: HIGHEST_PORT });

const said = flag("print one JSON object instead of text");

/** What a genesis begins with, as `subnet chain` takes it. */
const genesisFields = {
  preset: z.enum(["development", "live"]).default("live").meta({
    description:
      "what the genesis begins with: live (nothing but what --genesis names) or development (rich known accounts, //Alice is sudo)",
  }),
  subnet: optionalText(
    "subnet.toml of an owner: new subnets get the tempo, immunity, price and limits of its [chain]",
  ),
  genesis: optionalText("JSON file merged into the genesis of the preset"),
  beacon: z.enum(["quicknet"]).optional().meta({
    description: "public beacon to follow: timelocked weights are taken then",
  }),
} as const;

/** Options of `subnet chain spec`. */
export const specOptions = z.strictObject({
  file: text("raw chain spec to write", "chain.json"),
  ...genesisFields,
  authority: list(
    "authority.json of who makes and finalises blocks, as subnet chain keys writes it",
  ),
  blockMs: wholeNumber(100, 999_999).optional().meta({
    description: "milliseconds a block (default: phases.blockMs of --subnet, else 6000)",
  }),
  name: text("name of the chain, for people", "Assay"),
  id: z
    .string()
    .regex(
      /^[a-z][a-z\d-]{0,31}$/,
      "must be up to 32 small letters, digits and hyphens, a letter first",
    )
    .default("assay")
    .meta({ description: "names the database's folder and the network's protocols" }),
  bootnode: list(
    "where a node that knows nobody begins: /ip4/203.0.113.7/tcp/30333/p2p/12D3KooW...",
  ),
  json: said,
});

/** Options of `subnet chain keys`. */
export const keysOptions = z.strictObject({
  folder: text("folder for the keys of one authority", "authority"),
  development: z
    .string()
    .regex(/^\/\/[A-Za-z\d]+$/, "must be a development name such as //Alice")
    .optional()
    .meta({ description: "keys that everybody knows, of a name such as //Alice: for tests alone" }),
  json: said,
});

const runningFields = {
  spec: text("raw chain spec, as subnet chain spec writes it", "chain.json"),
  folder: text("folder of the node's database", join(homedir(), ".assay", "chain")),
  name: text("name of the node in logs and metrics", "assay"),
  host: text("address of this machine for other nodes, 0.0.0.0 for all", "0.0.0.0"),
  port: port("port for other nodes", 30_333),
  rpcPort: port("JSON-RPC port, WebSocket and HTTP", 9944),
  prometheusPort: port("port of the metrics, on loopback", 9615),
  bootnode: list("where to begin, besides what the spec names"),
  archive: flag("keep the states of old blocks, which an audit reads", true),
  shield: flag("announce keys for encrypted calls, and open what was encrypted to them", true),
  log: text("what is logged, as target=level, comma between", "info"),
  print: flag("print the node's command line instead of running it"),
} as const;

/** Options of `subnet chain start`. */
export const startOptions = z.strictObject({
  ...runningFields,
  keys: text("folder of this authority's keys", "authority"),
});

/** Options of `subnet chain join`. */
export const joinOptions = z.strictObject({
  ...runningFields,
  rpcExternal: flag(
    "answer JSON-RPC to other machines too, without what only an operator may call",
  ),
});

/** Options of `subnet chain authorities`. */
export const authoritiesOptions = z.strictObject({
  ...chainFields,
  authority: list(
    "authority.json of everybody who is an authority afterwards, as subnet chain keys writes it",
  ),
  wallet: keyFields.wallet,
  walletFolder: keyFields.walletFolder,
  blocks: count({
    description: "blocks from now until the change; those that approve it have to be done by then",
    standard: 20,
    min: 4,
    max: 1_000_000,
  }),
  print: flag("print the call for whoever is Root here, instead of sending it as sudo"),
});

/** Parsed options of `subnet chain spec`. */
export type SpecFileOptions = z.output<typeof specOptions>;
/** Parsed options of `subnet chain keys`. */
export type KeysOptions = z.output<typeof keysOptions>;
/** Parsed options of `subnet chain start`. */
export type StartOptions = z.output<typeof startOptions>;
/** Parsed options of `subnet chain join`. */
export type JoinOptions = z.output<typeof joinOptions>;
/** Parsed options of `subnet chain authorities`. */
export type AuthoritiesOptions = z.output<typeof authoritiesOptions>;
