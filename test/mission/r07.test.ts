/** @file R7: stake, and what is staked is given back: people act at random on a real chain, and all money is counted after each act. Cheating loses. */
import { test, type TestContext } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import { type ChainClient } from "../../chain/client/client.ts";
import type { Hex } from "../../chain/wallet/hex.ts";
import { signerFromUri } from "../../chain/wallet/signer.ts";
import { SplitMix } from "../support/split-mix.ts";
import { type Act, Acts, COLDKEYS, HOTKEYS, plain, VALIDATORS } from "./money-acts.ts";
import { cheatsOf } from "./cheating.ts";
import { nominatorError } from "./conservation.ts";
import { readMoney } from "./money.ts";
import { Book } from "./money-book.ts";
import { openOwnChain } from "./own-chain.ts";
import { counted, openPublicClient } from "./public-client.ts";
import { above, atMost, exactly, report } from "./report.ts";
import { ROWS } from "./rows.ts";

const TAO = 10 ** 9;
const RICH = 500 * TAO;
const STAKE = 40 * TAO;
const TEMPO = 15;
const NETUIDS = [1, 2] as const;
const ROUNDS = 12;
const SEED = 7n;
const U16 = 65_535;
const USUAL_TAKE = 11_796;
const [LEAST_UIDS, MOST_UIDS] = [8, 12];
const MOST_SUBNETS = 3;
const alice = signerFromUri("//Alice");

function genesis(): unknown {
  const neurons = HOTKEYS.map(({ ss58 }, uid) => ({
    hotkey: ss58,
    coldkey: COLDKEYS[uid]?.ss58,
    stake: uid < VALIDATORS ? STAKE : 0,
    validatorPermit: uid < VALIDATORS,
  }));
  return {
    balances: { balances: [...COLDKEYS, alice].map(({ ss58 }) => [ss58, RICH]) },
    subtensorModule: {
      defaultImmunityPeriod: 5,
      networkRateLimit: 0,
      networkMinLockCost: TAO,
      networkImmunityPeriod: 5,
      startCallDelay: 0,
      networks: NETUIDS.map((netuid) => ({
        netuid,
        tempo: TEMPO + netuid,
        weightsSetRateLimit: 0,
        ownerColdkey: alice.ss58,
        ownerHotkey: signerFromUri("//money//owner").ss58,
        additional: "",
        neurons,
      })),
    },
  };
}

type World = {
  readonly client: ChainClient;
  readonly api: ApiPromise;
  readonly endpoint: string;
  readonly book: Book;
};

/** A chain that makes a block for every call, our client, and a foreign one that counts. */
async function openWorld(t: TestContext): Promise<World> {
  const { client, endpoint } = await openOwnChain(t, genesis());
  const api = await openPublicClient(endpoint);
  t.after(() => api.disconnect());
  return { client, api, endpoint, book: await Book.open(client, api) };
}

/** What every validator says in a round. */
async function weigh({ client }: World, draws: SplitMix): Promise<void> {
  for (const netuid of NETUIDS)
    for (const hotkey of HOTKEYS.slice(0, VALIDATORS)) {
      const registered = await client.hotkeys(netuid);
      const miners = HOTKEYS.slice(VALIDATORS).map(({ publicKey }) =>
        registered.indexOf(publicKey),
      );
      const uids = miners.filter((uid) => uid >= 0).toSorted((a, b) => a - b);
      const values = uids.map(() => 1 + draws.below(U16));
      if (uids.length > 0 && registered.includes(hotkey.publicKey))
        await client
          .setWeights(hotkey, netuid, { uids, values, versionKey: 0n })
          .catch(() => undefined);
    }
}

/** Makes blocks up to this one; its hash. */
async function sealed({ client, endpoint }: World, to: number): Promise<Hex> {
  const body = { jsonrpc: "2.0", id: 1, method: "dev_newBlock", params: [{ to }] };
  await fetch(endpoint.replace("ws://", "http://"), { method: "POST", body: JSON.stringify(body) });
  while ((await client.head()).number < to) await new Promise((go) => setTimeout(go, 20));
  return client.blockHash(to);
}

/** The next epoch of a subnet, and how exactly its nominators were paid by their shares. */
async function toEpoch(world: World, netuid: number): Promise<ReturnType<typeof nominatorError>> {
  const { client, api, book } = world;
  const to = (await client.nextEpoch(netuid)) ?? 0;
  const before = await readMoney(api, await sealed(world, to - 1));
  const hash = await sealed(world, to);
  await book.count(hash, "epoch");
  const delegates = await api.query["subtensorModule"]?.["delegates"]?.entries();
  const takes = new Map<string, number>(HOTKEYS.map(({ publicKey }) => [publicKey, USUAL_TAKE]));
  for (const [key, take] of delegates ?? [])
    takes.set(key.args[0]?.toHex() ?? "", Number(take.toString()));
  const owners = new Map<string, string>(
    HOTKEYS.slice(0, VALIDATORS).map(({ publicKey }, at) => [
      publicKey,
      COLDKEYS[at]?.publicKey ?? "",
    ]),
  );
  return nominatorError(before, book.money, { netuid, owners, takes });
}

