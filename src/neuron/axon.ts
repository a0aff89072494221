/** @file The neuron's axon: serves what the neuron knows, and publishes its address on the chain. */
import type { Status } from "../api/types.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import type { AxonContent } from "../network/server.ts";
import type { Connected } from "./neuron.ts";
import type { Participant } from "./participant.ts";
import { openGate } from "./gate.ts";
import { servePublicly } from "./published-axon.ts";

/** What a role adds to the answers of its axon. */
export type RoleContent = Pick<AxonContent, "record" | "verdict"> & {
  heldOut(): Status["heldOut"];
  /** Of a validator: what it looks for, and what its weights wait for. */
  awaited(): Pick<Status, "awaited" | "weightsBefore">;
};

/** A served axon; `joined` lets it answer for the run as well. */
export type ServedAxon = { joined(participant: Participant): void };

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
        ...content.awaited(),
        activity: neuron.activity().slice(0, 200),
      };
    },
    digests: (fromWindow) => joined()?.follower.digests(fromWindow) ?? [],
    checkpoint: () => joined()?.follower.checkpoint ?? null,
    checkpoints: () => joined()?.checkpoints.list ?? [],
    record: content.record,
    verdict: content.verdict,
  };
}

/** Serves the neuron's axon, and publishes its address. @throws AssayError as servePublicly */
export async function serveNeuron(
  connected: Connected,
  content: RoleContent,
  lifecycle: Lifecycle,
): Promise<ServedAxon> {
  let joined: Participant | null = null;
  const { neuron, subnet } = connected;
  const answers = contentOf(connected, content, () => joined);
  const { signer, state } = neuron;
  const gate = openGate(subnet, { signer, folder: state.folder }, lifecycle);
  await servePublicly(subnet, { ...neuron, gate }, answers, lifecycle);
  return { joined: (one) => (joined = one) };
}
