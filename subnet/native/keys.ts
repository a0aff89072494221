/** @file `subnet chain keys`: the keys of one authority. */
import type { Told } from "../../src/command/command.ts";
import { authorityKeys } from "../../chain/native/authority-keys.ts";
import { placesIn, writeAuthority } from "./authority-folder.ts";
import type { KeysOptions } from "./options.ts";

/** Makes keys, or shows those that are there; what is printed is public. @throws AssayError bad-option */
export async function makeKeys(
  { folder, development, json }: KeysOptions,
  { print, line }: Pick<Told, "line"> & { readonly print: (text: string) => void },
): Promise<void> {
  const { authority, isNew } = await writeAuthority(folder, () => authorityKeys(development));
  const { publicFile, keystore, nodeKeyFile } = placesIn(folder);
  if (json) return print(JSON.stringify({ folder, isNew, ...authority, publicFile }));
  print(`${isNew ? "made" : "already there"}: ${folder}`);
  print(`makes blocks as  ${authority.aura}`);
  print(`votes as         ${authority.grandpa}`);
  print(`found as         /p2p/${authority.peerId}`);
  print(`secret: ${keystore} and ${nodeKeyFile}; they stay on this machine, and are no wallet`);
  if (development !== undefined) print(`warning: everybody knows the keys of ${development}`);
  print(`public: ${publicFile}; whoever makes the spec needs it:`);
  print(line({ ours: "subnet chain spec", set: { authority: publicFile } }));
}
