/** @file Runs benchmarks in the embedded engine: the WASM in V8, its storage in our host, warm after a few runs. */
import { ChainError } from "../errors.ts";
import { cryptoReady } from "../embedded/codec/hashing.ts";
import { buildGenesis } from "../embedded/blocks/genesis.ts";
import { Overlay } from "../embedded/state/overlay.ts";
import { benchmarkFunctions, type BenchmarkWorld } from "../embedded/wasm/host-benchmark.ts";
import { WasmRuntime } from "../embedded/wasm/runtime.ts";
import { type Benchmark, decodeAnswer, decodeBenchmarks, encodeConfig, type Point } from "./api.ts";
import { threadClock } from "./clock.ts";
import { type Measured, median } from "./fit.ts";
import { type Outcome } from "./outcome.ts";
import { measureOverhead, OVERHEADS } from "./overhead.ts";
import { pointsOf } from "./plan.ts";

/** How long to look. */
export type Effort = {
  /** Values of each component. */
  readonly steps: number;
  /** Runs that count at each point; the median is taken. */
  readonly repeats: number;
};

/** Runs before those that count. */
const WARM_UP = 4;
const SLOT_MS = 12_000;
const STATE_VERSION = 1;

/** The runtime with its benchmarks, on the genesis of the preset "development". */
export class BenchmarkEngine {
  readonly #runtime: WasmRuntime;
  readonly #world: BenchmarkWorld = { state: null, nowNs: threadClock() };

  private constructor(code: Uint8Array) {
    this.#runtime = new WasmRuntime(code, {
      furtherFunctions: (host) => benchmarkFunctions(host, this.#world),
    });
    this.#world.state = buildGenesis(this.#runtime, {
      runtimeCode: code,
      preset: "development",
      patch: {},
      slotDurationMs: SLOT_MS,
    });
    // Hashed once, so that no benchmark pays for the genesis.
    new Overlay(this.#world.state).stateRoot(STATE_VERSION);
  }

  /** @throws ChainError runtime-unreadable, runtime-import-missing, genesis-invalid */
  static async open(code: Uint8Array): Promise<BenchmarkEngine> {
    await cryptoReady();
    return new BenchmarkEngine(code);
  }

  /** What a block costs by itself, then every benchmark as the runtime lists them. */
  benchmarks(): Benchmark[] {
    const extra = Uint8Array.of(0);
    const listed = decodeBenchmarks(this.#call("Benchmark_benchmark_metadata", extra));
    return [...OVERHEADS, ...listed];
  }

  #call(name: string, args: Uint8Array): Uint8Array {
    return this.#runtime.call(name, args, new Overlay(this.#world.state));
  }

  /** Nanoseconds at a point: call and hashing of what it wrote, median of the warm runs. */
  #at(benchmark: Benchmark, point: Point, repeats: number): number | string {
    const args = encodeConfig(benchmark, point, repeats + WARM_UP);
    const answer = decodeAnswer(this.#call("Benchmark_dispatch_benchmark", args));
    if (!answer.ok) return answer.reason;
    if (answer.runs.length !== repeats + WARM_UP) return "its benchmark names a weight itself";
    return median(answer.runs.slice(WARM_UP).map(({ callNs, rootNs }) => callNs + rootNs));
  }

  /** Measures a benchmark at all its points; a trap is an outcome. */
  measure(benchmark: Benchmark, effort: Effort): Outcome {
    if (OVERHEADS.includes(benchmark))
      return measureOverhead(this.#runtime, this.#world, benchmark);
    const measured: Measured[] = [];
    for (const point of pointsOf(benchmark, effort.steps)) {
      const ns = this.#attempt(benchmark, point, effort.repeats);
      if (typeof ns === "string") return { benchmark, reason: ns };
      measured.push({ point, ns });
    }
    return { benchmark, measured };
  }

  #attempt(benchmark: Benchmark, point: Point, repeats: number): number | string {
    try {
      return this.#at(benchmark, point, repeats);
    } catch (error) {
      if (!(error instanceof ChainError) || error.fault.code !== "runtime-trap") throw error;
      return error.fault.log;
    }
  }
}
