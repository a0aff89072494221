/**
 * @file A small run in a folder like that of a local network: a real chain, real parameters, records by the validator's own
 * scorer and writer. Only training and measuring are played: updates are drawn, and so are losses.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readRuntimeArtifact } from "../../../../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../../../../chain/embedded/chain.ts";
import type { JsonObject } from "../../../../chain/embedded/codec/exact-json.ts";
import { serveRpc } from "../../../../chain/embedded/rpc/server.ts";
import { type Signer, signerFromUri } from "../../../../chain/wallet/signer.ts";
import { startEngine } from "../../../../kernels/engine/engine.ts";
import {
  initialParameters,
  layoutOf,
  type ModelConfig,
  specsOf,
} from "../../../../kernels/nn/model.ts";
import { type BlobStore, openBlobs } from "../../../../src/blobs/directory.ts";
import { putCheckpoint } from "../../../../src/checkpoint/checkpoint.ts";
import { Lifecycle } from "../../../../src/command/lifecycle.ts";
import { buildDataManifest } from "../../../../src/data/data-manifest.ts";
import { gateUpdate } from "../../../../src/gauntlet/gate.ts";
import { usualNormsOf, usualRuleOf } from "../../../../src/gauntlet/norms.ts";
import type { PairedLosses } from "../../../../src/gauntlet/loss-score.ts";
import { fingerprintOf } from "../../../../src/gauntlet/fast-checks.ts";
import { keptOf, type SparseUpdate } from "../../../../src/protocol/codec.ts";
import { blake2b256, hexOf } from "../../../../src/protocol/digest.ts";
import type { Draws } from "../../../../src/protocol/draws.ts";
import { encodeManifest } from "../../../../src/protocol/manifest-file.ts";
import type { RunManifest } from "../../../../src/protocol/manifest.ts";
import { rulesDigest, rulesOf } from "../../../../src/protocol/rules.ts";
import { encodeWholeUpdate } from "../../../../src/protocol/update.ts";
import { encodeVote } from "../../../../src/protocol/vote.ts";
import { Amendments } from "../../../../src/run/amendments.ts";
import { ChainRecord, type Commit } from "../../../../src/run/chain-record.ts";
import { Follower } from "../../../../src/run/follower.ts";
import { joinRun } from "../../../../src/run/join.ts";
import { reachSubnet } from "../../../../src/run/reach.ts";
import { engineOptionsOf, type Run } from "../../../../src/run/run.ts";
import type { Subnet } from "../../../../src/run/subnet.ts";
import type { Fate } from "../../../../validator/fate.ts";
import { Memory } from "../../../../validator/memory.ts";
import { record } from "../../../../validator/record.ts";
import { score } from "../../../../validator/score.ts";
import type { Validator } from "../../../../validator/validator.ts";
import { luckOf, uniform } from "../../gauntlet/scenes.ts";
import { participantOf } from "../../participant.ts";
import { CREDIT_SCORING, EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { stub } from "../../stub.ts";
import { hiding, type Judge, reveals, switchOn } from "./played-judge.ts";
import { TINY } from "../export/small-run.ts";

const MODEL: ModelConfig = { ...TINY, context: 32 };
const DATA = { sequencesPerPage: 2, pagesPerWindow: 2, noisePages: 2 } as const;
const PAGES = 64;
const WINDOWS = 6;
const NETUID = 1;
const STAKES = [600_000_000_000, 400_000_000_000] as const;

const account = (name: string): { hotkey: Signer; coldkey: Signer } => ({
  hotkey: signerFromUri(`//${name}//hot`),
  coldkey: signerFromUri(`//${name}//cold`),
});
const owner = account("owner");
const validators = ["first", "second"].map(account);
const miners = ["anna", "ben", "carl"].map(account);
const everyone = [owner, ...validators, ...miners];

/** What the run is made of, as its owner stores it. */
async function publish(blobs: BlobStore): Promise<RunManifest> {
  const text = Uint8Array.from(
    { length: PAGES * MODEL.context * DATA.sequencesPerPage + 1 },
    (_, index) => 97 + ((index * index) % 23),
  );
  const heldOut = text.subarray(0, 512);
  const built = buildDataManifest(
    { training: text, heldOut, tokenBytes: 1, vocabulary: 256 },
    { context: MODEL.context, sequencesPerPage: DATA.sequencesPerPage },
  );
  const theta = initialParameters(MODEL, 1);
  const genesisCheckpoint = await putCheckpoint(blobs.trees, layoutOf(specsOf(MODEL)), theta);
  const [manifest] = await Promise.all(
    [built.manifest, text, text.subarray(0, 512), built.pageDigests].map((bytes) =>
      blobs.put(bytes),
    ),
  );
  return {
    ...EXAMPLE_MANIFEST,
    name: "played",
    netuid: NETUID,
    model: MODEL,
    data: { ...DATA, manifest: manifest ?? "0x", pages: built.pages },
    genesisCheckpoint,
    startBlock: 3,
    windows: WINDOWS,
    phases: { train: 1, commit: 1, reveal: 1, judge: 2 },
    deadlineOffset: 1,
    evaluation: {
      ownSequences: 4,
      noiseSequences: 4,
      factor: 0.2,
      usualShare: 0.8,
      usualGrowth: true,
    },
    scoring: CREDIT_SCORING,
    checkpointEveryWindows: 2,
  };
}

