/** @file The few things this folder uses of the WebAssembly global, typed here because the `esnext` library lacks it. */

/** A compiled `WebAssembly.Module`; it may be posted to a worker thread. */
export type ExactModule = object;

/**
 * The functions of exact.wasm, see assembly/. All operands are numbers; those named like an array or a parameter vector are
 * byte offsets into the memory. Labelled tuples keep the count of operands checked.
 */
export type Kernels = {
  readonly adamw: (
    ...operands: [
      p: number,
      m: number,
      v: number,
      g: number,
      length: number,
      scale: number,
      b1: number,
      a1: number,
      b2: number,
      a2: number,
      keep: number,
      rate: number,
      correction: number,
      epsilon: number,
    ]
  ) => void;
  readonly adamwPacked: (
    ...operands: [
      p: number,
      m: number,
      mScales: number,
      v: number,
      vScales: number,
      g: number,
      length: number,
      scale: number,
      b1: number,
      a1: number,
      b2: number,
      a2: number,
      keep: number,
      rate: number,
      correction: number,
      epsilon: number,
      tables: number,
      scratch: number,
      seed: number,
    ]
  ) => void;
  readonly packMoments: (
    ...operands: [
      x: number,
      length: number,
      codes: number,
      scales: number,
      isSigned: number,
      seed: number,
      place: number,
    ]
  ) => void;
  readonly unpackMoments: (
    ...operands: [codes: number, scales: number, length: number, table: number, x: number]
  ) => void;
  readonly blake2b256: (
    ...operands: [data: number, length: number, out: number, sigma: number, scratch: number]
  ) => void;
  readonly accumulateError: (
    ...operands: [e: number, start: number, end: number, length: number, beta: number]
  ) => void;
  readonly accumulates: (
    ...operands: [e: number, start: number, end: number, length: number, beta: number, most: number]
  ) => number;
  readonly accumulate: (
    ...operands: [x: number, y: number, length: number, factor: number]
  ) => void;
  readonly cut: (
    ...operands: [
      x: number,
      length: number,
      chunk: number,
      k: number,
      first: number,
      out: number,
      values: number,
      take: number,
      bits: number,
      where: number,
      shuffles: number,
    ]
  ) => number;
  readonly stepAt: (
    ...operands: [x: number, indices: number, values: number, length: number, factor: number]
  ) => void;
  readonly scatter: (
    ...operands: [
      indices: number,
      values: number,
      length: number,
      base: number,
      factor: number,
      sums: number,
      counts: number,
    ]
  ) => void;
  readonly settle: (
    ...operands: [
      theta: number,
      sums: number,
      counts: number,
      length: number,
      alpha: number,
      all: number,
    ]
  ) => void;
  readonly average: (
    ...operands: [sums: number, counts: number, length: number, all: number]
  ) => void;
  readonly signStep: (
    ...operands: [theta: number, x: number, length: number, alpha: number]
  ) => void;
  readonly combine: (
    ...operands: [out: number, x: number, y: number, length: number, a: number, b: number]
  ) => void;
  readonly multiply: (
    ...operands: [
      a: number,
      aStride: number,
      b: number,
      bStride: number,
      out: number,
      outStride: number,
      rows: number,
      inner: number,
      columns: number,
      pack: number,
    ]
  ) => void;
  readonly transpose: (
    ...operands: [x: number, rows: number, columns: number, out: number]
  ) => void;
  readonly clear: (...operands: [x: number, length: number]) => void;
  readonly sumOfSquares: (...operands: [x: number, length: number]) => number;
  readonly sumOfSquaresInOrder: (...operands: [x: number, length: number, total: number]) => number;
  readonly root: (...operands: [x: number]) => number;
  readonly allWithin: (...operands: [x: number, length: number, most: number]) => number;
  readonly sound: (
    ...operands: [indices: number, values: number, length: number, previous: number, end: number]
  ) => number;
  readonly addAt: (
    ...operands: [x: number, indices: number, values: number, length: number]
  ) => void;
};

type Memory = { readonly buffer: ArrayBuffer };

type WebAssemblyHost = {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => Memory;
  readonly Instance: new (
    module: ExactModule,
    imports: { readonly env: { readonly memory: Memory } },
  ) => { readonly exports: never };
  readonly Module: new (bytes: Uint8Array) => ExactModule;
};

/** Bytes of a page of linear memory. */
const PAGE = 65_536;

/** One page under 4 GiB, so that an end address always fits 32 bits. */
const PAGES_MOST = 65_535;

/** Bytes of the largest linear memory. */
export const MEMORY_BYTES = PAGE * PAGES_MOST;

function wasm(): WebAssemblyHost {
  return Reflect.get(globalThis, "WebAssembly");
}

/** Compiles a module that a source file holds in base64. */
export function compiled(base64: string): ExactModule {
  return new (wasm().Module)(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
}

/**
 * A new linear memory of fixed size and the kernels over it. They have the type that the caller gives them: what a module exports cannot be said here. It never grows, because growing detaches every view.
 * @throws RangeError if `bytes` are more than one memory can hold or the system refuses them
 */
export function instantiate(
  module: ExactModule,
  bytes: number,
): { readonly kernels: never; readonly buffer: ArrayBuffer } {
  const pages = Math.ceil(bytes / PAGE);
  if (!(pages <= PAGES_MOST)) {
    throw new RangeError(
      `${bytes} bytes exceed one WebAssembly memory of 4 GiB; split the vectors over several`,
    );
  }
  const host = wasm();
  const memory = new host.Memory({ initial: pages, maximum: pages });
  const { exports } = new host.Instance(module, { env: { memory } });
  return { kernels: exports, buffer: memory.buffer };
}
