/**
 * @file A subnet on the real runtime on which two validators judge, as the product runs them but for what they judge, and a third one copies all that it
 * can read before every block: state, blocks and pool.
 */
import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { moments } from "../../../bench/copier/worth.ts";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../../../chain/embedded/chain.ts";
import { ShieldAuthor } from "../../../chain/embedded/shield.ts";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { type Signer, signerFromUri } from "../../../chain/wallet/signer.ts";
import type { Log } from "../../../src/command/log.ts";
import { EMPTY_SCOREBOOK } from "../../../src/gauntlet/published-book.ts";
import type { Score, ScoredWindow } from "../../../src/gauntlet/scorebook.ts";
import { Reminder } from "../../../src/neuron/reminder.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import { BlockClock } from "../../../src/run/block-clock.ts";
import type { Run } from "../../../src/run/run.ts";
import type { Memory } from "../../../validator/memory.ts";
import type { Permit } from "../../../validator/permit.ts";
import { submitWeights } from "../../../validator/submit-weights.ts";
import { Unseen } from "../../../validator/unseen.ts";
import type { Validator } from "../../../validator/validator.ts";
import { SplitMix } from "../../support/split-mix.ts";
import { participantOf } from "../../unit/participant.ts";
import { EXAMPLE_MANIFEST } from "../../unit/protocol/example-manifest.ts";
import { stub } from "../../unit/stub.ts";
import { serveChain } from "../client/fixture.ts";

export const NETUID = 1;
const TEMPO = 12;
const TAO = 10 ** 9;
/** Two judge, the third copies. */
const STAKES = [50_000 * TAO, 40_000 * TAO, 10_000 * TAO];
const [COPIER, MINERS] = [2, 8];
/** Bonds grow from nothing: what the first epochs pay says little. */
const SETTLED = 3;
const U16 = 65_535;
const LOOK_MS = 4;

type Row = readonly (readonly [uid: number, value: number])[];

/** What is played. */
export type Play = {
  readonly seed: number;
  readonly epochs: number;
  /** What a judge's hotkey owns. */
  readonly ownedRao: number;
  /** Whether the chain's author opens encrypted calls. */
  readonly opens?: boolean;
};

/** What came of it. */
export type Played = {
  /** Dividends of the copier over its part of the stake, in percent. */
  readonly percent: number;
  /** Epochs in which the copier had the largest judge's weights of that epoch. */
  readonly read: number;
  /** What the largest judge paid for an epoch's weights. */
  readonly feeRao: number;
};

type World = {
  readonly keys: readonly Signer[];
  readonly chain: EmbeddedChain;
  readonly client: ChainClient;
  readonly endpoint: string;
  readonly signal: AbortSignal;
  readonly close: () => Promise<void>;
};

/** The subnet before its first block. */
export async function openWorld({
  seed,
  ownedRao,
  opens = true,
}: Omit<Play, "epochs">): Promise<World> {
  const keys = Array.from({ length: STAKES.length + MINERS }, (_, uid) =>
    signerFromUri(`//unseen//${seed}//${uid}`),
  );
  const cold = keys.map((_, uid) => signerFromUri(`//cold//${uid}`).ss58);
  const owned = keys.map(({ ss58 }, uid) => [ss58, uid === COPIER ? TAO : ownedRao] as const);
  const chain = await openEmbeddedChain({
    runtimeCode: await readRuntimeArtifact(),
    ...(opens && { author: new ShieldAuthor() }),
    genesisPatch: {
      balances: {
        balances: [...owned.filter(([, rao]) => rao > 0), ...cold.map((one) => [one, 6e4 * TAO])],
      },
      subtensorModule: {
        networks: [
          {
            netuid: NETUID,
            tempo: TEMPO,
            weightsSetRateLimit: 0,
            ownerColdkey: signerFromUri("//owner").ss58,
            ownerHotkey: signerFromUri("//owner//hot").ss58,
            additional: "",
            neurons: keys.map(({ ss58 }, uid) => ({
              hotkey: ss58,
              coldkey: cold[uid] ?? "",
              stake: STAKES[uid] ?? 0,
              validatorPermit: uid <= COPIER,
            })),
          },
        ],
      },
    },
  });
  const served = await serveChain(chain, { sealing: "manual" });
  const client = await connectChain({ endpoints: [served.endpoint] });
  const over = new AbortController();
  const close = async (): Promise<void> => {
    over.abort();
    await client.close();
    await served.close();
    await chain.close();
  };
  return { keys, chain, client, endpoint: served.endpoint, signal: over.signal, close };
}

/** A validator as the product runs it, but for what it judges. */
async function judgeOf({ client, signal }: World, signer: Signer): Promise<Validator> {
  const blocks = new BlockClock(client, await client.head());
  blocks.follow(signal).catch(() => undefined);
  const node = participantOf({
    chain: client,
    netuid: NETUID,
    blocks,
    signer,
    run: stub<Run>({
      // Its windows have not begun: no vote has to go first.
      clock: windowClock({ ...EXAMPLE_MANIFEST, startBlock: 1_000_000 }),
      manifest: stub<Run["manifest"]>({ finalityLag: 0 }),
    }),
    log: stub<Log>({ warn: () => undefined }),
    signal,
    say: () => undefined,
    line: () => "",
  });
  const memory = stub<Memory>({
    book: EMPTY_SCOREBOOK,
    hold: () => undefined,
    forgo: () => undefined,
    release: () => undefined,
  });
  return {
    node,
    memory,
    permit: stub<Permit>({ isGiven: true }),
    hidden: stub<Validator["hidden"]>({ look: async () => false }),
    unseen: new Unseen(node),
    weightNews: new Reminder((text) => assert.fail(text)),
  };
}

