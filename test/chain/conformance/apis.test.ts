/** @file What the runtime APIs answer on a living chain, decoded as any client decodes it: storage in other words. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { accounts, NETUID, openTestChain, serveChain, type TestChain } from "../client/fixture.ts";
import { clientsNames, liveSurface } from "./fixtures.ts";

const TAO = 1_000_000_000;
const STAKE_RAO = 5_000_000_000n;
const [validator, other] = accounts.validators;
const [miner] = accounts.miners;
assert.ok(validator !== undefined && other !== undefined && miner !== undefined);
const { rich } = accounts;

let chain: TestChain;
let client: ChainClient;
let api: ApiPromise;

function camel(name: string): string {
  return name.replaceAll(/_(\w)/gu, (_, next: string) => next.toUpperCase());
}

/** A runtime API's answer as JSON; the names as in the metadata. */
async function ask(trait: string, method: string, ...args: readonly unknown[]): Promise<unknown> {
  const entry = api.call[`${trait[0]?.toLowerCase() ?? ""}${trait.slice(1)}`]?.[camel(method)];
  assert.ok(entry !== undefined, `${trait}.${method}`);
  return (await entry(...args)).toJSON();
}

async function read(item: string, ...keys: readonly unknown[]): Promise<unknown> {
  const entry = api.query["subtensorModule"]?.[item];
  assert.ok(entry !== undefined, item);
  return (await entry(...keys)).toJSON();
}

type Row = Readonly<Record<string, unknown>>;

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function row(value: unknown): Row {
  assert.ok(isRow(value));
  return value;
}

function rows(value: unknown): readonly Row[] {
  assert.ok(Array.isArray(value));
  return value.map(row);
}

function shapeOf(name: string): string {
  return clientsNames().above[name] ?? liveSurface().get(name) ?? "";
}

/** Something for a parameter like "netuid: u16". */
function argument(param: string, netuid: number): unknown {
  const [name = "", type = ""] = param.split(": ");
  if (type === "Vec<AccountId32>") return [rich.ss58];
  if (type === "AccountId32") return rich.ss58;
  if (type.startsWith("Option<")) return null;
  if (type === "Vec<u16>") return Array.from({ length: 74 }, (_, index) => index);
  return name === "netuid" ? netuid : 0;
}

before(async () => {
  chain = await serveChain(await openTestChain());
  client = await connectChain({ endpoints: [chain.endpoint] });
  await client.burnedRegister(miner.coldkey, NETUID, miner.hotkey.publicKey);
  await client.serveAxon(miner.hotkey, NETUID, { ip: "127.0.0.1", port: 8091 });
  await client.setCommitment(miner.hotkey, NETUID, [{ kind: "raw", bytes: Uint8Array.of(1, 2) }]);
  await client.addStake(rich, {
    hotkey: validator.hotkey.publicKey,
    netuid: NETUID,
    amountRao: STAKE_RAO,
  });
  for (const { hotkey } of [validator, other])
    await client.setWeights(hotkey, NETUID, { uids: [2], values: [65_535], versionKey: 0n });
  for (let block = 0; block < 14; block += 1) await chain.embedded.seal();
  api = await client.api();
});
after(async () => {
  await client.close();
  await chain.close();
});

