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

type ConnectionFault = Extract<
  ChainFault,
  {
    code:
      | "chain-unreachable"
      | "wrong-genesis"
      | "port-in-use"
      | "subnet-missing"
      | "not-registered";
  }
>;
type ExtrinsicFault = Extract<
  ChainFault,
  { code: "extrinsic-invalid" | "extrinsic-failed" | "extrinsic-timeout" }
>;
type WalletFault = Extract<
  ChainFault,
  {
    code:
      | "wallet-missing"
      | "wallet-unreadable"
      | "wallet-wrong-password"
      | "wallet-exists"
      | "wallet-unsupported"
      | "invalid-name"
      | "invalid-address";
  }
>;
type EngineFault = Exclude<ChainFault, ConnectionFault | ExtrinsicFault | WalletFault>;

function connectionStory(fault: ConnectionFault): Story {
  switch (fault.code) {
    case "chain-unreachable":
      return {
        cause: `no chain answers at ${fault.endpoint}`,
        next: "start one with `subnet localnet`, or name another with --network",
      };
    case "wrong-genesis":
      return {
        cause: `${fault.endpoint} serves chain ${fault.found}, expected ${fault.expected}`,
        next: "name the right endpoint with --network",
      };
    case "port-in-use":
      return {
        cause: `${fault.host}:${fault.port} is taken by another program`,
        next: "stop that program, or choose another port with --port",
      };
    case "subnet-missing":
      return {
        cause: `subnet ${fault.netuid} does not exist on this chain`,
        next: "check --netuid and --network",
      };
    case "not-registered":
      return {
        cause: `hotkey ${fault.hotkey} is not registered on subnet ${fault.netuid}`,
        next: `run \`miner register --netuid ${fault.netuid}\``,
      };
  }
}

function extrinsicStory(fault: ExtrinsicFault): Story {
  switch (fault.code) {
    case "extrinsic-invalid":
      return {
        cause: `the chain refused the extrinsic: ${fault.reason}${fault.detail === "" ? "" : ` (${fault.detail})`}`,
        next: "check balance, nonce and keys, then run the command again",
      };
    case "extrinsic-failed":
      return {
        cause: `${fault.pallet}.${fault.error}${fault.docs === "" ? "" : `: ${fault.docs}`}`,
        next: "mend what the chain names, then run the command again",
      };
    case "extrinsic-timeout":
      return {
        cause: `extrinsic ${fault.hash} was in no block after ${fault.timeoutMs} ms`,
        next: "check that the chain makes blocks, then run the command again",
      };
  }
}

function walletStory(fault: WalletFault): Story {
  switch (fault.code) {
    case "wallet-missing": {
      const known =
        fault.known.length === 0 ? "none is there yet" : `there are ${fault.known.join(", ")}`;
      return { cause: `no wallet at ${fault.path}; ${known}`, next: "run `miner wallet new`" };
    }
    case "wallet-unreadable":
      return {
        cause: `${fault.path} cannot be read: ${fault.reason}`,
        next: "restore the file from a backup, or run `miner wallet import`",
      };
    case "wallet-wrong-password":
      return {
        cause: `the password does not open ${fault.path}`,
        next: "run the command again with the right password",
      };
    case "wallet-exists":
      return {
        cause: `${fault.path} exists and is never overwritten`,
        next: "choose another name with --wallet or --hotkey",
      };
    case "wallet-unsupported":
      return {
        cause: `${fault.path} is encrypted as ${fault.format}, which is not supported`,
        next: "run `miner wallet import` with the mnemonic",
      };
    case "invalid-name":
      return {
        cause: `${JSON.stringify(fault.name)} is not a wallet name`,
        next: "use letters, digits, dot, dash and underscore",
      };
    case "invalid-address":
      return {
        cause: `${JSON.stringify(fault.text)} is neither an SS58 address nor a 32-byte public key`,
        next: "copy the address again",
      };
  }
}

function engineStory(fault: EngineFault): Story {
  switch (fault.code) {
    case "database-unreadable":
      return {
        cause: `${fault.path} is not a chain database of this runtime, or it is damaged`,
        next: "move the file away (a new chain starts), or restore it from a backup",
      };
    case "runtime-import-missing":
      return {
        cause: `the runtime imports functions this host lacks: ${fault.names.join(", ")}`,
        next: "run `npm run chain:build` with the pinned SDK line",
      };
    case "runtime-trap":
      return {
        cause: `${fault.call} trapped${fault.log === "" ? "" : `: ${fault.log.replaceAll("\n", " ")}`}`,
        next: "mend the input, or report the log line with the block number",
      };
    case "runtime-unreadable":
      return {
        cause: `${fault.path} is not a runtime artifact`,
        next: "run `npm run chain:build`",
      };
    case "genesis-invalid":
      return {
        cause: `the genesis was refused: ${fault.reason.replaceAll("\n", " ")}`,
        next: "mend the preset name or the genesis patch",
      };
  }
}

function story(fault: ChainFault): Story {
  switch (fault.code) {
    case "chain-unreachable":
    case "wrong-genesis":
    case "port-in-use":
    case "subnet-missing":
    case "not-registered":
      return connectionStory(fault);
    case "extrinsic-invalid":
    case "extrinsic-failed":
    case "extrinsic-timeout":
      return extrinsicStory(fault);
    default:
      return isWalletFault(fault) ? walletStory(fault) : engineStory(fault);
  }
}

function isWalletFault(fault: WalletFault | EngineFault): fault is WalletFault {
  return fault.code.startsWith("wallet-") || fault.code.startsWith("invalid-");
}

/** Three lines for people: the code, the cause, the next step. */
export function describe(fault: ChainFault): string {
  const { cause, next } = story(fault);
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
