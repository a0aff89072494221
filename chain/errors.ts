/** @file The one error class of the chain folder: a closed union of faults, each with its words and next command. */
import { DISK_TEXTS, type DiskFault } from "../base/files.ts";
import {
  after,
  explain,
  type Explanation,
  FaultError,
  type FaultOf,
  inLine,
  type Texts,
} from "../base/fault.ts";
import { FORMAT_TEXTS, type FormatFault } from "../base/formats.ts";
import { hidden } from "../base/hidden.ts";
import { LISTEN_TEXTS, type ListenFault } from "../base/listen.ts";
import { ENDPOINT_TEXTS, type EndpointFault } from "./endpoint-faults.ts";
import { aside, WALLET_TEXTS, type WalletFault } from "./wallet-faults.ts";

/** Everything that can go wrong at this border, by code, with the details a caller may branch on. */
export type ChainFault =
  | EndpointFault
  | {
      readonly code: "wrong-genesis";
      readonly expected: string;
      readonly found: string;
      readonly endpoint: string;
    }
  | {
      readonly code: "endpoint-behind";
      readonly endpoint: string;
      /** Newest final block there, and the one that is known to be final. */
      readonly height: number;
      readonly known: number;
    }
  | {
      readonly code: "endpoint-ahead";
      readonly endpoint: string;
      /** The block that it calls final, and the one that is known to be. */
      readonly height: number;
      readonly known: number;
    }
  | {
      readonly code: "wrong-history";
      readonly endpoint: string;
      /** A final block, its hash, and what the endpoint has in its place. */
      readonly number: number;
      readonly expected: string;
      readonly found: string;
    }
  | { readonly code: "extrinsic-invalid"; readonly reason: string; readonly detail: string }
  | {
      readonly code: "extrinsic-failed";
      readonly pallet: string;
      readonly error: string;
      readonly docs: string;
    }
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
  | { readonly code: "proof-invalid"; readonly key: string; readonly reason: string }
  | ListenFault
  | DiskFault
  | FormatFault
  | { readonly code: "database-unreadable"; readonly path: string }
  | {
      readonly code: "database-foreign";
      readonly path: string;
      /** Genesis hash of the file, and of what was asked for. */
      readonly found: string;
      readonly expected: string;
      /** Milliseconds a block of the file's genesis, and asked for; null where the runtime does not say. */
      readonly foundMs: number | null;
      readonly expectedMs: number | null;
    }
  | { readonly code: "database-in-use"; readonly path: string }
  | { readonly code: "database-refused"; readonly path: string; readonly reason: string }
  | { readonly code: "shield-keys-unreadable"; readonly path: string; readonly reason: string }
  | { readonly code: "runtime-import-missing"; readonly names: readonly string[] }
  | { readonly code: "runtime-trap"; readonly call: string; readonly log: string }
  | { readonly code: "runtime-unreadable"; readonly path: string }
  | { readonly code: "code-refused"; readonly reason: string }
  | {
      readonly code: "genesis-invalid";
      readonly reason: string;
      /** The option that named what was merged into it, with its file. */
      readonly option?: string;
    }
  | WalletFault
  | { readonly code: "invalid-address"; readonly text: string }
  | {
      readonly code: "subnet-missing";
      readonly netuid: number;
      /** Those that there are; absent where nobody could say. */
      readonly known?: readonly number[];
    };

/** Netuids in a sentence have room for so many. */
const NAMED_SUBNETS = 10;

