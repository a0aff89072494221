/**
 * @file Exports of exact.wasm. AssemblyScript, not TypeScript: build with `node kernels/build-exact.ts`.
 *
 * Rules of this folder. Every float operation is one correctly rounded IEEE operation, in the order the
 * comments give; no relaxed SIMD, no Math.*, no heap, no static data. The module imports its memory and owns
 * nothing: each function works on byte offsets that the caller (exact.ts) has checked.
 */
export { adamw } from "./adamw";
export { sumOfSquares, sumOfSquaresInOrder, root, allWithin } from "./reduce";
export { accumulate } from "./accumulate";
export { accumulateError, accumulates } from "./error-feedback";
export { adamwPacked, packMoments, unpackMoments } from "./packed-moments";
export { blake2b256 } from "./blake2b";
export { cut } from "./top-k";
export { sound, addAt, stepAt } from "./sparse";
export { scatter, settle, average, signStep } from "./outer-step";
export { combine, multiply, transpose, clear } from "./dense";
