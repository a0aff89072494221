/** @file A search among real axons of every kind: who hangs, lies or pours delays nobody's payload and costs little. */
import { strict as assert } from "node:assert";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { HOSTILITIES, openHostileAxon } from "../../../bench/attacks/hostile-axon.ts";
import { searchAxons, type SearchParts } from "../../../src/network/axon-search.ts";
import { BackOffs } from "../../../src/network/back-offs.ts";
import type { PeerAddress } from "../../../src/network/client.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { portOf } from "../../support/ports.ts";

const BYTES = new Uint8Array(1000).fill(3);
const ADDRESS = blake2b256(BYTES);
const hotkeyOf = (index: number): Hex => `0x${index.toString(16).padStart(2, "0").repeat(32)}`;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<PeerAddress> {
  const server = createServer(listener);
  servers.push(server);
  return { ip: "127.0.0.1", port: await portOf(server) };
}

type Counted = PeerAddress & { readonly asked: () => number };

/** One that answers "not here" `times`, then with the bytes. */
async function honest(times: number): Promise<Counted> {
  let count = 0;
  const axon = await serve((_request, response) => {
    count += 1;
    if (count <= times) response.writeHead(404).end();
    else response.end(BYTES);
  });
  return { ...axon, asked: () => count };
}

async function hanging(): Promise<Counted> {
  let count = 0;
  const axon = await serve(() => void (count += 1));
  return { ...axon, asked: () => count };
}

/** What a search among these axons needs. */
function partsOf(
  axons: readonly PeerAddress[],
  plan: Partial<SearchParts["plan"]> = {},
  more: Partial<SearchParts> & { readonly timeoutMs?: number } = {},
): SearchParts {
  const { timeoutMs = 5000 } = more;
  const known = new Map(axons.map((axon, index) => [hotkeyOf(index), axon]));
  return {
    axons: async () => known,
    backOffs: new BackOffs(),
    limits: { limitBytes: 7000, timeoutMs, signal: new AbortController().signal },
    plan: { owner: null, othersAfterMs: 0, patienceMs: 0, chances: 1, ...plan },
    ...more,
  };
}

test("bytes that do not hash to their address are refused, and another axon is asked", async () => {
  const liar = await serve((_request, response) => response.end(Buffer.alloc(100)));
  const gone = { ip: "127.0.0.1", port: 1 };
  const [empty, source] = [await honest(1), await honest(0)];
  assert.deepEqual(await searchAxons(ADDRESS, partsOf([gone, liar, empty, source])), BYTES);
  assert.equal(source.asked(), 1);
  assert.equal(await searchAxons(ADDRESS, partsOf([liar, gone])), null);
  assert.equal(await searchAxons(ADDRESS, partsOf([])), null);
});

test("axons that hang delay the others by a moment, not by their whole timeout", async () => {
  const axons = [await hanging(), await hanging(), await honest(0)];
  const began = performance.now();
  assert.deepEqual(await searchAxons(ADDRESS, partsOf(axons, {}, { timeoutMs: 10_000 })), BYTES);
  assert.ok(performance.now() - began < 5000);
});

test("an owner that is a moment behind is asked again while hostile axons hang, lie and pour", async () => {
  const hostile = await Promise.all(HOSTILITIES.map((how) => openHostileAxon(how)));
  const ports = hostile.map(({ port }) => ({ ip: "127.0.0.1", port }));
  // The bomb is made in this process when somebody asks first; that is no time of the search.
  await searchAxons(ADDRESS, partsOf(ports, {}, { timeoutMs: 500 }));
  try {
    for (let round = 0; round < 2; round++) {
      const owner = await honest(12);
      const plan = { owner: hotkeyOf(0), othersAfterMs: 100, patienceMs: Infinity };
      const began = performance.now();
      assert.deepEqual(await searchAxons(ADDRESS, partsOf([owner, ...ports], plan)), BYTES);
      const took = performance.now() - began;
      assert.ok(took < 4000, `${took} ms: whoever waits for one that hangs waits 5 s`);
      assert.equal(owner.asked(), 13);
    }
  } finally {
    for (const one of hostile) one.close();
  }
});

