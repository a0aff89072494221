/** @file State on a device: the CPU in the place of a GPU, in a process of its own that computes, is killed, and is started anew. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { EngineOptions, TrainRequest } from "../../../kernels/engine/calls.ts";
import { EngineCore } from "../../../kernels/engine/core.ts";
import { chooseDevice } from "../../../kernels/engine/devices.ts";
import { DeviceCompute } from "../../../kernels/engine/device-compute.ts";
import { serveDevice } from "../../../kernels/engine/device-server.ts";
import { HostCompute } from "../../../kernels/engine/host-compute.ts";
import { localPeer, type Peer, processPeer } from "../../../kernels/engine/peer.ts";
import { FlatState } from "../../../kernels/engine/state.ts";
import { KernelError } from "../../../kernels/errors.ts";
import type { SparseUpdate } from "../../../kernels/exact/sparse.ts";
import { initialParameters, type Layout, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { must, relativeL2, TINY_MODELS, tokenIds } from "../support.ts";

const MODEL = must(TINY_MODELS.get("llama with grouped queries"));
const LENGTH = MODEL.context + 1;
const OPTIONS: EngineOptions = {
  model: MODEL,
  batch: 4,
  evaluationBatch: 3,
  device: "webgpu",
  innerOptimizer: ADAMW_DEFAULTS,
};

const coded = (code: string, reason: RegExp) => (error: unknown) =>
  error instanceof KernelError && error.code === code && reason.test(error.message);

const sequences = (count: number, seed: number): Int32Array =>
  Int32Array.from(tokenIds(count * LENGTH, MODEL.vocabulary, seed).data);

const window = (steps: number, seed: number, rate = 0.003): TrainRequest => ({
  tokens: sequences(steps * OPTIONS.batch, seed),
  learningRates: new Float32Array(steps).fill(rate),
});

/** Every third parameter of each tensor. */
const updateOf = (layout: Layout): SparseUpdate =>
  layout.lengths.map((length) => {
    const indices = Uint32Array.from({ length: Math.ceil(length / 3) }, (_, i) => 3 * i);
    return { indices, values: Float32Array.from(indices, (i) => 0.01 + i / length / 100) };
  });

function stateOf(options: EngineOptions): FlatState {
  const state = new FlatState(layoutOf(specsOf(options.model)), options);
  state.write("theta", initialParameters(options.model, 1));
  return state;
}

const inProcess = (): Peer =>
  processPeer(new URL("../../../kernels/engine/device-process.ts", import.meta.url));

/** A device's compute, in this thread or in processes that the test can end. */
function onDevice(t: TestContext, options = OPTIONS, startPeer = () => localPeer(serveDevice)) {
  const state = stateOf(options);
  const peers: Peer[] = [];
  const start = (): Peer => {
    const peer = startPeer();
    peers.push(peer);
    return peer;
  };
  const compute = new DeviceCompute(options, "cpu", { state, start });
  t.after(async () => compute.close());
  const train = async (request: TrainRequest): Promise<Float32Array> => {
    state.beginTraining();
    return compute.train(request);
  };
  return { state, compute, peers, train };
}

for (const [name, model] of TINY_MODELS)
  for (const microBatch of [4, 2])
    test(`${name}, ${microBatch} of 4 sequences at once: ten steps in one run are those of the host`, async (t) => {
      const options = { ...OPTIONS, model, microBatch };
      const device = onDevice(t, options);
      const state = stateOf(options);
      const host = new HostCompute(options, state);
      t.after(async () => host.close());
      state.beginTraining();
      const request = window(10, 3);
      const expected = await host.train(request);
      const losses = await device.train(request);
      assert.ok(relativeL2(losses, expected) < 1e-6, `${relativeL2(losses, expected)}`);
      await device.compute.bringMoments();
      assert.equal(device.compute.step, 10);
      for (const moment of ["first", "second"] as const) {
        const distance = relativeL2(device.state.readMoment(moment), state.readMoment(moment));
        assert.ok(distance < 1e-5, `${moment}: ${distance}`);
      }
      const start = initialParameters(model, 1);
      const moved = (of: FlatState): Float32Array =>
        of.read("working").map((x, i) => x - must(start[i]));
      const distance = relativeL2(moved(device.state), moved(state));
      assert.ok(distance < 2e-5, `${distance}`);
    });

test("losses at theta, at a trial of it, and at theta again; samples", async (t) => {
  const { state, compute } = onDevice(t);
  const host = new HostCompute(OPTIONS, state);
  t.after(async () => host.close());
  const tokens = sequences(5, 7);
  const both = async (moved?: SparseUpdate | "anywhere"): Promise<Float64Array> => {
    const expected = await host.losses(tokens);
    const actual = await compute.losses(tokens, moved);
    assert.ok(relativeL2(actual, expected) < 1e-6, `${relativeL2(actual, expected)}`);
    return actual;
  };
  const base = await both();
  const update = updateOf(state.layout);
  for (const moved of [update, "anywhere"] as const) {
    const takeBack = state.trial(update, 1);
    const trial = await both(moved);
    takeBack();
    assert.ok(relativeL2(trial, base) > 1e-3);
    assert.deepEqual(await both(), base);
  }
  const none = update.map(() => ({ indices: new Uint32Array(), values: new Float32Array() }));
  assert.deepEqual(await compute.losses(tokens, none), base);
  const prompt = { prompt: Int32Array.of(1, 2), count: 6, temperature: 0, seed: 1 };
  assert.deepEqual(await compute.sample(prompt), await host.sample(prompt));
});

