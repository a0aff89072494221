/** @file What this machine multiplies at most: one plain product of matrices, by the same onnxruntime that trains. */
import { Graph } from "../graph/ir.ts";
import { linear } from "../graph/structure-operations.ts";
import type { DeviceName } from "./calls.ts";
import { floats, Session } from "./session.ts";

const SIZE = 1024;
const REPEATS = 8;

/**
 * GFLOP/s of the best of some products of two matrices of 1024 x 1024. Blocks this thread for a fraction of a second.
 * @throws KernelError graph-invalid, device-refused
 */
export async function matrixCeiling(device: DeviceName, threads: number): Promise<number> {
  const graph = new Graph();
  const [a, b] = ["a", "b"].map((name) => graph.input(name, [SIZE, SIZE]));
  const product = graph.apply(linear, [a!, b!], {});
  const program = { graph, outputs: new Map([["product", product]]) };
  const session = await Session.load(program, { device, threads });
  try {
    const matrix = () => floats(new Float32Array(SIZE * SIZE).fill(0.5), [SIZE, SIZE]);
    const [inputs, outputs] = [[{ a: matrix(), b: matrix() }], { product: matrix() }];
    let best = Infinity;
    for (let i = 0; i < REPEATS; i++) {
      const start = performance.now();
      await session.run(inputs, outputs);
      best = Math.min(best, performance.now() - start);
    }
    return (2 * SIZE ** 3) / best / 1e6;
  } finally {
    await session.close();
  }
}
