/** @file Large blobs on bad lines: slow ones end, broken ones go on, drips are given up, and no copy crosses without need. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Metagraph, Neuron } from "../../../chain/client/metagraph.ts";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { buildDataManifest, parseDataManifest } from "../../../src/data/data-manifest.ts";
import { openPages } from "../../../src/data/pages.ts";
import { isAssayError } from "../../../src/errors.ts";
import type { AxonAddress } from "../../../src/network/client.ts";
import { type AxonContent, serveAxon } from "../../../src/network/server.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { BlobFinder } from "../../../src/run/finder.ts";
import { pageReaders } from "../../../src/run/page-readers.ts";
import { portOf } from "../../support/ports.ts";
import { stub } from "../stub.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-large-"));
const servers: Server[] = [];
const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

const BYTES = Buffer.from(Uint8Array.from({ length: 800_000 }, (_, at) => (at * at * 5) >> 7));
const ADDRESS = blake2b256(BYTES);
const { signal } = new AbortController();
const LARGE = { limitBytes: BYTES.length, signal, large: true };
const hotkeyOf = (index: number): Hex => `0x${String(index).padStart(2, "0").repeat(32)}`;

/** A line that carries so many bytes a second for all servers behind it; `sent` counts them. */
class SlowLine {
  readonly #bytesPerMs: number;
  #freeMs = 0;
  sent = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  async carry(bytes: number): Promise<void> {
    const now = performance.now();
    this.#freeMs = Math.max(now, this.#freeMs) + bytes / this.#bytesPerMs;
    this.sent += bytes;
    await sleep(this.#freeMs - now);
  }
}

const startOf = (header: string | undefined): number =>
  Number(/^bytes=(\d+)-/.exec(header ?? "")?.[1] ?? 0);

async function serve(listener: RequestListener): Promise<AxonAddress> {
  const server = createServer(listener);
  servers.push(server);
  return { ip: "127.0.0.1", port: await portOf(server) };
}

/** The head of an answer with the bytes from `start` on. */
function begin(response: Parameters<RequestListener>[1], start: number): void {
  const end = BYTES.length;
  response.writeHead(start === 0 ? 200 : 206, {
    "content-length": end - start,
    ...(start > 0 && { "content-range": `bytes ${start}-${end - 1}/${end}` }),
  });
}

/** An axon behind a line. */
const behind =
  (line: SlowLine): RequestListener =>
  (request, response) => {
    const start = startOf(request.headers.range);
    begin(response, start);
    void (async () => {
      for (let at = start; at < BYTES.length && !response.destroyed; at += 8192) {
        const part = BYTES.subarray(at, at + 8192);
        await line.carry(part.length);
        response.write(part);
      }
      response.end();
    })();
  };

let folders = 0;
function finderFor(axons: readonly AxonAddress[]): BlobFinder {
  const neurons = axons.map(({ ip, port }, index) =>
    stub<Neuron>({
      hotkey: hotkeyOf(index),
      axon: stub<NonNullable<Neuron["axon"]>>({ ip, port }),
    }),
  );
  const chain = { metagraph: async () => stub<Metagraph>({ neurons }) };
  const blobs = openBlobs(join(folder, String(folders++)));
  return new BlobFinder({ netuid: 1, allowPrivate: true }, { chain, blobs });
}

suite("large blobs on bad lines", { concurrency: true }, () => {
  test(
    "a line of one million bits a second carries a large blob, once",
    { timeout: 60_000 },
    async (t) => {
      const line = new SlowLine(125_000);
      const axons = await Promise.all([0, 1, 2].map(() => serve(behind(line))));
      const began = performance.now();
      assert.deepEqual(await finderFor(axons).find(ADDRESS, LARGE), new Uint8Array(BYTES));
      const seconds = (performance.now() - began) / 1000;
      t.diagnostic(`${BYTES.length} bytes in ${seconds.toFixed(1)} s, ${line.sent} sent`);
      assert.ok(line.sent < 1.1 * BYTES.length, `${line.sent} bytes were sent`);
    },
  );

  test("what a broken answer brought is not sent again, by nobody; wrong beginnings cost one more try", async () => {
    const starts: number[] = [];
    const breaking =
      (bytes: Buffer, part: number): RequestListener =>
      (request, response) => {
        const start = startOf(request.headers.range);
        starts.push(start);
        begin(response, start);
        response.write(bytes.subarray(start, start + part), () => response.destroy());
      };
    const honest = [await serve(breaking(BYTES, 300_000)), await serve(breaking(BYTES, 300_000))];
    assert.deepEqual(await finderFor(honest).find(ADDRESS, LARGE), new Uint8Array(BYTES));
    assert.equal(starts.length, 3);
    assert.deepEqual(
      starts,
      starts.toSorted((a, b) => a - b),
    );
    const wrong = Buffer.from(BYTES.map((byte) => byte ^ 1));
    const one = [await serve(breaking(wrong, 300_000)), await serve(breaking(BYTES, 1e9))];
    assert.deepEqual(await finderFor(one).find(ADDRESS, LARGE), new Uint8Array(BYTES));
    const two = [await serve(breaking(wrong, 1e9)), await serve(breaking(BYTES, 500_000))];
    assert.deepEqual(await finderFor(two).find(ADDRESS, LARGE), new Uint8Array(BYTES));
  });

  test(
    "one that drips is given up although something always comes, and the error says what came",
    { timeout: 120_000 },
    async () => {
      let asked = 0;
      const dripping = await serve((request, response) => {
        asked += 1;
        // Later it has forgotten it: who only fails is asked four times.
        if (asked === 2) {
          response.writeHead(404).end();
          return;
        }
        begin(response, startOf(request.headers.range));
        const drip = setInterval(() => response.write(Buffer.alloc(500)), 100);
        response.once("close", () => clearInterval(drip));
      });
      const alone = finderFor([dripping]);
      const began = performance.now();
      await assert.rejects(
        alone.find(ADDRESS, LARGE),
        (error) =>
          isAssayError(error, "blob-missing") &&
          /in time: .*\d+ bytes came in \d/.test(error.message),
      );
      assert.ok(performance.now() - began < 15_000);
      const other = await serve((request, response) => {
        const start = startOf(request.headers.range);
        begin(response, start);
        response.end(BYTES.subarray(start));
      });
      const later = performance.now();
      const found = await finderFor([dripping, other]).find(ADDRESS, LARGE);
      assert.deepEqual(found, new Uint8Array(BYTES));
      assert.ok(performance.now() - later < 5000);
    },
  );

  test(
    "one that drips just fast enough is handed on after ten seconds, also above 32 MiB, and holds up what waits behind it no longer",
    { timeout: 60_000 },
    async () => {
      const dripping = await serve((request, response) => {
        const start = startOf(request.headers.range);
        begin(response, start);
        let at = start;
        const drip = setInterval(() => response.write(BYTES.subarray(at, (at += 4000))), 100);
        response.once("close", () => clearInterval(drip));
      });
      const other = Uint8Array.of(1, 2, 3);
      const source = await serve((request, response) => {
        if (request.url?.endsWith(ADDRESS) !== true) {
          response.end(other);
          return;
        }
        const start = startOf(request.headers.range);
        begin(response, start);
        response.end(BYTES.subarray(start));
      });
      const finder = finderFor([dripping, source]);
      const began = performance.now();
      const limits = { ...LARGE, limitBytes: 64 << 20 };
      const found = finder.find(ADDRESS, limits);
      assert.deepEqual(await finder.find(blake2b256(other), limits), other);
      assert.deepEqual(await found, new Uint8Array(BYTES));
      const took = performance.now() - began;
      assert.ok(took < 16_000, `${took} ms: the drip alone lasts 20 s`);
    },
  );

  test("pages of a large shard come by range from nodes; who sends wrong ones is passed by, and the node has all of it soon", async () => {
    const training = Uint8Array.from({ length: 9 << 20 }, (_, at) => (at * at * 3) >> 9);
    const heldOut = training.subarray(0, 4096);
    const built = buildDataManifest(
      { training, heldOut, tokenBytes: 1, vocabulary: 256 },
      { context: 64, sequencesPerPage: 8 },
    );
    const manifest = parseDataManifest(built.manifest);
    const { address } = manifest.shard;
    const blobs = openBlobs(join(folder, "shard"));
    await blobs.put(training);
    const source = await serveAxon(
      stub<AxonContent>({ blobs, page: undefined, metrics: undefined }),
      {
        host: "127.0.0.1",
        port: 0,
      },
    );
    closers.push(() => source.close());
    let lies = 0;
    const liar = await serve((request, response) => {
      lies += 1;
      const [, start = "0", last = "0"] =
        /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
      const length = Number(last) + 1 - Number(start);
      const range = `bytes ${start}-${last}/${training.length}`;
      response.writeHead(206, { "content-length": length, "content-range": range });
      response.end(Buffer.alloc(length, 7));
    });
    const finder = finderFor([liar, source]);
    const readers = await pageReaders(manifest, { finder, allowPrivate: true, signal });
    assert.equal(lies, 0, "nothing is fetched before a page is needed");
    const pages = openPages(manifest, readers, built.pageDigests);
    const sequences = await pages.sequences([5, 17_000]);
    assert.equal(sequences.at(0)[9], training[5 * 512 + 9]);
    assert.equal(sequences.at(8)[9], training[17_000 * 512 + 9]);
    assert.ok(lies > 0);
    for (
      let times = 0;
      times < 100 && (await finder.tryFind(address, { limitBytes: 1 << 24, signal })) === null;
      times++
    )
      await sleep(50);
    await source.close();
    assert.equal((await pages.sequences([900])).at(0)[3], training[900 * 512 + 3]);
  });
});
