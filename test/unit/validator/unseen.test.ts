/** @file When weights go out: at once where anybody can read them, else in the last block before the epoch that counts them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChainClient } from "../../../chain/client/client.ts";
import type { Signer } from "../../../chain/wallet/signer.ts";
import { EMPTY_SCOREBOOK } from "../../../src/gauntlet/published-book.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Run } from "../../../src/run/run.ts";
import type { Memory } from "../../../validator/memory.ts";
import { unseen } from "../../../validator/unseen.ts";
import type { Validator } from "../../../validator/validator.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const TEMPO = 20;
const RICH = 1_000_000_000n;
type Chain = { readonly key?: boolean; readonly rao?: bigint; readonly lag?: number };
type Asked = { readonly waits: number[]; readonly held: number[] };

/** A validator at a block of a chain whose epochs are the multiples of the tempo; `newest`: the last window that it scored. */
function at(
  block: number,
  newest: number,
  { key = true, rao = RICH, lag = 0 }: Chain = {},
): Asked & { validator: Validator } {
  let now = block;
  const asked: Asked = { waits: [], held: [] };
  const node = participantOf({
    chain: stub<ChainClient>({
      shieldKey: async () => (key ? new Uint8Array(1) : null),
      balance: async () => rao,
      nextEpoch: async () => (Math.floor(now / TEMPO) + 1) * TEMPO,
    }),
    blocks: stub<BlockClock>({
      get current() {
        return { number: now, hash: "0x00" as const };
      },
      reached: async (number) => {
        asked.waits.push(number);
        now = Math.max(now, number);
        return { number: now, hash: "0x00" };
      },
    }),
    netuid: 1,
    signer: stub<Signer>({ ss58: "5" }),
    signal: new AbortController().signal,
    run: stub<Run>({ manifest: stub<Run["manifest"]>({ finalityLag: lag }) }),
  });
  const memory = stub<Memory>({
    book: { ...EMPTY_SCOREBOOK, window: newest },
    hold: (window) => void asked.held.push(window),
  });
  return { ...asked, validator: stub<Validator>({ node, memory }) };
}

test("where nobody opens encrypted calls, or the hotkey cannot pay, weights go out at once", async () => {
  for (const chain of [{ key: false }, { rao: 0n }, { rao: 49_999_999n }]) {
    const { validator, waits, held } = at(3, 1, chain);
    assert.equal(await unseen(validator, 1), "plain");
    assert.deepEqual([waits, held], [[], []]);
  }
});

test("else with two blocks left, and their records wait", async () => {
  const { validator, waits, held } = at(3, 1);
  assert.equal(await unseen(validator, 1), "shielded");
  assert.deepEqual([waits, held], [[TEMPO - 2], [1]]);
  const exact = at(TEMPO - 2, 1);
  assert.equal(await unseen(exact.validator, 1), "shielded");
  assert.deepEqual(exact.waits, [TEMPO - 2]);
});

test("final blocks are behind: the weights are sent that much earlier by their count", async () => {
  const { validator, waits } = at(3, 1, { lag: 3 });
  await unseen(validator, 1);
  assert.deepEqual(waits, [TEMPO - 5]);
});

test("what comes too late for an epoch waits for the next, and not for its first blocks", async () => {
  const { validator, waits } = at(TEMPO - 1, 1);
  assert.equal(await unseen(validator, 1), "shielded");
  assert.deepEqual(waits, [TEMPO, 2 * TEMPO - 2]);
});

test("a later window's weights take the place of those that wait", async () => {
  assert.equal(await unseen(at(3, 2).validator, 1), "overtaken");
});
