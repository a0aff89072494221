/**
 * @file Imported before a command: puts a faulty GPU where onnxruntime's "webgpu" is. It computes on the CPU and then fails as
 * ASSAY_TEST_DEVICE says: `wrong` bends one number of each result, `crash` ends the process as a broken driver does, `none` is no fault.
 */
import { InferenceSession } from "onnxruntime-node";

const fault = process.env["ASSAY_TEST_DEVICE"];
const create = InferenceSession.create.bind(InferenceSession);
type Results = Awaited<ReturnType<InferenceSession["run"]>>;

function bend(outputs: Results): void {
  for (const tensor of Object.values(outputs))
    if (tensor.data instanceof Float32Array) tensor.data[0] = (tensor.data[0] ?? 0) * 1.01 + 0.01;
}

async function faulty(
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  if (options.executionProviders?.[0] !== "webgpu") return create(model, options);
  if (fault === "crash") process.abort();
  const { preferredOutputLocation: _, ...rest } = options;
  const session = await create(model, { ...rest, executionProviders: ["cpu"] });
  const run = session.run.bind(session);
  const running = async (...args: [Results, Results | undefined]): Promise<Results> => {
    const result = await run(...args);
    // Where a result was asked for in an array of the caller's, that array counts.
    if (fault === "wrong") for (const outputs of [result, args[1] ?? {}]) bend(outputs);
    return result;
  };
  return Object.assign(session, { run: running });
}

Object.assign(InferenceSession, { create: faulty });
