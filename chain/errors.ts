/** @file The one error class of the chain folder: a closed union of faults, each with its words and next command. */
import { DISK_TEXTS, type DiskFault } from "../base/files.ts";
import { after, explain, FaultError, inLine, type Texts } from "../base/fault.ts";
import { LISTEN_TEXTS, type ListenFault } from "../base/listen.ts";

/** Why an endpoint is of no use; `null` where nothing is known but that no chain answered. */
export type Trouble =
  | "refused"
  | "host-unknown"
  | "silent"
  | "not-a-node"
  | "tls"
  | "certificate"
  | "lost";

/** Everything that can go wrong at this border, by code, with the details a caller may branch on. */
export type ChainFault =
  | {
      readonly code: "chain-unreachable";
      readonly endpoint: string;
      readonly trouble?: Trouble;
      /** What the system or the other side said. */
      readonly detail?: string;
    }
  | {
      readonly code: "wrong-genesis";
      readonly expected: string;
      readonly found: string;
      readonly endpoint: string;
    }
  | { readonly code: "extrinsic-invalid"; readonly reason: string; readonly detail: string }
  | {
      readonly code: "extrinsic-failed";
      readonly pallet: string;
      readonly error: string;
      readonly docs: string;
    }
  | { readonly code: "extrinsic-timeout"; readonly hash: string; readonly timeoutMs: number }
  | {
      readonly code: "rpc-failed";
      readonly endpoint: string;
      readonly method: string;
      readonly reason: string;
    }
  | {
      readonly code: "runtime-incompatible";
      readonly item: string;
      readonly expected: string;
      readonly found: string;
    }
  | ListenFault
  | DiskFault
  | { readonly code: "database-unreadable"; readonly path: string }
  | { readonly code: "database-in-use"; readonly path: string }
  | { readonly code: "database-refused"; readonly path: string; readonly reason: string }
  | { readonly code: "runtime-import-missing"; readonly names: readonly string[] }
  | { readonly code: "runtime-trap"; readonly call: string; readonly log: string }
  | { readonly code: "runtime-unreadable"; readonly path: string }
  | { readonly code: "genesis-invalid"; readonly reason: string }
  | WalletFault
  | { readonly code: "invalid-address"; readonly text: string }
  | { readonly code: "subnet-missing"; readonly netuid: number };

/** Which of a wallet's two kinds of key. */
export type KeyKind = "coldkey" | "hotkey";

/** What can be wrong with a wallet. `path` is the file or folder in question. */
type WalletFault =
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
  | { readonly code: "wallet-forbidden"; readonly path: string }
  | { readonly code: "wallet-unreadable"; readonly path: string; readonly reason: string }
  | { readonly code: "wallet-wrong-password"; readonly path: string }
  | { readonly code: "wallet-locked"; readonly path: string; readonly kind: KeyKind }
  | { readonly code: "wallet-exists"; readonly path: string }
  | { readonly code: "wallet-unsupported"; readonly path: string; readonly format: string }
  | { readonly code: "wallet-folder-refused"; readonly path: string; readonly reason: string }
  | { readonly code: "phrase-invalid" }
  | { readonly code: "invalid-name"; readonly name: string; readonly option: "wallet" | "hotkey" };

/** Options that name keys, and those that name a chain: what a next command repeats. */
const KEYS = ["wallet", "hotkey", "walletFolder"] as const;

/** Moves a damaged file out of the way, so that the next command can write it anew. */
const aside = (path: string): { readonly system: readonly string[] } => ({
  system: ["mv", path, `${path}.damaged`],
});

const UNREACHABLE: Readonly<Record<Trouble, (endpoint: string, detail: string) => string>> = {
  refused: (endpoint) => `Nothing listens at ${endpoint}.`,
  "host-unknown": (endpoint) => `No address is known for the host of ${endpoint}.`,
  silent: (endpoint) => `${endpoint} did not answer in time.`,
  "not-a-node": (endpoint, detail) =>
    `What answers at ${endpoint} is not a chain node${after(detail)}.`,
  tls: (endpoint, detail) => `No secure connection to ${endpoint}${after(detail)}.`,
  certificate: (endpoint, detail) =>
    `${endpoint} cannot prove who it is${after(detail)}; nothing was sent to it.`,
  lost: (endpoint) => `The connection to ${endpoint} broke.`,
};

type Unreachable = Extract<ChainFault, { code: "chain-unreachable" }>;

function unreachable({
  endpoint,
  trouble,
  detail = "",
}: Unreachable): ReturnType<Texts<Unreachable>["chain-unreachable"]> {
  const cause =
    trouble === undefined
      ? `No chain answers at ${endpoint}.`
      : UNREACHABLE[trouble](endpoint, detail);
  const url = URL.parse(endpoint);
  const local = url !== null && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (local && trouble === "refused" && url.port !== "")
    return {
      cause,
      next: "Start a chain there, or name another with --endpoint.",
      commands: [{ ours: "subnet chain", set: { port: Number(url.port) } }],
    };
  if (trouble === "tls")
    return {
      cause,
      next: "If it speaks without TLS, name it with ws://; else name another with --endpoint.",
      commands: [{ again: { endpoint: endpoint.replace(/^wss:/, "ws:") } }],
    };
  if (trouble === "certificate")
    return {
      cause,
      next: "Have its operator mend the certificate (one of a private authority is trusted with NODE_EXTRA_CA_CERTS=FILE), or name another with --endpoint.",
      commands: [{ again: {} }],
    };
  if (trouble === "host-unknown" || trouble === "not-a-node")
    return {
      cause,
      next: "Name another with --endpoint: an address, or local, test, finney, archive.",
      commands: [{ again: { endpoint: "local" } }],
    };
  return {
    cause,
    next: "Check that node and the network between (or name another with --endpoint), then start again.",
    commands: [{ again: {} }],
  };
}

