/** @file Why an address cannot be listened on: the same four reasons for the chain's port, a node's axon and a validator's door for workers. */
import { type NextCommand, systemCodeOf, type Texts } from "./fault.ts";

/** What wanted to listen, which decides the option that is named: `--port`, `--axon-port` or `--workers-port`. */
type Service = "chain" | "axon" | "workers";

type Where = { readonly service: Service; readonly host: string; readonly port: number };

/** Nobody can listen there: taken, needs privileges, an address of another machine, or a name that nobody knows. */
export type ListenFault =
  | ({ readonly code: "port-in-use" } & Where)
  | ({ readonly code: "port-privileged" } & Where)
  | ({ readonly code: "address-foreign" } & Where)
  | ({ readonly code: "host-unknown" } & Where);

const FLAG = { chain: "--port", axon: "--axon-port", workers: "--workers-port" } as const;
const FREE_PORT = {
  chain: { again: { port: 0 } },
  axon: { again: { axonPort: 0 } },
  workers: { again: { workersPort: 0 } },
} as const satisfies Record<Service, NextCommand>;
/** Above the ports that need privileges; the usual ones of a chain's JSON-RPC, of an axon, and one beside it. */
const USUAL_PORT = {
  chain: { again: { port: 9944 } },
  axon: { again: { axonPort: 8091 } },
  workers: { again: { workersPort: 8191 } },
} as const satisfies Record<Service, NextCommand>;
const HOST_FLAG = {
  chain: "--host",
  axon: "--axon-host",
  workers: "--workers-host",
} as const;
const LOOPBACK = {
  chain: { again: { host: "127.0.0.1" } },
  axon: { again: { axonHost: "127.0.0.1" } },
  workers: { again: { workersHost: "127.0.0.1" } },
} as const satisfies Record<Service, NextCommand>;

/** Words for each. */
export const LISTEN_TEXTS: Texts<ListenFault> = {
  "port-in-use": ({ service, host, port }) => ({
    cause: `Something else already listens on ${host}:${port}.`,
    next: `Stop it, or choose another port with ${FLAG[service]} (0 takes any free one).`,
    commands: [FREE_PORT[service]],
  }),
  "port-privileged": ({ service, host, port }) => ({
    cause: `Listening on ${host}:${port} needs privileges that this user does not have.`,
    next: `Choose a port above 1023 with ${FLAG[service]}.`,
    commands: [USUAL_PORT[service]],
  }),
  "address-foreign": ({ service, host, port }) => ({
    cause: `Cannot listen on ${host}:${port}: ${host} is not an address of this machine.`,
    next: `Name one of this machine's with ${HOST_FLAG[service]}.`,
    commands: [LOOPBACK[service]],
  }),
  "host-unknown": ({ service, host, port }) => ({
    cause: `Cannot listen on ${host}:${port}: no address is known for the name ${host}.`,
    next: `Name an address of this machine with ${HOST_FLAG[service]}.`,
    commands: [LOOPBACK[service]],
  }),
};

const CODES: Readonly<Record<string, ListenFault["code"]>> = {
  EADDRINUSE: "port-in-use",
  EACCES: "port-privileged",
  EADDRNOTAVAIL: "address-foreign",
  ENOTFOUND: "host-unknown",
  EAI_AGAIN: "host-unknown",
};

/** The fault behind a failed `listen`, or null when it failed for another reason. */
export function listenFault(cause: unknown, where: Where): ListenFault | null {
  const code = CODES[systemCodeOf(cause)];
  return code === undefined ? null : { code, ...where };
}
