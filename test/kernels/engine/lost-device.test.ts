/** @file A whole engine on a "GPU" (the CPU behind that name) whose process is killed in mid-window, as a miner would live through it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { TrainRequest } from "../../../kernels/engine/calls.ts";
import { type Engine, startEngine } from "../../../kernels/engine/engine.ts";
import { missingProvider } from "../../../kernels/engine/session.ts";
import { KernelError } from "../../../kernels/errors.ts";
import { initialParameters } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { must, TINY_MODELS, tokenIds } from "../support.ts";

const MODEL = must(TINY_MODELS.get("llama"));
const BATCH = 4;
const skip =
  missingProvider("webgpu") ?? (process.platform === "linux" ? false : "needs ps of Linux");

/** Processes on the device that this one started. */
function devicePids(): number[] {
  const args = ["-o", "pid=,args=", "--ppid", String(process.pid)];
  const lines = execFileSync("ps", args, { encoding: "utf8" }).split("\n");
  return lines
    .filter((line) => line.includes("device-process"))
    .map((line) => Number.parseInt(line, 10));
}

const window = (steps: number, seed: number): TrainRequest => {
  const count = steps * BATCH * (MODEL.context + 1);
  const learningRates = new Float32Array(steps).fill(0.003);
  return { tokens: Int32Array.from(tokenIds(count, MODEL.vocabulary, seed).data), learningRates };
};

test(
  "a miner's engine outlives its GPU: one window is gone, the rest is as if it had not been",
  { skip },
  async (t) => {
    // Read by the processes that the engine starts; its own thread needs no device.
    process.env["NODE_OPTIONS"] =
      `--import=${new URL("../../support/faulty-device.ts", import.meta.url).href}`;
    process.env["ASSAY_TEST_DEVICE"] = "none";
    const start = async (): Promise<Engine> => {
      const options = {
        model: MODEL,
        batch: BATCH,
        evaluationBatch: 2,
        innerOptimizer: ADAMW_DEFAULTS,
      };
      const engine = await startEngine({ ...options, device: "webgpu" });
      t.after(async () => engine.close());
      await engine.setParameters(initialParameters(MODEL, 1));
      return engine;
    };
    /** A window as a miner lives it: inner steps, an update, the outer step, and what it keeps of its own. */
    const live = async (engine: Engine, seed: number): Promise<void> => {
      await engine.train(window(3, seed));
      const { update } = await engine.compress({ k: 8, chunk: 64, beta: 0.9 });
      await engine.outerStep({ updates: [update], alpha: 0.7, mean: "choosers" });
      await engine.momentState();
    };
    const lucky = await start();
    await live(lucky, 1);
    await live(lucky, 3);

    const before = devicePids();
    const unlucky = await start();
    assert.deepEqual(unlucky.device, { chosen: "webgpu", refused: [] });
    await live(unlucky, 1);
    const [pid, ...others] = devicePids().filter((one) => !before.includes(one));
    assert.equal(others.length, 0);
    const lost = assert.rejects(
      unlucky.train(window(2000, 2)),
      (error) =>
        error instanceof KernelError &&
        error.code === "device-lost" &&
        /SIGKILL/.test(error.message),
    );
    await sleep(300);
    process.kill(must(pid), "SIGKILL");
    await lost;
    await live(unlucky, 3);
    assert.deepEqual(await unlucky.tensorDigests(), await lucky.tensorDigests());
    assert.deepEqual(await unlucky.momentState(), await lucky.momentState());
    await Promise.all([unlucky.close(), lucky.close()]);
    assert.deepEqual(devicePids(), []);
  },
);
