/** @file Which wallets a folder holds: for people who mistyped a name, and for `subnet wallet list`. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ss58Of } from "./account.ts";
import { readWalletFile } from "./file.ts";
import { expandedFolder, isName, type WalletFolder } from "./folder.ts";
import { publicKeyIn } from "./keyfile.ts";

/** One wallet found in a folder. */
export type WalletEntry = {
  readonly name: string;
  readonly hotkeys: readonly string[];
  /** Null when `coldkeypub.txt` is absent or unreadable. */
  readonly coldkeySs58: string | null;
};

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter(isName).toSorted();
  } catch {
    // Absent or unreadable folders hold no wallets: a list for people must not fail on them.
    return [];
  }
}

async function coldkeyAddress(home: string): Promise<string | null> {
  const path = join(home, "coldkeypub.txt");
  try {
    const content = await readWalletFile(path);
    return content === null ? null : ss58Of(publicKeyIn(content, path));
  } catch {
    return null;
  }
}

/** Wallets of a folder in order of their names; an absent folder holds none. Never throws. */
export async function listWallets(folder: WalletFolder): Promise<readonly WalletEntry[]> {
  const root = expandedFolder(folder);
  const entries: WalletEntry[] = [];
  for (const name of await namesIn(root)) {
    const home = join(root, name);
    const [hotkeys, coldkeySs58, inside] = await Promise.all([
      namesIn(join(home, "hotkeys")),
      coldkeyAddress(home),
      namesIn(home),
    ]);
    if (hotkeys.length > 0 || coldkeySs58 !== null || inside.includes("coldkey"))
      entries.push({ name, hotkeys, coldkeySs58 });
  }
  return entries;
}