suite("a subnet's answers", () => {
  test("metagraph and state are the columns of storage", async () => {
    const graph = row(await ask("SubnetInfoRuntimeApi", "get_metagraph", NETUID));
    const state = row(await ask("SubnetInfoRuntimeApi", "get_subnet_state", NETUID));
    const columns = {
      active: "active",
      validatorPermit: "validatorPermit",
      emission: "emission",
      dividends: "dividends",
      incentives: "incentive",
      consensus: "consensus",
      lastUpdate: "lastUpdate",
    };
    for (const [column, item] of Object.entries(columns)) {
      const stored = await read(item, NETUID);
      assert.deepEqual(graph[column], stored, column);
      assert.deepEqual(state[column], stored, column);
    }
    const emission = graph["emission"];
    assert.ok(Array.isArray(emission) && emission.every((alpha) => Number(alpha) > 0));
    const hotkeys = await Promise.all([0, 1, 2].map(async (uid) => read("keys", NETUID, uid)));
    assert.deepEqual(graph["hotkeys"], hotkeys);
    const stakes = await Promise.all(
      hotkeys.map(async (hotkey) => read("totalHotkeyAlpha", hotkey, NETUID)),
    );
    assert.deepEqual([graph["alphaStake"], state["totalStake"]], [stakes, stakes]);
    const scalars = {
      tempo: "tempo",
      burn: "burn",
      numUids: "subnetworkN",
      taoIn: "subnetTAO",
      alphaOut: "subnetAlphaOut",
      lastStep: "lastMechansimStepBlock",
      networkRegisteredAt: "networkRegisteredAt",
      ownerColdkey: "subnetOwner",
      commitRevealPeriod: "revealPeriodEpochs",
    };
    for (const [field, item] of Object.entries(scalars))
      assert.deepEqual(graph[field], await read(item, NETUID), field);
    assert.equal(rows(graph["axons"])[2]?.["port"], 8091);
    assert.equal(await ask("SubnetInfoRuntimeApi", "get_metagraph", 9), null);
  });

  test("parts are those of the whole, with commitments as stored", async () => {
    const part = row(
      await ask("SubnetInfoRuntimeApi", "get_selective_mechagraph", NETUID, 0, [0, 8, 52, 73]),
    );
    const whole = row(await ask("SubnetInfoRuntimeApi", "get_mechagraph", NETUID, 0));
    assert.deepEqual([part["tempo"], part["hotkeys"]], [whole["tempo"], whole["hotkeys"]]);
    assert.deepEqual([part["name"], part["coldkeys"], part["validators"]], [null, null, null]);
    const stored = await api.query["commitments"]?.["commitmentOf"]?.(NETUID, miner.hotkey.ss58);
    const hotkey = api.createType("AccountId", miner.hotkey.publicKey).toJSON();
    assert.ok(stored !== undefined && !stored.isEmpty);
    // The stored Option begins with a byte that says it is there.
    assert.deepEqual(part["commitments"], [[hotkey, [...stored.toU8a().subarray(1)]]]);
  });

  test("all dynamic info begins with the root network; prices are 1", async () => {
    const all = rows(await ask("SubnetInfoRuntimeApi", "get_all_dynamic_info"));
    assert.deepEqual(
      all.map(({ netuid }) => netuid),
      [0, NETUID],
    );
    assert.equal(all[1]?.["taoIn"], await read("subnetTAO", NETUID));
    assert.equal(all[1]?.["alphaOutEmission"], await read("subnetAlphaOutEmission", NETUID));
    const prices = await ask("SwapRuntimeApi", "current_alpha_price_all");
    assert.deepEqual(prices, [
      { netuid: 0, price: TAO },
      { netuid: NETUID, price: TAO },
    ]);
    const swap = row(await ask("SwapRuntimeApi", "sim_swap_alpha_for_tao", NETUID, 777));
    assert.deepEqual([swap["taoAmount"], swap["alphaAmount"], swap["taoFee"]], [777, 777, 0]);
  });

  test("hyperparameters by name are those of storage", async () => {
    const entries = await ask("SubnetInfoRuntimeApi", "get_subnet_hyperparams_v3", NETUID);
    const named = new Map(
      rows(entries).map(({ name, value }) => [
        Buffer.from(String(name).slice(2), "hex").toString("latin1"),
        Object.values(row(value))[0],
      ]),
    );
    const items = {
      tempo: "tempo",
      kappa: "kappa",
      min_burn: "minBurn",
      weights_rate_limit: "weightsSetRateLimit",
      serving_rate_limit: "servingRateLimit",
      activity_cutoff_factor: "activityCutoffFactorMilli",
      commit_reveal_weights_enabled: "commitRevealWeightsEnabled",
      transfers_enabled: "transferToggle",
      owner_cut_enabled: "ownerCutEnabled",
      collateral_lock_share: "collateralLockShare",
    };
    for (const [name, item] of Object.entries(items))
      assert.deepEqual(named.get(name), await read(item, NETUID), name);
    assert.deepEqual(row(named.get("burn_increase_mult")), await read("burnIncreaseMult", NETUID));
  });
});

