/**
 * @file An empty block of our runtime on the embedded chain, as a ratio to the same block on the Chopsticks executor
 * in the same run. Prints one JSON line.
 */
import { performance } from "node:perf_hooks";
import { readRuntimeArtifact } from "../chain/embedded/artifact.ts";
import { openEmbeddedChain } from "../chain/embedded/chain.ts";
import { oracleMs, quantile } from "./support/oracle-block.ts";

const BLOCKS = 200;
const WARM_UP = 50;
/** The oracle is a hundred times slower; fewer blocks give a steady median. */
const ORACLE_BLOCKS = 15;

/** One line of the report. Times in ms; `ratio` = ours / theirs. */
export type EngineBlockSpeed = {
  readonly name: "engine-block";
  readonly blocks: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly oracleMedianMs: number;
  readonly ratio: number;
};

/** Measures empty blocks on the real artifact. */
export async function benchEngineBlock(): Promise<EngineBlockSpeed> {
  const engine = await openEmbeddedChain({ runtimeCode: await readRuntimeArtifact() });
  for (let i = 0; i < WARM_UP; i++) await engine.seal();
  const ours: number[] = [];
  for (let i = 0; i < BLOCKS; i++) {
    const started = performance.now();
    await engine.seal();
    ours.push(performance.now() - started);
  }
  const theirs: number[] = [];
  for (let i = 0; i < ORACLE_BLOCKS; i++) {
    await engine.seal();
    theirs.push(await oracleMs(engine));
  }
  await engine.close();
  const medianMs = quantile(ours, 0.5);
  const oracleMedianMs = quantile(theirs, 0.5);
  return {
    name: "engine-block",
    blocks: BLOCKS,
    medianMs,
    p99Ms: quantile(ours, 0.99),
    oracleMedianMs,
    ratio: medianMs / oracleMedianMs,
  };
}

if (import.meta.main) console.log(JSON.stringify(await benchEngineBlock()));