/** A window with these weights; the same for everybody that judges. */
function judged({ keys }: World, worth: readonly number[], window: number): ScoredWindow {
  const largest = Math.max(...worth);
  const scores = worth.map((one, miner) => {
    const uid = STAKES.length + miner;
    const weight = Math.round((U16 * one) / largest);
    return stub<Score>({ uid, hotkey: keys[uid]?.publicKey ?? "0x", weight });
  });
  return stub<ScoredWindow>({ scores, book: { ...EMPTY_SCOREBOOK, window } });
}

/** Weights of a validator as the newest block has them. */
export async function weightsOf({ client }: Pick<World, "client">, uid: number): Promise<Row> {
  const api = await client.api();
  const entry = api.query["subtensorModule"]?.["weights"];
  assert.ok(entry !== undefined);
  return z.array(z.tuple([z.number(), z.number()])).parse((await entry(NETUID, uid)).toJSON());
}

/** The largest judge's weights, as whoever reads the pool and the state sees them now. */
async function seen(world: World): Promise<Row> {
  const api = await world.client.api();
  for (const hex of await world.client.pendingExtrinsics()) {
    const { method, signer } = api.createType("Extrinsic", hex);
    if (method.section !== "subtensorModule" || signer.toString() !== world.keys[0]?.ss58) continue;
    const lists = z.tuple([z.unknown(), z.unknown(), z.array(z.number()), z.array(z.number())]);
    const [, , uids, values] = lists.parse(method.args.slice(0, 4).map((one) => one.toJSON()));
    return uids.map((uid, at) => [uid, values[at] ?? 0]);
  }
  return weightsOf(world, 0);
}

/** Sets these weights for the copier; resolves once they wait for the next block. */
async function set({ client, keys }: World, row: Row): Promise<void> {
  const copier = keys[COPIER];
  assert.ok(copier !== undefined);
  const uids = row.map(([uid]) => uid);
  const values = row.map(([, value]) => value);
  const waiting = (await client.pendingExtrinsics()).length;
  client.setWeights(copier, NETUID, { uids, values, versionKey: 0n }).catch(() => undefined);
  while ((await client.pendingExtrinsics()).length <= waiting) await sleep(LOOK_MS);
}

/**
 * One epoch: the judges say what they found, and before every block the copier says what it can read.
 * @returns whether what counts of both is the same
 */
async function epoch(
  world: World,
  judges: readonly Validator[],
  said: { readonly window: ScoredWindow; readonly isShielded: boolean; readonly isFirst: boolean },
): Promise<boolean> {
  const { chain, client } = world;
  const next = (await client.nextEpoch(NETUID)) ?? 0;
  const sends = said.isShielded ? next - 2 : chain.head().number;
  for (const judge of judges) submitWeights(judge, said.window);
  let copy: Row = [];
  let isCopied = false;
  while (chain.head().number < next) {
    // What the epoch counts is what stands there before its block.
    if (chain.head().number === next - 1) {
      const [own, other] = [await weightsOf(world, 0), await weightsOf(world, COPIER)];
      isCopied = JSON.stringify(own) === JSON.stringify(other);
    }
    if (chain.head().number === sends)
      while ((await client.pendingExtrinsics()).length < judges.length) await sleep(LOOK_MS);
    // In the first epoch it is told, so that its bonds begin with the others'.
    const row = said.isFirst
      ? said.window.scores.flatMap(({ uid, weight }) =>
          weight > 0 ? [[uid, weight] as const] : [],
        )
      : await seen(world);
    if (row.length > 0 && JSON.stringify(row) !== JSON.stringify(copy)) await set(world, row);
    copy = row;
    await chain.seal();
  }
  return isCopied;
}

async function play(world: World, { seed, epochs, ownedRao, opens = true }: Play): Promise<Played> {
  const { chain, client, keys } = world;
  await chain.seal();
  const judges = await Promise.all(keys.slice(0, COPIER).map(async (key) => judgeOf(world, key)));
  const said = moments(new SplitMix(BigInt(seed)), {
    miners: MINERS,
    windows: epochs,
    perEpoch: 1,
  });
  let [read, own, due] = [0, 0, 0];
  for (const [at, { worth }] of said.entries()) {
    const window = judged(world, worth, at);
    const isShielded = opens && ownedRao > 0;
    if (await epoch(world, judges, { window, isShielded, isFirst: at === 0 })) read++;
    if (at < SETTLED) continue;
    const validators = (await client.metagraph(NETUID)).neurons.slice(0, STAKES.length);
    const sum = (of: (one: (typeof validators)[number]) => bigint): number =>
      Number(validators.reduce((total, one) => total + of(one), 0n));
    const copier = validators[COPIER];
    assert.ok(copier !== undefined);
    own += Number(copier.emissionRao);
    due +=
      (sum((one) => one.emissionRao) * Number(copier.stakeRao - copier.emissionRao)) /
      sum((one) => one.stakeRao - one.emissionRao);
  }
  const left = await client.balance(keys[0]?.ss58 ?? "");
  return { percent: (100 * own) / due, read, feeRao: (ownedRao - Number(left)) / epochs };
}

/** Plays a drawn subnet from its first epoch on. */
export async function copied(settings: Play): Promise<Played> {
  const world = await openWorld(settings);
  try {
    return await play(world, settings);
  } finally {
    await world.close();
  }
}
