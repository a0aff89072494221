/** @file A chain that stops and comes back, on the same port with the same database: what waits, what fails, what is told. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ChainClient,
  type ConnectionNews,
  connectChain,
  type Head,
} from "../../../chain/client/client.ts";
import { patientClient } from "../../../chain/client/patient.ts";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { accounts, failsAs, NETUID, openTestChain, serveChain, type TestChain } from "./fixture.ts";

/** Far below the outage, so that nothing waits it out by chance. */
const LIMIT_MS = 300;
const OUTAGE_MS = 1500;

const folder = mkdtempSync(join(tmpdir(), "assay-outage-"));
const database = join(folder, "chain.sqlite");
after(() => rmSync(folder, { recursive: true }));

/** What the running test has open: a test that fails must not keep the file waiting for ever. */
let opened: World | null = null;
afterEach(async () => {
  await opened?.end();
  opened = null;
});

/** A client of a served chain; `stop` ends the chain and `back` starts it again, with its database, on the same port. */
type World = {
  readonly client: ChainClient;
  readonly news: readonly ConnectionNews[];
  readonly chain: () => EmbeddedChain;
  readonly stop: () => Promise<void>;
  /** Returns once the client has noticed: it looks for the chain at growing distances. */
  readonly back: () => Promise<void>;
  readonly end: () => Promise<void>;
};

async function world(): Promise<World> {
  let served: TestChain = await serveChain(await openTestChain(database));
  const { port } = served;
  let isUp = true;
  const stop = async (): Promise<void> => {
    if (!isUp) return;
    isUp = false;
    served.embedded.sealing?.stop();
    await served.close();
    await served.embedded.close();
  };
  const news: ConnectionNews[] = [];
  const client = await connectChain({
    endpoints: [served.endpoint],
    timeoutMs: LIMIT_MS,
    submitTimeoutMs: 20_000,
    onNews: (one) => void news.push(one),
  });
  opened = {
    client,
    news,
    chain: () => served.embedded,
    stop,
    back: async () => {
      served = await serveChain(await openTestChain(database), { port });
      isUp = true;
      while (news.at(-1)?.kind !== "back") await sleep(20);
    },
    end: async () => {
      await client.close();
      await stop();
    },
  };
  return opened;
}

describe("an outage that is longer than any request may take", () => {
  it("is told when it begins, why it lasts, and when it ends; never after the client closed", async () => {
    const { news, stop, back, end } = await world();
    await stop();
    await sleep(OUTAGE_MS);
    await back();
    assert.deepEqual(
      news.map(({ kind }) => kind),
      ["lost", "searching", "back"],
    );
    const [, searching, returned] = news;
    assert.ok(searching?.kind === "searching" && searching.fault.code === "chain-unreachable");
    assert.ok(returned?.kind === "back" && returned.awayMs >= OUTAGE_MS - 200);
    await end();
    await sleep(50);
    assert.equal(news.length, 3);
  });

  it("leaves no gap in a stream of heads", async () => {
    const { client, chain, stop, back, end } = await world();
    const seen: Head[] = [];
    const stopped = new AbortController();
    const reading = (async () => {
      for await (const head of client.followHeads(stopped.signal)) seen.push(head);
    })();
    while (seen.length === 0) await sleep(5);
    await stop();
    await sleep(OUTAGE_MS);
    await back();
    for (let block = 0; block < 3; block++) await chain().seal();
    const first = seen[0]?.number ?? 0;
    while ((seen.at(-1)?.number ?? 0) < first + 3) await sleep(20);
    stopped.abort();
    await reading;
    assert.deepEqual(
      seen.map(({ number }) => number - first),
      [0, 1, 2, 3],
    );
    await end();
  });

  it("makes a client fail, and a patient one wait, until it is told to stop", async () => {
    const { client, stop, back } = await world();
    const stopped = new AbortController();
    const patient = patientClient(client, stopped.signal);
    const known = await patient.hotkeys(NETUID);
    await stop();
    await assert.rejects(client.hotkeys(NETUID), failsAs({ code: "chain-unreachable" }));
    const waiting = Promise.all([patient.hotkeys(NETUID), patient.balance(accounts.rich.ss58)]);
    await sleep(OUTAGE_MS);
    await back();
    const [hotkeys, balance] = await waiting;
    assert.deepEqual(hotkeys, known);
    assert.ok(balance > 0n);
    assert.equal(patient.endpoint, client.endpoint);
    await stop();
    const given = assert.rejects(patient.head(), { message: "enough" });
    await sleep(2 * LIMIT_MS);
    stopped.abort(new Error("enough"));
    await given;
    await client.close();
  });

  it("ends with the caller's reason, also between two attempts", async () => {
    const { client, end } = await world();
    await end(); // a closed client refuses at once, so that a patient one mostly pauses
    const stopped = new AbortController();
    const given = assert.rejects(patientClient(client, stopped.signal).head(), {
      message: "enough",
    });
    await sleep(50);
    stopped.abort(new Error("enough"));
    await given;
  });

  it("is not waited out for what no waiting mends", async () => {
    const { client, end } = await world();
    const patient = patientClient(client, new AbortController().signal);
    await assert.rejects(patient.hotkeys(99), failsAs({ code: "subnet-missing", netuid: 99 }));
    await end();
  });

  it("lets calls go on afterwards, also while one that was under way is still looked for", async () => {
    const { client, chain, stop, back, end } = await world();
    const { hotkey } = accounts.validators[0] ?? assert.fail();
    chain().sealing?.stop(); // the first call stays in the pool, and is lost with it
    const lost = client.setCommitment(hotkey, NETUID, [{ kind: "raw", bytes: Uint8Array.of(1) }]);
    lost.catch(() => undefined);
    while (chain().pool.readyCount === 0) await sleep(10);
    await stop();
    await sleep(OUTAGE_MS);
    await back();
    const bytes = Uint8Array.of(2);
    const { block } = await client.setCommitment(hotkey, NETUID, [{ kind: "raw", bytes }]);
    const found = await client.commitments(NETUID, [hotkey.publicKey], block.hash);
    assert.deepEqual(found.get(hotkey.publicKey)?.fields, [{ kind: "raw", bytes }]);
    await end();
  });
});
