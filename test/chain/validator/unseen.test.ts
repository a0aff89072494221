/** @file A validator's weights on the real runtime, beside one that copies all that it can read: state, blocks and pool. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../../../chain/embedded/chain.ts";
import { ShieldAuthor } from "../../../chain/embedded/shield.ts";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { type Signer, signerFromUri } from "../../../chain/wallet/signer.ts";
import type { Log } from "../../../src/command/log.ts";
import { EMPTY_SCOREBOOK } from "../../../src/gauntlet/published-book.ts";
import type { Score, ScoredWindow } from "../../../src/gauntlet/scorebook.ts";
import { Reminder } from "../../../src/neuron/reminder.ts";
import { BlockClock } from "../../../src/run/block-clock.ts";
import type { Run } from "../../../src/run/run.ts";
import type { Memory } from "../../../validator/memory.ts";
import type { Permit } from "../../../validator/permit.ts";
import { submitWeights } from "../../../validator/submit-weights.ts";
import type { Validator } from "../../../validator/validator.ts";
import { SplitMix } from "../../support/split-mix.ts";
import { participantOf } from "../../unit/participant.ts";
import { stub } from "../../unit/stub.ts";
import { serveChain } from "../client/fixture.ts";

const NETUID = 1;
const TEMPO = 12;
const EPOCHS = 5;
const TAO = 10 ** 9;
/** Two judge, the third copies. */
const STAKES = [50_000 * TAO, 40_000 * TAO, 10_000 * TAO];
const [COPIER, MINERS] = [2, 4];
const U16 = 65_535;
const keys = Array.from({ length: STAKES.length + MINERS }, (_, uid) =>
  signerFromUri(`//unseen//${uid}`),
);

type World = {
  readonly chain: EmbeddedChain;
  readonly client: ChainClient;
  readonly endpoint: string;
};

