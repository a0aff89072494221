/** @file `miner wallet`, `miner wallet hotkey`, `miner wallet import`, `miner wallet list`: keys on disk. */
import { listWalletsOf, type WalletEntry } from "../../chain/wallet/list.ts";
import {
  createHotkey,
  createWallet,
  importColdkey,
  importHotkey,
} from "../../chain/wallet/wallet.ts";
import type { WalletImportOptions, WalletListOptions, WalletOptions } from "./options.ts";
import { askPassword, askSecret } from "../../src/command/secrets.ts";

type Print = (line: string) => void;

const PASSWORD_QUESTION = "password for the coldkey (empty: store it unencrypted): ";
const encryption = (password: string | undefined): string =>
  password === undefined ? "NOT encrypted" : "encrypted";

/**
 * Makes a wallet; the two phrases are printed once and stored nowhere else.
 * @throws ChainError wallet-exists, wallet-folder-refused, invalid-name
 */
export async function makeWallet(options: WalletOptions, print: Print): Promise<void> {
  const { wallet, hotkey, walletFolder, json } = options;
  const password = await askPassword(PASSWORD_QUESTION);
  const made = await createWallet({
    folder: walletFolder,
    name: wallet,
    hotkey,
    ...(password !== undefined && { password }),
  });
  const encrypted = password !== undefined;
  if (json) return print(JSON.stringify({ wallet, hotkey, walletFolder, encrypted, ...made }));
  print(`wallet ${wallet} in ${walletFolder}, coldkey ${encryption(password)}`);
  print(`coldkey ${made.coldkeySs58}\n  phrase: ${made.mnemonic}`);
  print(`hotkey  ${made.hotkeySs58}\n  phrase: ${made.hotkeyMnemonic}`);
  print("Write both phrases down: they are shown this once.");
}

/**
 * Adds a hotkey to a wallet; its phrase is printed once.
 * @throws ChainError wallet-missing, wallet-exists, wallet-folder-refused, invalid-name
 */
export async function addHotkey(options: WalletOptions, print: Print): Promise<void> {
  const { wallet, hotkey, walletFolder, json } = options;
  const made = await createHotkey({ folder: walletFolder, name: wallet, hotkey });
  if (json) return print(JSON.stringify({ wallet, hotkey, walletFolder, ...made }));
  print(`hotkey ${hotkey} of wallet ${wallet}: ${made.hotkeySs58}`);
  print(`  phrase: ${made.hotkeyMnemonic}`);
  print("Write the phrase down: it is shown this once.");
}

/**
 * Writes a key that exists elsewhere, from its phrase or seed.
 * @throws ChainError phrase-invalid, wallet-exists, wallet-folder-refused, invalid-name; AssayError bad-option
 */
export async function importKey(options: WalletImportOptions, print: Print): Promise<void> {
  const { wallet, hotkey, walletFolder, key, json } = options;
  const secret = await askSecret(`phrase or 0x seed of the ${key}: `);
  const file = { folder: walletFolder, name: wallet, secret };
  const place = { wallet, walletFolder, key };
  if (key === "hotkey") {
    const ss58 = await importHotkey({ ...file, hotkey });
    print(
      json
        ? JSON.stringify({ ...place, hotkey, ss58 })
        : `hotkey ${hotkey} of wallet ${wallet}: ${ss58}`,
    );
    return;
  }
  const password = await askPassword(PASSWORD_QUESTION);
  const ss58 = await importColdkey({ ...file, ...(password !== undefined && { password }) });
  const encrypted = password !== undefined;
  print(
    json
      ? JSON.stringify({ ...place, encrypted, ss58 })
      : `coldkey of wallet ${wallet}, ${encryption(password)}: ${ss58}`,
  );
}

/** A wallet as lines: its coldkey, then a hotkey each. */
function linesOf({ name, coldkeySs58, hotkeys }: WalletEntry): readonly string[] {
  const width = Math.max(0, ...hotkeys.map((hotkey) => hotkey.name.length));
  return [
    `${name}  coldkey ${coldkeySs58 ?? "not here, or its address is unreadable"}`,
    ...hotkeys.map(
      (hotkey) => `  ${hotkey.name.padEnd(width)}  ${hotkey.ss58 ?? "address unreadable"}`,
    ),
  ];
}

/** Lists the wallets of a folder with their addresses; opens no secret. @throws Error of the system where the folder cannot be read */
export async function showWallets(options: WalletListOptions, print: Print): Promise<void> {
  const { walletFolder, json } = options;
  const wallets = await listWalletsOf(walletFolder);
  if (json) print(JSON.stringify({ walletFolder, wallets }));
  else if (wallets.length === 0) print(`no wallet in ${walletFolder}`);
  else for (const line of wallets.flatMap(linesOf)) print(line);
}
