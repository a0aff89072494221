/** @file Pages by range from mirrors: proven, replaced where they are wrong, never from a private address, and there before they are needed. */
import { strict as assert } from "node:assert";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { buildDataManifest, parseDataManifest } from "../../../src/data/data-manifest.ts";
import { openPages } from "../../../src/data/pages.ts";
import { encodeTokens } from "../../../src/data/tokens.ts";
import { AssayError, isAssayError } from "../../../src/errors.ts";
import { pageReaders } from "../../../src/run/page-readers.ts";
import { answer, type Handler, serve } from "../data/range-server.ts";

const HEADER = 1024;
const TOKENS = Int32Array.from({ length: 80_000 }, (_, index) => (index * 7919) % 50_000);
const training = encodeTokens(TOKENS, 2);
const FILE = Buffer.concat([Buffer.alloc(HEADER), training, Buffer.alloc(500)]);
const SHAPE = { context: 64, sequencesPerPage: 4 };
const PAGE = 2 * 64 * 4;

const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
});

/** Pages of the shard, with one mirror; `blob` tells how often the whole shard was fetched from a node. */
async function pagesAt(
  handler: Handler,
  { allowPrivate = true, host = "127.0.0.1" }: { allowPrivate?: boolean; host?: string } = {},
) {
  const server = await serve(handler);
  closers.push(server.close);
  const url = `${server.url.replace("127.0.0.1", host)}/shard.bin`;
  const mirrors = [{ url, offset: HEADER }];
  const parts = {
    training,
    heldOut: training,
    tokenBytes: 2,
    vocabulary: 50_000,
    mirrors,
  } as const;
  const built = buildDataManifest(parts, SHAPE);
  const manifest = parseDataManifest(built.manifest);
  const fetched: string[] = [];
  const finder = {
    find(address: string): Promise<Uint8Array> {
      fetched.push(address);
      return Promise.resolve(training);
    },
    findRange: () => Promise.reject(new Error("a small shard is not read by range")),
  };
  const { signal } = new AbortController();
  const readers = await pageReaders(manifest, { finder, allowPrivate, signal });
  return { server, fetched, manifest, readers, digests: built.pageDigests };
}

const usual: Handler = (_, response, range) => answer(FILE, response, range);

test("only the pages that are asked for cross the line, from where the shard begins in the file", async () => {
  const { server, fetched, manifest, readers, digests } = await pagesAt(usual);
  const source = openPages(manifest, readers, digests);
  const sequences = await source.sequences([100, 7]);
  assert.deepEqual(sequences.at(0), TOKENS.slice(100 * 256, 100 * 256 + 65));
  assert.deepEqual(sequences.at(4), TOKENS.slice(7 * 256, 7 * 256 + 65));
  const ranges = [100, 7].map((page) => [HEADER + page * PAGE, HEADER + page * PAGE + PAGE + 1]);
  assert.deepEqual(server.asked.slice(1), ranges);
  assert.deepEqual(fetched, []);
});

test("a wrong page is named with its source; where a node has the shard, its page counts", async () => {
  const bad = new Uint8Array(FILE);
  bad[HEADER + 7 * PAGE + 20] = 1;
  const { fetched, manifest, readers, digests } = await pagesAt((_, response, range) =>
    answer(bad, response, range),
  );
  const [mirror] = readers;
  assert.ok(mirror !== undefined);
  await assert.rejects(
    openPages(manifest, [mirror], digests).sequences([7]),
    (error) =>
      isAssayError(error, "page-corrupt") &&
      /^Page 7 from http.*shard\.bin is not/.test(error.explanation.cause),
  );
  const sequences = await openPages(manifest, readers, digests).sequences([6, 7]);
  assert.deepEqual(sequences.at(4), TOKENS.slice(7 * 256, 7 * 256 + 65));
  assert.equal(fetched.length, 1);
});

