/** @file Puts onnxruntime's profiler, and a count of the bytes that cross the bus, around every session that is made from then on. */
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** Bytes of the tensors of one run that lay on the host. */
type Crossing = { readonly up: number; readonly down: number };

const hostBytes = (tensors: object): number => {
  let bytes = 0;
  for (const tensor of Object.values(tensors))
    if (tensor instanceof Tensor && tensor.location === "cpu") bytes += 4 * tensor.size;
  return bytes;
};

/**
 * Profiles are written to `folder` when endProfiles is called.
 * @returns `crossings`: one for each run, in their order
 */
export function profileSessions(folder: string): {
  readonly crossings: Crossing[];
  readonly endProfiles: () => void;
} {
  const crossings: Crossing[] = [];
  const sessions: InferenceSession[] = [];
  const create = InferenceSession.create.bind(InferenceSession);
  const profiled = async (
    bytes: Uint8Array,
    options: InferenceSession.SessionOptions,
  ): Promise<InferenceSession> => {
    const profileFilePrefix = join(folder, `${sessions.length}`);
    const session = await create(bytes, { ...options, enableProfiling: true, profileFilePrefix });
    sessions.push(session);
    const run = session.run.bind(session);
    const counted = async (...args: Parameters<typeof run>): ReturnType<typeof run> => {
      const results = await run(...args);
      crossings.push({ up: hostBytes(args[0]), down: hostBytes(results) });
      return results;
    };
    return Object.assign(session, { run: counted });
  };
  Object.assign(InferenceSession, { create: profiled });
  return {
    crossings,
    endProfiles: () => {
      for (const session of sessions) session.endProfiling();
    },
  };
}
