/** @file Compute on a GPU: the engine's side of the process that holds copies of the state on the device. */
import { KernelError, reasonOf } from "../errors.ts";
import type { SparseUpdate } from "../exact/sparse.ts";
import { type Group, groupsOf } from "../nn/groups.ts";
import type { DeviceName, EngineOptions, SampleRequest, TrainRequest } from "./calls.ts";
import { Channel } from "./channel.ts";
import type { Compute } from "./compute.ts";
import type { DeviceCalls, DeviceOptions, DeviceVector, GroupChanges } from "./device-calls.ts";
import { diverged } from "./host-compute.ts";
import { type Peer, processPeer } from "./peer.ts";
import { runSizes } from "./sizes.ts";
import type { FlatState } from "./state.ts";

type Device = Channel<DeviceCalls>;

/** Losses of a device in a row after which it is given up. */
const MOST_LOST = 2;

/** A run that takes longer when everything ends is one that hangs. */
const CLOSE_MS = 60_000;

/** Failures that say nothing about the device. */
const NOT_THE_DEVICE: ReadonlySet<string> = new Set(["bad-argument", "bad-config", "not-finite"]);

const startProcess = (): Peer =>
  processPeer(new URL(`./device-process${import.meta.url.slice(-3)}`, import.meta.url));

/** A vector of the state's floats as one array a group. */
function packed(
  { tensors, starts, length }: Group,
  tensorOf: (tensor: number) => Float32Array,
): Float32Array {
  const values = new Float32Array(length);
  for (const [i, tensor] of tensors.entries()) values.set(tensorOf(tensor), starts[i]);
  return values;
}

/**
 * The process is started at first use and anew after it was lost. Theta goes up when it has changed, the working copy comes down once a
 * call of `train`; the moments stay and come down when they are asked for.
 */
export class DeviceCompute implements Compute {
  step = 0;
  readonly #options: DeviceOptions;
  readonly #state: FlatState;
  readonly #groups: readonly Group[];
  readonly #start: () => Peer;
  #device: Device | undefined;
  /** What the device has as the state has it. */
  readonly #current = new Set<"theta" | "moments">();
  /** Whether the device's moments are newer than the state's, which are those of step `#settled`. */
  #ahead = false;
  #settled = 0;
  #lost = 0;

  /** @throws KernelError bad-config for Muon, or if the micro-batch does not divide the batch */
  constructor(
    options: EngineOptions,
    device: DeviceName,
    on: { readonly state: FlatState; readonly start?: (() => Peer) | undefined },
  ) {
    const { state, start = startProcess } = on;
    const { model, batch, innerOptimizer, threads = 1 } = options;
    if (innerOptimizer.kind === "muon")
      throw new KernelError("bad-config", "muon runs on the CPU only; set the device to cpu");
    const sizes = runSizes(options, device);
    this.#options = { device, model, batch, innerOptimizer, threads, sizes };
    this.#state = state;
    this.#groups = groupsOf(state.layout);
    this.#start = start;
  }

