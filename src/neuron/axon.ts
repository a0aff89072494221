/** @file The neuron's axon: serves what the neuron knows, and publishes its address on the chain. */
import { addressText, chainAddressOf } from "../../chain/client/internet-address.ts";
import { isRateLimited } from "../../chain/client/refusal.ts";
import { ChainError } from "../../chain/errors.ts";
import { type Status, statusSchema } from "../api/types.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import { isAssayError } from "../errors.ts";
import { type AxonAddress, fetchJson, urlOf } from "../network/client.ts";
import { type Axon, type AxonContent, serveAxon } from "../network/server.ts";
import { ownAddresses, publishedAddress } from "./address.ts";
import type { Connected, Neuron } from "./neuron.ts";
import type { Participant } from "./participant.ts";

/** What a role adds to the answers of its axon. */
export type RoleContent = Pick<AxonContent, "record" | "verdict"> & {
  heldOut(): Status["heldOut"];
};

/** A served axon; `joined` lets it answer for the run as well. */
export type ServedAxon = { joined(participant: Participant): void };

const SELF_CHECK = { limitBytes: 4096, timeoutMs: 5000 };

/** What the axon answers: about the run as soon as there is one. */
function contentOf(
  { neuron, subnet }: Connected,
  content: RoleContent,
  joined: () => Participant | null,
): AxonContent {
  return {
    blobs: subnet.blobs,
    status() {
      const node = joined();
      return {
        role: neuron.role,
        hotkey: neuron.signer.publicKey,
        runId: node?.run.runId ?? null,
        window: node?.follower.window ?? null,
        thetaDigest: node?.follower.digest ?? null,
        rulesDigest: node?.amendments.digestAt(node.follower.window) ?? null,
        device: node?.engine.device.chosen ?? "none yet",
        heldOut: content.heldOut(),
        progress: neuron.progress(),
        activity: neuron.activity().slice(0, 200),
      };
    },
    digests: (fromWindow) => joined()?.follower.digests(fromWindow) ?? [],
    checkpoint: () => joined()?.follower.checkpoint ?? null,
    record: content.record,
    verdict: content.verdict,
  };
}

/** Listens where the options say; without a port, where it listened last: others know that address already. */
async function listen(neuron: Neuron, content: AxonContent): Promise<Axon> {
  const { axonHost: host, axonPort } = neuron.options;
  const last = neuron.state.axonPort();
  if (axonPort !== 0 || last === null) return serveAxon(content, { host, port: axonPort });
  try {
    return await serveAxon(content, { host, port: last });
  } catch (error) {
    if (!isAssayError(error, "port-in-use")) throw error;
    neuron.say(`port ${last}, where this axon was last, is taken: taking another`);
    return serveAxon(content, { host, port: 0 });
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
  { chain, netuid, blocks }: Connected["subnet"],
  neuron: Neuron,
): Promise<number | null> {
  const next = blocks.current.number + 1;
  if (isRateLimited(error)) {
    const from = await chain.servableFrom(netuid, neuron.signer.publicKey);
    // Refused in the state of the block before the one that would hold it.
    return Math.max(from - 1, next);
  }
  const passes =
    error instanceof ChainError &&
    ["chain-unreachable", "extrinsic-timeout", "rpc-failed"].includes(error.code);
  return passes ? next : null;
}

/** Publishes the address unless it is published; a chain that takes none now is asked again when it does. */
async function publish({ neuron, subnet }: Connected, wanted: AxonAddress): Promise<void> {
  const { chain, netuid, blocks } = subnet;
  const { signer, say, log, signal } = neuron;
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
      const from = await retryFrom(error, subnet, neuron);
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
  { signer, say, signal }: Neuron,
  published: AxonAddress,
): Promise<void> {
  const url = urlOf(published, "/status");
  const found = await fetchJson(url, statusSchema, { ...SELF_CHECK, signal }).catch(() => null);
  if (found?.hotkey === signer.publicKey || signal.aborted) return;
  say(
    found === null
      ? `the published address ${urlOf(published, "")} does not answer from here: if it does not from elsewhere either, open port ${published.port} and forward it to this machine`
      : `another node answers at the published address ${urlOf(published, "")}: check --axon-external-ip and --axon-external-port`,
  );
}

/**
 * Serves the axon, and publishes its address in the background: nothing that a chain says about it ends a neuron.
 * @throws AssayError port-in-use, port-privileged, address-foreign, host-unknown, bad-option (nobody could reach it)
 */
export async function serveNeuron(
  connected: Connected,
  content: RoleContent,
  lifecycle: Lifecycle,
): Promise<ServedAxon> {
  let joined: Participant | null = null;
  const { neuron, subnet } = connected;
  const axon = await listen(
    neuron,
    contentOf(connected, content, () => joined),
  );
  lifecycle.onClose("axon", () => axon.close());
  const wanted = publishedAddress(neuron.options, {
    bound: axon,
    development: await subnet.chain.isDevelopmentChain(),
    chainEndpoint: subnet.chain.endpoint,
    own: ownAddresses(),
  });
  await neuron.state.saveAxonPort(axon.port);
  const publishing = publish(connected, wanted)
    .then(() => checkReachable(neuron, wanted))
    .catch((error: unknown) => {
      if (!lifecycle.signal.aborted) lifecycle.fail(error);
    });
  lifecycle.onClose("axon's address", () => publishing);
  return { joined: (one) => (joined = one) };
}