const WALLET_TEXTS: Texts<WalletFault> = {
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
  "wallet-forbidden": ({ path }) => ({
    cause: `This user may not read ${path}.`,
    next: "Give its owner the right to read it, and run as its owner.",
    commands: [{ system: ["chmod", "u+rX", path] }],
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

const TEXTS: Texts<ChainFault> = {
  ...LISTEN_TEXTS,
  ...DISK_TEXTS,
  ...WALLET_TEXTS,
  "chain-unreachable": unreachable,
  "wrong-genesis": ({ endpoint, found, expected }) => ({
    cause: `${endpoint} serves chain ${found}, but ${expected} was expected.`,
    next: "Name an endpoint of that chain with --endpoint; only if you trust the one found, expect it with --genesis.",
    commands: [{ again: { genesis: found } }],
  }),
  "extrinsic-invalid": ({ reason, detail }) => ({
    cause: `The chain refused the extrinsic: ${inLine(reason)}${after(detail)}.`,
    next: "Check balance and keys, then run it again.",
    commands: [{ again: {} }],
  }),
  "extrinsic-failed": ({ pallet, error, docs }) => ({
    cause: `The chain refused the call: ${pallet}.${error}${after(docs)}.`,
    next: "Mend what the chain names, then run it again.",
    commands: [{ again: {} }],
  }),
  "extrinsic-timeout": ({ hash, timeoutMs }) => ({
    cause: `Extrinsic ${hash} was in no block after ${timeoutMs / 1000} s.`,
    next: "Check that the chain makes blocks, then run it again.",
    commands: [{ again: {} }],
  }),
  "rpc-failed": ({ endpoint, method, reason }) => ({
    cause: `${endpoint} refused ${method}${after(reason)}.`,
    next: "Name a full node that still holds that block with --endpoint.",
    commands: [{ again: {} }],
  }),
  "runtime-incompatible": ({ item, expected, found }) => ({
    cause: `This chain's ${item} is ${found}, but Assay expects ${expected}.`,
    next: "Update Assay, or name another chain with --endpoint.",
    commands: [{ again: { endpoint: "local" } }],
  }),
  "database-unreadable": ({ path }) => ({
    cause: `${path} is not a chain database of this runtime and genesis, or it is damaged.`,
    next: "Put a backup in its place, or move it away: a new chain starts then.",
    commands: [aside(path), { again: {} }],
  }),
  "database-in-use": ({ path }) => ({
    cause: `Another process uses the chain database ${path}.`,
    next: "Stop it, or name another file with --database.",
    commands: [{ again: { database: `${path}.2` } }],
  }),
  "database-refused": ({ path, reason }) => ({
    cause: `The system refuses the chain database ${path}${after(reason)}.`,
    next: "Check that its folder exists, has space and may be written, or name another file with --database.",
    commands: [{ again: { database: "./chain.sqlite" } }],
  }),
  "runtime-import-missing": ({ names }) => ({
    cause: `The runtime imports functions that this host lacks: ${names.join(", ")}.`,
    next: "Build it with the pinned SDK line.",
    commands: [{ system: ["npm", "run", "chain:build"] }],
  }),
  "runtime-trap": ({ call, log }) => ({
    cause: `The runtime trapped in ${call}${after(log)}.`,
    next: "Mend the input, or report this line with the block's number.",
  }),
  "runtime-unreadable": ({ path }) => ({
    cause: `${path} is not a runtime artifact.`,
    next: "Restore it from the release, or build it.",
    commands: [{ system: ["npm", "run", "chain:build"] }],
  }),
  "genesis-invalid": ({ reason }) => ({
    cause: `The genesis was refused${after(reason)}.`,
    next: "Mend the JSON file that --genesis names; the help says what goes into it.",
    commands: [{ help: true }],
  }),
  "invalid-address": ({ text }) => ({
    cause: `${JSON.stringify(text)} is neither an SS58 address nor a 32-byte public key.`,
    next: "Copy the address again.",
    commands: [{ help: true }],
  }),
  "subnet-missing": ({ netuid }) => ({
    cause: `Subnet ${netuid} does not exist on this chain.`,
    next: "Check --netuid and --endpoint.",
    commands: [{ again: { netuid: 1 } }],
  }),
};

/** The only error class thrown by chain/. `fault` says what happened; `cause` keeps the original error. */
export class ChainError extends FaultError<ChainFault> {
  override readonly name = "ChainError";

  constructor(fault: ChainFault, options?: ErrorOptions) {
    super(fault, explain(TEXTS, fault.code, fault), options);
  }
}