/** Advises one of the subnets that there are, never the one that was just tried. */
function subnetMissing({ netuid, known }: FaultOf<ChainFault, "subnet-missing">): Explanation {
  const others = known?.filter((one) => one !== netuid);
  const cause = `Subnet ${netuid} does not exist on this chain`;
  const [first] = others ?? [];
  if (others === undefined)
    return {
      cause: `${cause}.`,
      next: "Check --netuid and --endpoint.",
      commands: [{ help: true }],
    };
  if (first === undefined)
    return {
      cause: `${cause}, which has none.`,
      next: "Create one, or name another chain with --endpoint.",
      commands: [{ ours: "subnet create", args: ["--help"] }],
    };
  const more = others.length - NAMED_SUBNETS;
  const list = `${others.slice(0, NAMED_SUBNETS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return {
    cause: `${cause}; there ${others.length === 1 ? "is" : "are"} ${list}.`,
    next: "Name one that is there with --netuid, or another chain with --endpoint.",
    commands: [{ again: { netuid: first } }],
  };
}

const TEXTS: Texts<ChainFault> = {
  ...LISTEN_TEXTS,
  ...DISK_TEXTS,
  ...FORMAT_TEXTS,
  ...ENDPOINT_TEXTS,
  ...WALLET_TEXTS,
  "wrong-genesis": ({ endpoint, found, expected }) => ({
    cause: `${endpoint} serves chain ${found}, but ${expected} was expected.`,
    next: "Name an endpoint of that chain with --endpoint; only if you trust the one found, expect it with --genesis.",
    commands: [{ again: { genesis: found } }],
  }),
  "endpoint-behind": ({ endpoint, height, known }) => ({
    cause: `${endpoint} stands at final block ${height}, but block ${known} of this chain is final.`,
    next: "Wait until it has caught up; if its chain lost blocks, start it with the database that it had, or this command anew.",
    commands: [{ again: {} }],
  }),
  "endpoint-ahead": ({ endpoint, height, known }) => ({
    cause: `${endpoint} calls block ${height} final, but since block ${known} there was no time for so many; it is not believed.`,
    next: "Leave it out of --endpoint, or check that node; if this machine's clock is wrong, mend that.",
    commands: [{ again: {} }],
  }),
  "wrong-history": ({ endpoint, number, expected, found }) => ({
    cause: `${endpoint} serves the right genesis, but its block ${number} is ${found}, where ${expected} is final.`,
    next: "Name an endpoint of the chain that everybody follows with --endpoint; a development chain that was begun anew is another chain.",
    commands: [{ again: {} }],
  }),
  "extrinsic-invalid": ({ reason, detail }) => ({
    cause: `The chain refused the extrinsic: ${inLine(reason)}${after(detail)}.`,
    next: "Check balance and keys, then run it again.",
    commands: [{ again: {} }],
  }),
  "extrinsic-failed": ({ pallet, error, docs }) => ({
    cause: `The chain refused the call: ${pallet}.${error}${after(docs)}.`,
    next: "Mend what the chain names: the same call fails the same way. The help says what each option takes.",
    commands: [{ help: true }],
  }),
  "rpc-failed": ({ endpoint, method, reason }) => ({
    cause: `${endpoint} refused ${method}${after(reason)}.`,
    next: "Name a full node that still holds that block with --endpoint.",
    commands: [{ again: {} }],
  }),
  "proof-invalid": ({ key, reason }) => ({
    cause: `What was sent as a proof of ${key} proves nothing${after(reason)}.`,
    next: "Ask another node with --endpoint: this one errs, or somebody changed its answer.",
    commands: [{ again: {} }],
  }),
  "runtime-incompatible": ({ item, expected, found }) => ({
    cause: `This chain's ${item} is ${found}, but Assay expects ${expected}.`,
    next: "Update Assay, or name another chain with --endpoint.",
    commands: [{ again: { endpoint: "local" } }],
  }),
  "database-unreadable": ({ path }) => ({
    cause: `${path} is not a chain database, or it is damaged.`,
    next: "Put a backup in its place, or move it away: a new chain starts then.",
    commands: [aside(path), { again: {} }],
  }),
  "shield-keys-unreadable": ({ path, reason }) => ({
    cause: `The author's keys for encrypted calls in ${path} cannot be used${after(reason)}.`,
    next: "Put a backup in its place, or move it away: new keys are made then, and what was encrypted to the old ones is refused.",
    commands: [aside(path), { again: {} }],
  }),
  "database-foreign": ({ path, found, expected, foundMs, expectedMs }) => {
    const begun = `${path} was begun with another genesis (${found}) than this command asks for (${expected})`;
    if (foundMs === null || foundMs === expectedMs)
      return {
        cause: `${begun}: --genesis, --subnet, --preset or --beacon differ; nothing is wrong with the file.`,
        next: "Start it as it was begun, or name another file with --database.",
        commands: [{ again: { database: `${path}.2` } }],
      };
    return {
      cause: `${begun}: with blocks of ${foundMs} ms, not of ${expectedMs}; nothing is wrong with the file.`,
      next: "Start it with that --sealing, or name another file with --database.",
      commands: [{ again: { sealing: String(foundMs) } }],
    };
  },
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
  "code-refused": ({ reason }) => ({
    cause: `The chain cannot go on with the new code of its runtime${after(reason)}; it was not installed.`,
    next: "Build it with the pinned SDK line, then propose that.",
    commands: [{ system: ["npm", "run", "chain:build"] }],
  }),
  "genesis-invalid": ({ reason, option }) => ({
    cause: `The genesis${option === undefined ? "" : ` with ${option}`} was refused${after(reason)}.`,
    next: "Mend that file (--genesis is JSON that is merged into the development genesis); the help says more.",
    commands: [{ help: true }],
  }),
  "invalid-address": ({ text }) => ({
    cause: `${JSON.stringify(text)} is neither an SS58 address nor a 32-byte public key.`,
    next: "Copy the address again.",
    commands: [{ help: true }],
  }),
  "subnet-missing": subnetMissing,
};

/** The fault without a password of its endpoint: logs keep faults. */
function shown(fault: ChainFault): ChainFault {
  return "endpoint" in fault ? { ...fault, endpoint: hidden(fault.endpoint) } : fault;
}

/** The only error class thrown by chain/. `fault` says what happened; `cause` keeps the original error. */
export class ChainError extends FaultError<ChainFault> {
  override readonly name = "ChainError";

  constructor(fault: ChainFault, options?: ErrorOptions) {
    super(shown(fault), explain(TEXTS, fault.code, fault), options);
  }
}
