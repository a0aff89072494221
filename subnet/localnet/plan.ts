/** @file What a local network is to run: the demo, or the subnet that a subnet.toml describes, under the flags. */
import { readTomlFile } from "../../src/command/toml.ts";
import { AssayError } from "../../src/errors.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { demoManifest } from "../../src/run/presets.ts";
import { type ManifestParts, manifestOf } from "../config/manifest.ts";
import { loadConfig, type LoadedConfig } from "../config/read.ts";
import type { SubnetConfig } from "../config/schema.ts";
import { type LocalnetOptions, SUBNET_FILE_KEYS } from "./options.ts";

/** A run that is still to be published. */
export type Plan = {
  readonly config: SubnetConfig;
  /** Shortest time between two blocks, in milliseconds. */
  readonly blockMs: number;
  /** Where its text, its model and its rules come from, for people. */
  readonly origin: string;
  /** The manifest, once it is known where and when the run is. */
  manifest(parts: ManifestParts): RunManifest;
};

/** The options that decide what is run. */
export type PlanOptions = Pick<
  LocalnetOptions,
  "windows" | "data" | "tokenizer" | "set" | "blockMs"
> &
  Partial<Pick<LocalnetOptions, "chain">>;

/** A development chain's own block time leaves room for the slowest; here the chain waits for its nodes. */
const DEFAULT_BLOCK_MS = 100;
/**
 * A native chain waits for nobody. GRANDPA makes a block final about a second after it was made, whatever the block time (1.62 s at most,
 * docs/chain.md), and 3 blocks are what docs/protocol.md advises at least.
 */
const NATIVE = { blockMs: 2000, finalMs: 1600, leastLag: 3 } as const;
const MOST_WORDS = 3;
/** What flags of their own say about the demo: it stays the demo. */
const OWN_FLAGS: readonly string[] = ["windows", "data.folder"];

/** Whether a file is (also) a subnet.toml: it holds more than options. */
function isSubnetFile(values: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(values).some(
    ([key, value]) =>
      SUBNET_FILE_KEYS.includes(key) &&
      (typeof value === "object" || !["windows", "data", "tokenizer", "chain"].includes(key)),
  );
}

function loaded(options: PlanOptions, path: string | null): LoadedConfig {
  const document = path === null ? null : readTomlFile(path);
  const own = document !== null && isSubnetFile(document.values) ? document : null;
  const data = options.data === undefined ? [] : [`data.folder=${options.data}`];
  const { tokenizer: file } = options;
  const tokenizer = file === undefined ? [] : [`tokenizer.file=${file}`];
  const flags = [`windows=${options.windows}`, ...data, ...tokenizer];
  return loadConfig(own, { set: [...flags, ...options.set] });
}

function isGiven({ source }: LoadedConfig["entries"][number]): boolean {
  return source !== "default" && source !== "derived";
}

function demoOf(parts: ManifestParts, { name, windows }: SubnetConfig): RunManifest {
  const { dataManifest: manifest, pages, tokenizerFile: _none, ...where } = parts;
  return demoManifest({ name, windows, ...where, data: { manifest, pages } });
}

/** Where a run comes from, for people. */
function originOf(changed: LoadedConfig["entries"], name: string, path: string | null): string {
  if (changed.length === 0) return "the demo";
  if (changed.some(({ source }) => source === "file")) return `${name}, as ${path} says`;
  const words = changed
    .slice(0, MOST_WORDS)
    .map(({ info, value }) => `${info.path}=${String(value)}`);
  return `the demo with ${words.join(", ")}${changed.length > MOST_WORDS ? " and more" : ""}`;
}

/** Seeds are drawn from blocks that are final on a native chain by then, as 19 of 20 are. @throws AssayError bad-option */
function nativeLag({ phases }: SubnetConfig, blockMs: number): number {
  const { train, commit, reveal, judge, deadlineOffset } = phases;
  const lag = Math.max(phases.finalityLag, NATIVE.leastLag, Math.ceil(NATIVE.finalMs / blockMs));
  // As manifests are refused for it (manifest-conflicts.ts), before anything starts.
  const room = train + commit + reveal + judge - deadlineOffset - 3;
  if (lag <= room) return lag;
  const detail = `blocks of ${blockMs} ms on a native chain are final up to ${lag} blocks late, and windows have room for ${room}: a seed would be known when its window is over`;
  const next = "Give blocks more time (--block-ms 2000), or windows more blocks (phases.judge).";
  throw new AssayError({ code: "bad-option", detail, next });
}

/**
 * Reads what is to be run.
 * @param path the file after --config, if any: it may hold options, a subnet.toml, or both
 * @throws AssayError bad-option
 */
export function planOf(options: PlanOptions, path: string | null): Plan {
  const { config, entries } = loaded(options, path);
  const changed = entries.filter((entry) => isGiven(entry) && !OWN_FLAGS.includes(entry.info.path));
  const given = entries.find(({ info }) => info.path === "phases.blockMs");
  const isNative = options.chain === "native";
  const standard = isNative ? NATIVE.blockMs : DEFAULT_BLOCK_MS;
  const ofFile = given !== undefined && isGiven(given) ? config.phases.blockMs : standard;
  const isDemo = changed.length === 0;
  const blockMs = options.blockMs ?? ofFile;
  const lag = isNative ? nativeLag(config, blockMs) : config.phases.finalityLag;
  const made = (parts: ManifestParts): RunManifest =>
    isDemo && config.windows > 0 ? demoOf(parts, config) : manifestOf(config, parts);
  return {
    config,
    blockMs,
    origin: originOf(isDemo ? [] : changed, config.name, path),
    // The demo has an end to which its learning rate falls.
    manifest: (parts) => (isNative ? { ...made(parts), finalityLag: lag } : made(parts)),
  };
}
