/**
 * @file Imported before a command: bends what its engine evaluates, as ASSAY_TEST_LOSSES says. `lie` makes losses a little lower where
 * an update is tried; `slow` lets every evaluation after the first few take ten seconds, and says so.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { InferenceSession } from "onnxruntime-node";

const how = process.env["ASSAY_TEST_LOSSES"];
const create = InferenceSession.create.bind(InferenceSession);
type Fetches = Parameters<InferenceSession["run"]>[1];

/** Runs that are left alone: the worker measures its own speed first. */
const QUICK_RUNS = 16;
const SLOW_MS = 10_000;
let runs = 0;

function lower(outputs: Fetches): void {
  for (const tensor of Object.values(outputs))
    if (tensor !== null && typeof tensor === "object" && tensor.data instanceof Float32Array)
      for (const [at, value] of tensor.data.entries()) tensor.data[at] = value * 0.999;
}

async function bent(
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const session = await create(model, options);
  const run = session.run.bind(session);
  const running = async (
    inputs: Parameters<typeof run>[0],
    outputs: Fetches,
  ): ReturnType<typeof run> => {
    const result = await run(inputs, outputs);
    runs += 1;
    if (how === "lie" && runs % 2 === 0) lower(outputs);
    if (how === "slow" && runs > QUICK_RUNS) {
      process.stderr.write("measuring slowly\n");
      await sleep(SLOW_MS);
    }
    return result;
  };
  return Object.assign(session, { run: running });
}

Object.assign(InferenceSession, { create: bent });
