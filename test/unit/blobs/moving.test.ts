/** @file Moves into a bucket: one after the other, tried again, and none forgotten, whenever it is added. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Moving } from "../../../src/blobs/moving.ts";

const SILENT = { onFailed: () => undefined, onBack: () => undefined };

test("a move that is added while the last one ends is made, at whatever moment", async () => {
  for (let late = 0; late < 12; late++) {
    const moving = new Moving(SILENT);
    const done: string[] = [];
    const move = (name: string) => async () => void done.push(name);
    moving.add("first", move("first"));
    for (let time = 0; time < late; time++) await Promise.resolve();
    moving.add("second", move("second"));
    await turn();
    await moving.idle();
    assert.deepEqual(done, ["first", "second"], `added ${late} moments later`);
  }
});

test("what fails is tried again, behind the others, and told once", async () => {
  const told: string[] = [];
  const moving = new Moving(
    { onFailed: (error) => told.push(error.fault.code), onBack: () => told.push("back") },
    1,
  );
  let left = 2;
  const done: string[] = [];
  moving.add("hard", async () => {
    if (left-- > 0) throw new Error("away");
    done.push("hard");
  });
  moving.add("easy", async () => void done.push("easy"));
  const keep = setInterval(() => undefined, 1000);
  await moving.idle();
  clearInterval(keep);
  assert.deepEqual(done, ["easy", "hard"]);
  assert.equal(told[0], "store-failed");
  assert.equal(told.at(-1), "back");
});
