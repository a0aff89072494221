/** @file Test helper: an archive without its chain; the genesis of development, built once, serves all that are opened. */
import { readRuntimeArtifact } from "../../../../chain/embedded/artifact.ts";
import { Archive } from "../../../../chain/embedded/blocks/archive.ts";
import { buildGenesis } from "../../../../chain/embedded/blocks/genesis.ts";
import { WasmRuntime } from "../../../../chain/embedded/wasm/runtime.ts";
import { subnetPatch } from "../dev-chain.ts";

/** A way to open archives of chains as `openDevChain` makes them; `pruning` as in the archive's options. */
export async function archiveOpener(
  pruning: number | null = null,
): Promise<(path: string) => Archive> {
  const runtimeCode = await readRuntimeArtifact();
  const state = buildGenesis(new WasmRuntime(runtimeCode), {
    runtimeCode,
    preset: "development",
    patch: subnetPatch(),
    slotDurationMs: 250,
  });
  const genesis = { state, version: 1 } as const;
  return (path) => new Archive(path, { pruning, genesisBy: () => genesis, blockMsOf: () => null });
}
