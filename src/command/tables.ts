/**
 * @file Tables of a config file, and the keys in each. One file may serve several commands: `[miner]` is read by the
 * miner's commands alone. The options themselves lie beside their commands, which src/ does not import; a test holds the
 * two together.
 */
import { neuronFields } from "./fields.ts";

/** The name of a table. */
export type TableName = "miner" | "validator" | "localnet" | "chain";

const NEURON_KEYS = Object.keys(neuronFields);

/** Keys of each table, for messages: a key at the top of a file that belongs to another command is told so. */
export const TABLES: Readonly<Record<TableName, readonly string[]>> = {
  miner: [...NEURON_KEYS, "microBatch", "momentBits", "strategy", "missPercent"],
  validator: [
    ...NEURON_KEYS,
    "scorer",
    "workers",
    "workersHost",
    "workersPort",
    "workerHotkeys",
    "queue",
  ],
  localnet: [
    "preset",
    "windows",
    "miners",
    "validators",
    "attack",
    "partTime",
    "missPercent",
    "data",
    "tokenizer",
    "set",
    "blockMs",
    "chain",
    "port",
    "output",
    "baseline",
    "keep",
    "device",
    "store",
    "storeUrl",
    "shield",
    "pruning",
    "json",
    "tensorboard",
    "tui",
  ],
  chain: [
    "host",
    "port",
    "sealing",
    "subnet",
    "preset",
    "beacon",
    "genesis",
    "database",
    "pruning",
    "shield",
    "logLevel",
  ],
};

/** Names of all tables. */
export const TABLE_NAMES: readonly string[] = Object.keys(TABLES);

/** Tables that have this key. */
export function tablesWith(key: string): readonly string[] {
  return Object.entries(TABLES)
    .filter(([, keys]) => keys.includes(key))
    .map(([name]) => name);
}
