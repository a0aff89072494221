/** @file What is published of a window of Covenant-72B (arXiv 2603.08163), which others are measured against. */
import type { WindowSetting } from "../../src/run/window-simulation.ts";
import { UNLIMITED } from "../../src/run/window-simulation.ts";

/** Its figures. */
export const PUBLISHED = {
  utilisation: 0.945,
  parameters: 72_747_327_488,
  /** 30 inner steps of 11.8 M tokens in all; everything else of the window. */
  computeSeconds: 1200,
  communicationSeconds: 70,
  /** Mean of the updates that a window takes: 16.9. */
  peers: 17,
  /** 64 of 4096 coordinates, 12 bits of index and 2 of value each: more than 146 times less than float32. */
  bitsPerParameter: (64 * 14) / 4096,
  /** Said of the peers' lines, Mbit/s. */
  line: { uplinkMbps: 110, downlinkMbps: 500 },
} as const;

/**
 * The published window as a simulation: peers compute, send their update and fetch the others'. Its validators judge while peers go on, and no step
 * waits for the chain; what cutting and applying an update takes is not told apart from the communication.
 */
export const PUBLISHED_SETTING: WindowSetting = {
  miners: PUBLISHED.peers,
  validators: 1,
  delivery: "store",
  line: PUBLISHED.line,
  validatorLine: UNLIMITED,
  updateBytes: (PUBLISHED.parameters * PUBLISHED.bitsPerParameter) / 8,
  pageBytes: 0,
  seconds: { compute: PUBLISHED.computeSeconds, compress: 0, gate: 0, outerStep: 0, digest: 0 },
  blockSeconds: 0,
  finalityBlocks: 0,
};
