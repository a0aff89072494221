/** @file Watching a local network from outside: what nodes say over HTTP becomes rows, losses and the digest check. */
import { strict as assert } from "node:assert";
import { afterEach, beforeEach, test } from "node:test";
import { ChainError } from "../../../chain/errors.ts";
import type { ChainClient } from "../../../chain/client/client.ts";
import type { Metagraph, Neuron } from "../../../chain/client/metagraph.ts";
import type { EmissionLedger } from "../../../chain/client/subnet.ts";
import type { Signer } from "../../../chain/wallet/signer.ts";
import type { Digests, Status } from "../../../src/api/types.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { hexFloat } from "../../../src/protocol/hex-float.ts";
import { encodeRecord, NO_RECORD, type WindowRecord } from "../../../src/protocol/record.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Axon } from "../../../src/network/listening.ts";
import { serveAxon } from "../../../src/network/server.ts";
import type { Localnet } from "../../../subnet/localnet/network.ts";
import type { Pace } from "../../../subnet/localnet/pace.ts";
import { BlockTimes } from "../../../subnet/localnet/block-times.ts";
import type { Running } from "../../../subnet/spawn.ts";
import type { StartedMember } from "../../../subnet/localnet/processes.ts";
import type { Kind, Member } from "../../../subnet/localnet/members.ts";
import type { Frame } from "../../../subnet/localnet/frame.ts";
import { Watch } from "../../../subnet/localnet/watch.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { stub } from "../stub.ts";

const clock = windowClock(EXAMPLE_MANIFEST);
const hash = (byte: string): Hex => `0x${byte.repeat(32)}`;
const KINDS: readonly Kind[] = ["owner", "validator", "honest", "copy"];
const members = KINDS.map((kind, uid) =>
  stub<Member>({
    name: `${kind}-${uid}`,
    kind,
    hotkey: stub<Signer>({ publicKey: hash(`a${uid}`) }),
    stakeRao: kind === "validator" ? 600n : 0n,
  }),
);

/** What a node answers; tests change it between two looks. */
type Answers = {
  window: number;
  digests: Digests;
  heldOut: Status["heldOut"];
  records: Map<number, string>;
};
let answers: Answers[] = [];
let axons: Axon[] = [];
/** What each epoch paid, by uid; the epochs are at blocks 12, 24, 36. */
let epochs: bigint[][] = [];
let ownerRao = 0n;
let height = 0;
let isAway: ChainError | null = null;
let ended: ReturnType<Running["ended"]> = null;

beforeEach(async () => {
  answers = KINDS.map(() => ({ window: 1, digests: [], heldOut: null, records: new Map() }));
  epochs = [];
  ownerRao = 0n;
  ended = null;
  isAway = null;
  height = clock.startBlock(1);
  axons = await Promise.all(
    answers.map((one, uid) =>
      serveAxon(
        {
          blobs: { open: async () => null },
          status: () => ({
            role: "miner",
            hotkey: hash(`a${uid}`),
            runId: null,
            window: one.window,
            thetaDigest: null,
            rulesDigest: null,
            device: "cpu",
            heldOut: one.heldOut,
            progress: null,
            activity: "",
          }),
          digests: (from) => one.digests.filter(({ window }) => window >= from),
          checkpoint: () => null,
          record: (window) => one.records.get(window) ?? null,
          verdict: () => null,
        },
        { host: "127.0.0.1", port: 0 },
      ),
    ),
  );
});
afterEach(() => Promise.all(axons.map((axon) => axon.close())));

const EPOCH = 12;

function neurons(block: number): Neuron[] {
  return KINDS.map((_, uid) =>
    stub<Neuron>({
      uid,
      hotkey: hash(`a${uid}`),
      axon: { ip: "127.0.0.1", port: axons[uid]?.port ?? 0 },
      incentive: uid === 2 ? 65_535 : 0,
      dividends: 0,
      // Stake that somebody adds is no pay.
      stakeRao: 10n ** 15n,
      emissionRao: epochs[block / EPOCH - 1]?.[uid] ?? 0n,
    }),
  );
}

const numberOf = (at?: Hex): number => (at === undefined ? height : Number(at));

/** A chain with an epoch every twelve blocks; a block's hash is its number. */
function chain(): ChainClient {
  return stub<ChainClient>({
    metagraph: async (_netuid, at) => {
      if (isAway !== null) throw isAway;
      return stub<Metagraph>({ neurons: neurons(numberOf(at)), ownerHotkey: hash("a0") });
    },
    nextEpoch: async (_netuid, at) => (Math.floor(numberOf(at) / EPOCH) + 1) * EPOCH,
    lastEpoch: async (_netuid, at) => Math.floor(numberOf(at) / EPOCH) * EPOCH,
    emissionLedger: async () => stub<EmissionLedger>({ paidOwnerRao: ownerRao }),
  });
}