  async train({ tokens, learningRates }: TrainRequest): Promise<Float32Array> {
    const before = this.step;
    const { losses, failed } = await this.#with(async (device) => {
      await this.#bringTheta(device);
      await this.#sendMoments(device);
      const trained = await device.call("train", { tokens, learningRates, step: this.step });
      this.#ahead ||= trained.done > 0;
      this.step += trained.done;
      if (trained.failed === undefined) await this.#takeWorking(device);
      return trained;
    });
    if (failed !== undefined) throw diverged(before + failed + 1, losses[failed]!);
    return losses;
  }

  async losses(tokens: Int32Array, moved?: SparseUpdate | "anywhere"): Promise<Float64Array> {
    return this.#with(async (device) => {
      if (moved === "anywhere") {
        await this.#put(device, "trial", (tensor) => this.#state.tensor("theta", tensor));
        return device.call("losses", { tokens, at: "trial" });
      }
      await this.#bringTheta(device, moved);
      const changes = moved && this.#groups.map((group) => this.#changesOf(group, moved));
      return device.call("losses", { tokens, at: "theta", changes });
    });
  }

  async sample(request: SampleRequest): Promise<Int32Array> {
    return this.#with(async (device) => {
      await this.#bringTheta(device);
      return device.call("sample", request);
    });
  }

  thetaChanged(): void {
    this.#current.delete("theta");
  }

  momentsChanged(): void {
    this.#current.delete("moments");
    this.#ahead = false;
    this.#settled = this.step;
  }

  async bringMoments(): Promise<void> {
    if (!this.#ahead) return;
    const { offsets, total } = this.#state.layout;
    const moments = { first: new Float32Array(total), second: new Float32Array(total) };
    await this.#with(async (device) => {
      for (const moment of ["first", "second"] as const)
        await this.#take(device, moment, (tensor, values) =>
          moments[moment].set(values, offsets[tensor]),
        );
    });
    // Both or none: a device may be lost between them.
    this.#state.writeMoment("first", moments.first);
    this.#state.writeMoment("second", moments.second);
    this.#ahead = false;
    this.#settled = this.step;
  }

  async close(): Promise<void> {
    await this.#device?.close(CLOSE_MS);
    this.#device = undefined;
  }

  /** @throws KernelError device-lost if the device failed meanwhile, device-refused if it did so too often */
  async #with<T>(call: (device: Device) => Promise<T>): Promise<T> {
    if (this.#lost >= MOST_LOST) throw this.#refusal("it was lost again and again");
    try {
      const result = await call(await this.#opened());
      this.#lost = 0;
      return result;
    } catch (error) {
      if (error instanceof KernelError && NOT_THE_DEVICE.has(error.code)) throw error;
      throw await this.#afterLoss(error);
    }
  }

  async #opened(): Promise<Device> {
    if (this.#device !== undefined) return this.#device;
    const device = new Channel<DeviceCalls>(this.#start());
    this.#device = device;
    await device.call("open", this.#options);
    return device;
  }

  async #afterLoss(cause: unknown): Promise<KernelError> {
    await this.#device?.kill();
    this.#device = undefined;
    this.#current.clear();
    this.#ahead = false;
    this.step = this.#settled;
    this.#lost += 1;
    const reason = reasonOf(cause);
    if (this.#lost >= MOST_LOST) return this.#refusal(reason, cause);
    const { device } = this.#options;
    return new KernelError("device-lost", `${device} was lost: ${reason}`, {
      cause,
      details: { device, reason },
    });
  }

  #refusal(reason: string, cause?: unknown): KernelError {
    const { device } = this.#options;
    const message = `${device} failed ${MOST_LOST} times in a row: ${reason}`;
    return new KernelError("device-refused", message, { cause, details: { device, reason } });
  }

  /** @param moved where theta is not itself just now */
  async #bringTheta(device: Device, moved?: SparseUpdate): Promise<void> {
    if (this.#current.has("theta")) return;
    await this.#put(device, "theta", (tensor) => this.#state.tensor("theta", tensor));
    // What a trial moved goes up with it, so it is not theta that the device has then.
    if (moved === undefined) this.#current.add("theta");
  }

  async #sendMoments(device: Device): Promise<void> {
    if (this.#current.has("moments")) return;
    const { offsets, lengths } = this.#state.layout;
    for (const moment of ["first", "second"] as const) {
      const whole = this.#state.readMoment(moment);
      await this.#put(device, moment, (tensor) =>
        whole.subarray(offsets[tensor], offsets[tensor]! + lengths[tensor]!),
      );
    }
    this.#current.add("moments");
  }

  async #takeWorking(device: Device): Promise<void> {
    await this.#take(device, "working", (tensor, values) =>
      this.#state.writeTensor("working", tensor, values),
    );
  }

  async #put(
    device: Device,
    vector: DeviceVector,
    tensorOf: (tensor: number) => Float32Array,
  ): Promise<void> {
    for (const [group, one] of this.#groups.entries())
      await device.call("put", { vector, group, values: packed(one, tensorOf) });
  }

  async #take(
    device: Device,
    vector: DeviceVector,
    use: (tensor: number, values: Float32Array) => void,
  ): Promise<void> {
    const { lengths } = this.#state.layout;
    for (const [group, { tensors, starts }] of this.#groups.entries()) {
      const values = await device.call("take", { vector, group });
      for (const [i, tensor] of tensors.entries())
        use(tensor, values.subarray(starts[i], starts[i]! + lengths[tensor]!));
    }
  }

  /** Theta's numbers at the coordinates of an update, as they are now. */
  #changesOf({ tensors, starts }: Group, update: SparseUpdate): GroupChanges {
    const counts = tensors.map((tensor) => update[tensor]!.indices.length);
    const count = counts.reduce((sum, one) => sum + one, 0);
    // One number at least, theta's own if the update has none: no run of a graph takes nothing.
    const indices = new Int32Array(Math.max(1, count));
    const values = new Float32Array(indices.length);
    values[0] = this.#state.tensor("theta", tensors[0]!)[0]!;
    let at = 0;
    for (const [i, tensor] of tensors.entries()) {
      const theta = this.#state.tensor("theta", tensor);
      for (const index of update[tensor]!.indices) {
        indices[at] = starts[i]! + index;
        values[at] = theta[index]!;
        at += 1;
      }
    }
    return { indices, values };
  }
}
