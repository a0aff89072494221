/** @file Vectors where a device's sessions read them: in WebGPU's memory; for other providers, which have no tensors on a device, on the host. */
import { DEVICE_NAMES } from "../nn/device-emission.ts";
import { copyProgram } from "../nn/device-programs.ts";
import type { DeviceName } from "./calls.ts";
import { type Bound, floats, numbersOf, Session, type Tensor } from "./session.ts";

const [BEFORE, AFTER] = [DEVICE_NAMES.group("parameters", 0), DEVICE_NAMES.next("parameters", 0)];

/** Sessions that copy a vector of one length to the device and back. */
type Copiers = { readonly up: Session; readonly down: Session };

/** Whether tensors of this device stay on it between runs. */
export const keepsTensors = (device: DeviceName): boolean => device === "webgpu";

/** Moves vectors between host and device. */
export class DeviceMemory {
  readonly #device: DeviceName;
  readonly #copiers = new Map<number, Copiers>();

  constructor(device: DeviceName) {
    this.#device = device;
  }

  /** @throws KernelError device-refused where there is no room */
  async up(values: Float32Array): Promise<Tensor> {
    const tensor = floats(values, [values.length]);
    if (!keepsTensors(this.#device)) return tensor;
    const { up } = await this.#copiersOf(values.length);
    return (await up.compute([{ [BEFORE]: tensor }]))[AFTER]!;
  }

  /** A copy on the host; getData() of such a tensor would end the process (onnxruntime-node 1.30). */
  async down(tensor: Tensor): Promise<Float32Array> {
    if (tensor.location !== "gpu-buffer") return numbersOf(tensor);
    const { down } = await this.#copiersOf(tensor.size);
    return numbersOf((await down.compute([{ [BEFORE]: tensor }]))[AFTER]!);
  }

  /** Gives back what lies on the device. */
  free(tensors: Iterable<Tensor>): void {
    for (const tensor of tensors) if (tensor.location === "gpu-buffer") tensor.dispose();
  }

  async close(): Promise<void> {
    for (const { up, down } of this.#copiers.values()) {
      await up.close();
      await down.close();
    }
  }

  async #copiersOf(length: number): Promise<Copiers> {
    const known = this.#copiers.get(length);
    if (known) return known;
    const program = copyProgram([{ length }]);
    const copiers = {
      up: await Session.open(program, this.#device, 1, [AFTER]),
      down: await Session.open(program, this.#device, 1),
    };
    this.#copiers.set(length, copiers);
    return copiers;
  }
}

/** Groups of a vector as the inputs of a graph. */
export function inputsOf(tensors: readonly Tensor[], name: (group: number) => string): Bound {
  return Object.fromEntries(tensors.map((tensor, group) => [name(group), tensor]));
}
