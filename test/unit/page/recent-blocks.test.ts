/** @file The newest blocks of a page: each is read once and no more of it than is shown, and polling costs nothing. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { ChainClient } from "../../../chain/client/client.ts";
import { RecentBlocks } from "../../../src/page/recent-blocks.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { stub } from "../stub.ts";

const hashOf = (number: number): Hex => `0x${number.toString(16).padStart(64, "0")}`;

test("each block is read once, no more of it than is shown, and whoever polls is given the same text", async (t) => {
  const asked: (readonly [number, number | undefined])[] = [];
  let [head, nowMs] = [20, 1000];
  t.mock.method(performance, "now", () => nowMs);
  const one = { signer: null, pallet: "Timestamp", call: "set", bytes: 11, error: null };
  const recent = new RecentBlocks({
    blocks: stub<BlockClock>({
      get current() {
        return { number: head, hash: hashOf(head) };
      },
      hashOf: async (number) => hashOf(number),
    }),
    chain: stub<ChainClient>({
      block: async (at, most) => {
        const number = Number(at);
        asked.push([number, most]);
        if (number < 15) throw new Error("forgotten");
        return { number, hash: hashOf(number), all: 3000, extrinsics: [one] };
      },
    }),
  });
  const [first, second] = await Promise.all([recent.text(), recent.text()]);
  assert.equal(first, second);
  const shown: { readonly number: number; readonly all: number }[] = JSON.parse(first);
  assert.deepEqual(
    shown.map(({ number, all }) => [number, all]),
    [20, 19, 18, 17, 16, 15].map((number) => [number, 3000]),
  );
  assert.deepEqual(
    asked,
    [20, 19, 18, 17, 16, 15, 14].map((number) => [number, 64]),
  );
  asked.splice(0);
  head = 21;
  nowMs += 900;
  assert.equal(await recent.text(), first, "nothing is read again so soon");
  assert.equal(asked.length, 0);
  nowMs += 200;
  assert.match(await recent.text(), /^\[\{"number":21,/);
  assert.deepEqual(
    asked.map(([number]) => number),
    [21, 14],
  );
});
