/** @file Which address a neuron publishes: what others must dial, which need not be what it listens on. */
import { networkInterfaces } from "node:os";
import type { NeuronOptions } from "../command/fields.ts";
import { AssayError } from "../errors.ts";
import { isPrivateAddress } from "../network/address.ts";
import type { AxonAddress } from "../network/client.ts";

/** What the decision rests on besides the options. */
export type AddressFacts = {
  /** Where the axon listens. */
  readonly bound: AxonAddress;
  /** Whether the chain is a development chain: its nodes may be on one machine or in one network. */
  readonly development: boolean;
  /** AxonAddress of the chain, for messages and to tell one machine from a network. */
  readonly chainEndpoint: string;
  /** Addresses of this machine but loopback. */
  readonly own: readonly string[];
};

/** Addresses of this machine but loopback and link-local ones. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe80|169\.254\.)/i.test(address))
    .map(({ address }) => address);
}

const isEverywhere = (ip: string): boolean => ip === "0.0.0.0" || /^[0:]+$/.test(ip);

function isLoopbackUrl(endpoint: string): boolean {
  const host = URL.parse(endpoint)?.hostname ?? "";
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

/** An address of this machine that others can dial, for one that listens on all; undefined when none is known. */
function dialled({ development, chainEndpoint, own }: AddressFacts): string | undefined {
  const open = own.find((ip) => !isPrivateAddress(ip));
  if (!development) return open;
  return isLoopbackUrl(chainEndpoint) ? "127.0.0.1" : (open ?? own[0]);
}

function refusal(detail: string, facts: AddressFacts): AssayError {
  const open = facts.own.find((ip) => !isPrivateAddress(ip));
  return new AssayError({
    code: "bad-option",
    detail,
    next: "Serve on 0.0.0.0 with --axon-host, and name the address where others reach this machine with --axon-external-ip (a router must forward the port).",
    ...(open !== undefined && { run: { again: { axonHost: "0.0.0.0", axonExternalIp: open } } }),
  });
}

/**
 * The address to publish.
 * @throws AssayError bad-option where nobody but this machine, or its own network, could reach it
 */
export function publishedAddress(
  options: Pick<NeuronOptions, "axonExternalIp" | "axonExternalPort">,
  facts: AddressFacts,
): AxonAddress {
  const { bound, development, chainEndpoint } = facts;
  const port = options.axonExternalPort ?? bound.port;
  const ip = options.axonExternalIp ?? (isEverywhere(bound.ip) ? dialled(facts) : bound.ip);
  if (ip === undefined)
    throw refusal(`No address is known under which others reach this machine`, facts);
  if (isEverywhere(ip))
    throw refusal(`--axon-external-ip ${ip} is no address that anybody can dial`, facts);
  if (!development && isPrivateAddress(ip))
    throw refusal(
      `${ip} cannot be published: it is reached from this machine or its own network only, and ${chainEndpoint} is a chain for everybody`,
      facts,
    );
  return { ip, port };
}
