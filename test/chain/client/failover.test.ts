/** @file Two endpoints of one chain: whatever happens to one of them, the other takes over soon, and nothing is read that is not final. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain, type Head } from "../../../chain/client/client.ts";
import type { Fault } from "../../../chaos/rpc/proxy.ts";
import { accounts, failsAs, NETUID, openTestChain, serveChain, type TestChain } from "./fixture.ts";
import { closeEndpoint, type FaultyWorld, faultyWorld, openEndpoint, STALL_MS } from "./faulty.ts";

/** What ten seconds are to the stall of a real client, which is twenty times as long. */
const FAILOVER_MS = (10_000 / 4000) * STALL_MS;
/** Members of a client that read no state: calls, streams of final heads, what a node says of itself, and of its pool. */
const NO_READS: ReadonlySet<string> = new Set(
  `submit close api followHeads transfer transferAll burnedRegister setCommitment setWeights commitWeights revealWeights
  setShieldedWeights writePulse writeSignedPulse serveAxon addStake removeStake moveStake transferStake registerNetwork
  startCall setSubnetIdentity setOwnerParameter existentialDeposit isDevelopmentChain systemProperties pendingExtrinsics
  newBlock`.split(/\s+/),
);
/** A busy machine. */
const SLACK_MS = 20_000;

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, what);
    await sleep(10);
  }
}

/** Collects heads until it is stopped. */
function following(client: ChainClient): { readonly heads: Head[]; stop: () => Promise<void> } {
  const heads: Head[] = [];
  const stopped = new AbortController();
  const reading = (async () => {
    for await (const head of client.followHeads(stopped.signal)) heads.push(head);
  })();
  return {
    heads,
    stop: async () => {
      stopped.abort();
      await reading;
    },
  };
}

/** Heads without a gap, each that of the chain. */
function assertWhole(heads: readonly Head[], { chain }: FaultyWorld): void {
  for (const [index, { number, hash }] of heads.entries()) {
    assert.equal(number, (heads[0]?.number ?? 0) + index);
    assert.equal(chain.embedded.blockHash(number), hash);
  }
}

const FAULTS: readonly Fault[] = [
  { kind: "drop" },
  { kind: "half-open" },
  { kind: "stale" },
  { kind: "delay", ms: 10 * STALL_MS },
];

describe("an endpoint with a fault", () => {
  for (const fault of FAULTS)
    it(`(${fault.kind}) is left for the other in time, heads and reads go on`, async () => {
      const world = await faultyWorld();
      const { client, first, second, news } = world;
      try {
        assert.equal(client.endpoint, first.proxy.endpoint);
        const { heads, stop } = following(client);
        await until("the first head", () => heads.length > 0);
        const tookMs = await world.fail(fault);
        assert.ok(tookMs < FAILOVER_MS + SLACK_MS, `it took ${tookMs} ms`);
        assert.equal(client.endpoint, second.proxy.endpoint);
        const { number } = await client.head();
        assert.ok((await client.hotkeys(NETUID)).length > 0);
        await until("further heads", () => (heads.at(-1)?.number ?? 0) > number + 5);
        await stop();
        assertWhole(heads, world);
        const [lost, back] = news;
        assert.ok(lost?.kind === "lost" && lost.endpoint === first.proxy.endpoint);
        assert.ok(back?.kind === "back" && back.from === first.proxy.endpoint);
        // One that only stands still is found by the height of the other; one that is silent, or late, by that or by its silence.
        if (fault.kind === "stale") assert.equal(lost.fault?.code, "endpoint-behind");
        else if (fault.kind === "drop") assert.equal(lost.fault, undefined);
        else assert.ok([undefined, "endpoint-behind"].includes(lost.fault?.code));
        for (const { proxy } of [first, second]) assert.deepEqual(proxy.notFinal, []);
      } finally {
        await world.close();
      }
    });

  it("that is well again takes over when the other one fails", async () => {
    const world = await faultyWorld();
    const { client, first, second, news } = world;
    try {
      await world.fail({ kind: "drop" });
      first.proxy.set({ kind: "none" });
      const subscribed = (): number =>
        first.proxy.asked.filter(({ method }) => method === "chain_subscribeFinalizedHeads").length;
      await until("the first is ready", () => subscribed() > 1);
      second.proxy.set({ kind: "drop" });
      await until("back at the first", () => client.endpoint === first.proxy.endpoint);
      assert.ok((await client.hotkeys(NETUID)).length > 0);
      assert.equal(news.filter(({ kind }) => kind === "back").length, 2);
    } finally {
      await world.close();
    }
  });

  it("and another that fails too make reads wait, until one of them is back", async () => {
    const world = await faultyWorld();
    const { client, first, second } = world;
    try {
      for (const { proxy } of [first, second]) proxy.set({ kind: "drop" });
      await until("the loss", () => world.news.length > 0);
      const waiting = client.head();
      await sleep(5 * STALL_MS);
      second.proxy.set({ kind: "none" });
      assert.ok((await waiting).number > 0);
    } finally {
      await world.close();
    }
  });
});

