/** @file One GPU call at a time in the whole process: two WebGPU sessions that run at once crash it (microsoft/onnxruntime#32561). */
import { threadId } from "node:worker_threads";

/** Holds the number of the thread whose turn it is, or FREE. */
let turn = new Int32Array(new SharedArrayBuffer(4));
const FREE = -1;
turn[0] = FREE;

/** This process's lock, to hand to a worker. */
export function gpuLock(): Int32Array<SharedArrayBuffer> {
  return turn;
}

/** Joins the lock of the thread that started this worker. */
export function joinGpuLock(shared: Int32Array<SharedArrayBuffer>): void {
  turn = shared;
}

/** Frees the lock if the thread of this number still holds it; a thread that was ended by force cannot. */
export function freeGpuLock(thread: number): void {
  if (Atomics.compareExchange(turn, 0, thread, FREE) === thread) Atomics.notify(turn, 0, 1);
}

/** Blocks this thread until no other uses the GPU, then calls. Calls of one thread must not overlap. */
export async function withGpu<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    const holder = Atomics.compareExchange(turn, 0, FREE, threadId);
    if (holder === FREE) break;
    Atomics.wait(turn, 0, holder);
  }
  try {
    return await call();
  } finally {
    freeGpuLock(threadId);
  }
}
