/** @file What can be wrong with a chain's endpoint, and with an extrinsic that was sent to it, with words and next command. */
import { after, type Explanation, type NextCommand, type Texts } from "../base/fault.ts";

/** Why an endpoint is of no use; absent where nothing is known but that no chain answered. */
export type Trouble =
  | "refused"
  | "host-unknown"
  | "silent"
  | "not-a-node"
  | "tls"
  | "certificate"
  | "lost";

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

/** Below it a port needs privileges. */
const LEAST_PORT = 1024;

/** An extrinsic that was handed to a chain, or may have been. */
export type Sent = {
  readonly hash: string;
  /** It may be taken into a block up to this one. */
  readonly lastBlock: number;
};

/** What can be wrong with an endpoint, and with what was sent to it. */
export type EndpointFault =
  | {
      readonly code: "chain-unreachable";
      readonly endpoint: string;
      readonly trouble?: Trouble;
      /** What the system or the other side said. */
      readonly detail?: string;
      /** What was under way when it went away: it may still be taken. */
      readonly sent?: Sent;
    }
  | {
      readonly code: "extrinsic-timeout";
      readonly endpoint: string;
      readonly sent: Sent;
      readonly timeoutMs: number;
      /** Its last block is final, and none has it. */
      readonly isOver?: true;
    };

type Unreachable = Extract<EndpointFault, { code: "chain-unreachable" }>;

const LOOK_FIRST =
  "Look at the balance before you repeat anything: what was sent twice is paid twice.";

/**
 * A command that only reads, on the same chain and wallet: what may have been sent must not be sent again unseen. A
 * password in the endpoint is left to the environment.
 */
function lookAt(endpoint: string): NextCommand {
  return { ours: "miner balance", keep: ["wallet", "walletFolder", "genesis"], set: { endpoint } };
}

const mayBeTaken = ({ lastBlock }: Sent): string =>
  `it may still be taken, until block ${lastBlock}`;

/** Starts a chain of ours where nothing listens; null where that is no place for one. */
function chainAt(endpoint: string): NextCommand | null {
  const url = URL.parse(endpoint);
  // No TLS, and no port that needs privileges.
  if (url === null || url.protocol !== "ws:" || Number(url.port) < LEAST_PORT) return null;
  const set = { port: Number(url.port) };
  if (url.hostname === "[::1]") return { ours: "subnet chain", set: { host: "::1", ...set } };
  const isOurs = ["127.0.0.1", "localhost"].includes(url.hostname);
  return isOurs ? { ours: "subnet chain", set } : null;
}

function adviceFor({ endpoint, trouble, sent }: Unreachable): Omit<Explanation, "cause"> {
  if (sent !== undefined) return { next: LOOK_FIRST, commands: [lookAt(endpoint)] };
  const start = trouble === "refused" ? chainAt(endpoint) : null;
  if (start !== null)
    return { next: "Start a chain there, or name another with --endpoint.", commands: [start] };
  if (trouble === "tls")
    return {
      next: "If it speaks without TLS, name it with ws://; else name another with --endpoint.",
      commands: [{ again: { endpoint: endpoint.replace(/^wss:/, "ws:") } }],
    };
  if (trouble === "certificate")
    return {
      next: "Have its operator mend the certificate (one of a private authority is trusted with NODE_EXTRA_CA_CERTS=FILE), or name another with --endpoint.",
      commands: [{ again: {} }],
    };
  if (trouble === "host-unknown" || trouble === "not-a-node")
    return {
      next: "Name another with --endpoint: an address, or local, test, finney, archive.",
      commands: [{ again: { endpoint: "local" } }],
    };
  return {
    next: "Check that node and the network between (or name another with --endpoint), then start again.",
    commands: [{ again: {} }],
  };
}

function causeOf({ endpoint, trouble, detail = "", sent }: Unreachable): string {
  const cause =
    trouble === undefined
      ? `No chain answers at ${endpoint}.`
      : UNREACHABLE[trouble](endpoint, detail);
  return sent === undefined
    ? cause
    : `${cause} Extrinsic ${sent.hash} may have been sent to it before; ${mayBeTaken(sent)}.`;
}

/** Words for each. */
export const ENDPOINT_TEXTS: Texts<EndpointFault> = {
  "chain-unreachable": (fault) => ({ cause: causeOf(fault), ...adviceFor(fault) }),
  "extrinsic-timeout": ({ endpoint, sent, timeoutMs, isOver }) =>
    isOver === true
      ? {
          cause: `Extrinsic ${sent.hash} was sent, and no block up to ${sent.lastBlock} took it: it counts nowhere.`,
          next: "Run it again.",
          commands: [{ again: {} }],
        }
      : {
          cause: `Extrinsic ${sent.hash} was sent, and no block took it within ${timeoutMs / 1000} s; ${mayBeTaken(sent)}.`,
          next: LOOK_FIRST,
          commands: [lookAt(endpoint)],
        },
};
