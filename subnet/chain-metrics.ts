/** @file What the process of the embedded chain tells Prometheus. */
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { EmbeddedChain } from "../chain/embedded/chain.ts";
import { CHAIN_METRICS } from "../src/metrics/chain-metrics.ts";
import { exposed, type Exposition } from "../src/metrics/exposition.ts";
import { familiesOf } from "../src/metrics/metric.ts";
import { diskOf } from "../src/neuron/metrics.ts";

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

/** Counts blocks from now on, and tells of them and of the disk when asked. @param database the chain's file; null: in memory */
export function scrapeOf(chain: EmbeddedChain, database: string | null): () => Promise<Exposition> {
  let newest = chain.head().number;
  let seenMs = Date.now();
  let [blocks, extrinsics] = [0, 0];
  chain.subscribe((event) => {
    if (event.type === "head") {
      const { number } = event.block;
      // Storage that is written by hand tells the same head again, and the way back an older one.
      if (number > newest) [blocks, seenMs] = [blocks + 1, Date.now()];
      newest = number;
    }
    if (event.type === "transaction" && typeof event.status === "object")
      extrinsics += Number("inBlock" in event.status);
  });
  return async () => {
    const [disk, ...sizes] = await Promise.all([
      database === null ? null : diskOf(dirname(database)),
      ...(database === null ? [] : [sizeOf(database), sizeOf(`${database}-wal`)]),
    ]);
    return exposed(
      familiesOf(CHAIN_METRICS, {
        block: { number: chain.head().number, seenAt: seenMs / 1000 },
        blocks,
        extrinsics,
        pooled: chain.pool.readyCount + chain.pool.futureCount,
        disk,
        databaseBytes: database === null ? null : sizes.reduce((sum, one) => sum + one, 0),
      }),
    );
  };
}
