/** @file `subnet params push` sets every hyperparameter of an owner on a real chain, and explains each refusal. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { ParameterName, ParameterValue } from "../../../chain/client/parameters.ts";
import { openColdkey } from "../../../chain/wallet/wallet.ts";
import { firstEpochAfter } from "../../../src/run/epochs.ts";
import { failsAs } from "../client/fixture.ts";
import { Commands, faultOf } from "./commands.ts";
import { answering, type Keys, openWorld, paper, TOML, type World } from "./world.ts";

const CHAIN = TOML.replace("tempo = 12", "tempo = 400")
  .replace("netuid = 7", "netuid = 1")
  .replace("weightsRateLimit = 0", "weightsRateLimit = 4");

/** Every key of [hyperparameters] and of [chain] that an owner sets, with another value than a new subnet has. */
const ALL = `${CHAIN.replace("immunityPeriod = 1000", "immunityPeriod = 77").replace("servingRateLimit = 50", "servingRateLimit = 9")}maximumUids = 128
[hyperparameters]
activityCutoffFactorMilli = 20000
minAllowedWeights = 3
weightsVersion = 5
commitReveal = true
revealPeriodEpochs = 4
bondsMovingAverage = 800000
bondsPenalty = 60000
bondsReset = true
yuma3 = false
liquidAlpha = true
alphaLow = 2000
alphaHigh = 3000
alphaSteepness = 900
minBurnRao = 600000
maxBurnRao = 50000000000
burnHalfLife = 720
burnIncrease = 1.5
ownerCut = false
ownerCutAutoLock = true
ownerImmuneUids = 2
recycleOrBurn = "Recycle"
transfers = false
minChildkeyTake = 100
mechanisms = 2
mechanismShares = "40000, 25535"
rho = 12
activityCutoff = 4000
adjustmentAlpha = 7
maxDifficulty = "1000"
`;

const WANTED: Readonly<Record<Exclude<ParameterName, "ownerHotkey">, ParameterValue>> = {
  tempo: 400,
  activityCutoffFactorMilli: 20_000,
  immunityPeriod: 77,
  servingRateLimit: 9,
  maxAllowedUids: 128,
  ownerCut: false,
  ownerCutAutoLock: true,
  ownerImmuneUids: 2,
  recycleOrBurn: "Recycle",
  transfers: false,
  minAllowedWeights: 3,
  weightsVersion: 5,
  commitReveal: true,
  revealPeriodEpochs: 4,
  activityCutoff: 4000,
  bondsMovingAverage: 800_000,
  bondsPenalty: 60_000,
  bondsReset: true,
  yuma3: false,
  liquidAlpha: true,
  alphaValues: [2000, 3000],
  alphaSteepness: 900,
  rho: 12,
  minBurnRao: 600_000n,
  maxBurnRao: 50_000_000_000n,
  burnHalfLife: 720,
  burnIncrease: 3n << 63n,
  maxDifficulty: 1000n,
  adjustmentAlpha: 7n,
  minChildkeyTake: 100,
  mechanisms: 2,
  mechanismShares: [40_000, 25_535],
};

/** The reasons of a push that was refused, by key. */
async function reasonsOf(push: Promise<void>): Promise<Readonly<Record<string, string>>> {
  const fault = await faultOf(push);
  assert.ok(fault.code === "parameter-refused", JSON.stringify(fault));
  return Object.fromEntries(fault.refused.map(({ key, reason }) => [key, reason]));
}

const OWNER_HOTKEY = "hyperparameters.ownerHotkey=";