test("a trial before theta was ever there does not become theta", async (t) => {
  const { state, compute } = onDevice(t);
  const tokens = sequences(2, 7);
  const update = updateOf(state.layout);
  const takeBack = state.trial(update, 1);
  const trial = await compute.losses(tokens, update);
  takeBack();
  assert.ok(relativeL2(await compute.losses(tokens), trial) > 1e-3);
});

test("a process that is killed in mid-window costs that window: the next is what it would have been", async (t) => {
  const [first, second] = [window(3, 3), window(3, 4)];
  const lucky = onDevice(t, OPTIONS, inProcess);
  await lucky.train(first);
  await lucky.train(second);
  await lucky.compute.bringMoments();

  const { state, compute, peers, train } = onDevice(t, OPTIONS, inProcess);
  await train(first);
  await compute.bringMoments();
  const theta = state.read("theta");
  // More steps than any machine takes in that time.
  const lost = train(window(20_000, 5));
  setTimeout(() => must(peers[0]).kill(), 300);
  await assert.rejects(
    lost,
    coded("device-lost", /cpu was lost: the process was killed by SIGKILL/),
  );
  assert.equal(compute.step, 3);
  assert.deepEqual(state.read("theta"), theta);
  await train(second);
  assert.equal(peers.length, 2);
  await compute.bringMoments();
  assert.equal(compute.step, 6);
  assert.deepEqual(state.read("working"), lucky.state.read("working"));
  for (const moment of ["first", "second"] as const)
    assert.deepEqual(state.readMoment(moment), lucky.state.readMoment(moment));
});

test("moments that were not read before a loss are those that were read last", async (t) => {
  const { state, compute, peers, train } = onDevice(t, OPTIONS, inProcess);
  await train(window(2, 3));
  await compute.bringMoments();
  const read = state.readMoment("first");
  await train(window(2, 4));
  assert.equal(compute.step, 4);
  must(peers[0]).kill();
  await assert.rejects(compute.bringMoments(), coded("device-lost", /SIGKILL/));
  assert.equal(compute.step, 2);
  assert.deepEqual(state.readMoment("first"), read);
});

test("a gradient that is not finite takes nothing with it, and the process stays", async (t) => {
  const { compute, peers, train, state } = onDevice(t, OPTIONS, inProcess);
  await train(window(2, 3));
  await compute.bringMoments();
  const [step, read] = [compute.step, state.readMoment("second")];
  await assert.rejects(train(window(3, 4, 1e30)), coded("not-finite", /the loss of step [45] is/));
  await compute.bringMoments();
  assert.deepEqual([compute.step, state.readMoment("second")], [step, read]);
  await train(window(2, 4));
  assert.equal(peers.length, 1);
});

const crashing = (): Peer =>
  processPeer(new URL("../fixtures/crashing-device.ts", import.meta.url));

test("a device asked for by name that fails twice in a row is refused", async (t) => {
  const core = await EngineCore.open(OPTIONS, "webgpu", crashing);
  t.after(async () => core.close());
  await core.setParameters(initialParameters(MODEL, 1));
  await assert.rejects(core.train(window(1, 1)), coded("device-lost", /ended with code 9/));
  const refused = coded(
    "device-refused",
    /webgpu failed 2 times in a row: .* code 9 .*Use the CPU/,
  );
  await assert.rejects(core.train(window(1, 1)), refused);
  await assert.rejects(core.losses({ tokens: sequences(1, 1) }), coded("device-refused", /again/));
});

test("under auto the CPU goes on with what the host has; losses are not even late", async (t) => {
  const options = { ...OPTIONS, device: "auto" } as const;
  const [core, cpu, training] = await Promise.all([
    EngineCore.open(options, "webgpu", crashing),
    EngineCore.open(options, "cpu"),
    EngineCore.open(options, "webgpu", crashing),
  ]);
  t.after(async () => Promise.all([core.close(), cpu.close(), training.close()]));
  for (const one of [core, cpu, training]) await one.setParameters(initialParameters(MODEL, 1));
  const tokens = sequences(2, 1);
  const expected = await cpu.losses({ tokens });
  assert.deepEqual(await core.losses({ tokens }), expected);
  const request = window(2, 1);
  await assert.rejects(training.train(request), coded("device-lost", /code 9/));
  await assert.rejects(training.train(request), coded("device-lost", /the CPU goes on/));
  assert.deepEqual(await training.train(request), await cpu.train(request));
});

const examine = async (): Promise<never> => assert.fail("nothing to examine");

test("muon is refused, by the choice and by the device itself", async () => {
  const muon = { ...OPTIONS, innerOptimizer: { ...ADAMW_DEFAULTS, kind: "muon" } } as const;
  await assert.rejects(
    EngineCore.open(muon, "webgpu"),
    coded("bad-config", /muon runs on the CPU/),
  );
  await assert.rejects(
    chooseDevice({ ...muon, device: "cuda" }, examine),
    coded("device-refused", /cuda: muon runs on the CPU only/),
  );
  const { chosen } = await chooseDevice({ ...muon, device: "auto" }, examine);
  assert.equal(chosen, "cpu");
});
