/** @file What is too large for one message goes tensor by tensor, and nobody sees it half way. */
import { KernelError } from "../errors.ts";
import type { Layout } from "../nn/model.ts";
import { type OuterOptimizer, sharedLayout } from "../optim/outer.ts";
import type { EngineCalls } from "./calls.ts";

/** Most bytes of parameters that cross in one message. There could be 4 GiB, but what is under way takes as much memory again. */
const MESSAGE_BYTES = 1 << 30;

type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets work be done one after the other: the next begins when the one before has ended. */
function turns(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** The same calls, each in its turn. */
function inTurn(calls: EngineCalls, turn: Turn): EngineCalls {
  return {
    setParameters: async (theta) => turn(async () => calls.setParameters(theta)),
    parameters: async () => turn(async () => calls.parameters()),
    setTensor: async (request) => turn(async () => calls.setTensor(request)),
    tensor: async (tensor) => turn(async () => calls.tensor(tensor)),
    tensorDigests: async () => turn(async () => calls.tensorDigests()),
    train: async (request) => turn(async () => calls.train(request)),
    adoptWorking: async () => turn(async () => calls.adoptWorking()),
    compress: async (request) => turn(async () => calls.compress(request)),
    restoreSent: async (update) => turn(async () => calls.restoreSent(update)),
    outerStep: async (request) => turn(async () => calls.outerStep(request)),
    losses: async (request) => turn(async () => calls.losses(request)),
    momentState: async () => turn(async () => calls.momentState()),
    setMomentState: async (state) => turn(async () => calls.setMomentState(state)),
    resetMoments: async () => turn(async () => calls.resetMoments()),
    sample: async (request) => turn(async () => calls.sample(request)),
  };
}

/**
 * The same calls, of which `parameters` and `setParameters` move tensor after tensor where what nodes share is larger than one message; calls made
 * meanwhile wait, in the order in which they were made. A NaN is then refused when its tensor's turn comes: those before it are replaced.
 * @param layout of theta
 */
export function inPieces(
  calls: EngineCalls,
  layout: Layout,
  outer: OuterOptimizer,
  messageBytes: number = MESSAGE_BYTES,
): EngineCalls {
  const { offsets, lengths, total } = sharedLayout(layout, outer);
  if (4 * total <= messageBytes) return calls;
  const turn = turns();
  const read = async (): Promise<Float32Array> => {
    const whole = new Float32Array(total);
    for (const [tensor, offset] of offsets.entries()) whole.set(await calls.tensor(tensor), offset);
    return whole;
  };
  const write = async (source: Float32Array): Promise<void> => {
    const { length } = source;
    if (length !== total && length !== layout.total)
      throw new KernelError(
        "bad-argument",
        `theta has ${length} floats, the layout ${layout.total}`,
      );
    for (const [tensor, offset] of offsets.entries()) {
      const size = lengths[tensor]!;
      // A copy: a view would be sent with all of the buffer behind it. A momentum that is left out becomes zero.
      const values = offset < length ? source.slice(offset, offset + size) : new Float32Array(size);
      await calls.setTensor({ tensor, values });
    }
  };
  return {
    ...inTurn(calls, turn),
    parameters: async () => turn(read),
    setParameters: async (theta) => turn(async () => write(theta)),
  };
}
