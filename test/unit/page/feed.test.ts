/** @file Events: everything at first, then what is new; a slow reader gets the newest state; nobody looks while nobody reads. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { NowView, WindowView } from "../../../src/api/page.ts";
import { eventText, Feed, type Watched } from "../../../src/page/feed.ts";
import { tookMs } from "../../support/eventually.ts";
import { stub } from "../stub.ts";

const LOOK_MS = 5;

/** A subject whose looks a test makes happen. */
class Scene implements Watched {
  now: NowView | null = null;
  looks = 0;
  fails = false;
  readonly all: WindowView[] = [];
  #due = Promise.withResolvers<void>();
  #isDue = false;

  windows(): readonly WindowView[] {
    return this.all;
  }
  losses(): readonly { window: number; loss: number }[] {
    return this.all.map(({ window }) => ({ window, loss: 1 }));
  }
  async look(): Promise<void> {
    this.looks++;
    if (this.fails) throw new Error("no chain");
    this.now = stub<NowView>({ block: this.looks, toJSON: undefined } as Partial<NowView>);
  }
  readonly faults: unknown[] = [];
  fault(error: unknown): void {
    this.faults.push(error);
  }
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#isDue) {
      this.#due = Promise.withResolvers();
      const { promise, reject } = this.#due;
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      await promise;
    }
    this.#isDue = false;
  }
  /** Something new: the feed looks, now or once it waits. */
  next(): void {
    this.#isDue = true;
    this.#due.resolve();
  }
}

const windowView = (window: number, seen = 1): WindowView => ({
  window,
  record: null,
  recordedBy: null,
  seen,
  accepted: [],
  bytes: 1,
  own: null,
  noise: null,
  flags: [],
  verdicts: {},
  seconds: null,
});

/** The next event text that holds news. */
async function news(reader: AsyncGenerator<string>): Promise<string> {
  for (;;) {
    const { value } = await reader.next();
    if (typeof value !== "string") return assert.fail("the stream ended");
    if (value.includes("event: now")) return value;
  }
}

test("an event is one line of data", () => {
  assert.equal(
    eventText("now", JSON.stringify({ text: "a\nb\r\ndata: x" })),
    'event: now\ndata: {"text":"a\\nb\\r\\ndata: x"}\n\n',
  );
});

test("all that is known first, then what changed", async () => {
  const scene = new Scene();
  scene.all.push(windowView(0), windowView(1));
  const feed = new Feed(scene, LOOK_MS);
  const stop = new AbortController();
  const reader = feed.events(stop.signal);
  const first = await news(reader);
  assert.match(first, /"window":0.*"window":1/s);
  assert.match(first, /event: losses/);
  scene.all.push(windowView(2));
  scene.all[0] = windowView(0, 7);
  scene.next();
  const second = await news(reader);
  assert.match(second, /"window":0,.*"seen":7/s);
  assert.match(second, /"window":2/);
  assert.doesNotMatch(second, /"window":1,/);
  stop.abort();
  feed.close();
});

test("a reader that took nothing for a while gets one event with the newest state", async () => {
  const scene = new Scene();
  const feed = new Feed(scene, LOOK_MS);
  const stop = new AbortController();
  const slow = feed.events(stop.signal);
  await news(slow);
  const quick = feed.events(stop.signal);
  await news(quick);
  for (let window = 0; window < 3; window++) {
    scene.all.push(windowView(window));
    scene.next();
    await news(quick);
  }
  const late = await news(slow);
  assert.match(late, /"block":4/);
  assert.match(late, /"window":0.*"window":2/s);
  stop.abort();
  feed.close();
});

test("nobody looks before somebody reads, and a look that fails is made again", async () => {
  const scene = new Scene();
  scene.fails = true;
  const feed = new Feed(scene, LOOK_MS);
  await sleep(20);
  assert.equal(scene.looks, 0);
  const stop = new AbortController();
  const reader = feed.events(stop.signal);
  await reader.next();
  await reader.next();
  assert.equal(scene.looks, 1);
  while (scene.looks < 3) await sleep(1);
  assert.deepEqual(scene.faults.map(String), ["Error: no chain"], "the same is told once");
  scene.fails = false;
  assert.match(await news(reader), /"block":\d/);
  stop.abort();
  await reader.return(undefined);
  feed.close();
});

test("a line that stayed what it is is not written again at each look", async () => {
  const scene = new Scene();
  let written = 0;
  const flags = Object.assign([], { toJSON: () => [String(++written)] });
  const line = { ...windowView(0), flags };
  const feed = new Feed(scene, LOOK_MS);
  const stop = new AbortController();
  const reader = feed.events(stop.signal);
  for (let look = 0; look < 4; look++) {
    scene.all[0] = { ...line };
    scene.next();
    await news(reader);
  }
  assert.equal(written, 1);
  stop.abort();
  feed.close();
});

test("a reader hears something every two seconds", async () => {
  const scene = new Scene();
  const feed = new Feed(scene, LOOK_MS);
  const stop = new AbortController();
  const reader = feed.events(stop.signal);
  await news(reader);
  const took = await tookMs(2000, async () =>
    assert.match(String((await reader.next()).value), /^event: beat/),
  );
  assert.ok(took < 3500, `${took} ms`);
  stop.abort();
  assert.equal((await reader.next()).done, true);
  feed.close();
});
