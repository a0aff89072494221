/** @file A neuron: one process with a wallet, a place on a subnet, and somebody to tell what it does. */
import { join } from "node:path";
import type { NextCommand } from "../../base/fault.ts";
import { hidden } from "../../base/hidden.ts";
import type { ChainClient } from "../../chain/client/client.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openHotkey } from "../../chain/wallet/wallet.ts";
import type { Status, WindowStep } from "../api/types.ts";
import type { Told } from "../command/command.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import type { NeuronOptions } from "../command/fields.ts";
import { type Log, openLog } from "../command/log.ts";
import { claimFolder } from "../disk/folder-claim.ts";
import { NODE_FOLDER } from "../disk/folder-format.ts";
import { AssayError } from "../errors.ts";
import { Tally } from "../metrics/tally.ts";
import { reachSubnet } from "../run/reach.ts";
import type { Subnet } from "../run/subnet.ts";
import { refusalTeller } from "./gate.ts";
import { outageTeller } from "./outages.ts";
import { canShow, NodeScreen } from "./screen.ts";
import { type NeuronState, openNeuronState } from "./state.ts";
import { openStore, wrongTeller } from "./store.ts";

/** Which command a neuron runs. */
export type Role = "miner" | "validator";

/** A process that takes part. */
export type Neuron = {
  readonly role: Role;
  readonly options: NeuronOptions;
  readonly signer: Signer;
  readonly state: NeuronState;
  readonly log: Log;
  /** Aborted when the process is to stop. */
  readonly signal: AbortSignal;
  /** Tells people (and `GET /status`) what the neuron does now. */
  readonly say: (activity: string) => void;
  /** What it said last. */
  readonly activity: () => string;
  /** Notes a step of a window as done. */
  readonly did: (step: WindowStep, window: number) => void;
  /** The last step that was done. */
  readonly progress: () => Status["progress"];
  /** What it counts of itself. */
  readonly tally: Tally;
  /** A command that people may run next, as a line with their own flags. */
  readonly line: (command: NextCommand) => string;
  /** Where it is shown as a whole; without it, it says lines. */
  readonly screen?: NodeScreen;
};

/** A neuron and the subnet that it reaches; it may not have joined a run yet. */
export type Connected = { readonly neuron: Neuron; readonly subnet: Subnet };

/** What a neuron is started with. */
export type NeuronParts = Told & {
  readonly lifecycle: Lifecycle;
  readonly print: (line: string) => void;
};

/** Opens wallet, log, state and chain. @throws ChainError, AssayError state-in-use, not-registered */
export async function connectNeuron(
  role: Role,
  options: NeuronOptions,
  parts: NeuronParts,
): Promise<Connected> {
  const { lifecycle, line } = parts;
  const signer = await openHotkey({
    folder: options.walletFolder,
    name: options.wallet,
    hotkey: options.hotkey,
  });
  const tally = new Tally(signer.publicKey);
  const folder = join(options.state, signer.ss58);
  const isShown = options.tui && canShow();
  // Lines of the log would stand in the middle of the screen.
  const logFile = options.logFile ?? (isShown ? join(folder, "node.log") : undefined);
  const log = openLog({
    name: role,
    level: options.logLevel,
    place: () => tally.place,
    ...(logFile && { file: logFile }),
  });
  const state = openNeuronState(folder);
  lifecycle.onClose("state folder", claimFolder(folder, NODE_FOLDER));
  const screen = isShown ? new NodeScreen({ role, ss58: signer.ss58 }, parts) : undefined;
  const print = screen?.print ?? parts.print;
  let activity = "starting";
  const say = (text: string): void => {
    activity = text;
    if (options.logFormat === "json") log.info(text);
    else print(text);
  };
  let progress: Status["progress"] = null;
  const neuron: Neuron = {
    role,
    options,
    signer,
    state,
    log,
    signal: lifecycle.signal,
    say,
    activity: () => activity,
    did(step, window) {
      progress = { step, window };
      tally.did(step, window);
    },
    progress: () => progress,
    tally,
    line,
    ...(screen && { screen }),
  };
  say(`${role} ${signer.ss58}: connecting to ${hidden(options.endpoint)}`);
  return { neuron, subnet: await reachAsNeuron(neuron, folder, lifecycle) };
}

/** Reaches the subnet as one of its neurons. */
async function reachAsNeuron(
  { options, signer, log, say, tally }: Neuron,
  folder: string,
  lifecycle: Lifecycle,
): Promise<Subnet> {
  const tell = outageTeller(say, log);
  const subnet = await reachSubnet(options, {
    lifecycle,
    blobs: openStore(options, {
      folder: join(folder, "blobs"),
      node: signer.ss58,
      say,
      lifecycle,
    }),
    onWrong: wrongTeller(say),
    patient: true,
    signer,
    onRefused: refusalTeller(say, log),
    onNews(news) {
      tally.connection(news);
      tell(news);
    },
  });
  await requireRegistered(subnet.chain, signer, options);
  return subnet;
}

async function requireRegistered(
  chain: ChainClient,
  signer: Signer,
  options: NeuronOptions,
): Promise<void> {
  const { hash } = await chain.head();
  const hotkeys = await chain.hotkeys(options.netuid, hash);
  if (!hotkeys.includes(signer.publicKey))
    throw new AssayError({
      code: "not-registered",
      hotkey: signer.ss58,
      netuid: options.netuid,
      wallet: options.wallet,
    });
}
