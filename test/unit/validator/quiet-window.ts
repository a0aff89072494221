/** @file The record of a window in which nobody sent anything: theta stays. */
import type { Hex } from "../../../src/protocol/digest.ts";
import type { WindowRecordBody } from "../../../src/protocol/record.ts";

const hash = (byte: string): Hex => `0x${byte.repeat(32)}`;

/** Of one validator of one run. */
export function quietWindow(window: number): WindowRecordBody {
  return {
    format: "assay/record/2",
    genesis: hash("01"),
    runId: hash("02"),
    netuid: 3,
    window,
    validator: hash("03"),
    configDigest: hash("04"),
    hashes: { window: hash("05"), evaluation: hash("06") },
    neurons: 3,
    miners: [],
    voters: [],
    accepted: [],
    thetaBefore: hash("10"),
    thetaAfter: hash("10"),
    flags: ["null-window"],
  };
}
