/** @file Wallets on disk, byte-compatible with btwallet in both directions: create and open. */
import { ChainError } from "../errors.ts";
import { ss58Of } from "./account.ts";
import { readWalletFile, writeAll } from "./file.ts";
import { hotkeyPath, type WalletFolder, walletPaths } from "./folder.ts";
import { type Hex, hexOf } from "./hex.ts";
import { publicKeyfile, publicKeyIn, secretKeyfile, signerIn } from "./keyfile.ts";
import { listWallets } from "./list.ts";
import { derivePasswordKey, encryptionOf, sealed, unsealed } from "./password.ts";
import { newPhrase, type Secret, secretOfText } from "./secret.ts";
import { type Signer } from "./signer.ts";

/** A new wallet. `mnemonic` and `hotkeyMnemonic` are a BIP39 phrase or a URI such as `//Alice`; absent = fresh. */
export type NewWallet = {
  readonly folder: WalletFolder;
  readonly name: string;
  readonly hotkey: string;
  /** Encrypts the coldkey. Only when undefined is it written in plain (localnet). */
  readonly password?: string;
  readonly mnemonic?: string;
  readonly hotkeyMnemonic?: string;
};

/** What was created. Show the phrases once, keep them nowhere. */
export type CreatedWallet = {
  readonly coldkeySs58: string;
  readonly hotkeySs58: string;
  readonly mnemonic: string;
  readonly hotkeyMnemonic: string;
};

/** How to reach a coldkey: its password, or the key that derivePasswordKey made of it. */
export type ColdkeyAccess = {
  readonly folder: WalletFolder;
  readonly name: string;
  readonly password?: string;
  readonly passwordKey?: Uint8Array;
};

async function readExisting(path: string, folder: WalletFolder): Promise<Uint8Array> {
  const content = await readWalletFile(path);
  if (content !== null) return content;
  const known = (await listWallets(folder)).flatMap(({ name, hotkeys }) =>
    hotkeys.length === 0 ? [name] : hotkeys.map((hotkey) => `${name}/${hotkey}`),
  );
  throw new ChainError({ code: "wallet-missing", path, known });
}

const FORMAT = { ansible: "Ansible vault", fernet: "Fernet" } as const;

type FileAccess = Omit<ColdkeyAccess, "name"> & { readonly path: string };

async function decrypted({ path, folder, password, passwordKey }: FileAccess): Promise<Uint8Array> {
  const file = await readExisting(path, folder);
  const encryption = encryptionOf(file);
  if (encryption === "none") return file;
  if (encryption !== "nacl")
    throw new ChainError({ code: "wallet-unsupported", path, format: FORMAT[encryption] });
  const key = passwordKey ?? (password === undefined ? null : await derivePasswordKey(password));
  const content = key === null ? null : unsealed(file, key);
  if (content === null) throw new ChainError({ code: "wallet-wrong-password", path });
  return content;
}

/**
 * Secret of the text a person gave. The error does not repeat the text: it may be a phrase with a typing error.
 * @throws ChainError wallet-unreadable
 */
function givenSecret(text: string, path: string): Secret {
  const secret = secretOfText(text);
  if (secret === null)
    throw new ChainError({
      code: "wallet-unreadable",
      path,
      reason: "the given mnemonic is neither a BIP39 phrase nor a URI such as //Alice",
    });
  return secret;
}

/**
 * Creates a coldkey (encrypted when a password is given) and one hotkey (plain, as btwallet does by default).
 * @throws ChainError wallet-exists, invalid-name, wallet-unreadable (bad mnemonic)
 */
export async function createWallet(wallet: NewWallet): Promise<CreatedWallet> {
  const paths = walletPaths(wallet.folder, wallet.name);
  const hotkeyFile = hotkeyPath(wallet.folder, wallet.name, wallet.hotkey);
  const mnemonic = wallet.mnemonic ?? newPhrase();
  const hotkeyMnemonic = wallet.hotkeyMnemonic ?? newPhrase();
  const coldkey = givenSecret(mnemonic, paths.coldkey);
  const hotkey = givenSecret(hotkeyMnemonic, hotkeyFile);
  const content = secretKeyfile(coldkey);
  const stored =
    wallet.password === undefined
      ? content
      : sealed(content, await derivePasswordKey(wallet.password));
  await writeAll(
    new Map([
      [paths.coldkey, stored],
      [paths.coldkeyPublic, publicKeyfile(coldkey.publicKey)],
      [hotkeyFile, secretKeyfile(hotkey)],
      [`${hotkeyFile}pub.txt`, publicKeyfile(hotkey.publicKey)],
    ]),
  );
  return {
    coldkeySs58: ss58Of(hexOf(coldkey.publicKey)),
    hotkeySs58: ss58Of(hexOf(hotkey.publicKey)),
    mnemonic,
    hotkeyMnemonic,
  };
}

/**
 * Adds a hotkey to an existing wallet.
 * @throws ChainError wallet-missing, wallet-exists, invalid-name, wallet-unreadable (bad mnemonic)
 */
export async function createHotkey(
  wallet: Omit<NewWallet, "password" | "mnemonic">,
): Promise<Pick<CreatedWallet, "hotkeySs58" | "hotkeyMnemonic">> {
  const path = hotkeyPath(wallet.folder, wallet.name, wallet.hotkey);
  await readColdkeyPublic({ folder: wallet.folder, name: wallet.name });
  const hotkeyMnemonic = wallet.hotkeyMnemonic ?? newPhrase();
  const hotkey = givenSecret(hotkeyMnemonic, path);
  await writeAll(
    new Map([
      [path, secretKeyfile(hotkey)],
      [`${path}pub.txt`, publicKeyfile(hotkey.publicKey)],
    ]),
  );
  return { hotkeySs58: ss58Of(hexOf(hotkey.publicKey)), hotkeyMnemonic };
}

/**
 * Opens a hotkey. Hotkeys are plain by default; an encrypted one needs its password.
 * @throws ChainError wallet-missing, wallet-unreadable, wallet-unsupported, wallet-wrong-password, invalid-name
 */
export async function openHotkey(
  access: ColdkeyAccess & { readonly hotkey: string },
): Promise<Signer> {
  const path = hotkeyPath(access.folder, access.name, access.hotkey);
  return signerIn(await decrypted({ ...access, path }), path);
}

/**
 * Opens a coldkey. Deriving the password's key takes seconds: pass `passwordKey` to open several.
 * @throws ChainError wallet-missing, wallet-unreadable, wallet-unsupported, wallet-wrong-password, invalid-name
 */
export async function openColdkey(access: ColdkeyAccess): Promise<Signer> {
  const path = walletPaths(access.folder, access.name).coldkey;
  return signerIn(await decrypted({ ...access, path }), path);
}

/**
 * Public key of a coldkey without its password.
 * @throws ChainError wallet-missing, wallet-unreadable, invalid-name
 */
export async function readColdkeyPublic(
  access: Pick<ColdkeyAccess, "folder" | "name">,
): Promise<Hex> {
  const path = walletPaths(access.folder, access.name).coldkeyPublic;
  return publicKeyIn(await readExisting(path, access.folder), path);
}
