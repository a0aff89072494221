/** @file The inside of a device's process: copies of the state on the device, and the sessions that compute over them. */
import { KernelError } from "../errors.ts";
import { DEVICE_NAMES } from "../nn/device-emission.ts";
import { deviceEvaluation, deviceSampling, patchProgram } from "../nn/device-programs.ts";
import { type Group, groupsOf } from "../nn/groups.ts";
import { layoutOf, specsOf } from "../nn/model.ts";
import { NAMES } from "../nn/programs.ts";
import type { SampleRequest, TrainRequest } from "./calls.ts";
import type {
  DeviceCalls,
  DeviceLosses,
  DeviceOptions,
  DeviceTrained,
  DeviceVector,
  GroupChanges,
  GroupValues,
} from "./device-calls.ts";
import { DeviceMemory, inputsOf, keepsTensors } from "./device-memory.ts";
import { type DeviceTrainer, deviceTrainer } from "./device-trainer.ts";
import { Sampler } from "./sampling.ts";
import { feed, type Rows, rowsOf, sequenceMeans } from "./sequences.ts";
import { type Bound, floats, integers, Session, type Tensor, wideIntegers } from "./session.ts";

/** The evaluation's session and arrays. */
type Evaluator = {
  readonly session: Session;
  readonly rows: Rows;
  readonly losses: Float32Array;
};

/** Replaces numbers of theta, up to as many a group as the graph was built for. */
type Patcher = { readonly session: Session; readonly counts: readonly number[] };

const powerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(least));

/** The names that the groups of the parameters have in a graph. */
const parametersOf = (tensors: readonly Tensor[]): Bound =>
  inputsOf(tensors, (group) => DEVICE_NAMES.group("parameters", group));

/** All that one device holds. Calls must not overlap. */
export class DeviceCore implements Omit<DeviceCalls, "open"> {
  readonly #options: DeviceOptions;
  readonly #groups: readonly Group[];
  readonly #memory: DeviceMemory;
  readonly #vectors = new Map<DeviceVector, Tensor[]>();
  readonly #trainer: DeviceTrainer;
  #evaluator: Evaluator | undefined;
  #patcher: Patcher | undefined;
  #sampler: Sampler | undefined;

  constructor(options: DeviceOptions) {
    const { model, batch, sizes, innerOptimizer, device } = options;
    this.#options = options;
    this.#groups = groupsOf(layoutOf(specsOf(model)));
    this.#memory = new DeviceMemory(device);
    const { train: microBatch, recompute } = sizes;
    const groups = this.#groups;
    const parts = batch / microBatch;
    const training = { ...innerOptimizer, model, groups, microBatch, parts, recompute };
    this.#trainer = deviceTrainer(options, training, this.#memory);
  }

  async put({ vector, group, values }: GroupValues): Promise<void> {
    const known = this.#vectors.get(vector) ?? [];
    const before = known[group];
    if (before) this.#memory.free([before]);
    known[group] = await this.#memory.up(values);
    this.#vectors.set(vector, known);
  }

