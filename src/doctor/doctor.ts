/** @file A look at everything that usually keeps a node from its work: each thing in one sentence, with the command that mends it. */
import type { NextCommand } from "../../base/fault.ts";
import type { Metagraph } from "../../chain/client/metagraph.ts";
import type { Hex } from "../../chain/wallet/hex.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { parametersOf } from "../../kernels/nn/memory.ts";
import { memoryBlobs } from "../blobs/memory.ts";
import { Lifecycle } from "../command/lifecycle.ts";
import type { NeuronOptions } from "../command/fields.ts";
import { type PeerAddress, urlOf } from "../network/client.ts";
import { lookAtRun, type ServedRun } from "../run/live-run.ts";
import { reachSubnet } from "../run/reach.ts";
import type { Subnet } from "../run/subnet.ts";
import {
  clockFinding,
  networkFinding,
  type Pulse,
  pulseOf,
  stalledFinding,
  unreachedFinding,
} from "./chain.ts";
import { deviceFinding } from "./device.ts";
import { diskFinding } from "./disk.ts";
import { type Finding, type Patient, thrown, unknown } from "./finding.ts";
import { paceFinding, type Training } from "./pace.ts";
import { portFinding } from "./port.ts";
import { axonFinding } from "./reachable.ts";
import {
  permitFindings,
  registeredFindings,
  type Standing,
  versionFindings,
  weightsRateFindings,
} from "./standing.ts";
import { hotkeyOf, walletFindings } from "./wallet.ts";

/** What a doctor is given. */
type Practice = {
  readonly patient: Patient;
  /** Device that is tried; null: the node trains on none. */
  readonly device: NeuronOptions["device"] | null;
  /** How fast a window's work must be known; null: the node has none. */
  readonly training: Training | null;
  /** Looks once this block is there. */
  readonly afterBlock: number;
  /** What a role adds when its subnet is reached. */
  readonly more?: (subnet: Subnet, signal: AbortSignal) => Promise<readonly Finding[]>;
  readonly json: boolean;
  readonly print: (line: string) => void;
  readonly line: (command: NextCommand) => string;
};

/** Peers whose clocks are looked at. */
const MOST_ASKED = 4;

type Tell = (findings: readonly Finding[]) => void;

/** One finding for people. */
function textOf({ check, state, text, fix }: Finding, line: Practice["line"]): string {
  const mark = { fine: "ok  ", wrong: "BAD ", unknown: "?   " }[state];
  const commands = fix.map(line).join(" && ");
  const first = `${mark} ${check.padEnd(12)} ${text}`;
  return state === "wrong" ? `${first}\n     run          ${commands}` : first;
}

/** The same for programs. */
function jsonOf({ check, state, code, text, fix }: Finding, line: Practice["line"]): string {
  const run = fix.length === 0 ? null : fix.map(line).join(" && ");
  return JSON.stringify({ check, state, code, text, run });
}

/** Runs one check; what it throws is a finding too. */
async function found(
  check: string,
  look: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    return [thrown(check, error, { again: {} })];
  }
}

const served = (run: ServedRun | null | "unserved"): ServedRun | null =>
  run === "unserved" ? null : run;

/** What is looked at on a subnet that is reached. */
type Inside = {
  readonly subnet: Subnet;
  /** Null where there is no hotkey. */
  readonly signer: Signer | null;
  readonly signal: AbortSignal;
};

/** What was seen of it. */
type Seen = {
  readonly graph: Metagraph;
  readonly peers: ReadonlyMap<Hex, PeerAddress>;
  readonly run: ServedRun | null;
  readonly pulse: Pulse;
};

/** Everything about a hotkey. */
async function lookAtHotkey(
  { patient }: Practice,
  { subnet, signer, graph, peers, run }: Inside & Seen,
  tell: Tell,
): Promise<void> {
  if (signer === null) return;
  const own = graph.neurons.find(({ hotkey }) => hotkey === signer.publicKey) ?? null;
  const hyperparameters = await subnet.chain.hyperparameters(subnet.netuid);
  const blocksPerWindow = run?.clock.blocksPerWindow ?? null;
  const at: Standing = { patient, subnet, signer, own, hyperparameters, blocksPerWindow };
  tell(await found("registered", () => registeredFindings(at)));
  tell(await found("permit", () => permitFindings(at)));
  tell([...versionFindings(at), ...weightsRateFindings(at)]);
  if (own === null) return;
  const remembered = patient.remembered(signer.ss58, subnet.chain.genesisHash);
  const reaching = { patient, subnet, signer, own, peers, remembered };
  tell(await found("axon", () => axonFinding(reaching)));
}

