/** @file Details of uids as a page makes them: once for each look, and so many a second for everybody together. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openPage } from "../../../src/page/page.ts";
import { clock, subject } from "./scene.ts";

const KINDS = ["miners", "validators"] as const;
const UIDS = Array.from({ length: 10 }, (_, uid) => uid);

const isMade = (text: unknown): boolean => text !== undefined;

test("details are made once for each look, and beyond twenty a second not now; a uid that nobody holds costs nothing", async () => {
  const page = openPage(subject(clock.startBlock(1), new Map()));
  const stop = new AbortController();
  const reader = page.events(stop.signal)[Symbol.asyncIterator]();
  for (;;) {
    const { value } = await reader.next();
    if (String(value).includes("event: now")) break;
  }
  const all = (): readonly unknown[] =>
    KINDS.flatMap((what) => UIDS.map((uid) => page.detail(what, uid)));
  for (let uid = 100; uid < 700; uid++) assert.equal(page.detail("miners", uid), null);
  const first = all();
  assert.ok(first.every((text) => typeof text === "string"));
  assert.deepEqual(all(), first, "what was made is there");
  // A renewal takes a part of a second, unless the machine is busy.
  let renewed: readonly unknown[] = first;
  for (let time = 0; time < 20 && renewed.every(isMade); time++) {
    await page.renew();
    renewed = all();
  }
  assert.ok(!renewed.every(isMade));
  assert.equal(page.detail("miners", 100), null);
  while (!all().every(isMade)) await sleep(50);
  stop.abort();
  await reader.return?.(undefined);
  page.close();
});
