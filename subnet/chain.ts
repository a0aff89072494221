/** @file `subnet chain`: the embedded chain as a process of its own. */
import {
  isJsonObject,
  type JsonObject,
  mergeJson,
  parseExactJson,
} from "../chain/embedded/codec/exact-json.ts";
import { readRuntimeArtifact } from "../chain/embedded/artifact.ts";
import {
  type EmbeddedChain,
  type EmbeddedChainOptions,
  openEmbeddedChain,
} from "../chain/embedded/chain.ts";
import { ChainError } from "../chain/errors.ts";
import { startSealing } from "../chain/embedded/sealing.ts";
import { ShieldAuthor } from "../chain/embedded/shield.ts";
import { StartingReader } from "../chain/embedded/reader/start.ts";
import { scrapeOf } from "./chain-metrics.ts";
import type { ChainOptions } from "./chain-options.ts";
import { chainDefaultsOf } from "./config/chain-defaults.ts";
import { readSubnetConfig } from "./config/read.ts";
import { AssayError } from "../src/errors.ts";
import { aborted, Lifecycle, runUntilStopped } from "../src/command/lifecycle.ts";
import { inLine } from "../base/fault.ts";
import { fileReason, readWholeFile } from "../base/files.ts";
import { openLog } from "../src/command/log.ts";

const DEFAULT_SLOT_MS = 250;
/** More was named by mistake: a genesis with a runtime in it has some megabytes. */
const MAXIMUM_GENESIS_BYTES = 1 << 26;

async function readGenesis(path: string): Promise<JsonObject> {
  try {
    const bytes = await readWholeFile(path, MAXIMUM_GENESIS_BYTES);
    const value = parseExactJson(bytes.toString("utf8"));
    if (isJsonObject(value)) return value;
    throw new Error("not a JSON object");
  } catch (cause) {
    const detail = `--genesis ${path} cannot be used: ${inLine(fileReason(cause))}.`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
}

/** What the owner's file asks of a new chain, and its time of a block. @throws AssayError bad-option */
function fromOwnersFile(path: string): { readonly genesis: JsonObject; readonly blockMs: number } {
  const config = readSubnetConfig(path);
  return {
    genesis: { subtensorModule: chainDefaultsOf(config) },
    blockMs: config.phases.blockMs,
  };
}

/** What is merged over the preset, and the time of a block that the owner's file asks for. @throws AssayError bad-option */
export async function genesisSettings(
  options: Pick<ChainOptions, "subnet" | "genesis" | "beacon">,
): Promise<{ readonly genesisPatch: JsonObject; readonly blockMs: number | null }> {
  const owner = options.subnet === undefined ? null : fromOwnersFile(options.subnet);
  const given = options.genesis === undefined ? {} : await readGenesis(options.genesis);
  const beacon: JsonObject =
    options.beacon === undefined ? {} : { drand: { beacon: options.beacon } };
  const both = mergeJson(mergeJson(owner?.genesis ?? {}, beacon), given);
  return { genesisPatch: isJsonObject(both) ? both : given, blockMs: owner?.blockMs ?? null };
}

/** Whether only this machine reaches what is served on `host`. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** Where the chain answers, with a warning when others can reach it. */
function servedLines(
  { host, preset }: Pick<ChainOptions, "host" | "preset">,
  sealing: string,
  port: number,
): readonly string[] {
  const url = `ws://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const line = `JSON-RPC on ${url}, sealing ${sealing}; one authority on one machine`;
  if (isLoopback(host) || preset === "live") return [line];
  return [
    line,
    "warning: everybody who reaches this port can make and move blocks (dev_ methods) and spend what //Alice and the other development accounts own, whose keys are public; put it behind a firewall or use 127.0.0.1",
  ];
}

/** Opens the chain; a genesis that is refused names the file of its person. @throws ChainError */
async function opened(
  { genesis, subnet }: ChainOptions,
  options: EmbeddedChainOptions,
): Promise<EmbeddedChain> {
  try {
    return await openEmbeddedChain(options);
  } catch (error) {
    if (!(error instanceof ChainError) || error.fault.code !== "genesis-invalid") throw error;
    const files = Object.entries({ genesis, subnet }).filter(([, path]) => path !== undefined);
    if (files.length === 0) throw error;
    const option = files.map(([key, path]) => `--${key} ${path}`).join(" and ");
    throw new ChainError({ ...error.fault, option }, { cause: error });
  }
}

/** What is kept of the chain, and who opens what was encrypted for it. */
function keptBy({
  shield,
  database,
  pruning,
}: ChainOptions): Pick<EmbeddedChainOptions, "author" | "database" | "pruning"> {
  return {
    // Beside the database: what was encrypted to a key before this process ended is opened by the next.
    ...(shield && { author: new ShieldAuthor(database && `${database}.shield-keys`) }),
    ...(database !== undefined && { database }),
    ...(pruning !== "archive" && { pruning: Number(pruning) }),
  };
}

/** Runs the embedded chain until the process is told to stop. @throws ChainError, AssayError */
export async function runChain(
  options: ChainOptions,
  print: (line: string) => void,
): Promise<void> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    const log = openLog({ name: "chain", level: options.logLevel });
    const { genesisPatch, blockMs } = await genesisSettings(options);
    const mode = options.sealing ?? String(blockMs ?? DEFAULT_SLOT_MS);
    const sealing = /^\d+$/.test(mode) ? Number(mode) : null;
    // Its thread loads while the chain opens.
    const reader = new StartingReader();
    lifecycle.onClose("reader", () => reader.abandon());
    const chain = await opened(options, {
      runtimeCode: await readRuntimeArtifact(),
      preset: options.preset,
      slotDurationMs: sealing ?? DEFAULT_SLOT_MS,
      log: (level, text) => log[level](text),
      onFailure: (error) => lifecycle.fail(error),
      genesisPatch,
      ...keptBy(options),
    });
    lifecycle.onClose("chain", () => chain.close());
    const dev = options.preset === "development";
    const server = await reader.serve(chain, {
      host: options.host,
      port: options.port,
      dev,
      metrics: scrapeOf(chain, options.database ?? null),
      log: (level, text) => log[level](text),
      onFailure: (error) => lifecycle.fail(error),
    });
    lifecycle.onClose("rpc", () => server.close());
    const sealer = startSealing(chain, sealing ?? (mode === "instant" ? "instant" : "manual"));
    lifecycle.onClose("sealing", () => sealer.stop());
    print(`chain ${chain.genesisHash}`);
    for (const line of servedLines(options, mode, server.port)) print(line);
    process.send?.({ port: server.port, genesisHash: chain.genesisHash });
    await aborted(lifecycle.signal);
  });
}