function watching(): Watch {
  const running = stub<Running>({
    ended: () => ended,
    failure: () => null,
    logPath: "/runs/1/honest-2.log",
  });
  const alive = stub<Running>({ ended: () => null, failure: () => null, logPath: "/runs/1/x.log" });
  const net = stub<Localnet>({
    manifest: EXAMPLE_MANIFEST,
    members,
    nodes: members
      .slice(1)
      .map((member) =>
        stub<StartedMember>({ member, process: member.kind === "honest" ? running : alive }),
      ),
    pace: stub<Pace>({ times: new BlockTimes(), waiting: null, dropped: new Map() }),
    chainProcess: stub<Running>({ logPath: "/runs/1/chain.log" }),
    authorities: [],
    before: { seconds: 100, peakRssBytes: 0, heldOut: [] },
    paidSince: 0,
    subnet: stub<Subnet>({
      netuid: 1,
      chain: chain(),
      blocks: stub<BlockClock>({
        get current() {
          return { number: height, hash: `0x${height.toString(16)}` as const };
        },
        hashOf: async (block) => `0x${block.toString(16)}`,
      }),
    }),
  });
  return new Watch(net, performance.now());
}

const LIMIT_MS = 120_000;

/** Looks until something is seen: on a busy machine a node answers too late for one look, and is in a later one. */
async function lookUntil(watch: Watch, isSeen: (frame: Frame) => boolean): Promise<Frame> {
  const until = performance.now() + LIMIT_MS;
  for (;;) {
    const frame = await watch.look();
    if (isSeen(frame) || performance.now() > until) return frame;
  }
}

function minerOf(
  uid: number,
  verdict: string,
  bytes: number | null,
): WindowRecord["miners"][number] {
  const zero = hexFloat(0);
  return {
    uid,
    hotkey: hash(`a${uid}`),
    commitBlock: 29,
    payloadDigest: hash("08"),
    payloadBytes: bytes,
    verdict,
    detail: "",
    losses: null,
    rating: { mu: hexFloat(25), sigma: hexFloat(8) },
    trust: zero,
    multiplier: hexFloat(1),
    final: hexFloat(uid === 2 ? 1.5 : 0),
    weight: 0,
  };
}

function recordOf(window: number): string {
  return encodeRecord({
    format: "assay/record/2",
    genesis: hash("01"),
    runId: hash("02"),
    netuid: 3,
    window,
    validator: hash("a1"),
    configDigest: hash("04"),
    hashes: { window: hash("05"), evaluation: hash("06") },
    neurons: 4,
    miners: [minerOf(2, "accepted", 6000 + 1000 * window), minerOf(3, "copied", 9000)],
    voters: [],
    accepted: [2],
    thetaBefore: hash("10"),
    thetaAfter: hash("11"),
    flags: [],
    previous: NO_RECORD,
  });
}

test("digests that differ in one window are noticed, and stay noticed", async () => {
  const watch = watching();
  const equal = [{ window: 0, digest: hash("01") }];
  for (const one of answers.slice(1)) one.digests = equal;
  await lookUntil(watch, () => watch.windowsCompared === 1);
  assert.equal(watch.digestsEqual, true);
  assert.equal(watch.windowsCompared, 1);
  const liar = answers[3];
  assert.ok(liar !== undefined);
  liar.digests = [...equal, { window: 1, digest: hash("02") }];
  for (const one of answers.slice(1, 3))
    one.digests = [...equal, { window: 1, digest: hash("01") }];
  const frame = await lookUntil(watch, ({ digestsEqual }) => !digestsEqual);
  assert.equal(frame.digestsEqual, false);
  for (const one of answers) one.digests = [];
  assert.equal((await watch.look()).digestsEqual, false);
});

test("one node's digests alone compare nothing", async () => {
  const watch = watching();
  const one = answers[2];
  assert.ok(one !== undefined);
  one.digests = [{ window: 0, digest: hash("01") }];
  await watch.look();
  assert.equal(watch.windowsCompared, 0);
});

