/** @file The neuron's axon: serves what the neuron knows, and publishes its address on the chain. */
import type { Status } from "../api/types.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import { type AxonContent, serveAxon } from "../network/server.ts";
import { openPage } from "../page/page.ts";
import { type Model, Writer } from "../run/writer.ts";
import { writtenBy } from "./written.ts";
import { openGate } from "./gate.ts";
import { metricsOf, nodeStateOf } from "./metrics.ts";
import type { Connected } from "./neuron.ts";
import { observe } from "./observing.ts";
import type { Participant } from "./participant.ts";
import { servePublicly } from "./published-axon.ts";

/** What a role adds to the answers of its axon. */
export type RoleContent = Pick<AxonContent, "record" | "verdict" | "losses"> & {
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
    axonOf: async (hotkey) => (await subnet.finder.axons()).get(hotkey) ?? null,
    checkpoint: () => joined()?.follower.checkpoint ?? null,
    checkpoints: () => joined()?.checkpoints.list ?? [],
    record: content.record,
    verdict: content.verdict,
    ...(content.losses !== undefined && { losses: content.losses }),
  };
}

/** The model that a participant holds. */
function modelOf(node: Participant | null): Model | null {
  if (node === null) return null;
  const { run, engine, follower } = node;
  const { runId, manifest, layout } = run;
  return {
    runId,
    window: follower.window,
    parameters: layout.total,
    context: manifest.model.context,
    tokenizer: () => run.tokenizer(),
    engine,
  };
}

/** What the neuron knows, as the page that it serves shows it. */
function pageOf(
  { neuron, subnet }: Connected,
  content: RoleContent,
  joined: () => Participant | null,
): ReturnType<typeof openPage> {
  const { publicKey, ss58 } = neuron.signer;
  const writer = new Writer(() => modelOf(joined()));
  return openPage({
    text: (prompt) => writtenBy(writer, prompt),
    subnet,
    run: joined,
    node: () => ({
      role: neuron.role,
      hotkey: ss58,
      publicKey,
      device: joined()?.engine.device.chosen ?? "none yet",
      activity: neuron.activity().slice(0, 200),
    }),
    record: content.record,
    losses: (from) => content.losses?.(from) ?? [],
    who: () => null,
    local: () => null,
    fault: (error) => neuron.log.warn({ error }, "the page could not look"),
    seconds: () => null,
  });
}

/** Serves the neuron's axon, and publishes its address. @throws AssayError as servePublicly */
export async function serveNeuron(
  connected: Connected,
  content: RoleContent,
  lifecycle: Lifecycle,
): Promise<ServedAxon> {
  let joined: Participant | null = null;
  const { neuron, subnet } = connected;
  const page = pageOf(connected, content, () => joined);
  lifecycle.onClose("page", async () => page.close());
  neuron.screen?.follow(page, lifecycle);
  const { signer, state } = neuron;
  const told = {
    page,
    blocks: subnet.blocks,
    folder: state.folder,
    state: () => ({
      role: neuron.role,
      device: joined?.engine.device.chosen ?? "none yet",
      tally: neuron.tally,
      window: joined?.follower.window ?? null,
    }),
  };
  const metrics = metricsOf({ ...told, from: neuron.options.metricsFrom });
  const answers = { ...contentOf(connected, content, () => joined), page, metrics };
  await observe({ neuron, page, node: () => nodeStateOf(told) }, lifecycle);
  const gate = openGate(subnet, { signer, folder: state.folder }, lifecycle);
  await servePublicly(subnet, { ...neuron, gate }, (at) => serveAxon(answers, at), lifecycle);
  return { joined: (one) => (joined = one) };
}
