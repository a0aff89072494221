/**
 * @file Strangers at a chain whose JSON-RPC has a thread of its own, for two seconds each: blocks go on, an honest client
 * is answered, memory stays. Bounds are wide, since other tests run beside; all kinds, long and with figures, are bench/chain-flood.ts.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Besieged, besiege, grow, knownOf } from "../../../../bench/flood/siege.ts";
import { type Kind, type Known } from "../../../../bench/flood/kinds.ts";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { type LivingServer, StartingReader } from "../../../../chain/embedded/reader/start.ts";
import { startSealing } from "../../../../chain/embedded/sealing.ts";
import { openDevChain } from "../dev-chain.ts";

/** One for each thing that can run out: the runtime's time, the parser's, the author's, memory. */
const KINDS: readonly Kind[] = ["runtime-calls", "malformed", "forged", "never-read"];
const BLOCK_MS = 250;
const BLOCKS = 300;
const SECONDS = 2;
/** Of the blocks that were due. With one thread four clients left 4 of 51. */
const LEAST_ON_TIME = 0.7;
/** With one thread an honest client waited ten seconds. */
const LATE_MS = 5000;
/** 256 who never read took 2.9 GB with one thread; this process is the test's too. */
const MOST_MB = 1000;
const MOST_GROWN_MB = 100;

let chain: EmbeddedChain;
let reader: LivingServer;
let besieged: Besieged;
let known: Known;

before(async () => {
  const starting = new StartingReader();
  chain = await openDevChain();
  reader = await starting.serve(chain, { host: "127.0.0.1", port: 0, dev: true });
  let most = 0;
  const sampling = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 100);
  sampling.unref();
  besieged = {
    port: reader.port,
    get rss() {
      return process.memoryUsage.rss();
    },
    takeMostRss: () => {
      const taken = Math.max(most, process.memoryUsage.rss());
      most = 0;
      return taken;
    },
  };
  await grow(reader.port, BLOCKS);
  known = await knownOf(reader.port);
  startSealing(chain, BLOCK_MS);
});
after(async () => {
  await reader.close();
  await chain.close();
});

for (const kind of KINDS)
  test(`under ${kind}`, async () => {
    const plan = { seconds: SECONDS, blockMs: BLOCK_MS, known, beforeMs: 500, afterMs: 200 };
    const row = await besiege(besieged, kind, plan);
    const told = JSON.stringify(row);
    // While the buffers of 256 who never read fill up, an answer may take seconds: docs/chain.md, known limits.
    const isCrowd = kind === "never-read";
    assert.ok(isCrowd || row.onTime >= LEAST_ON_TIME, told);
    assert.ok(isCrowd || row.p99Ms <= LATE_MS, told);
    assert.ok(row.mostMB <= MOST_MB, told);
    assert.ok(kind !== "malformed" || row.grownMB <= MOST_GROWN_MB, told);
    assert.ok(row.sent > 0, told);
  });