/** A call of Root, which a development chain gives to Alice. */
function byRoot({ api }: World, pallet: string, name: string, ...args: readonly unknown[]): Act {
  const call = api.tx[pallet]?.[name]?.(...args).method.toHex();
  return plain(`Root: ${name}`, alice, { pallet: "Sudo", name: "sudo", args: [call] });
}

/** One round of acts: each kind that people have, once or more. */
async function round(world: World, acts: Acts): Promise<void> {
  const { client, book } = world;
  const prices = await client.subnets();
  const drawn = [
    () => acts.stake(book.money),
    () => acts.stake(book.money),
    () => acts.unstake(book.money),
    () => acts.move(book.money),
    () => acts.swap(book.money),
    () => acts.transfer(book.money),
    () => acts.sponsor(book.money),
    () => acts.unstake(book.money),
    () => acts.giveUp(book.money),
    () => acts.take(),
    () => acts.register(book.money, prices),
    () => acts.unstake(book.money),
  ];
  for (const draw of drawn) {
    const act = draw();
    if (act !== null) await book.act(act);
  }
}

/** Hotkeys whose uid went to a newcomer: more registered than there is room for. */
async function prunedIn({ client, book }: World): Promise<number> {
  const lists = await Promise.all(NETUIDS.map(async (netuid) => client.hotkeys(netuid)));
  const grown = lists.flat().length - NETUIDS.length * HOTKEYS.length;
  return book.kinds.filter((kind) => kind === "register").length - grown;
}

/** A subnet more, on which people stake; at the limit the next one takes its place, and Root ends another. */
async function subnetsComeAndGo(world: World, acts: Acts): Promise<number> {
  const { client, book } = world;
  const [first, second] = COLDKEYS.slice(-2);
  if (first === undefined || second === undefined) throw new Error("nobody is left");
  await book.act(acts.subnet(first, await client.networkLockCost()));
  const start = { pallet: "SubtensorModule", name: "start_call", args: [MOST_SUBNETS] };
  await book.act(plain("start", first, start));
  for (let at = 0; at < 6; at++) await book.act(acts.stakeOn(MOST_SUBNETS));
  await book.act(byRoot(world, "adminUtils", "sudoSetSubnetLimit", MOST_SUBNETS));
  const before = book.stakedOn(MOST_SUBNETS);
  await book.act(acts.subnet(second, await client.networkLockCost()));
  const paidBack = before - book.stakedOn(MOST_SUBNETS);
  const last = NETUIDS.at(-1) ?? 1;
  await book.act(byRoot(world, "subtensorModule", "rootDissolveNetwork", last));
  return Number(paidBack) / TAO;
}

test(`R7: ${ROWS.R7.what}`, { timeout: 600_000 }, async (t) => {
  const began = performance.now();
  const world = await openWorld(t);
  const { book } = world;
  const draws = new SplitMix(SEED);
  const acts = new Acts(draws);
  for (const netuid of NETUIDS) {
    await book.act(byRoot(world, "adminUtils", "sudoSetMinAllowedUids", netuid, LEAST_UIDS));
    await book.act(byRoot(world, "adminUtils", "sudoSetMaxAllowedUids", netuid, MOST_UIDS));
  }
  const shares: ReturnType<typeof nominatorError>[] = [];
  for (let at = 0; at < ROUNDS; at++) {
    await weigh(world, draws);
    await round(world, acts);
    shares.push(await toEpoch(world, NETUIDS[at % NETUIDS.length] ?? 1));
  }
  const pruned = await prunedIn(world);
  const paidBackTao = await subnetsComeAndGo(world, acts);
  const cheats = cheatsOf();
  const { audited } = cheats;
  report(ROWS.R7, began, {
    goals: [
      exactly(
        "rao by which issuance, balances, principals and pools differ, worst act",
        Number(book.worstRao),
        0,
      ),
      exactly(
        "rao that anybody gained or lost beyond the rule, worst act",
        Number(book.strayRao),
        0,
      ),
      exactly("withdrawals that were paid otherwise than by the rule", book.wrong, 0),
      exactly("faults in any sum", book.faults.length, 0),
      above("acts that were counted", book.counted, 100),
      above("withdrawals that were paid", book.unstaked, 5),
      above("withdrawals that were refused, as the rule says", book.refusedByRule, 0),
      above("hotkeys that lost their uid to newcomers", pruned, 2),
      above("TAO that a dissolved subnet paid back", paidBackTao, 0),
      above(
        "nominators' payouts",
        shares.reduce((sum, { paid }) => sum + paid, 0),
        10,
      ),
      atMost(
        "rao between a nominator's pay and its share, worst",
        Number(shares.reduce((most, { worst }) => (worst > most ? worst : most), 0n)),
        2,
      ),
      above("audited part of updates", audited, Number(cheats.leastAudited.toFixed(2))),
      ...cheats.rows.map(({ name, least }) =>
        above(`p S - (1 - p) c of ${name}, in windows' pay`, least, 0),
      ),
      ...cheats.rows.map(({ name, worth }) =>
        atMost(`worth of ${name} beside honest work, in windows' pay`, worth, 0),
      ),
    ],
    numbers: {
      seed: Number(SEED),
      acts: counted(book.kinds),
      faults: book.faults.slice(0, 10),
      cheats: cheats.rows,
      paidBackTao,
    },
  });
});