test("a mirror that is away, too short, or leads into a private network is passed over", async () => {
  const ways: readonly (readonly [Handler, { allowPrivate?: boolean; host?: string }, RegExp])[] = [
    [(_, response) => void response.writeHead(404).end(), {}, /HTTP 404/],
    [(_, response, range) => answer(FILE.subarray(0, 5000), response, range), {}, /has 5000 bytes/],
    [(_, response) => void response.writeHead(302, { location: "/x" }).end(), {}, /redirects to/],
    [usual, { allowPrivate: false }, /private address/],
    [usual, { allowPrivate: false, host: "localhost" }, /private address/],
  ];
  for (const [handler, options, words] of ways) {
    const { server, fetched, manifest, readers, digests } = await pagesAt(handler, options);
    const [mirror] = readers;
    assert.ok(mirror !== undefined);
    await assert.rejects(
      openPages(manifest, [mirror], digests).sequences([1]),
      (error) => isAssayError(error, "data-source-failed") && words.test(error.message),
      String(words),
    );
    const source = openPages(manifest, readers, digests);
    await source.sequences([1, 2, 3]);
    assert.equal(fetched.length, 1, "one fetch of the whole shard");
    assert.ok(server.asked.length <= 1, "a mirror that failed rests");
    if (options.allowPrivate === false) assert.equal(server.asked.length, 0, "nothing was sent");
  }
});

test("a mirror that drips is given up, and the pages come from the nodes", async () => {
  let drips = 0;
  const { fetched, manifest, readers, digests } = await pagesAt((_, response, [start, last]) => {
    // Its size is told at once, a page byte by byte: something always comes before a socket counts as idle.
    if (start === 0) {
      answer(FILE, response, [start, last]);
      return;
    }
    const range = `bytes ${start}-${last}/${FILE.length}`;
    const length = last + 1 - start;
    response.writeHead(206, { "content-range": range, "content-length": length, etag: '"one"' });
    const timer = setInterval(() => {
      drips += 1;
      response.write(FILE.subarray(start, start + 1));
    }, 50);
    response.on("close", () => clearInterval(timer));
  });
  const startedAt = performance.now();
  const sequences = await openPages(manifest, readers, digests).sequences([7]);
  assert.deepEqual(sequences.at(0), TOKENS.slice(7 * 256, 7 * 256 + 65));
  assert.ok(performance.now() - startedAt < 12_000);
  assert.ok(drips > 10, `${drips}`);
  assert.equal(fetched.length, 1);
});

test("a shard without mirrors is fetched when a node joins, and a failure is told then", async () => {
  const parts = { training, heldOut: training, tokenBytes: 2, vocabulary: 50_000 } as const;
  const manifest = parseDataManifest(buildDataManifest(parts, SHAPE).manifest);
  const missing = new AssayError({ code: "blob-missing", digest: manifest.shard.address });
  const finder = { find: () => Promise.reject(missing), findRange: () => Promise.reject(missing) };
  const { signal } = new AbortController();
  await assert.rejects(pageReaders(manifest, { finder, allowPrivate: false, signal }), missing);
});

const pagesOf = (window: number): number[] =>
  Array.from({ length: 8 }, (_, index) => 8 * window + index);

test("with pages fetched ahead training waits for less than 1 % of its time on a slow line, without for much more", async (t) => {
  const LATENCY_MS = 25;
  const TRAIN_MS = 80;
  const WINDOWS = 8;
  const slow: Handler = (_, response, range) =>
    void setTimeout(() => answer(FILE, response, range), LATENCY_MS);
  const waits = async (ahead: boolean): Promise<number> => {
    const { manifest, readers, digests } = await pagesAt(slow);
    const source = openPages(manifest, readers, digests);
    await source.sequences(pagesOf(0));
    const shares: number[] = [];
    for (let window = 1; window <= WINDOWS; window++) {
      // The draw of the next window is known while this one is trained, revealed and judged.
      if (ahead) source.prefetch(pagesOf(window));
      await sleep(TRAIN_MS);
      const before = performance.now();
      await source.sequences(pagesOf(window));
      shares.push((performance.now() - before) / TRAIN_MS);
    }
    // Of a machine that is busy with other things a window may be slow: the middle one says what is usual.
    return shares.toSorted((a, b) => a - b)[WINDOWS / 2] ?? 1;
  };
  const [withAhead, without] = [await waits(true), await waits(false)];
  t.diagnostic(
    `training waits for ${(100 * withAhead).toFixed(3)} % with pages fetched ahead, ${(100 * without).toFixed(1)} % without`,
  );
  assert.ok(withAhead < 0.01, `waits for ${(100 * withAhead).toFixed(2)} % with`);
  assert.ok(without > 0.25, `waits for ${(100 * without).toFixed(1)} % without`);
});