  async take({ vector, group }: Omit<GroupValues, "values">): Promise<Float32Array> {
    // A copy: what is handed out may be moved to where it is asked for.
    return (await this.#memory.down(this.#tensors(vector)[group]!)).slice();
  }

  async train(steps: TrainRequest & { readonly step: number }): Promise<DeviceTrained> {
    this.#free("working");
    const theta = this.#tensors("theta");
    const start = {
      parameters: theta,
      first: this.#tensors("first"),
      second: this.#tensors("second"),
    };
    const { state, ...trained } = await this.#trainer.train(start, steps);
    this.#vectors.set("first", [...state.first]).set("second", [...state.second]);
    if (state.parameters !== theta) this.#vectors.set("working", [...state.parameters]);
    return trained;
  }

  async losses({ tokens, at, changes }: DeviceLosses): Promise<Float64Array> {
    const tensors = this.#tensors(at);
    const patched = changes && (await this.#patched(tensors, changes));
    try {
      return await this.#means(tokens, parametersOf(patched ?? tensors));
    } finally {
      this.#memory.free(patched ?? []);
    }
  }

  async sample(request: SampleRequest): Promise<Int32Array> {
    const { model, device, threads } = this.#options;
    const program = (): ReturnType<typeof deviceSampling> =>
      deviceSampling({ model, groups: this.#groups });
    this.#sampler ??= new Sampler(model, await Session.open(program(), device, threads));
    return this.#sampler.sample(request, parametersOf(this.#tensors("theta")));
  }

  /** Frees sessions and vectors. */
  async close(): Promise<void> {
    for (const vector of this.#vectors.keys()) this.#free(vector);
    await this.#trainer.close();
    await this.#evaluator?.session.close();
    await this.#patcher?.session.close();
    await this.#sampler?.close();
    await this.#memory.close();
  }

  #tensors(vector: DeviceVector): Tensor[] {
    const tensors = this.#vectors.get(vector) ?? [];
    if (tensors.filter(Boolean).length === this.#groups.length) return tensors;
    throw new KernelError("bad-argument", `the device has no ${vector}, or not all of it`);
  }

  #free(vector: DeviceVector): void {
    this.#memory.free(this.#vectors.get(vector) ?? []);
    this.#vectors.delete(vector);
  }

  async #means(tokens: Int32Array, parameters: Bound): Promise<Float64Array> {
    const { model, sizes } = this.#options;
    this.#evaluator ??= await this.#openEvaluator();
    const { session, rows, losses } = this.#evaluator;
    const inputs = {
      [NAMES.ids]: integers(rows.ids),
      [NAMES.targets]: integers(rows.targets),
    };
    const outputs = { [NAMES.losses]: floats(losses, [losses.length]) };
    const counts = { context: model.context, batch: sizes.evaluate, losses };
    return sequenceMeans(tokens, counts, async (some) => {
      feed(rows, some, model.context);
      await session.run([parameters, inputs], outputs);
    });
  }

  async #openEvaluator(): Promise<Evaluator> {
    const { model, sizes, device, threads } = this.#options;
    const program = deviceEvaluation({ model, groups: this.#groups }, sizes.evaluate);
    const rows = rowsOf(sizes.evaluate, model.context);
    const session = await Session.open(program, device, threads);
    return { session, rows, losses: new Float32Array(rows.ids.length) };
  }

  /** The groups with some numbers replaced, on the device; the caller frees them. */
  async #patched(tensors: readonly Tensor[], changes: readonly GroupChanges[]): Promise<Tensor[]> {
    const { session, counts } = await this.#patcherFor(changes);
    const inputs = changes.map(({ indices, values }, group): Bound => {
      const count = counts[group]!;
      // Places that stay free repeat the first number: the same value at the same index, in whatever order.
      const places = new BigInt64Array(count).fill(BigInt(indices[0]!));
      const numbers = new Float32Array(count).fill(values[0]!);
      for (let i = 0; i < indices.length; i++) places[i] = BigInt(indices[i]!);
      numbers.set(values);
      return {
        [DEVICE_NAMES.indices(group)]: wideIntegers(places, [count, 1]),
        [DEVICE_NAMES.values(group)]: floats(numbers, [count]),
      };
    });
    const outputs = await session.compute([parametersOf(tensors), ...inputs]);
    return this.#groups.map((_, group) => outputs[DEVICE_NAMES.next("parameters", group)]!);
  }

  async #patcherFor(changes: readonly GroupChanges[]): Promise<Patcher> {
    const known = this.#patcher;
    if (known && changes.every(({ indices }, i) => indices.length <= known.counts[i]!))
      return known;
    await known?.session.close();
    const { device, threads } = this.#options;
    const counts = changes.map(({ indices }) => powerOfTwo(indices.length));
    const names = this.#groups.map((_, group) => DEVICE_NAMES.next("parameters", group));
    const program = patchProgram(this.#groups, counts);
    const resident = keepsTensors(device) ? names : [];
    const session = await Session.open(program, device, threads, resident);
    this.#patcher = { session, counts };
    return this.#patcher;
  }
}
