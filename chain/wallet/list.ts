/** @file Which wallets a folder holds: for people who mistyped a name, and for `miner wallet list`. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCodeOf } from "../../base/fault.ts";
import { ss58Of } from "./account.ts";
import { readWalletFile } from "./file.ts";
import { expandedFolder, isName, type WalletFolder } from "./folder.ts";
import { publicKeyIn } from "./keyfile.ts";

/** One hotkey of a wallet; its address is null where no readable file states it. */
type HotkeyEntry = { readonly name: string; readonly ss58: string | null };

/** One wallet found in a folder. */
export type WalletEntry = {
  readonly name: string;
  readonly hotkeys: readonly HotkeyEntry[];
  /** Null when `coldkeypub.txt` is absent or unreadable. */
  readonly coldkeySs58: string | null;
};

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter(isName).toSorted();
}

/** The names, none where the folder is absent or unreadable: a hint for people must not fail on it. */
async function namesIfReadable(folder: string): Promise<readonly string[]> {
  return namesIn(folder).catch(() => []);
}

/** The address that a file states, or null. */
async function addressIn(path: string): Promise<string | null> {
  try {
    const content = await readWalletFile(path);
    return content === null ? null : ss58Of(publicKeyIn(content, path));
  } catch {
    return null;
  }
}

/** Address from the public half, else from the key file itself: older tools wrote no public half of hotkeys. */
async function hotkeyEntry(home: string, name: string): Promise<HotkeyEntry> {
  const path = join(home, "hotkeys", name);
  return { name, ss58: (await addressIn(`${path}pub.txt`)) ?? (await addressIn(path)) };
}

/** Wallets of a folder in order of their names; one that is absent or unreadable holds none. Never throws. */
export async function listWallets(folder: WalletFolder): Promise<readonly WalletEntry[]> {
  const root = expandedFolder(folder);
  return entriesOf(root, await namesIfReadable(root));
}

/** The same for who asked for this list: only an absent folder holds none. @throws Error of the system */
export async function listWalletsOf(folder: WalletFolder): Promise<readonly WalletEntry[]> {
  const root = expandedFolder(folder);
  try {
    return await entriesOf(root, await namesIn(root));
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
}

async function entriesOf(root: string, names: readonly string[]): Promise<readonly WalletEntry[]> {
  const entries: WalletEntry[] = [];
  for (const name of names) {
    const home = join(root, name);
    const [hotkeys, coldkeySs58, inside] = await Promise.all([
      namesIfReadable(join(home, "hotkeys")),
      addressIn(join(home, "coldkeypub.txt")),
      namesIfReadable(home),
    ]);
    if (hotkeys.length > 0 || coldkeySs58 !== null || inside.includes("coldkey"))
      entries.push({
        name,
        hotkeys: await Promise.all(hotkeys.map(async (hotkey) => hotkeyEntry(home, hotkey))),
        coldkeySs58,
      });
  }
  return entries;
}
