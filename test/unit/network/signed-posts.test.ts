/** @file Signed POSTs over real sockets: who is allowed is heard once, and nobody else costs a signature. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import { SeenNonces } from "../../../src/auth/seen-nonces.ts";
import { signRequest } from "../../../src/auth/signed-request.ts";
import { Verifier } from "../../../src/auth/verifier.ts";
import { AssayError } from "../../../src/errors.ts";
import { KEYS } from "../../../src/neuron/gate.ts";
import { type PostPlace, postSigned } from "../../../src/network/signed-post.ts";
import { type Listening, servePosts, signedPath } from "../../../src/network/signed-posts.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { eventually } from "../../support/eventually.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-posts-"));
const genesis: Hex = `0x${"07".repeat(32)}`;
const network = { netuid: 3, genesis };
const [validator, friend, stranger] = ["//Validator", "//Friend", "//Stranger"].map(signerFromUri);
assert.ok(validator && friend && stranger);
const seen = new SeenNonces(join(folder, "nonces"), BigInt(Date.now() - 60_000) * 1_000_000n);
const LIMITS = { limitBytes: 4096, timeoutMs: 5000 };
const echo = z.object({ from: z.string(), body: z.unknown() });
const LIMIT = 2 << 20;
let verified = 0;
let posts: Listening;

before(async () => {
  const verifier = new Verifier({ receiver: validator.ss58, keys: KEYS, seen });
  posts = await servePosts({
    host: "127.0.0.1",
    port: 0,
    bodyLimit: LIMIT,
    network,
    keys: KEYS,
    verifier: {
      verify(request) {
        verified += 1;
        return verifier.verify(request);
      },
    },
    isAllowed: (hotkey) => hotkey === friend.publicKey,
    about: () => ({ hotkey: validator.ss58 }),
    handlers: {
      echo: ({ hotkey }, body) => Promise.resolve({ from: hotkey, body }),
      no: () => Promise.resolve({ denied: "refused", error: "it lies", next: "do not" }),
    },
  });
});
after(async () => {
  await posts.close();
  seen.close();
  rmSync(folder, { recursive: true, force: true });
});

const place = (more: Partial<PostPlace> = {}): PostPlace => ({
  origin: `http://127.0.0.1:${posts.port}`,
  network,
  signer: friend,
  receiver: validator.ss58,
  ...more,
});
const ask = (at: PostPlace, verb = "echo", body: object = { n: 1 }) =>
  postSigned(at, { verb, body, schema: echo }, LIMITS);

async function refusal(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof AssayError, String(error));
    return error.fault.code === "peer-refused" ? error.fault.refusal : error.fault.code;
  }
  return "none";
}

test("who is allowed is heard, and knows whom it speaks to", async () => {
  assert.deepEqual(await ask(place()), { from: friend.publicKey, body: { n: 1 } });
});

test("a stranger is refused before its signature is looked at", async () => {
  const looked = verified;
  assert.equal(await refusal(ask(place({ signer: stranger }))), "not-allowed");
  assert.equal(verified, looked);
});

test("another receiver, network or path is refused", async () => {
  assert.equal(await refusal(ask(place({ receiver: friend.ss58 }))), "wrong-receiver");
  assert.equal(await refusal(ask(place({ network: { netuid: 4, genesis } }))), "wrong-network");
  assert.equal(await refusal(ask(place(), "nothing")), "peer-unreachable");
  assert.equal(await refusal(ask(place(), "constructor")), "peer-unreachable");
});

test("a handler's no arrives with its words", async () => {
  await assert.rejects(ask(place(), "no"), /it lies/);
  assert.equal(await refusal(ask(place(), "no")), "refused");
});

test("a request that was sent before, or whose body was changed, is nobody's", async () => {
  const target = signedPath(network, "echo");
  const body = new TextEncoder().encode('{"n":2}');
  const headers = signRequest({ method: "POST", target, body }, friend, validator.ss58);
  const send = (bytes: Uint8Array): Promise<Response> =>
    fetch(`http://127.0.0.1:${posts.port}${target}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: bytes,
    });
  assert.equal((await send(new TextEncoder().encode('{"n":3}'))).status, 403);
  assert.equal((await send(body)).status, 200);
  assert.equal((await send(body)).status, 403);
});

test("a body that is too large is refused, one that is no JSON reaches the handler as nothing", async () => {
  assert.equal(
    await refusal(ask(place(), "echo", { text: "x".repeat(LIMIT) })),
    "peer-unreachable",
  );
  const target = signedPath(network, "echo");
  const body = new TextEncoder().encode("{");
  const headers = signRequest({ method: "POST", target, body }, friend, validator.ss58);
  const answer = await fetch(`http://127.0.0.1:${posts.port}${target}`, {
    method: "POST",
    headers,
    body,
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { from: friend.publicKey });
});

test("anybody may ask whose it is, and nothing else", async () => {
  const about = await fetch(`http://127.0.0.1:${posts.port}/work`);
  assert.deepEqual(await about.json(), { hotkey: validator.ss58 });
  assert.equal((await fetch(`http://127.0.0.1:${posts.port}/status`)).status, 404);
});

/** The head of a request that a hotkey claims to send, with a body that never comes. */
function headOf({ ss58 }: { readonly ss58: string }, bytes: number): string {
  const signer = { ss58, sign: () => new Uint8Array(64) };
  const target = signedPath(network, "echo");
  const body = new Uint8Array();
  const signed = signRequest({ method: "POST", target, body }, signer, validator?.ss58 ?? "");
  const headers = { host: "127.0.0.1", "content-length": bytes, ...signed };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/** A socket that has sent something, and the first line of what it hears; null: nothing for a while. */
function sending(
  text: string,
  whileMs = 60_000,
): {
  readonly socket: Socket;
  readonly heard: Promise<string | null>;
} {
  const socket = connect(posts.port, "127.0.0.1", () => socket.write(text));
  const heard = new Promise<string | null>((resolve) => {
    socket.once("data", (data) => resolve(data.toString().split("\r\n", 1)[0] ?? ""));
    socket.once("error", () => resolve("cut"));
    setTimeout(() => resolve(null), whileMs).unref();
  });
  return { socket, heard };
}

test("who names no allowed hotkey is refused by the head of the request: no body is waited for", async () => {
  const { socket, heard } = sending(headOf(stranger, LIMIT));
  assert.match((await heard) ?? "", /^HTTP\/1.1 403/);
  socket.destroy();
});

test("bodies of one address that are under way are bounded in bytes, and its sockets in number", async () => {
  const held = Array.from({ length: 8 }, () => sending(headOf(friend, LIMIT), 500));
  assert.deepEqual(await Promise.all(held.map(({ heard }) => heard)), Array(8).fill(null));
  const more = sending(headOf(friend, LIMIT));
  assert.match((await more.heard) ?? "", /^HTTP\/1.1 503/);
  const idle = Array.from({ length: 16 }, () => sending(""));
  assert.equal(
    await Promise.race(idle.map((one) => one.heard)),
    "cut",
    "more than sixteen sockets",
  );
  for (const { socket } of [...held, more, ...idle]) socket.destroy();
  await eventually("there is room", async () => (await refusal(ask(place()))) === "none");
  assert.deepEqual(await ask(place()), { from: friend.publicKey, body: { n: 1 } });
});
