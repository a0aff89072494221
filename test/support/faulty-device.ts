/**
 * @file Imported before a command: puts a faulty GPU where onnxruntime's "webgpu" is. It computes on the CPU and then fails as
 * ASSAY_TEST_DEVICE says: `wrong` bends one number of each result, `crash` ends the process as a broken driver does.
 */
import { InferenceSession } from "onnxruntime-node";

const fault = process.env["ASSAY_TEST_DEVICE"];
const create = InferenceSession.create.bind(InferenceSession);
type Fetches = Parameters<InferenceSession["run"]>[1];

function bend(outputs: Fetches): void {
  for (const tensor of Object.values(outputs))
    if (tensor !== null && typeof tensor === "object" && tensor.data instanceof Float32Array)
      tensor.data[0] = (tensor.data[0] ?? 0) * 1.01 + 0.01;
}

async function faulty(
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  if (options.executionProviders?.[0] !== "webgpu") return create(model, options);
  if (fault === "crash") process.abort();
  const session = await create(model, { ...options, executionProviders: ["cpu"] });
  const run = session.run.bind(session);
  const running = async (
    inputs: Parameters<typeof run>[0],
    outputs: Fetches,
  ): ReturnType<typeof run> => {
    const result = await run(inputs, outputs);
    bend(outputs);
    return result;
  };
  return Object.assign(session, { run: running });
}

Object.assign(InferenceSession, { create: faulty });
