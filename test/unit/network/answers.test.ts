/** @file Signed questions: who is answered, who is refused and why, and what one caller can cost. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { publicKeyOf, verifySignature } from "../../../chain/wallet/account.ts";
import { type Signer, signerFromUri } from "../../../chain/wallet/signer.ts";
import { SeenNonces } from "../../../src/auth/seen-nonces.ts";
import { signRequest } from "../../../src/auth/signed-request.ts";
import { Verifier } from "../../../src/auth/verifier.ts";
import { isAssayError } from "../../../src/errors.ts";
import { Denied, question, questionPath, serveAnswers } from "../../../src/network/answers.ts";
import { type Asked, type AskLimits, askPeer } from "../../../src/network/ask.ts";
import type { Axon } from "../../../src/network/listening.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { eventually } from "../../support/eventually.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-answers-"));
const AT: { readonly netuid: number; readonly genesis: Hex } = {
  netuid: 3,
  genesis: `0x${"5a".repeat(32)}`,
};
const server = signerFromUri("//Server");
const peer = signerFromUri("//Peer");
const other = signerFromUri("//Other");
const stranger = signerFromUri("//Stranger");
const rivals = Array.from({ length: 9 }, (_, at) => signerFromUri(`//Rival${at}`));
const registered: readonly string[] = [peer, other, ...rivals].map(({ publicKey }) => publicKey);
const BODY_BYTES = 2048;
const ANSWER_MS = 1500;
const failures: string[] = [];
/** Questions that are held until a test lets go of them. */
const held = new Set<() => void>();

const questions = {
  double: question(z.strictObject({ x: z.int() }), ({ x }, { hotkey }) => ({ y: 2 * x, hotkey })),
  nothing: question(z.strictObject({}), () => undefined),
  deny: question(z.strictObject({}), () => {
    throw new Denied("not today");
  }),
  fail: question(z.strictObject({}), () => {
    throw new Error("a secret of this machine");
  }),
  hold: question(z.strictObject({}), async () => {
    await new Promise<void>((resolve) => held.add(resolve));
    return {};
  }),
  large: question(z.strictObject({}), () => ({ text: "x".repeat(300_000) })),
};

let axon: Axon;
let seen: SeenNonces;
before(async () => {
  seen = new SeenNonces(join(folder, "nonces.txt"), BigInt(Date.now() - 60_000) * 1_000_000n);
  const keys = { publicKeyOf, verify: verifySignature };
  // Tests ask faster than anybody may.
  const rate = { perKey: 10_000, total: 10_000, burstSeconds: 4 };
  axon = await serveAnswers(
    {
      questions,
      status: () => ({ hotkey: server.publicKey }),
      isValidator: (hotkey) => hotkey === other.publicKey,
      failed: (verb) => failures.push(verb),
    },
    {
      host: "127.0.0.1",
      port: 0,
      // Asked from one address: as many requests as so many peers may send.
      peersAt: () => 20,
      gate: {
        ...AT,
        verifier: new Verifier({ receiver: server.ss58, keys, seen, rate }),
        isPeer: (hotkey) => registered.includes(hotkey),
      },
    },
    { bodyBytes: BODY_BYTES, answerMs: ANSWER_MS },
  );
});
after(async () => {
  await axon.close();
  seen.close();
  rmSync(folder, { recursive: true });
});

async function ask<S extends z.ZodType>(
  asked: Asked<S>,
  signer: Signer = peer,
  limits: AskLimits = {},
): Promise<z.output<S>> {
  const asker = { ...AT, signer, allowPrivate: true };
  const target = { ss58: server.ss58, axon: { ip: "127.0.0.1", port: axon.port } };
  return askPeer(asker, target, asked, { timeoutMs: 5000, ...limits });
}

/** A POST as it is written here, signed for `target` and `body` unless headers are given. */
async function post(
  target: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = signRequest(
    { method: "POST", target, body },
    peer,
    server.ss58,
  ),
): Promise<{ readonly status: number; readonly text: string }> {
  const url = `http://127.0.0.1:${axon.port}${target}`;
  const response = await fetch(url, { method: "POST", body, headers });
  return { status: response.status, text: await response.text() };
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const DOUBLE = {
  verb: "double",
  body: { x: 4 },
  schema: z.object({ y: z.number(), hotkey: z.string() }),
};
const PATH = questionPath(AT, "double");

test("a registered hotkey is answered, and the answer knows who asked", async () => {
  assert.deepEqual(await ask(DOUBLE), { y: 8, hotkey: peer.publicKey });
  assert.deepEqual(await ask(DOUBLE, other), { y: 8, hotkey: other.publicKey });
  assert.equal(await ask({ verb: "nothing", body: {}, schema: z.null() }), null);
});

test("anybody may read whose axon it is, and nothing else", async () => {
  const status = await fetch(`http://127.0.0.1:${axon.port}/status`);
  assert.deepEqual(await status.json(), { hotkey: server.publicKey });
  const unsigned = await post(PATH, bytes('{"x":1}'), {});
  assert.equal(unsigned.status, 401);
  assert.match(unsigned.text, /malformed-auth/);
});

test("a hotkey without a uid, another network, another body, a replay: each is refused by its name", async () => {
  const body = bytes('{"x":1}');
  const refused = async (
    target: string,
    sent: Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>>,
    name: RegExp,
  ): Promise<void> => assert.match((await post(target, sent, headers)).text, name);
  const signed = (
    signer: Signer,
    target = PATH,
    receiver = server.ss58,
  ): Readonly<Record<string, string>> =>
    signRequest({ method: "POST", target, body }, signer, receiver);
  await refused(PATH, body, signed(stranger), /not-a-peer/);
  await refused(PATH, bytes('{"x":2}'), signed(peer), /bad-signature/);
  await refused(PATH, body, signed(peer, PATH, other.ss58), /wrong-receiver/);
  const elsewhere = questionPath({ ...AT, netuid: 4 }, "double");
  await refused(elsewhere, body, signed(peer, elsewhere), /wrong-network/);
  const once = signed(peer);
  assert.equal((await post(PATH, body, once)).status, 200);
  await refused(PATH, body, once, /replayed-request/);
  await assert.rejects(ask(DOUBLE, stranger), (error) => isAssayError(error, "peer-refused"));
});

test("bodies: no JSON, another shape, too long, of any bytes", async () => {
  assert.equal((await post(PATH, bytes("{"))).status, 400);
  assert.equal((await post(PATH, bytes('{"x":1.5}'))).status, 400);
  assert.equal((await post(PATH, bytes('{"x":1,"y":2}'))).status, 400);
  assert.equal((await post(PATH, new Uint8Array(BODY_BYTES + 1))).status, 413);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (sent) => {
      const { status } = await post(PATH, new Uint8Array(sent));
      assert.equal(status, 400);
    }),
    { numRuns: 30 },
  );
});

