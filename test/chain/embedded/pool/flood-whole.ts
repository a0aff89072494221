/**
 * @file `npm run chain:flood -- [part of a name] [slot in ms]`: some two thousand of every call that costs nothing, from a stranger,
 * 255 registered hotkeys and 1,000 fresh accounts, each time against a pool that is full at a node's size. Prints a row for
 * each; exits 1 when honest calls come later than the second block. Slots: of a second, unless told otherwise.
 */
import { performance } from "node:perf_hooks";
import { Flood, floodHeader, floodLine, isLate } from "./flood.ts";
import { FREE_CALLS, labelOf } from "./free-calls.ts";
import { pulseFlood, pulseLine } from "./pulse-flood.ts";

const startedAt = performance.now();
const [, , part = "", slotMs = "1000"] = process.argv;
const flood = new Flood({
  stranger: 500,
  registered: 255,
  fresh: 1000,
  limits: {},
  full: 8192,
  slotMs: Number(slotMs),
});
process.stdout.write(`${floodHeader()}\n`);
for (const call of FREE_CALLS) {
  if (!labelOf(call).includes(part)) continue;
  const row = await flood.of(call);
  process.stdout.write(`${floodLine(row)}\n`);
  if (isLate(row)) process.exitCode = 1;
}
if ("write_pulse".includes(part)) {
  const report = await pulseFlood({ sockets: 8, perSecond: 1000, seconds: 10 });
  process.stdout.write(`${pulseLine(report)}\n`);
  if ((report.signedIn ?? 0) > 2) process.exitCode = 1;
}
process.stdout.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s in all\n`);