function genesisOf(runId: string): JsonObject {
  const seated = [
    ...validators.map((one, index) => ({ ...one, stake: STAKES[index] ?? 0, permit: true })),
    ...miners.map((one) => ({ ...one, stake: 0, permit: false })),
  ];
  return {
    balances: {
      balances: everyone.flatMap(({ hotkey, coldkey }) => [
        [hotkey.ss58, 1e14],
        [coldkey.ss58, 1e14],
      ]),
    },
    subtensorModule: {
      allowLoopbackAxon: true,
      networks: [
        {
          netuid: NETUID,
          tempo: 5,
          ownerColdkey: owner.coldkey.ss58,
          ownerHotkey: owner.hotkey.ss58,
          additional: `assay:run=${runId}`,
          neurons: seated.map(({ hotkey, coldkey, stake, permit }) => ({
            hotkey: hotkey.ss58,
            coldkey: coldkey.ss58,
            stake,
            validatorPermit: permit,
          })),
        },
      ],
    },
  };
}

/** A drawn update: as many coordinates as the codec keeps, evenly spaced from a drawn start. */
function drawnUpdate(run: Run, luck: Draws): SparseUpdate {
  const { k, chunk } = run.manifest.codec;
  return run.layout.lengths.map((length) => {
    const indices: number[] = [];
    for (let from = 0; from < length; from += chunk) {
      const size = Math.min(chunk, length - from);
      const kept = keptOf(size, k, chunk);
      const step = Math.floor(size / kept);
      const start = luck.below(size - step * (kept - 1));
      for (let at = 0; at < kept; at++) indices.push(from + start + at * step);
    }
    return {
      indices: Uint32Array.from(indices),
      values: Float32Array.from(indices, () => (1 - 2 * luck.below(2)) * 2 ** -10),
    };
  });
}

function drawnLosses(luck: Draws, fall: number): PairedLosses {
  const before = Array.from({ length: 4 }, () => Math.fround(2 + uniform(luck)));
  return {
    before,
    after: before.map((loss) => Math.fround(loss - fall - 0.02 * uniform(luck))),
  };
}

/** Everything of a played run that steps work with. */
type Play = {
  readonly chain: EmbeddedChain;
  readonly subnet: Subnet;
  readonly run: Run;
  readonly follower: Follower;
  readonly record: ChainRecord;
  readonly blobs: BlobStore;
  readonly luck: Draws;
  readonly judges: readonly Judge[];
};

/** Makes one block of what is sent, once all of it waits in the pool; the clock has seen it afterwards. */
async function block(play: Play, sent: readonly Promise<unknown>[] = []): Promise<void> {
  while (play.chain.pool.readyCount < sent.length) await sleep(2);
  const { number } = await play.chain.seal();
  await Promise.all(sent);
  await play.subnet.blocks.reached(number, new AbortController().signal);
}

