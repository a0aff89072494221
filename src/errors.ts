/** @file Every way in which Assay itself can fail, as one closed union, and the words a person reads about each. */
import { DISK_TEXTS, type DiskFault } from "../base/files.ts";
import { after, explain, FaultError, inLine, type NextCommand, type Texts } from "../base/fault.ts";
import { LISTEN_TEXTS, type ListenFault } from "../base/listen.ts";

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
  | {
      readonly code: "file-refused";
      readonly path: string;
      /** The part of the path that is there. */
      readonly standing: string;
      readonly reason: string;
      /** The flag whose value the path begins with. */
      readonly flag?: string;
    }
  | { readonly code: "blob-missing"; readonly digest: string }
  | { readonly code: "blob-corrupt"; readonly digest: string; readonly found: string }
  | { readonly code: "peer-timeout"; readonly url: string }
  | { readonly code: "peer-oversized"; readonly url: string; readonly limitBytes: number }
  | { readonly code: "peer-unreachable"; readonly url: string; readonly reason: string }
  | { readonly code: "manifest-invalid"; readonly reason: string }
  | { readonly code: "run-not-published"; readonly netuid: number }
  | {
      readonly code: "digest-mismatch";
      readonly window: number;
      readonly expected: string;
      readonly found: string;
    }
  | { readonly code: "update-malformed"; readonly reason: string }
  | { readonly code: "record-corrupt"; readonly path: string; readonly reason: string }
  | { readonly code: "state-corrupt"; readonly path: string; readonly reason: string }
  | { readonly code: "state-in-use"; readonly path: string }
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
    }
  | {
      readonly code: "node-died";
      readonly role: string;
      readonly exitCode: number | null;
      readonly logPath: string;
    };

/** The code of any fault: stable and machine-readable. */
export type FaultCode = Fault["code"];

const KEYS = ["wallet", "hotkey", "walletFolder"] as const;
const NETWORK = ["netuid", "endpoint", "genesis"] as const;
const RAO_PER_TAO = 1_000_000_000n;

/** An amount for people: all nine places, since it is compared with another. */
function tao(rao: bigint): string {
  return `${rao / RAO_PER_TAO}.${String(rao % RAO_PER_TAO).padStart(9, "0")} TAO`;
}

