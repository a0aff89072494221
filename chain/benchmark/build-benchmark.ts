/** @file Builds the runtime with its benchmarks into an ignored folder (`npm run chain:benchmark` does it first). It never ships. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, findToolchain, targetFolder } from "../build/compile.ts";

/** Where the WASM with benchmarks lies: in cargo's own folder, which git ignores. */
export function benchmarkWasm(): string {
  return join(targetFolder(), "benchmark", "runtime.wasm");
}

/** Builds it. @throws Error when cargo fails */
export function buildBenchmark(): void {
  const wasm = compile(findToolchain(), ["runtime-benchmarks"]);
  mkdirSync(join(targetFolder(), "benchmark"), { recursive: true });
  writeFileSync(benchmarkWasm(), wasm);
}
