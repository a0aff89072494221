/** @file Where wallet files lie, and which names may become part of a path. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { ChainError } from "../errors.ts";

/** The folder of all wallets, for example `~/.bittensor/wallets`. */
export type WalletFolder = string;

/** Paths of one wallet; `hotkey` paths only where a hotkey is named. */
export type WalletPaths = {
  readonly home: string;
  readonly coldkey: string;
  readonly coldkeyPublic: string;
  readonly hotkeys: string;
};

/** The option that a name came from. */
type KeyOption = "wallet" | "hotkey";

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
/** Would be read as the public half of another hotkey. */
const PUBLIC_SUFFIX = "pub.txt";

/**
 * Whether a name is safe inside a path on every system: letters, digits, `_`, `-`, `.`, at most 64 characters,
 * not starting with a dot or dash, not ending in `pub.txt` or a dot.
 */
export function isName(name: string): boolean {
  return NAME.test(name) && !name.endsWith(PUBLIC_SUFFIX) && !name.endsWith(".");
}

function checkedName(name: string, option: KeyOption): string {
  if (!isName(name))
    throw new ChainError({ code: "invalid-name", name: name.slice(0, 80), option });
  return name;
}

/** The absolute folder; a leading `~` is the home folder, as btwallet reads it. */
export function expandedFolder(folder: WalletFolder): string {
  return resolve(folder.replace(/^~(?=$|[/\\])/, () => homedir()));
}

/** @throws ChainError invalid-name */
export function walletPaths(folder: WalletFolder, name: string): WalletPaths {
  const home = join(expandedFolder(folder), checkedName(name, "wallet"));
  return {
    home,
    coldkey: join(home, "coldkey"),
    coldkeyPublic: join(home, `coldkey${PUBLIC_SUFFIX}`),
    hotkeys: join(home, "hotkeys"),
  };
}

/** @throws ChainError invalid-name */
export function hotkeyPath(folder: WalletFolder, name: string, hotkey: string): string {
  return join(walletPaths(folder, name).hotkeys, checkedName(hotkey, "hotkey"));
}