test("an answer may say no, or fail, and tells nothing of this machine", async () => {
  await assert.rejects(
    ask({ verb: "deny", body: {}, schema: z.null() }),
    (error) =>
      isAssayError(error, "peer-refused") &&
      /not today/.test(error.message + error.explanation.cause),
  );
  const failed = await post(questionPath(AT, "fail"), bytes("{}"));
  assert.deepEqual([failed.status, failed.text], [500, '{"error":"failed"}']);
  assert.deepEqual(failures, ["fail"]);
  await assert.rejects(ask({ verb: "no-such", body: {}, schema: z.null() }), (error) =>
    isAssayError(error, "peer-refused"),
  );
  await assert.rejects(ask({ verb: "constructor", body: {}, schema: z.null() }), (error) =>
    isAssayError(error, "peer-refused"),
  );
});

/** Lets go of everybody who is held. */
function letGo(): void {
  for (const release of held) release();
  held.clear();
}

/** Is held, and asks by itself: our own client asks one axon no more than eight things at once. */
async function hold(signer: Signer): Promise<{ readonly status: number; readonly text: string }> {
  const target = questionPath(AT, "hold");
  const body = bytes("{}");
  return post(target, body, signRequest({ method: "POST", target, body }, signer, server.ss58));
}

test("an answer that takes too long ends, and so does the patience of whoever asks", async () => {
  await assert.rejects(
    ask({ verb: "hold", body: {}, schema: z.object({}) }, peer, { timeoutMs: 50 }),
    (error) => isAssayError(error, "peer-timeout"),
  );
  const late = await hold(peer);
  assert.deepEqual([late.status, late.text], [504, '{"error":"took too long"}']);
  // Each holds its place until it has ended, also when nobody waits for it any more.
  letGo();
});

test("one caller has four answers under way; others have theirs beside it", async () => {
  const mine = Promise.all(Array.from({ length: 7 }, () => hold(peer)));
  const theirs = Promise.all([hold(other), hold(other)]);
  await eventually("four of one and two of another are under way", () => held.size === 6);
  const asked = { verb: "hold", body: {}, schema: z.object({}) };
  await assert.rejects(ask(asked), (error) => isAssayError(error, "peer-refused"));
  letGo();
  const statuses = async (all: typeof mine): Promise<readonly number[]> =>
    (await all).map(({ status }) => status).toSorted((a, b) => a - b);
  assert.deepEqual(await statuses(mine), [200, 200, 200, 200, 429, 429, 429]);
  assert.deepEqual(await statuses(theirs), [200, 200]);
});

test("whoever has no permit cannot take the room of those who have one", async () => {
  const crowd = rivals.flatMap((rival) => [rival, rival, rival, rival]);
  const statuses: number[] = [];
  const asked = Promise.all(
    crowd.map(async (rival) => void statuses.push((await hold(rival)).status)),
  );
  const refused = (): number => statuses.filter((status) => status === 429).length;
  await eventually("32 are under way, the others refused", () => refused() === crowd.length - 32);
  assert.equal(held.size, 32);
  assert.deepEqual(await ask(DOUBLE, other), { y: 8, hotkey: other.publicKey });
  letGo();
  await asked;
  assert.equal(refused(), crowd.length - 32);
});

test("what comes back is bounded and has a shape", async () => {
  const large = { verb: "large", body: {}, schema: z.object({ text: z.string() }) };
  assert.equal((await ask(large)).text.length, 300_000);
  await assert.rejects(ask(large, peer, { limitBytes: 1000 }), (error) =>
    isAssayError(error, "peer-oversized"),
  );
  await assert.rejects(ask({ ...DOUBLE, schema: z.object({ z: z.number() }) }), (error) =>
    isAssayError(error, "peer-unreachable"),
  );
});

test("a name on the chain does not lead into one's own network, but on a development chain", async () => {
  const asker = { ...AT, signer: peer, allowPrivate: false };
  for (const ip of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
    await assert.rejects(
      askPeer(asker, { ss58: server.ss58, axon: { ip, port: axon.port } }, DOUBLE),
      (error) => isAssayError(error, "peer-unreachable"),
    );
});

test("a head without a body is cut, and the next caller answered", async () => {
  const socket = connect({ host: "127.0.0.1", port: axon.port });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined);
  socket.write(`POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{`);
  assert.equal((await ask(DOUBLE)).y, 8);
  await closed;
});
