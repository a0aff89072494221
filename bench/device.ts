/**
 * @file What each device is good for on this machine, one JSON line each: `node bench/device.ts [nano|small|medium] [threads]`.
 * Whether `auto` takes or refuses it and why, its gradients' distance from the CPU's, and training against the CPU in the same run.
 * Every device trains in a process of its own, so a driver that crashes costs its line only.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { examineApart } from "../kernels/engine/apart.ts";
import type { DeviceName } from "../kernels/engine/calls.ts";
import { chooseDevice } from "../kernels/engine/devices.ts";
import { startEngine } from "../kernels/engine/engine.ts";
import type { Examination } from "../kernels/engine/examination.ts";
import { initialParameters, type ModelConfig } from "../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../kernels/optim/adamw.ts";
import { uint32Stream } from "../kernels/random.ts";

type Training = {
  readonly losses: readonly number[];
  readonly startMs: number;
  readonly tokensPerSecond: number;
};

/** A process's answer: what it printed, or how it ended. */
type Outcome = { readonly training: Training } | { readonly reason: string };

const sized = (sizes: readonly [number, number, number, number, number]): ModelConfig => {
  const [layers, heads, width, hidden, context] = sizes;
  const constants = { architecture: "llama", ropeBase: 10000, normEpsilon: 1e-5 } as const;
  return {
    ...constants,
    layers,
    heads,
    keyValueHeads: heads,
    width,
    hidden,
    context,
    vocabulary: 256,
  };
};

/** The sizes of bench/train-step.ts. */
const SIZES = new Map([
  ["nano", { model: sized([2, 4, 64, 176, 64]), batch: 12 }],
  ["small", { model: sized([4, 4, 128, 344, 64]), batch: 12 }],
  ["medium", { model: sized([6, 6, 384, 1024, 256]), batch: 4 }],
]);
const DEVICES: readonly DeviceName[] = ["cpu", "cuda", "webgpu"];
const STEPS = 5;
const CALLS = 4;
const LIMIT_MS = 150_000;

const [size = "nano", threadsText = "1", only] = process.argv.slice(2);
const threads = Number(threadsText);
const chosenSize = SIZES.get(size);
if (!chosenSize) throw new Error(`no size ${size}; choose one of ${[...SIZES.keys()].join(", ")}`);
const { model, batch } = chosenSize;

const round = (x: number, digits = 2): number => Number(x.toFixed(digits));
const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Losses of the first steps, and the speed of the best call after it. */
async function train(device: DeviceName): Promise<Training> {
  const began = performance.now();
  const options = { model, batch, evaluationBatch: 1, threads, device };
  const engine = await startEngine({ ...options, innerOptimizer: ADAMW_DEFAULTS });
  const startMs = performance.now() - began;
  await engine.setParameters(initialParameters(model, 1));
  const draw = uint32Stream(1);
  const length = STEPS * batch * (model.context + 1);
  const tokens = Int32Array.from({ length }, () => draw() % model.vocabulary);
  const request = { tokens, learningRates: new Float32Array(STEPS).fill(1e-3) };
  const { losses } = await engine.train(request);
  let bestMs = Infinity;
  for (let i = 0; i < CALLS; i++) {
    const start = performance.now();
    await engine.train(request);
    bestMs = Math.min(bestMs, performance.now() - start);
  }
  await engine.close();
  const tokensPerSecond = (STEPS * batch * model.context * 1000) / bestMs;
  return { losses: [...losses], startMs, tokensPerSecond };
}

async function trainApart(device: DeviceName): Promise<Outcome> {
  const script = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [script, size, threadsText, device], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let [printed, complaint] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
  child.stderr.on("data", (text: Buffer) => (complaint += text.toString()));
  await once(child, "close");
  if (child.exitCode === 0) {
    const training: Training = JSON.parse(printed);
    return { training };
  }
  const how = child.signalCode ?? `code ${child.exitCode}`;
  const message = /Error: .*/.exec(complaint)?.[0] ?? complaint.trim().split("\n").at(-1) ?? "";
  return { reason: `training ended with ${how}: ${message}` };
}

/** The part of a line that compares training with the CPU's. */
function compared(outcome: Outcome, cpu: Outcome): object {
  if (!("training" in outcome)) return { training: outcome.reason };
  const { losses, startMs, tokensPerSecond } = outcome.training;
  const result = { startMs: round(startMs, 0), tokensPerSecond: round(tokensPerSecond, 0) };
  if (!("training" in cpu)) return result;
  const distances = losses.map((loss, i) => {
    const expected = cpu.training.losses[i] ?? Number.NaN;
    return Math.abs(loss - expected) / expected;
  });
  return {
    ...result,
    ratioToCpu: round(tokensPerSecond / cpu.training.tokensPerSecond, 3),
    worstLossDistance: Math.max(...distances),
  };
}

/** The self-test of a device that is no CPU, or undefined if it cannot even be asked. */
async function examined(device: DeviceName): Promise<Partial<Examination> | undefined> {
  if (device === "cpu") return {};
  try {
    const found = await examineApart({ device, model, threads });
    return { ...found, stepMs: round(found.stepMs), cpuStepMs: round(found.cpuStepMs) };
  } catch {
    // The reason is in what `auto` refused.
    return undefined;
  }
}

async function compareAll(): Promise<void> {
  const auto = await chooseDevice({ model, threads, device: "auto" });
  const cpu = await trainApart("cpu");
  for (const device of DEVICES) {
    const reason = auto.refused.find((entry) => entry.device === device)?.reason;
    const verdict =
      auto.chosen === device ? "chosen" : reason === undefined ? "not needed" : "refused";
    const head = { bench: "device", size, threads, device, verdict, reason };
    const selfTest = await examined(device);
    if (selfTest === undefined) {
      print(head);
      continue;
    }
    const outcome = device === "cpu" ? cpu : await trainApart(device);
    print({ ...head, ...selfTest, ...compared(outcome, cpu) });
  }
}

if (only === undefined) await compareAll();
else {
  const device = DEVICES.find((name) => name === only);
  if (device === undefined)
    throw new Error(`no device ${only}; choose one of ${DEVICES.join(", ")}`);
  print(await train(device));
}
