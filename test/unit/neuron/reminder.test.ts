/** @file What lasts is said when it begins or changes and now and then, never in every window. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ChainError } from "../../../chain/errors.ts";
import { outageTeller } from "../../../src/neuron/outages.ts";
import { Reminder } from "../../../src/neuron/reminder.ts";

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

test("an endpoint that is left, one that takes over and one of no use are told by name", () => {
  const said: string[] = [];
  const tell = outageTeller((text) => void said.push(text), { warn: () => undefined });
  const behind = { code: "endpoint-behind", endpoint: "ws://a:1", height: 7, known: 40 } as const;
  tell({ kind: "lost", endpoint: "ws://a:1", fault: new ChainError(behind) });
  tell({ kind: "back", endpoint: "ws://b:2", from: "ws://a:1", awayMs: 200 });
  const genesis = { expected: "0x01", found: "0x02", endpoint: "ws://c:3" };
  tell({ kind: "unused", fault: new ChainError({ code: "wrong-genesis", ...genesis }) });
  assert.match(said[0] ?? "", /leaving ws:\/\/a:1: .* stands at final block 7, but block 40/);
  assert.match(said[1] ?? "", /ws:\/\/b:2 takes over from ws:\/\/a:1 after 0 s/);
  assert.match(said[2] ?? "", /of no use: ws:\/\/c:3 serves chain 0x02/);
});
