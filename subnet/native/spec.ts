/** @file `subnet chain spec`: what all nodes of a native chain begin with, as one file. */
import { writeFile } from "node:fs/promises";
import { fileReason } from "../../base/files.ts";
import { inLine } from "../../base/fault.ts";
import type { JsonObject } from "../../chain/embedded/codec/exact-json.ts";
import { authoritiesPatch, sparedBy } from "../../chain/native/authority-keys.ts";
import { rawSpec } from "../../chain/native/raw-spec.ts";
import type { Told } from "../../src/command/command.ts";
import { AssayError } from "../../src/errors.ts";
import { readAuthority } from "./authority-folder.ts";
import type { SpecFileOptions } from "./options.ts";

/** What the caller has read for the genesis. */
export type GenesisSettings = {
  readonly runtimeCode: Uint8Array;
  /** Of --subnet, --genesis and --beacon. */
  readonly genesisPatch: JsonObject;
  /** Of --block-ms or --subnet. */
  readonly blockMs: number;
};

const BOOTNODE =
  /^\/(ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d{1,5}(\/ws)?\/p2p\/12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/;

/** Refuses what no node could dial. @throws AssayError bad-option */
export function requireBootnodes(bootnodes: readonly string[]): void {
  const wrong = bootnodes.find((one) => !BOOTNODE.test(one));
  if (wrong === undefined) return;
  const detail = `--bootnode ${wrong} is no address of a node; one is /ip4/203.0.113.7/tcp/30333/p2p/12D3KooW..., whose end subnet chain keys prints`;
  throw new AssayError({ code: "bad-option", detail });
}

function finalityText(count: number): string {
  if (count === 0) return "authorities: those that the genesis names";
  const spared = sparedBy(count);
  return `${count} ${count === 1 ? "authority" : "authorities"}; ${spared === 0 ? "none" : spared} of them may be away, with more finality stands still${spared === 0 ? " (from four on one may)" : ""}`;
}

/** Writes the spec, and says which chain it is. @throws AssayError bad-option; ChainError genesis-invalid */
export async function writeSpec(
  options: SpecFileOptions,
  settings: GenesisSettings,
  { print, line }: Pick<Told, "line"> & { readonly print: (text: string) => void },
): Promise<void> {
  const { file, preset, name, id, bootnode: bootnodes } = options;
  requireBootnodes(bootnodes);
  const authorities = await Promise.all(options.authority.map(async (path) => readAuthority(path)));
  const twice = authorities.find(
    (one, at) => authorities.findIndex(({ aura }) => aura === one.aura) < at,
  );
  if (twice !== undefined)
    throw new AssayError({ code: "bad-option", detail: `--authority names ${twice.aura} twice` });
  const { runtimeCode, genesisPatch, blockMs } = settings;
  const spec = await rawSpec({
    runtimeCode,
    preset,
    patch:
      authorities.length === 0
        ? genesisPatch
        : { ...genesisPatch, ...authoritiesPatch(authorities) },
    slotDurationMs: blockMs,
    name,
    id,
    bootnodes,
  });
  try {
    await writeFile(file, spec.text, { flush: true });
  } catch (cause) {
    const detail = `The spec cannot be written to ${file}: ${inLine(fileReason(cause))}`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
  if (options.json) {
    const { genesisHash, keys, text } = spec;
    print(JSON.stringify({ file, genesisHash, keys, bytes: text.length, blockMs }));
    return;
  }
  print(`chain ${spec.genesisHash}`);
  print(`${file}: ${spec.keys} entries, ${spec.text.length} bytes; a block every ${blockMs} ms`);
  print(finalityText(authorities.length));
  print("every node takes this same file:");
  print(line({ ours: "subnet chain start", set: { spec: file } }));
}
