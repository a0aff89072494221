/** @file A full block takes at most half of the slot it was made for, whatever fills it; what found no room waits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { key, openDevChain, requireCall, type Signer, signerFor } from "./dev-chain.ts";

const ACCOUNTS = ["//Alice", "//Charlie", "//Dave", "//Eve", "//Ferdie"];
/** Of each account. More than one block takes, at any slot here. */
const CALLS = 100;
/** A busy machine makes a block slower, also by the time of this thread alone; nothing makes it quicker: the quickest of these counts. */
const BLOCKS = 5;

/** Calls that cost much: transfers by twenty in one, and many bytes. */
function heavy(signer: Signer): unknown[] {
  const bob = key("//Bob").address;
  const transfer = requireCall(signer, "balances", "transferKeepAlive");
  const batch = requireCall(signer, "utility", "batchAll");
  const remark = requireCall(signer, "system", "remarkWithEvent");
  const transfers = batch(Array.from({ length: 20 }, (_, index) => transfer(bob, 1000 + index)));
  return [transfers, remark(`0x${"5a".repeat(20_000)}`)];
}

function fillPool(chain: EmbeddedChain): void {
  const signer = signerFor(chain);
  const calls = heavy(signer);
  for (const uri of ACCOUNTS) {
    const pair = key(uri);
    for (let nonce = 0; nonce < CALLS; nonce++) {
      chain.pool.submit(signer.sign(pair, calls[nonce % calls.length], nonce));
    }
  }
}

/** Milliseconds that this thread has computed: what the author's budget counts. */
function computedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of the quickest of some blocks, each of which left something in the pool. */
async function quickestMs(chain: EmbeddedChain): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let block = 0; block < BLOCKS; block++) {
    const before = chain.pool.readyCount;
    const started = computedMs();
    await chain.seal();
    leastMs = Math.min(leastMs, computedMs() - started);
    assert.ok(chain.pool.readyCount < before, "nothing was included");
    assert.ok(chain.pool.readyCount > 0, "the pool was not enough to fill a block");
  }
  return leastMs;
}

for (const slotDurationMs of [250, 500]) {
  test(`a full block of ${slotDurationMs} ms takes at most half of that`, async () => {
    const chain = await openDevChain({ slotDurationMs });
    fillPool(chain);
    const leastMs = await quickestMs(chain);
    assert.ok(leastMs <= slotDurationMs / 2, `${leastMs} ms`);
    await chain.close();
  });
}
