/** @file `npm run chain:flood`: ten thousand free calls, the pool full at a node's size; prints what happened, exits 1 when it stalls. */
import { performance } from "node:perf_hooks";
import { flooded, floodLines } from "./flood.ts";

const startedAt = performance.now();
const report = await flooded({
  freeCalls: 10_000,
  registered: 255,
  fresh: 1000,
  limits: {},
  full: 8192,
});
process.stdout.write(`${floodLines(report, startedAt).join("\n")}\n`);
if (report.weightsIn === null || report.transferIn === null) process.exitCode = 1;
