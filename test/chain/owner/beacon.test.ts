/** @file `subnet beacon`: recorded pulses from a file and from an API, to a chain that follows a beacon and to one that does not. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { openEmbeddedChain } from "../../../chain/embedded/chain.ts";
import { type PoolLimits } from "../../../chain/embedded/pool/pool.ts";
import { importHotkey } from "../../../chain/wallet/wallet.ts";
import { serveChain, type TestChain } from "../client/fixture.ts";
import fixture from "../../fixtures/timelocked.json" with { type: "json" };

const MAIN = fileURLToPath(new URL("../../../subnet/main.ts", import.meta.url));
const [early, late] = fixture.pulses;
const LIMIT_MS = 60_000;

async function served(
  beacon: "quicknet" | null,
  poolLimits: Partial<PoolLimits> = {},
): Promise<TestChain> {
  const runtimeCode = await readRuntimeArtifact();
  const genesisPatch = { drand: { beacon } };
  const options = { runtimeCode, preset: "development", genesisPatch, poolLimits };
  return serveChain(await openEmbeddedChain(options));
}

let folder: string;
let chain: TestChain;
let client: ChainClient;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "beacon-"));
  chain = await served("quicknet");
  client = await connectChain({ endpoints: [chain.endpoint] });
});
after(async () => {
  await client.close();
  await chain.close();
  rmSync(folder, { recursive: true });
});

type Ended = { readonly code: unknown; readonly out: string };

/** Runs the command; stops it once its output has `until`. */
async function runBeacon(args: readonly string[], until?: RegExp): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, "beacon", ...args], { timeout: LIMIT_MS });
  let out = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (until?.test(out) === true) child.kill("SIGTERM");
    });
  const [code] = await once(child, "close");
  return { code, out };
}

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("subnet beacon", () => {
  it("sends what a file holds, and nothing twice", async () => {
    const file = written("one.json", JSON.stringify(early));
    const first = await runBeacon(["--endpoint", chain.endpoint, "--file", file]);
    assert.deepEqual([first.code, first.out.trim()], [0, "round 123"]);
    assert.equal(await client.newestRound(), 123);
    const lines = written("lines.json", `${JSON.stringify(early)}\n${JSON.stringify(late)}\n`);
    const both = await runBeacon(["--endpoint", chain.endpoint, "--file", lines]);
    assert.equal(both.out.trim(), "round 123: there already\nround 1000");
    assert.deepEqual([await client.hasPulse(1000), await client.hasPulse(999)], [true, false]);
  });

  it("says what is wrong with a file, a pulse, a chain", async () => {
    const bad = written("bad.json", '{"round":5,"signature":"00"}');
    const shape = await runBeacon(["--endpoint", chain.endpoint, "--file", bad]);
    assert.match(shape.out, /cannot be used.*96 hex digits/s);
    const forged = written("forged.json", JSON.stringify({ ...late, round: 1001 }));
    const refused = await runBeacon(["--endpoint", chain.endpoint, "--file", forged]);
    assert.match(refused.out, /bad signature/);
    const neither = await runBeacon(["--endpoint", chain.endpoint]);
    assert.match(neither.out, /either --file .* or --url/);
    const deaf = await served(null);
    const unheard = await runBeacon([
      "--endpoint",
      deaf.endpoint,
      "--file",
      written("a.json", JSON.stringify(early)),
    ]);
    assert.match(unheard.out, /InvalidRevealRound/);
    await deaf.close();
    for (const { code } of [shape, refused, neither, unheard]) assert.notEqual(code, 0);
  });

  it("signs what a crowded chain has no time for, if it has a wallet", async () => {
    const crowded = await served("quicknet", { bareMs: 0 });
    const file = written("crowded.json", JSON.stringify(late));
    const args = ["--endpoint", crowded.endpoint, "--file", file];
    const without = await runBeacon(args);
    assert.notEqual(without.code, 0);
    assert.match(without.out, /without a signature/);
    // Of a known rich account, so that it can pay.
    await importHotkey({ folder, name: "sender", hotkey: "default", secret: "//Alice" });
    const wallet = ["--wallet", "sender", "--wallet-folder", folder];
    const signed = await runBeacon([...args, ...wallet]);
    assert.deepEqual([signed.code, signed.out.trim()], [0, "round 1000"]);
    await crowded.close();
  });

  it("follows an API, with the rounds that it missed", async () => {
    const other = await served("quicknet");
    const asked: string[] = [];
    const api = createServer((request, response) => {
      const what = request.url?.split("/").at(-1) ?? "";
      asked.push(what);
      const found =
        what === "latest" ? late : fixture.pulses.find(({ round }) => String(round) === what);
      response.statusCode = found === undefined ? 404 : 200;
      const body = found === undefined ? "" : JSON.stringify(found);
      response.setHeader("content-length", Buffer.byteLength(body));
      response.end(body);
    });
    api.listen(0, "127.0.0.1");
    await once(api, "listening");
    const address = api.address();
    assert.ok(typeof address === "object" && address !== null);
    const url = `http://127.0.0.1:${address.port}/chain`;
    const { out } = await runBeacon(["--endpoint", other.endpoint, "--url", url], /round 1000/);
    assert.match(out, /^round 1000$/m);
    assert.deepEqual([asked[0], asked.includes("960")], ["latest", true]);
    api.close();
    await other.close();
  });
});
