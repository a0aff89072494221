/** @file How a device holds a model's state: tensors packed into a few vectors, so that a step of the optimiser is a few kernels. */
import type { Layout } from "./model.ts";

/** Tensors one behind the other in a vector of a device. */
export type Group = {
  /** Indices in manifest order. */
  readonly tensors: readonly number[];
  /** First float of each tensor. */
  readonly starts: readonly number[];
  /** Floats in all, a multiple of ROW; what is behind the last tensor stays zero. */
  readonly length: number;
  /** Whether weight decay applies to all of them. */
  readonly decay: boolean;
};

/** A WebGPU shader takes at most 16 buffers: these, what pads them, and the vector that they become. */
const MOST_TENSORS = 14;

/** 64 MiB of floats: half of what every WebGPU adapter lets a shader see of one buffer. A longer tensor is a group of its own. */
const MOST_FLOATS = 2 ** 24;

/** Floats of the rows that norms are summed by: one long sum would be one thread's work, and round more. */
export const ROW = 1024;

const padded = (floats: number): number => Math.ceil(floats / ROW) * ROW;

/** Packs the tensors of a layout: those that decay, then the others, each in manifest order. */
export function groupsOf({ specs, lengths }: Layout): Group[] {
  const groups: Group[] = [];
  for (const decay of [true, false]) {
    let [tensors, starts, end]: [number[], number[], number] = [[], [], 0];
    const close = (): void => {
      if (tensors.length > 0) groups.push({ tensors, starts, length: padded(end), decay });
      [tensors, starts, end] = [[], [], 0];
    };
    for (const [tensor, spec] of specs.entries()) {
      if (spec.decay !== decay) continue;
      const length = lengths[tensor]!;
      if (tensors.length === MOST_TENSORS || end + length > MOST_FLOATS) close();
      tensors.push(tensor);
      starts.push(end);
      end += length;
    }
    close();
  }
  return groups;
}