test("records give scores, reasons in words, and the size of accepted updates only", async () => {
  const watch = watching();
  assert.deepEqual(
    (await watch.look()).rows.map((row) => row.verdict),
    [
      "publishes the run; takes the owner's cut",
      "scores and votes",
      "not judged yet",
      "not judged yet",
    ],
  );
  const validator = answers[1];
  assert.ok(validator !== undefined);
  validator.records = new Map([0, 1].map((window) => [window, recordOf(window)]));
  epochs = [
    [0n, 15n, 70n, 0n],
    [0n, 25n, 30n, 1n],
  ];
  ownerRao = 5n;
  const { rows } = await lookUntil(watching(), (frame) => frame.rows[2]?.score !== null);
  assert.deepEqual(
    rows.map(({ name, score, earnedRao, incentive }) => [name, score, earnedRao, incentive]),
    [
      ["owner-0", null, 5n, 0],
      ["validator-1", null, 40n, 0],
      ["honest-2", 1.5, 100n, 1],
      ["copy-3", 0, 1n, 0],
    ],
  );
  assert.match(rows[3]?.verdict ?? "", /^copied: \w/);
  await lookUntil(watch, () => watch.records.windowsWithUpdates === 2);
  assert.equal(watch.records.bytesPerUpdate, 6500);
  assert.equal(watch.records.windowsWithUpdates, 2);
});

test("held-out losses come once a window, in order; silence and nonsense are passed over", async () => {
  const watch = watching();
  const validator = answers[1];
  assert.ok(validator !== undefined);
  const said = [];
  for (const window of [0, 0, 1, 0]) {
    validator.heldOut = { window, loss: 5 - window };
    said.push(window);
    const newest = Math.max(...said);
    await lookUntil(watch, () => watch.heldOut.at(-1)?.window === newest);
  }
  assert.deepEqual(watch.heldOut, [
    { window: 0, loss: 5 },
    { window: 1, loss: 4 },
  ]);
  validator.records.set(0, '{"window":0}');
  await axons[2]?.close();
  const frame = await watch.look();
  assert.equal(frame.rows.length, 4);
});

test("earnings of the first windows are kept apart from window 5 on", async () => {
  const watch = watching();
  height = clock.startBlock(5);
  const first = Math.ceil(height / EPOCH);
  epochs = Array.from({ length: first + 1 }, (_, epoch) => [
    0n,
    0n,
    epoch < first - 1 ? 70n : 20n,
    3n,
  ]);
  height = (first + 1) * EPOCH;
  await watch.look();
  const [, , honest, cheat] = watch.settledRows;
  assert.equal(honest?.earnedRao, 40n);
  assert.equal(cheat?.earnedRao, 6n);
  assert.equal(watch.rows[2]?.earnedRao, 70n * BigInt(first - 1) + 40n);
});

test("time goes on from where the run stopped", async () => {
  const { seconds } = await watching().look();
  assert.ok(seconds >= 100 && seconds < 130);
});

test("a killed process is named until somebody answers with its keys", async () => {
  const watch = watching();
  assert.deepEqual((await watch.look()).alerts, []);
  await axons[2]?.close();
  ended = { exitCode: null, signal: "SIGKILL" };
  // What it said a moment ago still counts for some seconds.
  const silent = watching();
  const [alert] = (await silent.look()).alerts;
  assert.match(alert?.text ?? "", /^honest-2 was killed by SIGKILL in window 1$/);
  assert.equal(alert?.logPath, "/runs/1/honest-2.log");
});

test("an honest miner without updates is named with the window since when", async () => {
  const watch = watching();
  const validator = answers[1];
  assert.ok(validator !== undefined);
  validator.window = 3;
  const without = (window: number): string => {
    const record: unknown = JSON.parse(recordOf(window));
    assert.ok(typeof record === "object" && record !== null);
    return JSON.stringify({ ...record, miners: [], accepted: [] });
  };
  validator.records = new Map([
    [0, recordOf(0)],
    [1, without(1)],
    [2, without(2)],
  ]);
  const [alert] = (await lookUntil(watch, ({ alerts }) => alerts.length > 0)).alerts;
  assert.equal(alert?.text, "honest-2 has committed nothing since window 1");
  assert.deepEqual(watch.records.missed, { "honest-2": 2 });
  assert.equal(watch.records.windowsWithUpdates, 1);
  validator.records.set(3, recordOf(3));
  assert.deepEqual((await lookUntil(watch, ({ alerts }) => alerts.length === 0)).alerts, []);
});

test("while the chain is away the newest frame says so", async () => {
  const watch = watching();
  await watch.look();
  const away = new ChainError({ code: "chain-unreachable", endpoint: "ws://127.0.0.1:1" });
  isAway = away;
  const frame = await watch.look();
  assert.match(frame.alerts[0]?.text ?? "", /the chain does not answer/);
  assert.equal(frame.rows.length, 4);
  await assert.rejects(watching().look(), away);
});