describe("an endpoint of another chain", () => {
  it("is named, and asked nothing but its genesis", async () => {
    const world = await faultyWorld({ timeoutMs: 3000 });
    const { client, first, second, news } = world;
    try {
      second.proxy.set({ kind: "genesis" });
      const told = (): string[] =>
        news.flatMap((one) =>
          one.kind === "unused" && one.fault.code === "wrong-genesis" ? [one.fault.message] : [],
        );
      await until("it is told", () => told().length > 0);
      first.proxy.set({ kind: "drop" });
      await until("the search is told", () => news.some(({ kind }) => kind === "lost"));
      await assert.rejects(client.head());
      assert.match(told()[0] ?? "", new RegExp(`${second.proxy.endpoint} serves chain 0x07`));
      const asked = second.proxy.asked.filter(({ fault }) => fault === "genesis");
      assert.deepEqual([...new Set(asked.map(({ method }) => method))], ["chain_getBlockHash"]);
    } finally {
      await world.close();
    }
  });

  it("that has the same genesis and other final blocks is named and not read", async () => {
    const elsewhere = await openTestChain();
    // Chains that begin in the same slot make the same empty blocks.
    elsewhere.timeTravel(Date.now() + 3_600_000);
    const other = await serveChain(elsewhere, { sealing: 20 });
    const ours = await serveChain(await openTestChain(), { sealing: 50 });
    // On a busy machine both have the same pace.
    for (let block = 0; block < 100; block++) await other.embedded.seal();
    const [first, second] = [
      await openEndpoint(ours.endpoint, 0),
      await openEndpoint(other.endpoint, 0),
    ];
    const told: string[] = [];
    const client = await connectChain({
      endpoints: [first.proxy.endpoint, second.proxy.endpoint],
      stallMs: STALL_MS,
      timeoutMs: 4000,
      onNews: (news) => {
        if (news.kind === "unused" || news.kind === "searching") told.push(news.fault.code);
      },
    });
    try {
      await until("a height", async () => (await client.head()).number > 2);
      await until("the longer one is refused", () => told.includes("wrong-history"));
      assert.equal(client.endpoint, first.proxy.endpoint);
      first.proxy.set({ kind: "drop" });
      await assert.rejects(client.hotkeys(NETUID));
      const reads = second.proxy.asked.filter(({ method }) => method.startsWith("state_"));
      assert.deepEqual(reads, []);
    } finally {
      await client.close();
      for (const chain of [ours, other]) chain.embedded.sealing?.stop();
      for (const one of [first, second]) await closeEndpoint(one);
      for (const chain of [ours, other]) await chain.close();
    }
  });
});