describe("every hyperparameter of an owner", () => {
  let world: World;
  let commands: Commands;
  let owner: Keys;
  /** Pushes the file, which has rho = 13, with some keys set over it. */
  const push = (...set: readonly string[]): Promise<void> => commands.push({ set });
  before(async () => {
    world = await openWorld(TOML);
    commands = new Commands(world);
    owner = await world.wallet("owner", 1000n);
    await world.wallet("other", 10n);
    await commands.create({ yes: true });
  });
  after(async () => world.close());

  it("is shown, asked about, set and read back", async () => {
    writeFileSync(world.file, ALL);
    assert.equal((await faultOf(commands.push({ wallet: "other" }))).code, "not-owner");
    const no = answering("n");
    assert.equal((await faultOf(commands.push({ yes: false }, paper(no)))).code, "declined");
    const told = paper();
    await commands.push({ json: true }, told);
    const { netuid, parameters, rules } = JSON.parse(told.text());
    assert.deepEqual([netuid, rules], [1, null]);
    assert.equal(parameters.length, Object.keys(WANTED).length);
    for (const one of parameters) assert.equal(one.outcome, "set", JSON.stringify(one));
    const found = await world.client.ownerParameters(1);
    for (const [name, value] of found)
      if (name !== "ownerHotkey") assert.deepEqual(value, WANTED[name], name);
    // The activity cutoff, the prices and the rest are what other readers of the chain see too.
    const seen = await world.client.hyperparameters(1);
    assert.deepEqual(
      [seen.tempo, seen.immunityPeriod, seen.maxAllowedUids, seen.alphaValues, seen.minBurnRao],
      [400, 77, 128, [2000, 3000], 600_000n],
    );
  });

  it("is left alone where it is equal, and one that differs is the only call", async () => {
    writeFileSync(world.file, ALL.replace("rho = 12", "rho = 13"));
    const told = paper();
    await commands.push({}, told);
    assert.match(
      told.text(),
      /^hyperparameters of subnet 1 on the chain\n {2}hyperparameters\.rho +12 -> 13\n {2}chain\.weightsRateLimit +0, not 4: only Root changes it; left as it is\nhyperparameters\.rho is set in block \d+$/,
    );
    assert.equal((await faultOf(commands.push({}))).code, "run-not-published");
  });

  it("is left alone where the file does not name it, whatever its default", async () => {
    writeFileSync(world.file, "[chain]\nnetuid = 1\n[hyperparameters]\nalphaLow = 2500\n");
    const told = paper();
    await commands.push({}, told);
    assert.match(
      told.text(),
      /^hyperparameters of subnet 1 on the chain\n {2}hyperparameters\.alphaLow {2}2000, 3000 -> 2500, 3000\nhyperparameters\.alphaLow is set in block \d+$/,
    );
    writeFileSync(world.file, ALL.replace("rho = 12", "rho = 13"));
    await commands.push({});
  });

  it("the owner's hotkey is its own", async () => {
    const other = await world.client.registerNetwork(
      (await world.wallet("third", 1000n)).coldkey,
      (await world.wallet("fourth", 0n)).hotkey.ss58,
    );
    assert.equal(other.netuid, 2);
    const theirs = (await world.client.subnetOwner(2)).hotkey;
    const reasons = await reasonsOf(push(`${OWNER_HOTKEY}${theirs}`));
    assert.match(reasons["hyperparameters.ownerHotkey"] ?? "", /belongs to another coldkey/);
    await push(`${OWNER_HOTKEY}${owner.coldkey.ss58}`);
    assert.match((await faultOf(push(`${OWNER_HOTKEY}nonsense`))).code, /bad-option/);
    assert.deepEqual(
      (await reasonsOf(push(`${OWNER_HOTKEY}${owner.hotkey.ss58}`)))[
        "hyperparameters.ownerHotkey"
      ]?.replaceAll(/\d+/g, "N"),
      "its last change is too recent: the next is allowed from block N on, in N blocks",
    );
  });

  it("bounds of the chain are explained, and the rest is set all the same", async () => {
    const prices = await reasonsOf(
      push("hyperparameters.minBurnRao=900000000", "hyperparameters.maxBurnRao=200000000"),
    );
    assert.deepEqual(prices, {
      "hyperparameters.maxBurnRao": "the least price must stay below the highest",
    });
    const uids = await reasonsOf(
      push("chain.maximumUids=63", "hyperparameters.maxBurnRao=200000000"),
    );
    assert.match(uids["chain.maximumUids"] ?? "", /below the least that the chain keeps/);
    const many = await reasonsOf(push("chain.maximumUids=300"));
    assert.match(many["chain.maximumUids"] ?? "", /256 uids at most/);
    const mechanisms = await reasonsOf(push("chain.maximumUids=129"));
    assert.match(mechanisms["chain.maximumUids"] ?? "", /uids times mechanisms/);
    await push("hyperparameters.liquidAlpha=false");
    const alpha = await reasonsOf(
      push("hyperparameters.liquidAlpha=false", "hyperparameters.alphaLow=2500"),
    );
    assert.match(
      alpha["hyperparameters.alphaLow, hyperparameters.alphaHigh"] ?? "",
      /only while liquid alpha/,
    );
  });
});

describe("the owner's limits", () => {
  let world: World;
  let commands: Commands;
  before(async () => {
    world = await openWorld(TOML, { adminFreezeWindow: 6, ownerHyperparamRateLimit: 2 });
    commands = new Commands(world);
    await world.wallet("owner", 1000n);
    await commands.create({ yes: true });
  });
  after(async () => world.close());

  const rho = (value: number): Promise<void> =>
    commands.push({ set: [`hyperparameters.rho=${value}`] });

  it("are explained: when the freeze ends, from which block on a change is allowed", async () => {
    await world.sealTo((await world.client.head()).number + 13);
    const epoch = (await world.client.nextEpoch(1)) ?? 0;
    await world.sealTo(epoch - 4);
    const frozen = await reasonsOf(rho(11));
    assert.equal(
      frozen["hyperparameters.rho"],
      `parameters are frozen until the epoch of block ${epoch}, in 4 blocks`,
    );
    await world.sealTo(epoch);
    await rho(11);
    const set = (await world.client.head()).number;
    const early = await reasonsOf(rho(12));
    assert.equal(
      early["hyperparameters.rho"],
      `its last change is too recent: the next is allowed from block ${set + 24} on, in 24 blocks`,
    );
    await world.sealTo(set + 24);
    await rho(12);
    assert.equal((await world.client.ownerParameters(1)).get("rho"), 12);
  });

  it("hold for an epoch that the owner triggers: it is announced, runs, and is found", async () => {
    const { client } = world;
    const owner = await openColdkey({ folder: world.walletFolder, name: "owner" });
    const tempo = { pallet: "AdminUtils", name: "sudo_set_tempo", args: [1, 300] };
    const from = (await client.nextEpoch(1)) ?? 0;
    await world.sealTo(from);
    await assert.rejects(client.submit(owner, tempo), failsAs({ error: "BadOrigin" }));
    const trigger = { pallet: "SubtensorModule", name: "trigger_epoch", args: [1] };
    const { block } = await client.submit(owner, trigger);
    const announced = await client.nextEpoch(1);
    assert.equal(announced, block.number + 6);
    assert.equal((await client.parameterHolds(1, owner.ss58)).frozenUntil, announced);
    await world.sealTo(announced);
    assert.equal(await client.lastEpoch(1), announced);
    const blocks = { hashOf: async (number: number) => client.blockHash(number) };
    assert.equal(
      await firstEpochAfter({ netuid: 1, chain: client, blocks }, from, announced),
      announced,
    );
    assert.equal(await client.nextEpoch(1), announced + 12);
  });
});
