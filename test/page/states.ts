/** @file States of a run as the page shows them, served by the real server from the recorded run of test/fixtures: nothing trains. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { LocalView } from "../../src/api/page.ts";
import type { BlobStore } from "../../src/blobs/directory.ts";
import { memoryBlobs } from "../../src/blobs/memory.ts";
import type { Axon } from "../../src/network/listening.ts";
import { openPage } from "../../src/page/page.ts";
import type { Subject } from "../../src/page/subject.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { encodeRecord, type WindowRecord } from "../../src/protocol/record.ts";
import type { Amendments } from "../../src/run/amendments.ts";
import { clock, neuron, openAxon, OWNER, subject, VALIDATOR } from "../unit/page/scene.ts";
import { stub } from "../unit/stub.ts";
import { lines, manifest, recordOf, runId } from "../unit/view/recorded.ts";

const MANY = 64;
const MANY_WINDOWS = 10_000;
const MANIFEST = readFileSync(new URL("../fixtures/recorded-run/manifest.json", import.meta.url));
const SAMPLES = [
  { window: 0, prompt: "The ", text: "q\u0000Zk;;~ x8 tha  te e" },
  { window: 4, prompt: "The ", text: "the the of the ant of the" },
  {
    window: 6,
    prompt: "The ",
    text: "type of a value that is the same as the name\n * @returns the string",
  },
];

/** What a page is about, and at which block. */
type State = { readonly height: number; readonly more: Parameters<typeof subject>[2] };

const losses: Subject["losses"] = (from) =>
  [0, 1, 2, 3, 4].filter((one) => one >= from).map((window) => ({ window, loss: 5 - window / 2 }));

const local: LocalView = {
  waiting: { names: ["miner-2"], seconds: 3 },
  seconds: 44,
  secondsLeft: 75,
  alerts: [],
  digestsEqual: true,
  stage: "running",
  baseline: null,
};

/** A record as of a window with many miners, made of a recorded one. */
function crowded(window: number): WindowRecord {
  const record = recordOf(4);
  const rows = Array.from({ length: MANY }, (_, index) => {
    const row = record.miners[index % record.miners.length] ?? assert.fail();
    return { ...row, uid: 3 + index, hotkey: hotkeyOf(index) };
  });
  return { ...record, window, miners: rows };
}

function hotkeyOf(index: number): Hex {
  return `0x${(1000 + index).toString(16).padStart(64, "0")}`;
}

/** Neurons of a subnet with so many miners. */
function cast(miners: readonly Hex[]): NonNullable<State["more"]>["neurons"] {
  const share = Math.trunc(65_535 / Math.max(1, miners.length));
  return [
    neuron(0, OWNER),
    neuron(1, VALIDATOR, { validatorPermit: true, stakeRao: 600n, dividends: 65_535 }),
    ...miners.map((hotkey, index) => neuron(3 + index, hotkey, { incentive: share })),
  ];
}

const recorded = (window: number): string | null => lines[window] ?? null;

/** States by name. */
export const STATES: Readonly<Record<string, State>> = {
  empty: { height: 4, more: { run: () => null, record: () => null } },
  live: {
    height: clock.startBlock(5) + 7,
    more: {
      record: (window) => (window < 5 ? recorded(window) : null),
      losses,
      local: () => local,
    },
  },
  ended: {
    height: clock.lastJudgeBlock(5) + 3,
    more: {
      record: recorded,
      losses,
      local: () => ({
        ...local,
        waiting: null,
        secondsLeft: 0,
        stage: "the run is over; its chain and nodes are served",
        baseline: { together: 2.9, alone: 3.6 },
      }),
    },
  },
  "three participants": {
    height: clock.startBlock(2) + 2,
    more: {
      record: (window) => (window < 2 ? recorded(window) : null),
      losses,
      neurons: cast(
        recordOf(1)
          .miners.slice(0, 1)
          .map(({ hotkey }) => hotkey),
      ),
    },
  },
  "64 participants": {
    height: clock.startBlock(MANY_WINDOWS),
    more: {
      record: (window) => (window < MANY_WINDOWS ? encodeRecord(crowded(window)) : null),
      neurons: cast(Array.from({ length: MANY }, (_, index) => hotkeyOf(index))),
      run: () => ({
        run: {
          runId,
          manifest: { ...manifest, windows: 0 },
          clock: { ...clock, isInRun: (window) => window >= 0 },
        },
        amendments: stub<Amendments>({}),
      }),
      losses: (from) =>
        Array.from({ length: Math.max(0, MANY_WINDOWS - from) }, (_, index) => ({
          window: from + index,
          loss: 5 / Math.sqrt(1 + from + index),
        })),
    },
  },
};

/** The manifest under its own address, as a node of the run serves it. */
function manifestBlobs(): Pick<BlobStore, "open"> {
  const none = memoryBlobs();
  return {
    async open(address) {
      if (address !== runId) return none.open(address);
      const held = memoryBlobs();
      return held.open(await held.put(new Uint8Array(MANIFEST)));
    },
  };
}

/** Serves a state of the page. */
export async function serveState(
  name: string,
): Promise<{ readonly url: string; readonly axon: Axon }> {
  const state = STATES[name] ?? assert.fail(`no state ${name}`);
  const found = new Map<Hex, { ip: string; port: number }>();
  const about = subject(state.height, found, {
    node: () => ({
      role: "validator",
      hotkey: "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
      publicKey: VALIDATOR,
      device: "cpu",
      activity: "judges window 5",
    }),
    text: async (prompt) => {
      const text = { window: 6, prompt: prompt ?? "", text: " and the value of the parameter" };
      return { code: 200, json: JSON.stringify(prompt === null ? SAMPLES : text) };
    },
    ...state.more,
  });
  const { record = () => null } = state.more ?? {};
  const axon = await openAxon({ record, page: openPage(about), blobs: manifestBlobs() });
  found.set(VALIDATOR, axon);
  return { url: `http://127.0.0.1:${axon.port}/`, axon };
}
