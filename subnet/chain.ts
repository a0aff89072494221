/** @file `subnet chain`: the embedded chain as a process of its own, on loopback. */
import { readFile } from "node:fs/promises";
import {
  isJsonObject,
  type JsonObject,
  parseExactJson,
} from "../chain/embedded/codec/exact-json.ts";
import { readRuntimeArtifact } from "../chain/embedded/artifact.ts";
import { openEmbeddedChain } from "../chain/embedded/chain.ts";
import { startSealing } from "../chain/embedded/sealing.ts";
import { serveRpc } from "../chain/embedded/rpc/server.ts";
import type { ChainOptions } from "./chain-options.ts";
import { AssayError } from "../src/errors.ts";
import { aborted, Lifecycle, runUntilStopped } from "../src/command/lifecycle.ts";
import { inLine } from "../base/fault.ts";
import { fileReason } from "../base/files.ts";
import { openLog } from "../src/command/log.ts";

const HOST = "127.0.0.1";
const DEFAULT_SLOT_MS = 250;

async function readGenesis(path: string): Promise<JsonObject> {
  try {
    const value = parseExactJson(await readFile(path, "utf8"));
    if (isJsonObject(value)) return value;
    throw new Error("not a JSON object");
  } catch (cause) {
    const detail = `--genesis ${path} cannot be used: ${inLine(fileReason(cause))}.`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
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
    const sealing = /^\d+$/.test(options.sealing) ? Number(options.sealing) : null;
    const chain = await openEmbeddedChain({
      runtimeCode: await readRuntimeArtifact(),
      preset: "development",
      slotDurationMs: sealing ?? DEFAULT_SLOT_MS,
      log: (level, text) => log[level](text),
      onFailure: (error) => lifecycle.fail(error),
      ...(options.genesis !== undefined && { genesisPatch: await readGenesis(options.genesis) }),
      ...(options.database !== undefined && { database: options.database }),
    });
    lifecycle.onClose("chain", () => chain.close());
    const server = await serveRpc(chain, { host: HOST, port: options.port });
    lifecycle.onClose("rpc", () => server.close());
    const sealer = startSealing(
      chain,
      sealing ?? (options.sealing === "instant" ? "instant" : "manual"),
    );
    lifecycle.onClose("sealing", () => sealer.stop());
    print(`chain ${chain.genesisHash}`);
    print(
      `JSON-RPC on ws://${HOST}:${server.port}, sealing ${options.sealing}; one authority on one machine`,
    );
    process.send?.({ port: server.port, genesisHash: chain.genesisHash });
    await aborted(lifecycle.signal);
  });
}
