/** @file Looking back: who is asked, what is told, and that nobody is led to an address that they did not publish. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { createServer, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Signer, signerFromUri } from "../../../chain/wallet/signer.ts";
import { SeenNonces } from "../../../src/auth/seen-nonces.ts";
import { Verifier } from "../../../src/auth/verifier.ts";
import type { Status } from "../../../src/api/types.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { KEYS } from "../../../src/neuron/gate.ts";
import type { AxonAddress } from "../../../src/network/client.ts";
import { askLookBack } from "../../../src/network/look-back.ts";
import type { Axon } from "../../../src/network/listening.ts";
import { type AxonContent, serveAxon } from "../../../src/network/server.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { passportOf } from "../../../src/run/passport.ts";
import { portOf } from "../../support/ports.ts";
import { stub } from "../stub.ts";

const GENESIS: Hex = `0x${"12".repeat(32)}`;
const AT = { netuid: 3, genesis: GENESIS };
const folder = mkdtempSync(join(tmpdir(), "assay-look-back-"));
const asked = signerFromUri("//asked");
const alice = signerFromUri("//a");
const bob = signerFromUri("//b");
const stranger = signerFromUri("//s");
const STATUS = {
  role: "miner",
  hotkey: "0x",
  runId: null,
  window: null,
  thetaDigest: null,
  rulesDigest: null,
  device: "cpu",
  heldOut: null,
  progress: null,
  activity: "",
} as const satisfies Status;
const published = new Map<Hex, AxonAddress>();
let peer: Axon;
let own: Axon;

const content = (more: Partial<AxonContent>): AxonContent =>
  stub<AxonContent>({
    blobs: memoryBlobs(),
    page: undefined,
    metrics: undefined,
    axonOf: undefined,
    ...more,
  });

const crowd = Array.from({ length: 8 }, (_, index) => signerFromUri(`//crowd//${index}`));
const quiet = signerFromUri("//quiet");
const isPeer = (hotkey: string): boolean =>
  [alice, bob, quiet, ...crowd].some(({ publicKey }) => publicKey === hotkey);
/** Of one hotkey the chain never says it. */
const axonOf = async (hotkey: Hex): Promise<AxonAddress | null> =>
  hotkey === quiet.publicKey ? new Promise(() => undefined) : (published.get(hotkey) ?? null);
const status = (): Status => ({ ...STATUS, hotkey: alice.publicKey });

before(async () => {
  const seen = new SeenNonces(join(folder, "nonces"), BigInt(Date.now() - 60_000) * 1_000_000n);
  const verifier = new Verifier({ receiver: asked.ss58, keys: KEYS, seen });
  peer = await serveAxon(content({ axonOf }), {
    host: "127.0.0.1",
    port: 0,
    gate: { ...AT, verifier, isPeer },
  });
  own = await serveAxon(content({ status }), { host: "127.0.0.1", port: 0 });
});
after(async () => {
  await Promise.all([peer.close(), own.close()]);
  rmSync(folder, { recursive: true });
});

const ask = (signer: Signer): ReturnType<typeof askLookBack> =>
  askLookBack({ ...peer, hotkey: asked.publicKey }, passportOf(signer, AT));

test("a peer is told whether its own address leads to it, and where it is seen from", async () => {
  published.set(alice.publicKey, own);
  assert.deepEqual(await ask(alice), { reached: true, seenFrom: "127.0.0.1" });
  // Asked again at once it says nothing: each look is a request that somebody else causes.
  assert.equal(await ask(alice), null);
});

test("an address that leads to another node, or nowhere, does not count", async () => {
  published.set(bob.publicKey, own);
  assert.deepEqual(await ask(bob), { reached: false, seenFrom: "127.0.0.1" });
});

test("strangers, other networks and unsigned requests are refused", async () => {
  published.set(stranger.publicKey, own);
  assert.equal(await ask(stranger), null);
  const elsewhere = passportOf(bob, { ...AT, netuid: 4 });
  assert.equal(await askLookBack({ ...peer, hotkey: asked.publicKey }, elsewhere), null);
  const bare = await fetch(`http://127.0.0.1:${peer.port}/peers/3/${GENESIS}/look-back`);
  assert.equal(bare.status, 401);
});

/** The status of an answer to a signer who asks from another address of this machine. */
async function askFrom(localAddress: string, signer: Signer): Promise<number> {
  const target = `/peers/3/${GENESIS}/look-back`;
  const headers = passportOf(signer, AT).sign(target, asked.publicKey);
  const sent = request({ host: "127.0.0.1", port: peer.port, path: target, headers, localAddress });
  const [answer] = await once(sent.end(), "response");
  answer.resume();
  return answer.statusCode;
}

test("silent axons take no room from whoever asks from another network, nor does a chain that does not answer", async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket));
  const port = await portOf(silent);
  for (const { publicKey } of crowd) published.set(publicKey, { ip: "127.0.0.1", port });
  const [last] = crowd.slice(-1);
  assert.ok(last !== undefined);
  published.set(last.publicKey, own);
  const unanswered = askFrom("127.0.9.1", quiet);
  const held = crowd.slice(0, -1).map((one, index) => askFrom(`127.0.7.${index + 1}`, one));
  while (sockets.size < 4) await sleep(5);
  const beganMs = performance.now();
  assert.equal(await askFrom("127.0.8.1", last), 200);
  assert.ok(performance.now() - beganMs < 2500);
  const statuses = await Promise.all(held);
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [200, 200, 200, 200, 429, 429, 429],
  );
  assert.equal(await unanswered, 429);
  for (const socket of sockets) socket.destroy();
  silent.close();
});