/** Commitments of the miners; the last one commits to nothing that anybody has in every third window. */
async function commit(play: Play, window: number): Promise<Map<string, Fate>> {
  const { run, subnet, follower, luck, blobs } = play;
  const fates = new Map<string, Fate>();
  const sent = await Promise.all(
    miners.map(async ({ hotkey }, index) => {
      const update = drawnUpdate(run, luck);
      const header = { ...run.expectedHeader(window, hotkey.publicKey, follower.digest) };
      const bytes = encodeWholeUpdate(
        { ...header, window: BigInt(window) },
        update,
        run.updateLayout,
      );
      const digest = blake2b256(bytes);
      const isLost = index === miners.length - 1 && window % 3 === 1;
      if (!isLost) await blobs.put(bytes);
      const uid = validators.length + index;
      const commitBlock = run.clock.deadlineBlock(window);
      const made: Commit = { uid, hotkey: hotkey.publicKey, digest, block: commitBlock };
      fates.set(
        hotkey.publicKey,
        isLost ? lostFate(made) : fateOf(play, made, { bytes, update, window }),
      );
      return { hotkey, digest };
    }),
  );
  await block(
    play,
    sent.map(({ hotkey, digest }) =>
      subnet.chain.setCommitment(hotkey, NETUID, [{ kind: "blakeTwo256", digest }]),
    ),
  );
  return fates;
}

const lostFate = (made: Commit): Fate => ({
  commit: made,
  payload: null,
  refusal: { reason: "payload-missing", detail: "nobody served it" },
  gate: null,
  own: null,
});

/** What becomes of an update: the second miner's does harm in every fourth window. */
function fateOf(
  { luck }: Play,
  made: Commit,
  about: { readonly bytes: Uint8Array; readonly update: SparseUpdate; readonly window: number },
): Fate {
  const { uid, hotkey } = made;
  const { bytes, update, window } = about;
  const harms = uid === validators.length + 1 && window % 4 === 3;
  const noise = drawnLosses(luck, harms ? -0.2 : 0.02);
  const { reason, fall } = gateUpdate(noise);
  const fingerprint = fingerprintOf({ uid, hotkey, window, bytes, update });
  return {
    commit: made,
    payload: { fingerprint, update, bytes: bytes.length },
    refusal: reason === "accepted" ? null : { reason, detail: "drawn" },
    gate: { factor: 0.1, noise, fall },
    own: drawnLosses(luck, 0.05),
  };
}

async function vote(
  { run, subnet, follower, judges }: Play,
  window: number,
  fates: readonly Fate[],
) {
  const hotkeys = validators.length + miners.length;
  const accepted = fates.filter(({ refusal }) => refusal === null).map((one) => one.commit.uid);
  return judges.map(({ signer, memory }) => {
    const [about, bitmap, digest] = encodeVote({
      window,
      rulesDigest: rulesDigest(rulesOf(run.manifest)),
      recordDigest: memory.recordHead,
      acceptedUids: accepted,
      thetaDigest: follower.digest,
      neurons: hotkeys,
    });
    return subnet.chain.setCommitment(signer, NETUID, [
      { kind: "raw", bytes: about },
      { kind: "raw", bytes: bitmap },
      { kind: "blakeTwo256", digest: hexOf(digest) },
    ]);
  });
}

/** The window's end: scores, records; returns the weights that are sent. */
async function judged(play: Play, window: number, fates: readonly Fate[]) {
  const { run, subnet, follower, record: chainRecord, judges } = play;
  const rules = rulesOf(run.manifest);
  const [seed, evaluation, hotkeys] = await Promise.all([
    subnet.blocks.hashOf(run.clock.seedBlock(window)),
    subnet.blocks.hashOf(run.clock.evaluationSeedBlock(window)),
    chainRecord.hotkeys(window),
  ]);
  const keys = run.keys(window, { window: seed, evaluation });
  const thetaBefore = follower.digest;
  const outcome = await follower.advance();
  const sentNorms = fates.flatMap(({ payload }) => (payload ? [payload.fingerprint.norms] : []));
  const rule = usualRuleOf(run.manifest, window, window);
  const usual = { window: null, norms: usualNormsOf(sentNorms, rule) };
  const judgement = { window, hotkeys, rules, keys, usual, fates, comparisons: [] };
  const sent: Promise<unknown>[] = [];
  for (const { signer, memory, hidden } of judges) {
    const scored = score({ memory, weigh: null }, judgement, outcome);
    const node = participantOf({ run, follower, signer });
    const validator = stub<Validator>({ node, memory });
    await record(validator, { judgement, scored, outcome, thetaBefore });
    const earning = scored.scores.filter(({ weight }) => weight > 0);
    const uids = earning.map(({ uid }) => uid);
    const values = earning.map(({ weight }) => weight);
    if (uids.length === 0) continue;
    sent.push(
      hidden === null
        ? subnet.chain.setWeights(signer, NETUID, { uids, values, versionKey: 0n })
        : hidden.weights.commit(window, { uids, values }),
    );
  }
  return sent;
}

