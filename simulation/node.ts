/** @file A simulated machine with one neuron: its process is started, stopped, killed and started again from its disk. */
import type { Signer } from "../chain/wallet/signer.ts";
import type { Status } from "../src/api/types.ts";
import type { Log } from "../src/command/log.ts";
import { engineOptionsOf } from "../src/run/run.ts";
import { BlockClock } from "../src/run/block-clock.ts";
import type { Neuron, Role } from "../src/neuron/neuron.ts";
import { type Participant, takePart } from "../src/neuron/participant.ts";
import type { NeuronOptions } from "../src/command/fields.ts";
import { blake2b256, type Hex } from "../src/protocol/digest.ts";
import { clientOf } from "./chain-client.ts";
import { SimulatedDisk } from "./disk.ts";
import { type LossMemo, openSimulatedEngine } from "./engine.ts";
import { Gate } from "./gate.ts";
import { NETUID } from "./material.ts";
import type { SimulatedNetwork } from "./network.ts";
import { only } from "./only.ts";
import type { SimulatedChain } from "./chain.ts";
import type { SimulatedTime } from "./time.ts";
import { Tally } from "../src/metrics/tally.ts";
import type { Run } from "../src/run/run.ts";

/** What all machines share. */
export type Surroundings = {
  readonly chain: SimulatedChain;
  readonly network: SimulatedNetwork;
  readonly time: SimulatedTime;
  readonly memo: LossMemo;
  readonly run: Run;
  /** Blob of theta_0. */
  readonly genesis: Uint8Array;
};

/** Which neuron runs on a machine. */
export type NodeOptions = {
  readonly name: string;
  readonly role: Role;
  readonly folder: string;
  /** Its part of the run, from joining to the run's end. */
  readonly live: (participant: Participant) => Promise<void>;
  /** Whether it hands a blob to a hotkey; without it, always. */
  readonly serves?: (address: Hex, to: Hex) => boolean;
};

/** Why a process ended when nothing was wrong with it. */
const KILLED = new Error("killed");

const QUIET: Log = only<Log>("log", {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
});

/** A key that signs nothing: calls of the simulated chain say who makes them. */
function signerOf(name: string): Signer {
  const publicKey = blake2b256(new TextEncoder().encode(`hotkey of ${name}`));
  return only<Signer>("signer", { publicKey, ss58: name });
}

/** One machine. */
export class SimulatedNode {
  readonly name: string;
  readonly role: Role;
  readonly hotkey: Hex;
  readonly disk: SimulatedDisk;
  /** What it told people, newest last. */
  readonly said: string[] = [];
  /** Simulated milliseconds that each training takes. */
  trainMs = 0;
  /** Tokens that it has trained on, over all of its processes. */
  trainedTokens = 0;
  /** The run as the present process takes part in it; null before it has joined. */
  participant: Participant | null = null;
  /** What ended its process; null while that runs, and after a kill. */
  failure: unknown = null;
  /** Its process may end by itself without ending the run. */
  expectsFailure = false;
  readonly #around: Surroundings;
  readonly #options: NodeOptions;
  readonly #signer: Signer;
  #gate = new Gate();
  #stop = new AbortController();
  #ended: Promise<void> | null = null;
  #progress: Status["progress"] = null;

  constructor(options: NodeOptions, around: Surroundings) {
    this.name = options.name;
    this.role = options.role;
    this.#options = options;
    this.#around = around;
    this.#signer = signerOf(options.name);
    this.hotkey = this.#signer.publicKey;
    this.disk = new SimulatedDisk(options.folder);
    this.disk.blobs.set(around.run.manifest.genesisCheckpoint, around.genesis);
  }

  /** Whether there is a process, stopped or not. */
  get isAlive(): boolean {
    return this.#ended !== null;
  }

  /** Starts a process from what is on the disk. */
  start(): void {
    if (this.#ended !== null) return;
    this.failure = null;
    this.#gate = new Gate();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const gate = this.#gate;
    this.#around.network.join({
      hotkey: this.hotkey,
      blobs: this.disk.blobs,
      gate,
      serves: this.#options.serves ?? (() => true),
    });
    this.#ended = this.#live(gate, signal).catch((error: unknown) => {
      if (!signal.aborted) this.failure = error;
    });
  }

  /** Stops the process as SIGSTOP does: it does nothing and answers nobody. */
  pause(): void {
    this.#gate.shut();
  }

  /** Lets a stopped process go on. */
  continue(): void {
    this.#gate.open();
  }

  /** Ends the process wherever it stands, as SIGKILL does; the disk stays as it is. Resolves when it is gone. */
  async kill(): Promise<void> {
    const ended = this.#ended;
    this.#stop.abort(KILLED);
    this.#gate.break(KILLED);
    await ended;
    this.#ended = null;
    await this.participant?.engine.close();
    this.participant = null;
  }

  /** Ends the process as SIGKILL does, in the midst of its work: after so many more of its steps. `kill` tidies up. */
  killAfter(steps: number): void {
    const [gate, stop] = [this.#gate, this.#stop];
    gate.after(steps, () => {
      stop.abort(KILLED);
      gate.break(KILLED);
    });
  }

  async #live(gate: Gate, signal: AbortSignal): Promise<void> {
    const { chain: whole, network, time, memo, run } = this.#around;
    const chain = clientOf(whole, gate);
    const blocks = new BlockClock(chain, await chain.head());
    blocks.follow(signal).catch(() => undefined);
    const pause = async (ms: number): Promise<void> => {
      await gate.unlessBroken(time.pause(ms));
      await gate.pass();
    };
    const { blobs } = this.disk;
    const self = { hotkey: this.hotkey, blobs, gate, serves: () => true };
    const finder = network.finderFor({ self, pause });
    const subnet = {
      netuid: NETUID,
      chain,
      blocks,
      blobs: this.disk.blobsFor(gate),
      finder,
      pause,
    };
    const options = engineOptionsOf(run.manifest);
    const engine = await openSimulatedEngine(options, {
      time,
      gate,
      memo,
      trainMs: () => this.trainMs,
      onTrain: (tokens) => (this.trainedTokens += tokens),
    });
    const neuron = this.#neuron(gate, signal);
    this.participant = await takePart({ neuron, subnet }, run, engine);
    await this.#options.live(this.participant);
  }

  #neuron(gate: Gate, signal: AbortSignal): Neuron {
    return {
      role: this.role,
      options: only<NeuronOptions>("neuron's options", {}),
      signer: this.#signer,
      state: this.disk.stateFor(gate),
      log: QUIET,
      signal,
      say: (text) => this.said.push(text),
      activity: () => this.said.at(-1) ?? "",
      did: (step, window) => (this.#progress = { step, window }),
      progress: () => this.#progress,
      tally: new Tally(this.hotkey),
      line: () => "",
    };
  }
}