test("what hostile axons are asked for payloads that nobody has is soon little, and no honest one is shunned", async () => {
  const backOffs = new BackOffs();
  const hostile = await Promise.all(HOSTILITIES.map((how) => openHostileAxon(how)));
  const ports = hostile.map(({ port }) => ({ ip: "127.0.0.1", port }));
  const [empty, hung] = [await honest(1000), await hanging()];
  const axons = [...ports, hung, empty];
  const over = new AbortController();
  const searches = Array.from({ length: 5 }, (_, index) =>
    searchAxons(blake2b256(new Uint8Array(index + 1)), {
      ...partsOf(axons, { patienceMs: Infinity }, { timeoutMs: 1000 }),
      backOffs,
      over: over.signal,
    }),
  );
  await sleep(4000);
  over.abort();
  assert.deepEqual(await Promise.all(searches), [null, null, null, null, null]);
  const made = hostile.map((one) => one.close().made);
  // Before, each was asked by each search every 60 ms.
  assert.ok(Math.max(...made) <= 15, `${made.join(", ")} questions`);
  assert.ok(hung.asked() <= 7, `${hung.asked()} to one that hangs`);
  assert.equal(backOffs.failuresOf(hotkeyOf(axons.indexOf(empty))), 0);
  assert.ok(backOffs.failuresOf(hotkeyOf(axons.indexOf(hung))) > 0);
});

test("a blob that is too large is asked for once, and whoever says so is none the worse", async () => {
  let count = 0;
  const large = await serve((_request, response) => {
    count += 1;
    response.end(Buffer.alloc(8000));
  });
  const backOffs = new BackOffs();
  const over = AbortSignal.timeout(800);
  const parts = partsOf([large], { owner: hotkeyOf(0), patienceMs: Infinity }, { backOffs, over });
  assert.equal(await searchAxons(ADDRESS, parts), null);
  assert.deepEqual([count, backOffs.failuresOf(hotkeyOf(0))], [1, 0]);
});

test("a question that is withdrawn at once says nothing; one that was open for long counts", async () => {
  const [hung, late] = [await hanging(), await honest(0)];
  const backOffs = new BackOffs();
  await searchAxons(ADDRESS, partsOf([hung, late], {}, { backOffs }));
  assert.equal(backOffs.failuresOf(hotkeyOf(0)), 0);
  const over = AbortSignal.timeout(1200);
  const parts = partsOf([hung], { patienceMs: Infinity }, { backOffs, over });
  assert.equal(await searchAxons(ADDRESS, parts), null);
  await sleep(50);
  assert.equal(backOffs.failuresOf(hotkeyOf(0)), 1);
});

test("a search that is stopped ends with the reason; one that finds the blob here needs nobody", async () => {
  const hung = await hanging();
  const stop = new AbortController();
  const parts = partsOf([hung]);
  const stopped = searchAxons(ADDRESS, {
    ...parts,
    limits: { ...parts.limits, signal: stop.signal },
  });
  stop.abort(new Error("stopped"));
  await assert.rejects(stopped, /stopped/);
  const here = partsOf([hung], { patienceMs: Infinity }, { here: async () => BYTES });
  assert.deepEqual(await searchAxons(ADDRESS, here), BYTES);
});

const LARGE = Uint8Array.from({ length: 1 << 20 }, (_, at) => (at * at * 5) >> 7);
const LARGE_ADDRESS = blake2b256(LARGE);
const NOUGHTS = Buffer.alloc(LARGE.length);

