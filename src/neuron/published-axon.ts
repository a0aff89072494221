/** @file An axon that others find: listens on the port of last time, and keeps its address on the chain. */
import { z } from "zod";
import { addressText, chainAddressOf } from "../../chain/client/internet-address.ts";
import { isRateLimited } from "../../chain/client/refusal.ts";
import { ChainError } from "../../chain/errors.ts";
import { statusSchema } from "../api/types.ts";
import type { NeuronOptions } from "../command/fields.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import { isAssayError } from "../errors.ts";
import { type AxonAddress, fetchJson, urlOf } from "../network/client.ts";
import type { Gate } from "../network/proof.ts";
import type { Axon } from "../network/listening.ts";
import type { AxonOptions } from "../network/server.ts";
import type { Subnet } from "../run/subnet.ts";
import { ownAddresses, publishedAddress } from "./address.ts";
import type { Neuron } from "./neuron.ts";
import type { NeuronState } from "./state.ts";

/** Also what is no training node says whose axon it is. */
const selfSchema = z.object({ hotkey: statusSchema.shape.hotkey });
const SELF_CHECK = { limitBytes: 4096, timeoutMs: 5000 };

/** Who serves: a neuron, or an owner who hands out a run. */
export type AxonServer = Pick<Neuron, "signer" | "say" | "log" | "signal"> & {
  readonly options: Pick<
    NeuronOptions,
    "axonHost" | "axonPort" | "axonExternalIp" | "axonExternalPort"
  >;
  readonly state: Pick<NeuronState, "axonPort" | "saveAxonPort">;
  /** How peers prove who they are. */
  readonly gate?: Gate;
};

/** Begins to serve at a place. */
type Serve = (at: AxonOptions) => Promise<Axon>;

/** Listens where the options say; without a port, where it listened last: others know that address already. */
async function listen(
  { finder }: Pick<Subnet, "finder">,
  { options, state, say, gate }: AxonServer,
  serve: Serve,
): Promise<Axon> {
  const { axonHost: host, axonPort } = options;
  const peersAt = (ip: string): number => finder.peersAt(ip);
  const open = { host, peersAt, ...(gate !== undefined && { gate }) };
  const last = state.axonPort();
  if (axonPort !== 0 || last === null) return serve({ ...open, port: axonPort });
  try {
    return await serve({ ...open, port: last });
  } catch (error) {
    if (!isAssayError(error, "port-in-use")) throw error;
    say(`port ${last}, where this axon was last, is taken: taking another`);
    return serve({ ...open, port: 0 });
  }
}

/** Whether two addresses are the same number, however they are written. */
function isSame(a: AxonAddress | null | undefined, b: AxonAddress): boolean {
  return (
    a?.port === b.port && addressText(chainAddressOf(a.ip)) === addressText(chainAddressOf(b.ip))
  );
}

/** The block from which the chain takes the address after `error`, or null when asking again cannot help. */
async function retryFrom(
  error: unknown,
  { chain, netuid, blocks }: Subnet,
  { signer }: AxonServer,
): Promise<number | null> {
  const next = blocks.current.number + 1;
  if (isRateLimited(error)) {
    const from = await chain.servableFrom(netuid, signer.publicKey);
    // Refused in the state of the block before the one that would hold it.
    return Math.max(from - 1, next);
  }
  const passes =
    error instanceof ChainError &&
    ["chain-unreachable", "extrinsic-timeout", "rpc-failed"].includes(error.code);
  return passes ? next : null;
}

/** Publishes the address unless it is published; a chain that takes none now is asked again when it does. */
async function publish(subnet: Subnet, server: AxonServer, wanted: AxonAddress): Promise<void> {
  const { chain, netuid, blocks } = subnet;
  const { signer, say, log, signal } = server;
  const url = urlOf(wanted, "");
  for (let told = false; ; told = true) {
    const known = (await chain.neuronOf(netuid, signer.publicKey))?.axon;
    if (isSame(known, wanted)) return;
    try {
      await chain.serveAxon(signer, netuid, wanted);
      say(`axon published at ${url}`);
      return;
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      log.warn({ fault: error.fault }, "the axon's address was refused");
      const from = await retryFrom(error, subnet, server);
      if (from === null) {
        say(`the chain refuses the axon's address ${url}: ${error.explanation.cause}`);
        return;
      }
      if (!told)
        say(
          isRateLimited(error)
            ? `the chain takes a new address of this axon from block ${from + 1} on; ${url} is published then`
            : `the axon's address ${url} is not published yet: ${error.explanation.cause} Trying again.`,
        );
      await blocks.reached(from, signal);
    }
  }
}

/** Asks the published address for this very neuron. A router may forbid asking oneself, so this is a hint and no more. */
async function checkReachable(
  { signer, say, signal }: AxonServer,
  published: AxonAddress,
): Promise<void> {
  const url = urlOf(published, "/status");
  const found = await fetchJson(url, selfSchema, { ...SELF_CHECK, signal }).catch(() => null);
  if (found?.hotkey === signer.publicKey || signal.aborted) return;
  say(
    found === null
      ? `the published address ${urlOf(published, "")} does not answer from here: if it does not from elsewhere either, open port ${published.port} and forward it to this machine`
      : `another node answers at the published address ${urlOf(published, "")}: check --axon-external-ip and --axon-external-port`,
  );
}

/**
 * Serves, and publishes the address in the background: nothing that a chain says about it ends the process.
 * @throws AssayError port-in-use, port-privileged, address-foreign, host-unknown, bad-option (nobody could reach it)
 */
export async function servePublicly(
  subnet: Subnet,
  server: AxonServer,
  serve: Serve,
  lifecycle: Lifecycle,
): Promise<Axon> {
  const axon = await listen(subnet, server, serve);
  lifecycle.onClose("axon", () => axon.close());
  const wanted = publishedAddress(server.options, {
    bound: axon,
    development: await subnet.chain.isDevelopmentChain(),
    chainEndpoint: subnet.chain.endpoint,
    own: ownAddresses(),
  });
  await server.state.saveAxonPort(axon.port);
  const publishing = publish(subnet, server, wanted)
    .then(() => checkReachable(server, wanted))
    .catch((error: unknown) => {
      if (!lifecycle.signal.aborted) lifecycle.fail(error);
    });
  lifecycle.onClose("axon's address", () => publishing);
  return axon;
}