suite("a coldkey's answers", () => {
  test("stake is its positions, with dividends", async () => {
    const [position, ...more] = await client.stakesOf(rich.publicKey);
    assert.ok(position !== undefined && more.length === 0);
    const [info] = rows(await ask("StakeInfoRuntimeApi", "get_stake_info_for_coldkey", rich.ss58));
    assert.ok(info !== undefined);
    assert.equal(BigInt(Number(info["stake"])), position.stakeRao);
    assert.ok(position.stakeRao > STAKE_RAO);
    assert.deepEqual([info["netuid"], info["isRegistered"]], [NETUID, true]);
    const hotkey = info["hotkey"];
    assert.equal(info["emission"], await read("alphaDividendsPerSubnet", NETUID, hotkey));
    assert.deepEqual(await ask("StakeInfoRuntimeApi", "get_stake_info_for_coldkeys", [rich.ss58]), [
      [api.createType("AccountId", rich.publicKey).toJSON(), [info]],
    ]);
    assert.deepEqual(
      await ask(
        "StakeInfoRuntimeApi",
        "get_stake_info_for_hotkey_coldkey_netuid",
        hotkey,
        rich.ss58,
        NETUID,
      ),
      info,
    );
  });

  test("what is available is the principal, and earned alpha when somebody paid for it", async () => {
    const available = async (): Promise<unknown> => {
      const all = row(
        await ask("StakeInfoRuntimeApi", "get_stake_availability_for_coldkeys", [rich.ss58], null),
      );
      return row(row(Object.values(all)[0])[NETUID])["available"];
    };
    assert.equal(await available(), Number(STAKE_RAO));
    const account = await ask("SubnetInfoRuntimeApi", "get_subnet_account_id", NETUID);
    await client.transfer(rich, String(account), 1000n);
    assert.equal(await available(), Number(STAKE_RAO) + 1000);
  });

  test("delegates name those who staked", async () => {
    const delegates = rows(await ask("DelegateInfoRuntimeApi", "get_delegates"));
    const found = delegates.find(({ nominators }) =>
      JSON.stringify(nominators).includes(rich.ss58),
    );
    assert.equal(
      api.createType("AccountId", found?.["delegateSs58"]).toHex(),
      validator.hotkey.publicKey,
    );
    assert.deepEqual(found?.["validatorPermits"], [NETUID]);
  });
});

suite("every runtime API that clients name", () => {
  test("answers for the root network, a subnet, and one that does not exist", async () => {
    const names = [...clientsNames().named, ...Object.keys(clientsNames().above)];
    const methods = names.filter((name) => /^\w+RuntimeApi\.\w+$/u.test(name));
    assert.ok(methods.length >= 46, String(methods.length));
    for (const name of methods) {
      const [trait = "", method = ""] = name.split(".");
      const [, params = ""] = /^\((.*)\) -> /u.exec(shapeOf(name)) ?? [];
      for (const netuid of [0, NETUID, 9]) {
        const args =
          params === "" ? [] : params.split(/, (?=\w+: )/u).map((param) => argument(param, netuid));
        await assert.doesNotReject(ask(trait, method, ...args), `${name} ${netuid}`);
      }
    }
  });

  test("proxy types are named with what they let through", async () => {
    const types = rows(await ask("ProxyFilterRuntimeApi", "get_proxy_types"));
    assert.deepEqual(
      types.map(({ index }) => index),
      Array.from({ length: 18 }, (_, index) => index),
    );
    const [staking] = rows(await ask("ProxyFilterRuntimeApi", "get_proxy_filter", 8));
    assert.equal(staking?.["filterMode"], "Allow");
    const calls = rows(staking["calls"]);
    const first = Buffer.from(String(calls[0]?.["callName"]).slice(2), "hex").toString();
    assert.deepEqual(
      [first, calls[0]?.["palletIndex"], calls[0]?.["callIndex"]],
      ["add_stake", 7, 2],
    );
  });
});
