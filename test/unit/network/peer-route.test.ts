/** @file A peer behind a shared address: what its neighbours hold does not keep it out once it has proven its hotkey. */
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { publicKeyOf, verifySignature } from "../../../chain/wallet/account.ts";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import type { Status } from "../../../src/api/types.ts";
import { SeenNonces } from "../../../src/auth/seen-nonces.ts";
import { Verifier } from "../../../src/auth/verifier.ts";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { type AssayError, isAssayError } from "../../../src/errors.ts";
import { fetchBlob } from "../../../src/network/client.ts";
import type { Passport } from "../../../src/network/passport.ts";
import type { Axon } from "../../../src/network/listening.ts";
import { serveAxon } from "../../../src/network/server.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { passportOf } from "../../../src/run/passport.ts";
import { eventually } from "../../support/eventually.ts";
import { stub } from "../stub.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-peers-"));
const blobs = openBlobs(join(folder, "blobs"));
const AT: Pick<Passport, "netuid" | "genesis"> = { netuid: 1, genesis: `0x${"5a".repeat(32)}` };
const server = signerFromUri("//Server");
const peer = signerFromUri("//Peer");
const LIMITS = { limitBytes: 1 << 24, timeoutMs: 3000 };
const LARGE = new Uint8Array(12 << 20).fill(3);
const SMALL = new Uint8Array(1000).fill(4);
/** Milliseconds by which the axon's clock is ahead. */
let aheadMs = 0;
const axonClock = (): number => Date.now() + aheadMs;

let [large, small]: [Hex, Hex] = ["0x", "0x"];
let axon: Axon;
let seen: SeenNonces;
before(async () => {
  [large, small] = [await blobs.put(LARGE), await blobs.put(SMALL)];
  const path = join(folder, "nonces.txt");
  seen = new SeenNonces(path, BigInt(Date.now() - 60_000) * 1_000_000n);
  const keys = { publicKeyOf, verify: verifySignature };
  axon = await serveAxon(
    {
      blobs,
      status: () => stub<Status>({ window: 1 }),
      digests: () => [],
      checkpoint: () => null,
      record: () => null,
      verdict: () => null,
    },
    {
      host: "127.0.0.1",
      port: 0,
      gate: {
        ...AT,
        verifier: new Verifier({ receiver: server.ss58, keys, seen, now: axonClock }),
        isPeer: (hotkey) => hotkey === peer.publicKey,
      },
    },
  );
});
after(async () => {
  await axon.close();
  seen.close();
  rmSync(folder, { recursive: true });
});

const refusals: AssayError[] = [];
const passport = passportOf(peer, AT, (error) => refusals.push(error));
const endpoint = (): { ip: string; port: number; hotkey: Hex } => ({
  ip: "127.0.0.1",
  port: axon.port,
  hotkey: server.publicKey,
});

/** All sockets of the peer's own address, held by somebody who says nothing. */
async function holdSockets(): Promise<() => void> {
  const held: Socket[] = Array.from({ length: 16 }, () =>
    connect({ host: "127.0.0.1", port: axon.port }).on("error", () => undefined),
  );
  await Promise.all(held.map((socket) => once(socket, "connect")));
  // The axon takes sockets in their order: it has all of them once it cuts the next one.
  const next = connect({ host: "127.0.0.1", port: axon.port }).on("error", () => undefined);
  await new Promise((resolve) => next.resume().once("close", resolve));
  return () => held.forEach((socket) => socket.destroy());
}

/** Lets go, and waits until the axon has noticed: until it serves a neighbour. */
async function letGo(release: () => void): Promise<void> {
  release();
  await eventually("there is room for a neighbour", async () => {
    const answer = await ask().catch(() => null);
    answer?.destroy();
    return answer?.statusCode === 200;
  });
}

const ask = (): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const path = `/blobs/${large}`;
    get({ host: "127.0.0.1", port: axon.port, path, agent: false }, resolve).on("error", reject);
  });

/** All bytes that may be under way to the peer's own address, asked for and not read. */
async function holdBytes(): Promise<() => void> {
  const answers = await Promise.all([ask(), ask(), ask()]);
  return () => answers.forEach((answer) => answer.destroy());
}

test("sockets: who proves a registered hotkey is let in beside neighbours that hold them all", async () => {
  const release = await holdSockets();
  try {
    await assert.rejects(fetchBlob(endpoint(), small, LIMITS), (error) =>
      isAssayError(error, "peer-unreachable"),
    );
    assert.deepEqual(await fetchBlob(endpoint(), small, { ...LIMITS, passport }), SMALL);
    const stranger = { ...LIMITS, passport: passportOf(signerFromUri("//Stranger"), AT) };
    await assert.rejects(fetchBlob(endpoint(), small, stranger), (error) =>
      isAssayError(error, "peer-refused"),
    );
  } finally {
    await letGo(release);
  }
});

test("bytes: the share of a hotkey is its own", async () => {
  const release = await holdBytes();
  try {
    await assert.rejects(fetchBlob(endpoint(), large, LIMITS), (error) =>
      isAssayError(error, "peer-unreachable"),
    );
    const bytes = await fetchBlob(endpoint(), large, { ...LIMITS, passport });
    assert.equal(bytes?.length, LARGE.length);
  } finally {
    await letGo(release);
  }
});

test("a refusal is told with the difference of the clocks", async () => {
  const release = await holdBytes();
  aheadMs = 30_000;
  try {
    refusals.length = 0;
    await assert.rejects(fetchBlob(endpoint(), large, { ...LIMITS, passport }), (error) =>
      isAssayError(error, "peer-refused"),
    );
    assert.equal(refusals.length, 1);
    const fault = refusals[0]?.fault;
    assert.ok(fault?.code === "peer-refused" && fault.refusal === "stale-request");
  } finally {
    aheadMs = 0;
    await letGo(release);
  }
});

test("room for all: nothing is signed", async () => {
  const signs = { ...passport, sign: () => assert.fail("signed without need") };
  assert.deepEqual(await fetchBlob(endpoint(), small, { ...LIMITS, passport: signs }), SMALL);
});
