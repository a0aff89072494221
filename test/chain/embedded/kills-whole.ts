/** @file `npm run chain:kills -- [times]`: a chain is killed (-9) fifty times while transfers flow; nothing announced is lost. */
import { killed } from "./kills.ts";

const [, , times = "50"] = process.argv;
const start = performance.now();
const { blocks, transfers } = await killed(Number(times));
const seconds = ((performance.now() - start) / 1000).toFixed(0);
process.stdout.write(
  `${times} kills: opened every time, no announced block lost; ${blocks} blocks, ${transfers} transfers, ${seconds} s\n`,
);