/** Begins an answer with what is missing of a large blob; from which byte on. */
function beginLarge(range: string | undefined, response: ServerResponse): number {
  const start = Number(/^bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
  response.writeHead(start === 0 ? 200 : 206, {
    "content-length": LARGE.length - start,
    ...(start > 0 && { "content-range": `bytes ${start}-${LARGE.length - 1}/${LARGE.length}` }),
  });
  return start;
}

/** Noughts, broken off. */
function breakOff(response: ServerResponse): void {
  response.write(NOUGHTS.subarray(0, 300 << 10), () => response.destroy());
}

/** One that answers with what is missing of these bytes. */
async function sending(bytes: Uint8Array): Promise<Counted> {
  let count = 0;
  const axon = await serve((request, response) => {
    count += 1;
    response.end(bytes.subarray(beginLarge(request.headers.range, response)));
  });
  return { ...axon, asked: () => count };
}

/** What a search for the large blob needs. */
function largeParts(axons: readonly PeerAddress[], plan: Partial<SearchParts["plan"]>) {
  const parts = partsOf(axons, { patienceMs: 500, chances: 4, ...plan });
  const limits = { ...parts.limits, limitBytes: LARGE.length, leastBytesPerMs: 32 };
  return { ...parts, limits };
}

test("a beginning of several senders that is wrong is gone on with once, however three of them play together", async () => {
  // The first begins and is never seen again; the second goes on behind it and breaks off only when the third was wrong, too.
  let [begun, asked] = [0, 0];
  const breaks: (() => void)[] = [];
  const first = await serve((request, response) => {
    begun += 1;
    if (begun > 1) {
      response.writeHead(404).end();
      return;
    }
    beginLarge(request.headers.range, response);
    breakOff(response);
  });
  const second = await serve((request, response) => {
    asked += 1;
    const start = beginLarge(request.headers.range, response);
    if (asked > 1) response.end(NOUGHTS.subarray(start));
    else {
      response.flushHeaders();
      breaks.push(() => breakOff(response));
    }
  });
  let lies = 0;
  const third = await serve((request, response) => {
    const start = beginLarge(request.headers.range, response);
    lies += 1;
    if (lies === 2) for (const one of breaks) one();
    setTimeout(() => response.end(NOUGHTS.subarray(start)), lies === 2 ? 150 : 0);
  });
  const source = await sending(LARGE);
  const parts = largeParts([first, second, third, source], { hedgeMs: 300, mostAtOnce: 2 });
  const signal = AbortSignal.timeout(4000);
  const limits = { ...parts.limits, signal };
  assert.deepEqual(await searchAxons(LARGE_ADDRESS, { ...parts, limits }), LARGE);
  assert.ok(asked < 6, `${asked} questions to one that lies`);
});

/** One that answers with what is missing in pieces of `bytes`, each when `next` says so; how much it sent. */
async function slowly(
  bytes: number,
  next: () => Promise<unknown>,
): Promise<Counted & { readonly sent: () => number }> {
  let [count, sent] = [0, 0];
  const axon = await serve((request, response) => {
    count += 1;
    const start = beginLarge(request.headers.range, response);
    void (async () => {
      for (let at = start; at < LARGE.length && !response.destroyed; at += bytes) {
        await next();
        response.write(LARGE.subarray(at, at + bytes));
        sent += bytes;
      }
      response.end();
    })();
  });
  return { ...axon, asked: () => count, sent: () => sent };
}

test("answers that drip are handed on, also where one is asked at a time, and what they brought is kept", async () => {
  const drips = [await slowly(4000, () => sleep(100)), await slowly(4000, () => sleep(100))];
  const source = await sending(LARGE);
  const parts = largeParts([...drips, source], { hedgeMs: 300, mostAtOnce: 1, paceMs: 500 });
  const began = performance.now();
  assert.deepEqual(await searchAxons(LARGE_ADDRESS, parts), LARGE);
  const took = performance.now() - began;
  assert.ok(took < 6000, `${took} ms: one that drips needs 26 s`);
  assert.deepEqual(
    [...drips, source].map((axon) => axon.asked()),
    [1, 1, 1],
  );
  const weights = [0, 1, 2].map((index) => parts.backOffs.failuresOf(hotkeyOf(index)));
  assert.deepEqual(weights, [1, 1, 0], "the next search asks the others first");
});

test("on a line that is slow for all of them each has a turn, one of them goes on, and nothing crosses twice", async () => {
  let freeMs = 0;
  const line = async (): Promise<void> => {
    freeMs = Math.max(performance.now(), freeMs) + 4096 / 200;
    await sleep(freeMs - performance.now());
  };
  const axons = [await slowly(4096, line), await slowly(4096, line), await slowly(4096, line)];
  const parts = largeParts(axons, { hedgeMs: 1500, mostAtOnce: 2, paceMs: 500 });
  assert.deepEqual(await searchAxons(LARGE_ADDRESS, parts), LARGE);
  // A line that stalls for a moment looks slower than it was for another: that hands it on once more.
  const asked = axons.map((axon) => axon.asked());
  assert.ok(Math.min(...asked) >= 1 && Math.max(...asked) <= 3, `${asked.join(", ")} questions`);
  const sent = axons.reduce((sum, axon) => sum + axon.sent(), 0);
  const weights = [0, 1, 2].map((index) => parts.backOffs.failuresOf(hotkeyOf(index)));
  assert.deepEqual(weights, [0, 0, 0], "the line was slow, and none of them");
  assert.ok(sent < 1.1 * LARGE.length, `${sent} bytes were sent`);
});
