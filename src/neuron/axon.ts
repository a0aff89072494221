/** @file The neuron's axon: serves what the neuron knows, and publishes its address on the chain. */
import type { Status } from "../api/types.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import { type AxonContent, serveAxon } from "../network/server.ts";
import type { Connected } from "./neuron.ts";
import type { Participant } from "./participant.ts";

/** What a role adds to the answers of its axon. */
export type RoleContent = Pick<AxonContent, "record" | "verdict"> & {
  heldOut(): Status["heldOut"];
};

/** A served axon; `joined` lets it answer for the run as well. */
export type ServedAxon = { joined(participant: Participant): void };

/** Serves the axon and publishes its address on the chain when it changed. @throws AssayError port-in-use, port-privileged, address-foreign, host-unknown */
export async function serveNeuron(
  { neuron, subnet }: Connected,
  content: RoleContent,
  lifecycle: Lifecycle,
): Promise<ServedAxon> {
  let joined: Participant | null = null;
  const { options, signer } = neuron;
  const axon = await serveAxon(
    {
      blobs: subnet.blobs,
      status: () => ({
        role: neuron.role,
        hotkey: signer.publicKey,
        runId: joined?.run.runId ?? null,
        window: joined?.follower.window ?? null,
        thetaDigest: joined?.follower.digest ?? null,
        rulesDigest: joined?.amendments.digestAt(joined.follower.window) ?? null,
        device: joined?.engine.device.chosen ?? "none yet",
        heldOut: content.heldOut(),
        progress: neuron.progress(),
        activity: neuron.activity().slice(0, 200),
      }),
      digests: (fromWindow) => joined?.follower.digests(fromWindow) ?? [],
      checkpoint: () => joined?.follower.checkpoint ?? null,
      record: content.record,
      verdict: content.verdict,
    },
    { host: options.axonHost, port: options.axonPort },
  );
  lifecycle.onClose("axon", () => axon.close());
  const { neurons } = await subnet.chain.metagraph(options.netuid);
  const published = neurons.find((one) => one.hotkey === signer.publicKey)?.axon;
  if (published?.port !== axon.port || published.ip !== options.axonHost)
    await subnet.chain.serveAxon(signer, options.netuid, {
      ip: options.axonHost,
      port: axon.port,
    });
  return { joined: (one) => (joined = one) };
}