const TEXTS: Texts<Fault> = {
  ...LISTEN_TEXTS,
  ...DISK_TEXTS,
  "held-out-too-small": ({ bytes, needed, found }) => ({
    cause: `Only ${bytes} bytes of the text are held out to measure the loss on, but at least ${needed} are needed${after(found)}.`,
    next: "Name a folder with more text, in more files, with --data.",
    commands: [{ again: { data: "node_modules" } }],
  }),
  "bad-option": ({ detail, next, run }) => ({
    cause: `${inLine(detail)}.`,
    next: next ?? "See every option and its allowed values.",
    commands: [run ?? { help: true }],
  }),
  "data-unreadable": ({ path, reason }) => ({
    cause: `The training data at ${path} cannot be read${after(reason)}.`,
    next: "Check that the path exists and is readable, or name another with --data.",
    commands: [{ again: { data: "node_modules" } }],
  }),
  "data-too-small": ({ pages, needed, found = "" }) => ({
    cause: `The training data makes ${pages} pages, but this run needs at least ${needed}${after(found)}.`,
    next: "Name a folder with more text with --data, or start fewer nodes (--miners, --attack none).",
    commands: [{ again: { data: "node_modules" } }],
  }),
  "file-refused": ({ path, standing, reason, flag }) => ({
    cause: `The system refuses ${path}${flag === undefined ? "" : ` (from ${flag})`}${after(reason)}.`,
    next: `Look at what stands in the way, then mend it${flag === undefined ? "" : `, or name another place with ${flag}`}.`,
    commands: [{ system: ["ls", "-ld", standing] }],
  }),
  "blob-missing": ({ digest }) => ({
    cause: `No reachable node serves the blob ${digest}.`,
    next: "Wait for a node that holds it to come back, then start again: every node is asked.",
    commands: [{ again: {} }],
  }),
  "blob-corrupt": ({ digest, found }) => ({
    cause: `Bytes offered as ${digest} hash to ${found}, so they were thrown away.`,
    next: "Nothing to do: another peer is asked. If no peer helps, delete the local copy and retry.",
    commands: [{ again: {} }],
  }),
  "peer-timeout": ({ url }) => ({
    cause: `${url} did not answer in time.`,
    next: "It is tried again. If it stays silent, check that node and the network between.",
    commands: [{ again: {} }],
  }),
  "peer-oversized": ({ url, limitBytes }) => ({
    cause: `${url} sent more than the ${limitBytes} bytes allowed here, so the answer was cut off.`,
    next: "Nothing to do: the peer is ignored for this request.",
  }),
  "peer-unreachable": ({ url, reason }) => ({
    cause: `${url} cannot be reached${after(reason)}.`,
    next: "Check that the node runs and that its published address and port are right.",
    commands: [{ again: {} }],
  }),
  "manifest-invalid": ({ reason }) => ({
    cause: `The run manifest is not valid${after(reason)}.`,
    next: "Its owner must correct it and publish it again (or update Assay, if it is of a newer release).",
    commands: [{ again: {} }],
  }),
  "run-not-published": ({ netuid }) => ({
    cause: `Subnet ${netuid} has published no run (no assay:run= in its identity).`,
    next: "Ask the subnet's owner to publish it, or check --netuid and --endpoint.",
    commands: [{ again: {} }],
  }),
  "digest-mismatch": ({ window, expected, found }) => ({
    cause: `The parameters of window ${window} hash to ${found}, but the network agreed on ${expected}.`,
    next: "Start with an empty state folder, to replay from the newest agreed checkpoint.",
    commands: [{ again: { state: "./assay-state" } }],
  }),
  "update-malformed": ({ reason }) => ({
    cause: `The update is not a valid encoding${after(reason)}.`,
    next: "Run the same release of Assay as the validators; the next window gets a new update.",
  }),
  "record-corrupt": ({ path, reason }) => ({
    cause: `The window record ${path} is damaged${after(reason)}.`,
    next: "Put a backup in its place, or move it away: the validator then begins a new one.",
    commands: [{ system: ["mv", path, `${path}.damaged`] }, { again: {} }],
  }),
  "state-corrupt": ({ path, reason }) => ({
    cause: `The saved state ${path} is damaged${after(reason)}.`,
    next: "Move it away: the node recovers from the newest agreed checkpoint.",
    commands: [{ system: ["mv", path, `${path}.damaged`] }, { again: {} }],
  }),
  "state-in-use": ({ path }) => ({
    cause: `Another process works in the state folder ${path}; two in one folder would overwrite each other.`,
    next: "Stop it, or give this one another hotkey, or another folder with --state.",
    commands: [{ again: { state: "./assay-state" } }],
  }),
  "not-registered": ({ hotkey, netuid, wallet }) => ({
    cause: `Hotkey ${hotkey} is not registered on subnet ${netuid}.`,
    next: "Register it.",
    commands: [{ ours: "miner register", keep: [...KEYS, ...NETWORK], set: { wallet, netuid } }],
  }),
  "not-enough-funds": ({ account, haveRao, needRao, purpose }) => ({
    cause: `${inLine(purpose)} costs ${tao(needRao)}, but ${account} has ${tao(haveRao)}.`,
    next: `Send it at least ${tao(needRao - haveRao)}, then run this again.`,
    commands: [{ again: {} }],
  }),
  "node-died": ({ role, exitCode, logPath }) => ({
    cause:
      exitCode === null
        ? `The ${role} was killed by a signal.`
        : `The ${role} ended with exit code ${exitCode}.`,
    next: "Read the end of its log.",
    commands: [{ system: ["tail", "-n", "40", logPath] }],
  }),
};

/** The one error class of src/, miner/, validator/ and subnet/. `fault` is typed, `cause` is kept. */
export class AssayError extends FaultError<Fault> {
  override readonly name = "AssayError";

  constructor(fault: Fault, options?: { readonly cause?: unknown }) {
    super(fault, explain(TEXTS, fault.code, fault), options);
  }
}

/** Whether a caught value is an AssayError, optionally with this very code. */
export function isAssayError(error: unknown, code?: FaultCode): error is AssayError {
  return error instanceof AssayError && (code === undefined || error.fault.code === code);
}
