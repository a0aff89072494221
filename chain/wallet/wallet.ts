/** @file Wallets on disk, byte-compatible with btwallet in both directions: create, import and open. */
import { ChainError } from "../errors.ts";
import type { KeyKind } from "../wallet-faults.ts";
import { ss58Of } from "./account.ts";
import { readWalletFile, writeAll } from "./file.ts";
import { hotkeyPath, type WalletFolder, type WalletPaths, walletPaths } from "./folder.ts";
import { type Hex, hexOf } from "./hex.ts";
import { publicKeyfile, publicKeyIn, secretKeyfile, signerIn } from "./keyfile.ts";
import { listWallets } from "./list.ts";
import { derivePasswordKey, encryptionOf, sealed, unsealed } from "./password.ts";
import { newPhrase, type Secret, secretGiven } from "./secret.ts";
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

/** A key file: whose it is, and where it should lie. */
type KeyFile = {
  readonly folder: WalletFolder;
  readonly name: string;
  readonly kind: KeyKind;
  readonly hotkey?: string;
  readonly path: string;
};

/** Tells a wallet that is not there from one that lacks this key, and names those that are there. */
async function missing({ folder, name, kind, hotkey, path }: KeyFile): Promise<ChainError> {
  const wallets = await listWallets(folder);
  const entry = wallets.find((one) => one.name === name);
  if (entry !== undefined)
    return new ChainError({
      code: "key-missing",
      path,
      wallet: name,
      kind,
      ...(hotkey !== undefined && { hotkey }),
      known: entry.hotkeys.map((one) => one.name),
    });
  const known = wallets.flatMap(({ name: wallet, hotkeys }) =>
    hotkeys.length === 0 ? [wallet] : hotkeys.map((one) => `${wallet}/${one.name}`),
  );
  return new ChainError({ code: "wallet-missing", path, wallet: name, known });
}

async function readExisting(file: KeyFile): Promise<Uint8Array> {
  const content = await readWalletFile(file.path);
  if (content === null) throw await missing(file);
  return content;
}

const FORMAT = { ansible: "Ansible vault", fernet: "Fernet" } as const;

async function decrypted(
  file: KeyFile,
  { password, passwordKey }: Pick<ColdkeyAccess, "password" | "passwordKey">,
): Promise<Uint8Array> {
  const { path, kind } = file;
  const stored = await readExisting(file);
  const encryption = encryptionOf(stored);
  if (encryption === "none") return stored;
  if (encryption !== "nacl")
    throw new ChainError({ code: "wallet-unsupported", path, format: FORMAT[encryption] });
  const key = passwordKey ?? (password === undefined ? null : await derivePasswordKey(password));
  if (key === null) throw new ChainError({ code: "wallet-locked", path, kind });
  const content = unsealed(stored, key);
  if (content === null) throw new ChainError({ code: "wallet-wrong-password", path });
  return content;
}

/**
 * Secret of the text a person gave. The error does not repeat the text: it may be a phrase with a typing error.
 * @throws ChainError phrase-invalid
 */
function givenSecret(text: string): Secret {
  const secret = secretGiven(text);
  if (secret === null) throw new ChainError({ code: "phrase-invalid" });
  return secret;
}

type Files = readonly (readonly [path: string, content: Uint8Array])[];

/** The two files of a coldkey; the secret one is encrypted when there is a password. */
async function coldkeyFiles(
  paths: WalletPaths,
  secret: Secret,
  password: string | undefined,
): Promise<Files> {
  const content = secretKeyfile(secret);
  const stored =
    password === undefined ? content : sealed(content, await derivePasswordKey(password));
  return [
    [paths.coldkey, stored],
    [paths.coldkeyPublic, publicKeyfile(secret.publicKey)],
  ];
}

/** The two files of a hotkey, plain, as btwallet writes them by default. */
function hotkeyFiles(path: string, secret: Secret): Files {
  return [
    [path, secretKeyfile(secret)],
    [`${path}pub.txt`, publicKeyfile(secret.publicKey)],
  ];
}

const addressOf = (secret: Secret): string => ss58Of(hexOf(secret.publicKey));

/**
 * Creates a coldkey (encrypted when a password is given) and one hotkey (plain, as btwallet does by default).
 * @throws ChainError wallet-exists, wallet-folder-refused, invalid-name, phrase-invalid, disk-full
 */