/** A chain on which hotkeys own this much. */
async function openWorld(t: TestContext, ownedRao: number): Promise<World> {
  const accounts = keys.map(({ ss58 }, uid) => [ss58, uid === COPIER ? TAO : ownedRao]);
  const chain = await openEmbeddedChain({
    runtimeCode: await readRuntimeArtifact(),
    author: new ShieldAuthor(),
    genesisPatch: {
      balances: {
        balances: [
          ...accounts,
          ...keys.map((_, uid) => [signerFromUri(`//cold//${uid}`).ss58, 60_000 * TAO]),
        ].filter(([, rao]) => Number(rao) > 0),
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
              coldkey: signerFromUri(`//cold//${uid}`).ss58,
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
  t.after(async () => {
    await client.close();
    await served.close();
    await chain.close();
  });
  return { chain, client, endpoint: served.endpoint };
}

/** What the pool shows to everybody. */
async function pool({ endpoint }: World): Promise<readonly string[]> {
  const body = { jsonrpc: "2.0", id: 1, method: "author_pendingExtrinsics", params: [] };
  const url = endpoint.replace("ws://", "http://");
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return z.object({ result: z.array(z.string()) }).parse(await answer.json()).result;
}

/** A validator as the product runs it, but for what it judges. */
async function validatorOf(t: TestContext, { client }: World, signer: Signer): Promise<Validator> {
  const lifecycle = new AbortController();
  const blocks = new BlockClock(client, await client.head());
  const followed = blocks.follow(lifecycle.signal).catch(() => undefined);
  t.after(async () => {
    lifecycle.abort();
    await followed;
  });
  const node = participantOf({
    chain: client,
    netuid: NETUID,
    blocks,
    signer,
    run: stub<Run>({ manifest: stub<Run["manifest"]>({ finalityLag: 0 }) }),
    log: stub<Log>({ warn: () => undefined }),
    signal: lifecycle.signal,
    say: () => undefined,
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
    weightNews: new Reminder(assert.fail),
  };
}

/** What a window is judged to be; the same by everybody. */
function judged(draws: SplitMix, window: number): ScoredWindow {
  const scores = keys.slice(STAKES.length).map((key, index) =>
    stub<Score>({
      uid: STAKES.length + index,
      hotkey: key.publicKey,
      weight: 20_000 + draws.below(U16 - 20_000),
    }),
  );
  return stub<ScoredWindow>({ scores, book: { ...EMPTY_SCOREBOOK, window } });
}

/** Weights of a validator as the newest block has them. */
async function weightsOf({ client }: World, uid: number): Promise<readonly (readonly number[])[]> {
  const api = await client.api();
  const entry = api.query["subtensorModule"]?.["weights"];
  assert.ok(entry !== undefined);
  return z.array(z.tuple([z.number(), z.number()])).parse((await entry(NETUID, uid)).toJSON());
}

/** The largest judge's weights, as whoever reads the pool and the state sees them now. */
async function seen(world: World): Promise<readonly (readonly number[])[]> {
  const api = await world.client.api();
  for (const hex of await pool(world)) {
    const { method, signer } = api.createType("Extrinsic", hex);
    if (method.section !== "subtensorModule" || signer.toString() !== keys[0]?.ss58) continue;
    const lists = z.tuple([z.unknown(), z.unknown(), z.array(z.number()), z.array(z.number())]);
    const [, , uids, values] = lists.parse(method.args.slice(0, 4).map((one) => one.toJSON()));
    return uids.map((uid, at) => [uid, values[at] ?? 0]);
  }
  return weightsOf(world, 0);
}

/** Copies what can be read now; resolves once it waits for the next block. */
async function copy(world: World): Promise<void> {
  const copier = keys[COPIER];
  const row = await seen(world);
  if (copier === undefined || row.length === 0) return;
  const waiting = (await pool(world)).length;
  const uids = row.map(([uid = 0]) => uid);
  const values = row.map(([, value = 0]) => value);
  void world.client.setWeights(copier, NETUID, { uids, values, versionKey: 0n });
  while ((await pool(world)).length <= waiting) await sleep(10);
}

/** One epoch: its judges' weights, and once they are in the pool the copier's; whether that has the same in the end. */
async function epoch(
  world: World,
  judges: readonly Validator[],
  { window, isShielded }: { readonly window: ScoredWindow; readonly isShielded: boolean },
): Promise<boolean> {
  const { chain, client } = world;
  const next = (await client.nextEpoch(NETUID)) ?? 0;
  for (const judge of judges) submitWeights(judge, window);
  if (isShielded) while (chain.head().number < next - 2) await chain.seal();
  while ((await pool(world)).length < judges.length) await sleep(10);
  await copy(world);
  while (chain.head().number < next) await chain.seal();
  const [own, other] = [await weightsOf(world, 0), await weightsOf(world, COPIER)];
  return JSON.stringify(own) === JSON.stringify(other);
}

/** Dividends of the copier over its part of the stake, and the epochs in which it had the largest judge's weights. */
async function copied(
  t: TestContext,
  ownedRao: number,
): Promise<{ readonly share: number; readonly read: number; readonly feeRao: number }> {
  const world = await openWorld(t, ownedRao);
  const { chain, client } = world;
  await chain.seal();
  const judges = await Promise.all(
    keys.slice(0, COPIER).map(async (key) => validatorOf(t, world, key)),
  );
  const draws = new SplitMix(11n);
  let [read, own, all] = [0, 0, 0];
  for (let at = 0; at < EPOCHS; at++) {
    const said = { window: judged(draws, at), isShielded: ownedRao > 0 };
    if (await epoch(world, judges, said)) read++;
    // Bonds begin with the first epoch.
    if (at < 2) continue;
    const { neurons } = await client.metagraph(NETUID);
    for (const { uid, dividends } of neurons) {
      all += dividends;
      if (uid === COPIER) own += dividends;
    }
  }
  const left = await client.balance(keys[0]?.ss58 ?? "");
  return { share: own / all / 0.1, read, feeRao: (ownedRao - Number(left)) / EPOCHS };
}

test("weights that can be read in the pool are copied in time, for what stake alone gives", async (t) => {
  const { share, read } = await copied(t, 0);
  t.diagnostic(`copier: ${(100 * share).toFixed(2)} %`);
  assert.equal(read, EPOCHS);
  assert.ok(Math.abs(share - 1) < 0.001);
});

test("encrypted ones in the last block before the epoch count before anybody reads them", async (t) => {
  const { share, read, feeRao } = await copied(t, TAO);
  t.diagnostic(`copier: ${(100 * share).toFixed(2)} %; a carrier costs ${feeRao} rao`);
  assert.equal(read, 0);
  assert.ok(share < 0.99, String(share));
});
