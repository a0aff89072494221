/** @file Every way in which Assay itself can fail, as one closed union. What a person reads about each stands in errors.ts. */
import type { NextCommand } from "../base/fault.ts";
import type { DiskFault } from "../base/files.ts";
import type { FormatFault } from "../base/formats.ts";
import type { ListenFault } from "../base/listen.ts";

/** Any failure, by its code. Hashes and keys are 0x-hex, sizes bytes, `window` a window of the run. */
export type Fault =
  | {
      readonly code: "bad-option";
      readonly detail: string;
      /** What to do, and the command that does it; without them the help of the command that was run. */
      readonly next?: string;
      readonly run?: NextCommand;
    }
  | ListenFault
  | { readonly code: "data-unreadable"; readonly path: string; readonly reason: string }
  | {
      readonly code: "data-malformed";
      readonly path: string;
      readonly reason: string;
      /** What mends it, and the command that does; without them other data is asked for. */
      readonly next?: string;
      readonly run?: NextCommand;
    }
  | {
      readonly code: "data-source-failed";
      /** Without a secret in it. */
      readonly address: string;
      readonly reason: string;
      readonly next?: string;
      readonly run?: NextCommand;
    }
  | {
      readonly code: "token-outside";
      readonly path: string;
      /** Which token of the file, from 0. */
      readonly place: number;
      readonly token: number;
      readonly vocabulary: number;
    }
  | { readonly code: "tokenizer-invalid"; readonly path: string; readonly reason: string }
  | {
      readonly code: "page-corrupt";
      readonly page: number;
      /** SHA-256 in hex. */
      readonly expected: string;
      readonly found: string;
      readonly source: string;
    }
  | {
      readonly code: "data-too-small";
      readonly pages: number;
      readonly needed: number;
      /** What was taken and left out, in words. */
      readonly found?: string;
    }
  | {
      readonly code: "held-out-too-small";
      readonly bytes: number;
      readonly needed: number;
      readonly found: string;
    }
  | DiskFault
  | FormatFault
  | {
      readonly code: "file-refused";
      readonly path: string;
      /** The part of the path that is there. */
      readonly standing: string;
      readonly reason: string;
      /** The flag whose value the path begins with. */
      readonly flag?: string;
    }
  /** `late`: what is said of a node that did not answer in time, if any. */
  | { readonly code: "blob-missing"; readonly digest: string; readonly late?: string }
  /** `place`: the object of a store that others read, where it lay in one. */
  | {
      readonly code: "blob-corrupt";
      readonly digest: string;
      readonly found: string;
      readonly place?: string;
    }
  /** `place`: bucket and object, without keys and signatures. */
  | {
      readonly code: "store-failed";
      readonly place: string;
      readonly reason: string;
      readonly next?: string;
      readonly run?: NextCommand;
    }
  | {
      readonly code: "blob-oversized";
      readonly digest: string;
      readonly bytes: number;
      readonly limitBytes: number;
    }
  /** `came`: how much of the answer. */
  | { readonly code: "peer-timeout"; readonly url: string; readonly came?: string }
  | { readonly code: "peer-oversized"; readonly url: string; readonly limitBytes: number }
  | { readonly code: "peer-unreachable"; readonly url: string; readonly reason: string }
  | {
      readonly code: "peer-refused";
      readonly url: string;
      /** The peer's code and words (src/network/peer-route.ts). */
      readonly refusal: string;
      readonly reason: string;
    }
  /** `place`: where the queue of evaluations is kept, without a password. */
  | { readonly code: "queue-unavailable"; readonly place: string; readonly reason: string }
  | {
      readonly code: "worker-refused";
      readonly url: string;
      /** In the validator's words. */
      readonly reason: string;
    }
  | { readonly code: "manifest-invalid"; readonly reason: string }
  /** `path`: its file, where it is one that a person named. */
  | { readonly code: "checkpoint-invalid"; readonly reason: string; readonly path?: string }
  | {
      readonly code: "run-damaged";
      /** Folder of a local run. */
      readonly path: string;
      readonly reason: string;
      /** Whether its model can be read all the same. */
      readonly exportable?: boolean;
    }
  /** `found` and `known`: the format of a run that was met, and the one that this release takes part in. */
  | { readonly code: "pages-too-few"; readonly pages: number; readonly neurons: number }
  | { readonly code: "run-unsupported"; readonly found: string; readonly known: string }
  | { readonly code: "run-not-published"; readonly netuid: number }
  | { readonly code: "update-malformed"; readonly reason: string }
  | { readonly code: "record-corrupt"; readonly path: string; readonly reason: string }
  /** A file with a subnet's own rule for weights. */
  | { readonly code: "scorer-invalid"; readonly path: string; readonly reason: string }
  | { readonly code: "state-corrupt"; readonly path: string; readonly reason: string }
  /** `path`: the folder of a backup. */
  | { readonly code: "backup-damaged"; readonly path: string; readonly reason: string }
  /** `path`: a folder that never stands still for as long as copying it takes. */
  | { readonly code: "backup-busy"; readonly path: string }
  /** `pid`: the process that works in it, where it has said so. */
  | { readonly code: "state-in-use"; readonly path: string; readonly pid?: number }
  | {
      readonly code: "not-registered";
      readonly hotkey: string;
      readonly netuid: number;
      readonly wallet: string;
    }
  | {
      readonly code: "not-enough-funds";
      /** SS58 address of the account that pays. */
      readonly account: string;
      readonly haveRao: bigint;
      readonly needRao: bigint;
      /** What it would have paid for, e.g. "registering on subnet 1". */
      readonly purpose: string;
      /** Whether the chain is a development chain, which gives tokens away. */
      readonly faucet?: boolean;
    }
  | {
      readonly code: "not-owner";
      readonly netuid: number;
      /** SS58 address of the coldkey that owns the subnet, and of the one that was used. */
      readonly owner: string;
      readonly found: string;
      /** The wallet on this machine that is the owner's, where there is one. */
      readonly wallet?: string;
    }
  | {
      readonly code: "run-live";
      readonly netuid: number;
      readonly runId: string;
      /** What is in the way, as a clause. */
      readonly reason: string;
      /** First window in which another run may take over; null: none yet. */
      readonly earliest: number | null;
    }
  | {
      readonly code: "parameter-refused";
      readonly netuid: number;
      /** Each parameter that was not set, with the reason as a clause. */
      readonly refused: readonly { readonly key: string; readonly reason: string }[];
      readonly next: string;
      readonly run: NextCommand;
    }
  | {
      readonly code: "amendment-refused";
      readonly reason: string;
      readonly next: string;
      readonly run: NextCommand;
    }
  | {
      readonly code: "not-enough-stake";
      /** SS58 address of the hotkey that the coldkey staked on. */
      readonly hotkey: string;
      readonly netuid: number;
      readonly haveRao: bigint;
      readonly needRao: bigint;
    }
  | {
      readonly code: "stake-unbacked";
      readonly netuid: number;
      /** What can be taken off now. */
      readonly redeemableRao: bigint;
    }
  | {
      readonly code: "no-faucet";
      readonly endpoint: string;
      /** What the chain calls itself. */
      readonly chain: string;
      /** SS58 address that the tokens were for. */
      readonly account: string;
    }
  | {
      readonly code: "verdict-missing";
      /** Null: in none of the windows that were looked at. */
      readonly window: number | null;
      readonly hotkey: string;
      /** Why there is none, for people. */
      readonly reason: string;
    }
  /** The command did its work, and nobody could read what it printed. `look`: shows what it did. */
  | { readonly code: "output-lost"; readonly reason: string; readonly look: NextCommand }
  /** A person was asked and did not say yes. */
  | {
      readonly code: "declined";
      /** It was a secret that was asked for, and the prompt was left. */
      readonly secret?: true;
    }
  | { readonly code: "simulation-failed"; readonly reason: string }
  | {
      readonly code: "node-died";
      readonly role: string;
      readonly exitCode: number | null;
      readonly logPath: string;
    };

/** The code of any fault: stable and machine-readable. */
export type FaultCode = Fault["code"];
