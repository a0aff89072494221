/** @file What lasts is said when it begins or changes and now and then, never in every window. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { ChainClient } from "../../../chain/client/client.ts";
import { ChainError } from "../../../chain/errors.ts";
import { outageTeller, tellLostBlocks } from "../../../src/neuron/outages.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import { Reminder } from "../../../src/neuron/reminder.ts";
import { stub } from "../stub.ts";

test("the same thing is told every tenth window, a new one at once", () => {
  const said: string[] = [];
  const reminder = new Reminder((text) => void said.push(text));
  for (let window = -1; window < 25; window++) reminder.tell(window, "a", `a${window}`);
  assert.deepEqual(said, ["a-1", "a9", "a19"]);
  reminder.tell(25, "b", "b25");
  assert.equal(said.at(-1), "b25");
});

test("what is over is told again at once when it comes back", () => {
  const said: string[] = [];
  const reminder = new Reminder((text) => void said.push(text));
  assert.equal(reminder.over(), false);
  reminder.tell(1, "a", "one");
  assert.equal(reminder.over(), true);
  assert.equal(reminder.over(), false);
  reminder.tell(2, "a", "two");
  assert.deepEqual(said, ["one", "two"]);
});

test("an outage is told with its reason, and its end with its length", () => {
  const said: string[] = [];
  const tell = outageTeller((text) => void said.push(text), { warn: () => undefined });
  tell({ kind: "lost", endpoint: "ws://a:1" });
  const fault = new ChainError({
    code: "chain-unreachable",
    endpoint: "ws://a:1",
    trouble: "refused",
  });
  tell({ kind: "searching", fault });
  tell({ kind: "back", endpoint: "ws://a:1", awayMs: 34_400 });
  tell({ kind: "back", endpoint: "ws://a:1", awayMs: 600_000 });
  assert.match(said[0] ?? "", /lost the chain at ws:\/\/a:1.*by itself/);
  assert.match(said[1] ?? "", /Nothing listens at ws:\/\/a:1/);
  assert.match(said[2] ?? "", /back after 34 s/);
  assert.match(said[3] ?? "", /back after 10 min/);
});

const hashOf = (number: number, history: number): `0x${string}` => `0x${history}${number}`;

/** What is told of a chain that stands at `number`, of this history; the one that was lost stood at 50, of history 1. */
const toldBy = async (number: number, history: number): Promise<string[]> => {
  const said: string[] = [];
  const chain = stub<ChainClient>({
    endpoint: "ws://a:1",
    head: async () => ({ number, hash: hashOf(number, history) }),
    blockHash: async (block) => hashOf(block, history),
  });
  const current = { number: 50, hash: hashOf(50, 1) };
  const blocks = stub<BlockClock>({ current });
  await tellLostBlocks({ chain, blocks }, (text) => void said.push(text));
  return said;
};

test("a chain that comes back without the blocks that were final is told apart from one that has them", async () => {
  assert.deepEqual(await toldBy(50, 1), []);
  assert.deepEqual(await toldBy(51, 1), []);
  assert.match((await toldBy(3, 1))[0] ?? "", /lost block 50, which was final, and stands at 3/);
  assert.match((await toldBy(60, 2))[0] ?? "", /lost block 50/);
});
