/**
 * @file Exports of the second module, which src/protocol reads and writes the bodies of updates with: the compiled bytes lie in
 * kernels/exact/body-wasm.ts, so that it needs no file. Rules as in index.ts.
 */
export { decodeRuns } from "./body-decode";
export { encodeRuns } from "./body-encode";