describe("an endpoint that calls final what cannot be", () => {
  it("is named, and neither followed nor gone over to; it may be when it tells the truth again", async () => {
    const world = await faultyWorld({ timeoutMs: 3000 });
    const { client, first, second, news } = world;
    try {
      await until("a height", async () => (await client.head()).number > 2);
      second.proxy.set({ kind: "ahead", blocks: 1_000_000 });
      const isTold = (): boolean =>
        news.some((one) => one.kind === "unused" && one.fault.code === "endpoint-ahead");
      await until("it is told", isTold);
      const { number } = await client.head();
      await sleep(5 * STALL_MS);
      assert.equal(client.endpoint, first.proxy.endpoint);
      assert.ok((await client.head()).number > number);
      first.proxy.set({ kind: "drop" });
      await assert.rejects(client.head());
      second.proxy.set({ kind: "none" });
      await until("the second is used", async () =>
        client.head().then(
          () => true,
          () => false,
        ),
      );
      assert.equal(client.endpoint, second.proxy.endpoint);
    } finally {
      await world.close();
    }
  });
});

/** Ends what serves a chain, lets an hour of its slots and some blocks pass, and serves it again. */
async function breaks(served: readonly TestChain[]): Promise<readonly TestChain[]> {
  const { embedded } = served[0] ?? assert.fail();
  for (const one of served) await one.close();
  embedded.timeTravel(Date.now() + 3_600_000);
  for (let block = 0; block < 10; block++) await embedded.seal();
  return Promise.all(
    served.map(async ({ port }) => serveChain(embedded, { port, sealing: "manual" })),
  );
}

describe("a chain whose slots are ahead of our clock", () => {
  for (const count of [1, 2])
    it(`is read again after a break of blocks, from ${count} endpoints`, async () => {
      const embedded = await openTestChain();
      let served: readonly TestChain[] = await Promise.all(
        Array.from({ length: count }, async () => serveChain(embedded, { sealing: "manual" })),
      );
      const endpoints = served.map(({ endpoint }) => endpoint);
      const client = await connectChain({ endpoints, stallMs: STALL_MS, timeoutMs: 8000 });
      try {
        await embedded.seal();
        await until("the first block", async () => (await client.head()).number === 1);
        served = await breaks(served);
        assert.equal((await client.head()).number, 11);
        assert.ok((await client.hotkeys(NETUID)).length > 0);
      } finally {
        await client.close();
        for (const one of served) await one.close();
        await embedded.close();
      }
    });

  it("makes no far height of another endpoint win over the one in use", async () => {
    const world = await faultyWorld({}, { blockMs: 60_000, lag: 1 });
    const { client, chain, first, second, news } = world;
    try {
      for (let block = 0; block < 5; block++) await chain.embedded.seal();
      await until("a height", async () => (await client.head()).number === 4);
      second.proxy.set({ kind: "ahead", blocks: 1000, slots: 1_000_000 });
      await chain.embedded.seal();
      const isTold = (): boolean =>
        news.some((one) => one.kind === "unused" && one.fault.code === "endpoint-ahead");
      await until("it is told", isTold);
      await sleep(3 * STALL_MS);
      await chain.embedded.seal();
      await until("the next height", async () => (await client.head()).number === 6);
      // Neither in the moment in which the one in use is gone.
      first.proxy.set({ kind: "drop" });
      first.proxy.set({ kind: "none" });
      await until("it is back", () => news.some(({ kind }) => kind === "back"));
      assert.equal(client.endpoint, first.proxy.endpoint);
      assert.equal((await client.head()).number, 6);
    } finally {
      await world.close();
    }
  });
});

