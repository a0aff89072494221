/** @file What can be wrong with a wallet, with its words and next command. */
import { after, type Texts } from "../base/fault.ts";

/** Which of a wallet's two kinds of key. */
export type KeyKind = "coldkey" | "hotkey";

/** What can be wrong with a wallet. `path` is the file or folder in question. */
export type WalletFault =
  | {
      readonly code: "wallet-missing";
      readonly path: string;
      readonly wallet: string;
      /** `wallet/hotkey` of those that are there. */
      readonly known: readonly string[];
    }
  | {
      readonly code: "key-missing";
      readonly path: string;
      readonly wallet: string;
      readonly kind: KeyKind;
      readonly hotkey?: string;
      /** Hotkeys of this wallet that are there. */
      readonly known: readonly string[];
    }
  | {
      readonly code: "wallet-forbidden";
      readonly path: string;
      /** The first folder on the way that may not be entered; absent where the file itself may not be read. */
      readonly folder?: string;
    }
  | { readonly code: "wallet-unreadable"; readonly path: string; readonly reason: string }
  | { readonly code: "wallet-wrong-password"; readonly path: string }
  | { readonly code: "wallet-locked"; readonly path: string; readonly kind: KeyKind }
  | { readonly code: "wallet-exists"; readonly path: string }
  | { readonly code: "wallet-unsupported"; readonly path: string; readonly format: string }
  | { readonly code: "wallet-folder-refused"; readonly path: string; readonly reason: string }
  | { readonly code: "phrase-invalid" }
  | { readonly code: "invalid-name"; readonly name: string; readonly option: "wallet" | "hotkey" };

/** Options that name keys: what a next command repeats. */
const KEYS = ["wallet", "hotkey", "walletFolder"] as const;

/** Moves a damaged file out of the way, so that the next command can write it anew. */
export const aside = (path: string): { readonly system: readonly string[] } => ({
  system: ["mv", path, `${path}.damaged`],
});

/** Words for each. */
export const WALLET_TEXTS: Texts<WalletFault> = {
  "wallet-missing": ({ path, wallet, known }) => ({
    cause: `There is no wallet at ${path}; ${known.length === 0 ? "none is there yet" : `there are ${known.join(", ")}`}.`,
    next: "Name another with --wallet, --hotkey and --wallet-folder, or make this one.",
    commands: [{ ours: "miner wallet", keep: KEYS, set: { wallet } }],
  }),
  "key-missing": ({ path, wallet, kind, hotkey, known }) =>
    kind === "hotkey"
      ? {
          cause: `Wallet ${wallet} has no hotkey at ${path}; ${known.length === 0 ? "it has none" : `it has ${known.join(", ")}`}.`,
          next: "Name another with --hotkey, or add this one.",
          commands: [
            {
              ours: "miner wallet hotkey",
              keep: KEYS,
              set: { wallet, ...(hotkey !== undefined && { hotkey }) },
            },
          ],
        }
      : {
          cause: `Wallet ${wallet} has no coldkey at ${path}.`,
          next: "Run this where the coldkey lies, or import it from its phrase.",
          commands: [
            {
              ours: "miner wallet import",
              keep: ["walletFolder"],
              set: { key: "coldkey", wallet },
            },
          ],
        },
  "wallet-forbidden": ({ path, folder }) => ({
    cause: `This user may not read ${path}${folder === undefined ? "" : `, because it may not enter ${folder}`}.`,
    next: "Give its owner the right to read it, and run as its owner.",
    commands: [{ system: ["chmod", "u+rX", folder ?? path] }],
  }),
  "wallet-unreadable": ({ path, reason }) => ({
    cause: `${path} cannot be used${after(reason)}.`,
    next: "Put the file of a backup in its place, or move it away and import the key from its phrase.",
    commands: [
      aside(path),
      {
        ours: "miner wallet import",
        keep: KEYS,
        set: { key: path.endsWith("coldkey") ? "coldkey" : "hotkey" },
      },
    ],
  }),
  "wallet-wrong-password": ({ path }) => ({
    cause: `The password does not open ${path}.`,
    next: "Run it again and type the right one, or set it in ASSAY_PASSWORD.",
    commands: [{ again: {} }],
  }),
  "wallet-locked": ({ path, kind }) =>
    kind === "coldkey"
      ? {
          cause: `${path} is encrypted, and no password was given.`,
          next: "Type it at a terminal, or set it in ASSAY_PASSWORD.",
          commands: [{ again: {} }],
        }
      : {
          cause: `${path} is encrypted; a node needs a hotkey that it can open alone.`,
          next: "Add a hotkey without a password and register it, or import this one under another name.",
          commands: [{ ours: "miner wallet hotkey", keep: KEYS, set: { hotkey: "plain" } }],
        },
  "wallet-exists": ({ path }) => ({
    cause: `${path} exists and is never overwritten.`,
    next: "Choose another name with --wallet or --hotkey; this lists those that are taken.",
    commands: [{ ours: "miner wallet list", keep: ["walletFolder"] }],
  }),
  "wallet-unsupported": ({ path, format }) => ({
    cause: `${path} is encrypted as ${format}, which is not supported.`,
    next: "Move it away and import the key from its phrase.",
    commands: [
      aside(path),
      {
        ours: "miner wallet import",
        keep: KEYS,
        set: { key: path.endsWith("coldkey") ? "coldkey" : "hotkey" },
      },
    ],
  }),
  "wallet-folder-refused": ({ path, reason }) => ({
    cause: `Nothing can be written at ${path}${after(reason)}.`,
    next: "Make that folder writable, or name another with --wallet-folder.",
    commands: [{ again: { walletFolder: "./wallets" } }],
  }),
  "phrase-invalid": () => ({
    cause: "What was given is no phrase of 12 to 24 words, no URI such as //Alice and no 0x seed.",
    next: "Check every word and their order, then run it again.",
    commands: [{ again: {} }],
  }),
  "invalid-name": ({ name, option }) => ({
    cause: `${JSON.stringify(name)} is not a name for a ${option}.`,
    next: `Name it with --${option}: letters, digits, dot, dash and underscore, at most 64.`,
    commands: [{ again: { [option]: nameLike(name) } }],
  }),
};

/** The nearest name that is allowed. */
function nameLike(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_.-]+/g, "-").replaceAll(/^[.-]+|[.-]+$/g, "");
  return plain === "" || plain.endsWith("pub.txt") ? "default" : plain.slice(0, 64);
}
