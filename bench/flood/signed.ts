/** @file A remark that somebody without money signed: what strangers forge signatures of. */
import { type RuntimeVersion } from "@polkadot/types/interfaces";
import { keyringPackage, typesPackage } from "../../chain/polkadot.ts";
import { ask } from "./honest.ts";

function text(value: unknown): `0x${string}` {
  if (typeof value !== "string" || !value.startsWith("0x")) throw new Error("no hex");
  return `0x${value.slice(2)}`;
}

/** The extrinsic in hex, without 0x. */
export async function signedRemark(port: number): Promise<string> {
  const { Metadata, TypeRegistry, expandMetadata } = typesPackage();
  const registry = new TypeRegistry();
  const metadata = new Metadata(registry, text(await ask(port, "state_getMetadata")));
  registry.setMetadata(metadata);
  const remark = expandMetadata(registry, metadata).tx["system"]?.["remark"];
  if (remark === undefined) throw new Error("the runtime has no remark");
  const genesisHash = text(await ask(port, "chain_getBlockHash", [0]));
  const runtimeVersion = registry.createType<RuntimeVersion>(
    "RuntimeVersion",
    text(await ask(port, "state_call", ["Core_version", "0x"])),
  );
  const extrinsic = registry.createType("Extrinsic", remark("0x"));
  const pair = new keyringPackage.Keyring({ type: "sr25519" }).addFromUri("//Nobody");
  const blockHash = genesisHash;
  extrinsic.sign(pair, { blockHash, genesisHash, nonce: 0, runtimeVersion, tip: 0 });
  return extrinsic.toHex().slice(2);
}