describe("what is not final", () => {
  it("has no hash that a client gives out, and is never read", async () => {
    const world = await faultyWorld({}, { blockMs: 60_000, lag: 3 });
    const { client, chain, first } = world;
    try {
      for (let block = 0; block < 6; block++) await chain.embedded.seal();
      await until("the view", () => first.view.best.number === 6);
      await until("the head", async () => (await client.head()).number === 3);
      assert.equal(await client.blockHash(3), chain.embedded.blockHash(3));
      for (const number of [4, 6, 7])
        await assert.rejects(client.blockHash(number), failsAs({ code: "rpc-failed" }));
      const graph = await client.metagraph(NETUID);
      assert.equal(graph.block, 3);
      assert.deepEqual(first.proxy.notFinal, []);
    } finally {
      await world.close();
    }
  });

  it("is read by no member of the client, and each of them is known here", async () => {
    const world = await faultyWorld({}, { blockMs: 60_000, lag: 3 });
    const { client, chain, first } = world;
    const { rich, validators, ownerColdkey } = accounts;
    const hotkey = validators[0]?.hotkey.publicKey ?? assert.fail();
    const reads: Readonly<Record<string, () => Promise<unknown>>> = {
      block: () => client.block(),
      head: () => client.head(),
      bestNumber: () => client.bestNumber(),
      timestampMs: () => client.timestampMs(),
      blockHash: () => client.blockHash(1),
      authorities: () => client.authorities(),
      metagraph: () => client.metagraph(NETUID),
      hotkeys: () => client.hotkeys(NETUID),
      stakes: () => client.stakes(NETUID, [hotkey]),
      validatorPermits: () => client.validatorPermits(NETUID),
      commitments: () => client.commitments(NETUID, [hotkey]),
      commits: () => client.commits(NETUID, hotkey),
      earliestCommits: () => client.earliestCommits(NETUID, [hotkey]),
      hasPulse: () => client.hasPulse(1),
      newestRound: () => client.newestRound(),
      balance: () => client.balance(rich.ss58),
      provenStorage: async () => client.provenStorage(["0x3a636f6465"], await client.blockHash(1)),
      burnCost: () => client.burnCost(NETUID),
      neuronOf: () => client.neuronOf(NETUID, hotkey),
      servableFrom: () => client.servableFrom(NETUID, hotkey),
      stakeOf: () => client.stakeOf(rich.ss58, hotkey, NETUID),
      stakesOf: () => client.stakesOf(rich.ss58),
      stakeForPermit: () => client.stakeForPermit(NETUID, hotkey),
      redeemable: () => client.redeemable(rich.ss58, hotkey, NETUID),
      subnetPot: () => client.subnetPot(NETUID),
      subnetAccount: () => client.subnetAccount(NETUID),
      shieldKey: () => client.shieldKey(),
      subnets: () => client.subnets(),
      subnetOwner: () => client.subnetOwner(NETUID),
      subnetIdentity: () => client.subnetIdentity(NETUID),
      identity: () => client.identity(NETUID),
      hyperparameters: () => client.hyperparameters(NETUID),
      emissionLedger: () => client.emissionLedger(NETUID),
      epochTerms: () => client.epochTerms(NETUID, [hotkey]),
      kin: () => client.kin(NETUID, [hotkey]),
      validatorTrust: () => client.validatorTrust(NETUID),
      lastEpoch: () => client.lastEpoch(NETUID),
      nextEpoch: () => client.nextEpoch(NETUID),
      networkLockCost: () => client.networkLockCost(),
      ownerParameters: () => client.ownerParameters(NETUID),
      parameterHolds: () => client.parameterHolds(NETUID, ownerColdkey.ss58),
    };
    try {
      for (let block = 0; block < 5; block++) await chain.embedded.seal();
      await until("the head", async () => (await client.head()).number === 2);
      for (const read of Object.values(reads)) await read();
      assert.deepEqual(first.proxy.notFinal, []);
      const functions = Object.entries(client).flatMap(([name, member]) =>
        typeof member === "function" ? [name] : [],
      );
      const unknown = functions.filter((name) => !(name in reads) && !NO_READS.has(name));
      assert.deepEqual(unknown, [], "does it read? then it belongs into the list above");
    } finally {
      await world.close();
    }
  });
});