async function playWindows(play: Play): Promise<void> {
  let weights: readonly Promise<unknown>[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    while (play.subnet.blocks.current.number < play.run.clock.startBlock(window)) {
      await block(play, weights);
      weights = [];
    }
    const fates = [...(await commit(play, window)).values()];
    await block(play);
    await block(play, await vote(play, window, fates));
    // The epoch has begun: what was committed in the one before is revealed.
    await block(play, await reveals(play.subnet, play.judges));
    weights = await judged(play, window, fates);
  }
  await block(play, weights);
  for (let rest = 0; rest < 6; rest++) await block(play);
}

/** Plays a run, with commit-reveal on where `isHidden`, and with what `change` says of its manifest; returns its folder. */
export async function playedRun({
  isHidden = false,
  change = {},
}: {
  readonly isHidden?: boolean;
  readonly change?: Partial<RunManifest>;
} = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "assay-played-"));
  const blobs = openBlobs(join(folder, "owner", "blobs"));
  const manifest = { ...(await publish(blobs)), ...change };
  const runId = await blobs.put(encodeManifest(manifest));
  const genesisPatch = genesisOf(runId);
  writeFileSync(join(folder, "genesis.json"), JSON.stringify(genesisPatch));
  const lifecycle = new Lifecycle();
  try {
    const chain = await openEmbeddedChain({
      runtimeCode: await readRuntimeArtifact(),
      preset: "development",
      database: join(folder, "chain.sqlite"),
      genesisPatch: genesisPatch,
    });
    lifecycle.onClose("chain", () => chain.close());
    const server = await serveRpc(chain, { host: "127.0.0.1", port: 0 });
    lifecycle.onClose("rpc", () => server.close());
    const endpoint = `ws://127.0.0.1:${server.port}`;
    const file = { runId, netuid: NETUID, port: server.port, miners: 3, validators: 2 };
    const more = { format: "assay/localnet/1", attack: "none", blockMs: 100, device: "cpu" };
    writeFileSync(join(folder, "localnet.json"), JSON.stringify({ ...file, ...more }));
    const subnet = await reachSubnet({ netuid: NETUID, endpoint }, { lifecycle, blobs });
    await playedOn({ folder, chain, subnet, blobs, lifecycle, isHidden });
  } finally {
    await lifecycle.close();
  }
  return folder;
}

const log = { info: () => undefined, warn: () => undefined };
const keep = (): Promise<void> => Promise.resolve();

async function playedOn(parts: {
  readonly folder: string;
  readonly chain: EmbeddedChain;
  readonly subnet: Subnet;
  readonly blobs: BlobStore;
  readonly lifecycle: Lifecycle;
  readonly isHidden: boolean;
}): Promise<void> {
  const { folder, chain, subnet, blobs, lifecycle, isHidden } = parts;
  if (isHidden) await switchOn(chain, subnet, owner.coldkey);
  const { signal } = lifecycle;
  const run = await joinRun(subnet, { signal });
  const engine = await startEngine({ ...engineOptionsOf(run.manifest), batch: 1, device: "cpu" });
  lifecycle.onClose("engine", () => engine.close());
  const rules = new Amendments(run, subnet).reader(signal);
  const chainRecord = new ChainRecord({ netuid: NETUID, clock: run.clock, rules }, subnet);
  const follower = new Follower({ run, engine, subnet, record: chainRecord, keep, log, signal });
  await follower.replay();
  const judges: Judge[] = [];
  for (const { hotkey: signer } of validators) {
    const place = join(folder, "nodes", signer.ss58);
    mkdirSync(join(place, "blobs"), { recursive: true });
    const memory = new Memory(run, { folder: place, blobs });
    const hidden = isHidden ? await hiding({ subnet, run, folder: place, signer }, memory) : null;
    judges.push({ signer, memory, hidden });
  }
  const luck = luckOf("a played run");
  await playWindows({ chain, subnet, run, follower, record: chainRecord, blobs, luck, judges });
  const recordHeads = Object.fromEntries(
    judges.map(({ signer, memory }) => [signer.publicKey, memory.recordHead]),
  );
  writeFileSync(join(folder, "summary.json"), JSON.stringify({ recordHeads }));
}