export async function createWallet(wallet: NewWallet): Promise<CreatedWallet> {
  const paths = walletPaths(wallet.folder, wallet.name);
  const hotkeyFile = hotkeyPath(wallet.folder, wallet.name, wallet.hotkey);
  const mnemonic = wallet.mnemonic ?? newPhrase();
  const hotkeyMnemonic = wallet.hotkeyMnemonic ?? newPhrase();
  const coldkey = givenSecret(mnemonic);
  const hotkey = givenSecret(hotkeyMnemonic);
  await writeAll(
    new Map([
      ...(await coldkeyFiles(paths, coldkey, wallet.password)),
      ...hotkeyFiles(hotkeyFile, hotkey),
    ]),
  );
  return {
    coldkeySs58: addressOf(coldkey),
    hotkeySs58: addressOf(hotkey),
    mnemonic,
    hotkeyMnemonic,
  };
}

/**
 * Adds a hotkey to an existing wallet.
 * @throws ChainError wallet-missing, wallet-exists, wallet-folder-refused, invalid-name, phrase-invalid
 */
export async function createHotkey(
  wallet: Omit<NewWallet, "password" | "mnemonic">,
): Promise<Pick<CreatedWallet, "hotkeySs58" | "hotkeyMnemonic">> {
  const path = hotkeyPath(wallet.folder, wallet.name, wallet.hotkey);
  await readColdkeyPublic({ folder: wallet.folder, name: wallet.name });
  const hotkeyMnemonic = wallet.hotkeyMnemonic ?? newPhrase();
  const hotkey = givenSecret(hotkeyMnemonic);
  await writeAll(new Map(hotkeyFiles(path, hotkey)));
  return { hotkeySs58: addressOf(hotkey), hotkeyMnemonic };
}

/** A key that exists elsewhere; `secret` is its phrase, a URI such as `//Alice` or its 32-byte seed as 0x hex. */
export type ImportedKey = {
  readonly folder: WalletFolder;
  readonly name: string;
  readonly secret: string;
};

/**
 * Writes the coldkey of a wallet from its secret, encrypted when a password is given; returns its SS58 address.
 * @throws ChainError wallet-exists, wallet-folder-refused, invalid-name, phrase-invalid
 */
export async function importColdkey(
  key: ImportedKey & { readonly password?: string },
): Promise<string> {
  const paths = walletPaths(key.folder, key.name);
  const secret = givenSecret(key.secret);
  await writeAll(new Map(await coldkeyFiles(paths, secret, key.password)));
  return addressOf(secret);
}

/**
 * Writes a hotkey from its secret; returns its SS58 address. The wallet need not have a coldkey: that one may lie on
 * another machine.
 * @throws ChainError wallet-exists, wallet-folder-refused, invalid-name, phrase-invalid
 */
export async function importHotkey(
  key: ImportedKey & { readonly hotkey: string },
): Promise<string> {
  const path = hotkeyPath(key.folder, key.name, key.hotkey);
  const secret = givenSecret(key.secret);
  await writeAll(new Map(hotkeyFiles(path, secret)));
  return addressOf(secret);
}

/**
 * Opens a hotkey. Hotkeys are plain by default; an encrypted one needs its password.
 * @throws ChainError wallet-missing, key-missing, wallet-forbidden, wallet-unreadable, wallet-unsupported,
 * wallet-locked, wallet-wrong-password, invalid-name
 */
export async function openHotkey(
  access: ColdkeyAccess & { readonly hotkey: string },
): Promise<Signer> {
  const { folder, name, hotkey } = access;
  const path = hotkeyPath(folder, name, hotkey);
  return signerIn(await decrypted({ folder, name, kind: "hotkey", hotkey, path }, access), path);
}

/**
 * Opens a coldkey. Deriving the password's key takes seconds: pass `passwordKey` to open several.
 * @throws ChainError wallet-missing, key-missing, wallet-forbidden, wallet-unreadable, wallet-unsupported,
 * wallet-locked, wallet-wrong-password, invalid-name
 */
export async function openColdkey(access: ColdkeyAccess): Promise<Signer> {
  const { folder, name } = access;
  const path = walletPaths(folder, name).coldkey;
  return signerIn(await decrypted({ folder, name, kind: "coldkey", path }, access), path);
}

/**
 * Public key of a coldkey without its password.
 * @throws ChainError wallet-missing, key-missing, wallet-forbidden, wallet-unreadable, invalid-name
 */
export async function readColdkeyPublic(
  access: Pick<ColdkeyAccess, "folder" | "name">,
): Promise<Hex> {
  const path = walletPaths(access.folder, access.name).coldkeyPublic;
  return publicKeyIn(await readExisting({ ...access, kind: "coldkey", path }), path);
}
