/** @file Wires a worker: finds the validator, joins its run with a wallet of the operator, works, closes everything. */
import { freemem } from "node:os";
import { join } from "node:path";
import { hidden } from "../../base/hidden.ts";
import { openHotkey } from "../../chain/wallet/wallet.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import type { Told } from "../../src/command/command.ts";
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import { openLog } from "../../src/command/log.ts";
import { claimFolder } from "../../src/disk/folder-claim.ts";
import { NODE_FOLDER } from "../../src/disk/folder-format.ts";
import { AssayError } from "../../src/errors.ts";
import { refusalTeller } from "../../src/neuron/gate.ts";
import type { Connected, Neuron } from "../../src/neuron/neuron.ts";
import { outageTeller } from "../../src/neuron/outages.ts";
import { awaitNextRun, joinAsParticipant, type Participant } from "../../src/neuron/participant.ts";
import { openNeuronState } from "../../src/neuron/state.ts";
import { Tally } from "../../src/metrics/tally.ts";
import { reachSubnet } from "../../src/run/reach.ts";
import { DeskClient, deskAt } from "./desk-client.ts";
import type { WorkerOptions } from "./options.ts";
import { work } from "./work.ts";

/** Sequences of the measurement of speed, twice: the first run warms up. */
const SPEED_SEQUENCES = 8;
const AWAY_MS = 2000;

/** Who the worker is, and its subnet: like a neuron that is not registered and serves nothing. */
async function connect(
  options: WorkerOptions,
  { lifecycle, print, line }: Told & { lifecycle: Lifecycle; print: (line: string) => void },
): Promise<Connected> {
  const signer = await openHotkey({
    folder: options.walletFolder,
    name: options.wallet,
    hotkey: options.hotkey,
  });
  const tally = new Tally(signer.publicKey);
  const log = openLog({
    name: "worker",
    level: options.logLevel,
    place: () => tally.place,
    ...(options.logFile && { file: options.logFile }),
  });
  // Beside the folder of the validator, whose hotkey it may share.
  const folder = join(options.state, "workers", `${signer.ss58}-${options.name}`);
  const state = openNeuronState(folder);
  lifecycle.onClose("state folder", claimFolder(folder, NODE_FOLDER));
  let activity = "starting";
  const say = (text: string): void => {
    activity = text;
    if (options.logFormat === "json") log.info(text);
    else print(text);
  };
  const neuron: Neuron = {
    role: "validator",
    options: {
      ...options,
      axonHost: "127.0.0.1",
      axonPort: 0,
      metricsFrom: "loopback",
      tui: false,
    },
    signer,
    state,
    log,
    signal: lifecycle.signal,
    say,
    activity: () => activity,
    did: () => undefined,
    progress: () => null,
    tally,
    line,
  };
  say(`worker ${options.name} of ${signer.ss58}: connecting to ${hidden(options.endpoint)}`);
  const subnet = await reachSubnet(options, {
    lifecycle,
    blobs: openBlobs(join(folder, "blobs")),
    patient: true,
    signer,
    onRefused: refusalTeller(say, log),
    onNews: outageTeller(say, log),
  });
  return { neuron, subnet };
}

/** Losses a second of the run's model on this machine. */
async function speedOf({ engine, run }: Participant): Promise<number> {
  const tokens = run.heldOutTokens(SPEED_SEQUENCES);
  await engine.losses({ tokens });
  const start = performance.now();
  await engine.losses({ tokens });
  return (1000 * SPEED_SEQUENCES) / (performance.now() - start);
}

/** Says hello until the validator is there. @throws AssayError worker-refused */
async function introduce(
  client: DeskClient,
  { neuron, subnet }: Pick<Participant, "neuron" | "subnet">,
): Promise<void> {
  for (let told = false; ; told = true)
    try {
      await client.hello(neuron.signal);
      neuron.say(`working for the validator at ${client.origin}`);
      return;
    } catch (error) {
      if (!(error instanceof AssayError) || error.fault.code === "worker-refused") throw error;
      if (!told) neuron.say(`waiting for the validator: ${error.explanation.cause}`);
      await subnet.pause(AWAY_MS);
      neuron.signal.throwIfAborted();
    }
}

/** Runs a worker until it is told to stop, or the validator refuses it; everything it opened is closed again. */
export async function startWorker(
  options: WorkerOptions,
  told: Told & { readonly print: (line: string) => void },
): Promise<void> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    const connected = await connect(options, { ...told, lifecycle });
    const { neuron, subnet } = connected;
    const network = { netuid: subnet.netuid, genesis: subnet.chain.genesisHash };
    const place = await deskAt(options.url, network, neuron.signer);
    for (;;) {
      const node = await joinAsParticipant(connected, lifecycle);
      const lossesPerSecond = await speedOf(node);
      const client = new DeskClient(place, options.name, () => ({
        runId: node.run.runId,
        device: node.engine.device.chosen,
        lossesPerSecond,
        memoryBytes: freemem(),
      }));
      await introduce(client, node);
      await work(node, client);
      await awaitNextRun(node);
      await node.engine.close();
    }
  });
}