/** Whether the work of the run's windows is done in time. */
async function lookAtPace(
  { patient, training }: Practice,
  { graph, run, pulse }: Seen,
  tell: Tell,
): Promise<void> {
  if (training === null) return;
  if (run === null) {
    tell([unknown("pace", "no run to be fast enough for")]);
    return;
  }
  const miners = graph.neurons.filter(
    ({ hotkey, validatorPermit }) => !validatorPermit && hotkey !== graph.ownerHotkey,
  );
  const work = { manifest: run.manifest, blockMs: pulse.blockMs, miners: miners.length };
  tell(await found("pace", () => paceFinding(patient, work, training)));
}

/** Everything about a subnet that is reached. */
async function lookInside(practice: Practice, inside: Inside, tell: Tell): Promise<void> {
  const { patient, more } = practice;
  const { subnet, signer, signal } = inside;
  const { chain, netuid } = subnet;
  const last = signer === null ? null : patient.remembered(signer.ss58, chain.genesisHash);
  tell([networkFinding(patient, chain, last?.genesis ?? null)]);
  const pulse = await pulseOf(subnet, signal);
  tell([await stalledFinding(subnet, pulse, patient)]);
  const peers = await subnet.finder.axons().catch(() => new Map<Hex, PeerAddress>());
  const urls = [...peers.values()].slice(0, MOST_ASKED).map((one) => urlOf(one, "/healthz"));
  tell(await found("clock", () => clockFinding(subnet, pulse, urls)));
  const graph = await chain.metagraph(netuid);
  const run = served(await lookAtRun(subnet, signal).catch(() => null));
  const parameters = run === null ? 0 : parametersOf(run.manifest.model);
  tell([diskFinding(patient, { parameters, pid: last?.pid ?? null })]);
  const seen = { graph, peers, run, pulse };
  await lookAtHotkey(practice, { ...inside, ...seen }, tell);
  await lookAtPace(practice, seen, tell);
  if (more !== undefined) tell(await found("subnet", () => more(subnet, signal)));
}

/** Reaches the subnet and looks at everything there. */
async function lookOutside(practice: Practice, signer: Signer | null, tell: Tell): Promise<void> {
  const { patient, afterBlock } = practice;
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  try {
    const parts = { lifecycle, blobs: memoryBlobs(), ...(signer !== null && { signer }) };
    const subnet = await reachSubnet(patient.options, parts).catch((error: unknown) => error);
    if (!isSubnet(subnet)) {
      tell([unreachedFinding(patient, subnet)]);
      return;
    }
    if (afterBlock > subnet.blocks.current.number)
      await subnet.blocks.reached(afterBlock, lifecycle.signal);
    await lookInside(practice, { subnet, signer, signal: lifecycle.signal }, tell);
  } catch (error) {
    tell([thrown("chain", lifecycle.failure ?? error, { again: {} })]);
  } finally {
    await lifecycle.close();
  }
}

const isSubnet = (value: unknown): value is Subnet =>
  typeof value === "object" && value !== null && "blocks" in value && "finder" in value;

/** Looks at everything, tells it as it is found, and returns the exit code: 1 when something is wrong. */
export async function examine(practice: Practice): Promise<number> {
  const { patient, device, json, print, line } = practice;
  const all: Finding[] = [];
  const tell: Tell = (findings) => {
    all.push(...findings);
    for (const one of findings) print(json ? jsonOf(one, line) : textOf(one, line));
  };
  const hotkey = await hotkeyOf(patient);
  const signer = "check" in hotkey ? null : hotkey;
  tell("check" in hotkey ? [hotkey] : walletFindings(patient));
  if (signer !== null) {
    const last = patient.remembered(signer.ss58, null).axonPort;
    tell([await portFinding(patient, last, signer.publicKey)]);
  }
  if (device !== null) tell([await deviceFinding(patient, device)]);
  await lookOutside(practice, signer, tell);
  const bad = all.filter(({ state }) => state === "wrong").length;
  if (!json)
    print(
      bad > 0
        ? `\n${bad} ${bad === 1 ? "thing is" : "things are"} wrong`
        : `\nnothing is wrong; start it with: ${line(patient.start())}`,
    );
  return bad > 0 ? 1 : 0;
}
