/** @file The one error class of the chain folder: a closed union of faults, each with its next step. */

/** Everything that can go wrong at this border, by code, with the details a caller may branch on. */
export type ChainFault =
  | { readonly code: "chain-unreachable"; readonly endpoint: string }
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
  | { readonly code: "port-in-use"; readonly host: string; readonly port: number }
  | { readonly code: "database-unreadable"; readonly path: string }
  | { readonly code: "runtime-import-missing"; readonly names: readonly string[] }
  | { readonly code: "runtime-trap"; readonly call: string; readonly log: string }
  | { readonly code: "runtime-unreadable"; readonly path: string }
  | { readonly code: "genesis-invalid"; readonly reason: string }
  | { readonly code: "wallet-missing"; readonly path: string; readonly known: readonly string[] }
  | { readonly code: "wallet-unreadable"; readonly path: string; readonly reason: string }
  | { readonly code: "wallet-wrong-password"; readonly path: string }
  | { readonly code: "wallet-exists"; readonly path: string }
  | { readonly code: "wallet-unsupported"; readonly path: string; readonly format: string }
  | { readonly code: "invalid-name"; readonly name: string }
  | { readonly code: "invalid-address"; readonly text: string }
  | { readonly code: "not-registered"; readonly hotkey: string; readonly netuid: number }
  | { readonly code: "subnet-missing"; readonly netuid: number };

/** The codes alone. */
export type ChainFaultCode = ChainFault["code"];

/** What happened and what to do about it, one line each. */
type Story = { readonly cause: string; readonly next: string };
type FaultOf<Code extends ChainFaultCode> = Extract<ChainFault, { readonly code: Code }>;

const after = (text: string): string => (text === "" ? "" : `: ${text.replaceAll("\n", " ")}`);

/** One entry per code: the compiler requires that none is forgotten. */
const STORIES: { readonly [Code in ChainFaultCode]: (fault: FaultOf<Code>) => Story } = {
  "chain-unreachable": ({ endpoint }) => ({
    cause: `no chain answers at ${endpoint}`,
    next: "start one with `subnet localnet`, or name another with --endpoint",
  }),
  "wrong-genesis": ({ endpoint, found, expected }) => ({
    cause: `${endpoint} serves chain ${found}, expected ${expected}`,
    next: "name the right endpoint with --endpoint, or the right chain with --genesis",
  }),
  "extrinsic-invalid": ({ reason, detail }) => ({
    cause: `the chain refused the extrinsic: ${reason}${after(detail)}`,
    next: "check balance, nonce and keys, then run the command again",
  }),
  "extrinsic-failed": ({ pallet, error, docs }) => ({
    cause: `${pallet}.${error}${after(docs)}`,
    next: "mend what the chain names, then run the command again",
  }),
  "extrinsic-timeout": ({ hash, timeoutMs }) => ({
    cause: `extrinsic ${hash} was in no block after ${timeoutMs} ms`,
    next: "check that the chain makes blocks, then run the command again",
  }),
  "rpc-failed": ({ endpoint, method, reason }) => ({
    cause: `${endpoint} refused ${method}${after(reason)}`,
    next: "check that the endpoint is a full node which still holds that block",
  }),
  "runtime-incompatible": ({ item, expected, found }) => ({
    cause: `this chain's ${item} is ${found}, Assay expects ${expected}`,
    next: "update Assay, or name another chain with --endpoint",
  }),
  "port-in-use": ({ host, port }) => ({
    cause: `${host}:${port} is taken by another program`,
    next: "stop that program, or choose another port with --port",
  }),
  "database-unreadable": ({ path }) => ({
    cause: `${path} is not a chain database of this runtime and genesis, or it is damaged`,
    next: "move the file away (a new chain starts), or restore it from a backup",
  }),
  "runtime-import-missing": ({ names }) => ({
    cause: `the runtime imports functions this host lacks: ${names.join(", ")}`,
    next: "run `npm run chain:build` with the pinned SDK line",
  }),
  "runtime-trap": ({ call, log }) => ({
    cause: `${call} trapped${after(log)}`,
    next: "mend the input, or report this line with the block number",
  }),
  "runtime-unreadable": ({ path }) => ({
    cause: `${path} is not a runtime artifact`,
    next: "run `npm run chain:build`",
  }),
  "genesis-invalid": ({ reason }) => ({
    cause: `the genesis was refused${after(reason)}`,
    next: "mend the JSON file that --genesis names",
  }),
  "wallet-missing": ({ path, known }) => ({
    cause: `no wallet at ${path}; ${known.length === 0 ? "none is there yet" : `there are ${known.join(", ")}`}`,
    next: "name one with --wallet, --hotkey and --wallet-folder, or run `miner wallet`",
  }),
  "wallet-unreadable": ({ path, reason }) => ({
    cause: `${path} cannot be read${after(reason)}`,
    next: "restore the file from a backup, or run `btcli wallet regen-hotkey`",
  }),
  "wallet-wrong-password": ({ path }) => ({
    cause: `the password does not open ${path}`,
    next: "type the right password, or set ASSAY_PASSWORD for `miner register`; a node needs an unencrypted hotkey",
  }),
  "wallet-exists": ({ path }) => ({
    cause: `${path} exists and is never overwritten`,
    next: "choose another name with --wallet or --hotkey",
  }),
  "wallet-unsupported": ({ path, format }) => ({
    cause: `${path} is encrypted as ${format}, which is not supported`,
    next: "make the key again from its mnemonic: `btcli wallet regen-hotkey`",
  }),
  "invalid-name": ({ name }) => ({
    cause: `${JSON.stringify(name)} is not a wallet name`,
    next: "use letters, digits, dot, dash and underscore",
  }),
  "invalid-address": ({ text }) => ({
    cause: `${JSON.stringify(text)} is neither an SS58 address nor a 32-byte public key`,
    next: "copy the address again",
  }),
  "not-registered": ({ hotkey, netuid }) => ({
    cause: `hotkey ${hotkey} is not registered on subnet ${netuid}`,
    next: `run \`miner register --netuid ${netuid}\``,
  }),
  "subnet-missing": ({ netuid }) => ({
    cause: `subnet ${netuid} does not exist on this chain`,
    next: "check --netuid and --endpoint",
  }),
};

/** Generic over the code, so that the table entry and the fault are known to belong together. */
function tell<Code extends ChainFaultCode>(code: Code, fault: FaultOf<Code>): Story {
  return STORIES[code](fault);
}

/** Three lines for people: the code, the cause, the next step. */
export function describe(fault: ChainFault): string {
  const { cause, next } = tell(fault.code, fault);
  return `${fault.code}\n  cause: ${cause}\n  next: ${next}`;
}

/** The only error class thrown by chain/. `fault` says what happened; `cause` keeps the original error. */
export class ChainError extends Error {
  override readonly name = "ChainError";
  readonly fault: ChainFault;

  constructor(fault: ChainFault, options?: ErrorOptions) {
    super(describe(fault), options);
    this.fault = fault;
  }

  /** The fault's code. */
  get code(): ChainFaultCode {
    return this.fault.code;
  }
}
