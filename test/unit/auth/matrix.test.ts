/**
 * @file Every field of a signed request, absent, empty, wrong, replayed, stale, future, for another receiver and downgraded:
 * thousands of bad requests to a real axon get nothing, hundreds of good ones all get their blob. `BAD=10000 node --test
 * test/unit/auth/matrix.test.ts` is the long form; SEED=<number> repeats a run.
 */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { text } from "node:stream/consumers";
import { publicKeyOf, ss58Of, verifySignature } from "../../../chain/wallet/account.ts";
import { type Signer, signerFromUri } from "../../../chain/wallet/signer.ts";
import type { Status } from "../../../src/api/types.ts";
import { SeenNonces } from "../../../src/auth/seen-nonces.ts";
import { freshNonce, HEADERS, signRequest } from "../../../src/auth/signed-request.ts";
import { type Keys, Verifier } from "../../../src/auth/verifier.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { type Passport, signedTarget } from "../../../src/network/passport.ts";
import type { Axon } from "../../../src/network/listening.ts";
import { serveAxon } from "../../../src/network/server.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import { stub } from "../stub.ts";

const BAD = Number(process.env["BAD"] ?? 2000);
const GOOD = BAD / 10;
const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
// Other systems have one loopback address.
const skip = process.platform !== "linux" && "Linux has the loopback addresses";

const folder = mkdtempSync(join(tmpdir(), "assay-matrix-"));
const AT: Pick<Passport, "netuid" | "genesis"> = { netuid: 3, genesis: `0x${"5a".repeat(32)}` };
const BYTES = new Uint8Array(100).fill(7);
const ADDRESS = blake2b256(BYTES);
const OTHER = blake2b256(new Uint8Array(1));
const receiver = signerFromUri("//Receiver");
const stranger = signerFromUri("//Stranger");
const peers = Array.from({ length: 40 }, (_, index) => signerFromUri(`//Peer${index}`));
const keys: Keys = {
  publicKeyOf(ss58) {
    try {
      const key = publicKeyOf(ss58);
      return ss58Of(key) === ss58 ? key : null;
    } catch {
      return null;
    }
  },
  verify: verifySignature,
};

/** The axon's clock while it is stopped. */
let stoppedMs: number | null = null;
let axon: Axon;
let seen: SeenNonces;
before(async () => {
  const blobs = memoryBlobs();
  await blobs.put(BYTES);
  // As opened a minute ago: a new file trusts nobody for two seconds.
  seen = new SeenNonces(join(folder, "nonces.txt"), BigInt(Date.now() - 60_000) * 1_000_000n);
  const rate = { perKey: 1e6, total: 1e6, burstSeconds: 1 };
  const known = new Set<string>(peers.map((peer) => peer.publicKey));
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
        verifier: new Verifier({
          receiver: receiver.ss58,
          keys,
          seen,
          rate,
          now: () => stoppedMs ?? Date.now(),
        }),
        isPeer: (hotkey) => known.has(hotkey),
      },
    },
  );
});
after(async () => {
  await axon.close();
  seen.close();
  rmSync(folder, { recursive: true });
});

/** A request as it goes out. */
type Sent = {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
};

// A connection each: on a busy machine an idle one may be cut in the moment in which it is used again.
const agents = Array.from(
  { length: 24 },
  (_, index) => new Agent({ keepAlive: false, localAddress: `127.0.1.${index + 1}` }),
);
after(() => agents.forEach((agent) => agent.destroy()));

async function send(sent: Sent, index: number): Promise<{ status: number; answer: string }> {
  return new Promise((resolve, reject) => {
    const { method, target: path, headers, body } = sent;
    const agent = agents[index % agents.length];
    const options = {
      host: "127.0.0.1",
      port: axon.port,
      path,
      method,
      ...(agent !== undefined && { agent }),
    };
    const length = body === undefined ? {} : { "content-length": String(body.length) };
    request({ ...options, headers: { ...headers, ...length } }, (response) => {
      text(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, answer }),
        reject,
      );
    })
      .on("error", reject)
      .end(body);
  });
}

const TARGET = signedTarget(AT, ADDRESS);

function good(signer: Signer, nonce = freshNonce(), to = receiver.ss58): Sent {
  const content = { method: "GET", target: TARGET, body: new Uint8Array() };
  return { method: "GET", target: TARGET, headers: signRequest(content, signer, to, nonce) };
}

/** As signed for `content`, but sent as a GET of TARGET. */
function signedFor(content: { method?: string; target?: string; body?: string }): Sent {
  const { method = "GET", target = TARGET, body = "" } = content;
  const bytes = new TextEncoder().encode(body);
  const signed = signRequest({ method, target, body: bytes }, peerAt(0), receiver.ss58);
  return { method: "GET", target: TARGET, headers: signed };
}

/** A small generator: the same cases for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const draw = generator(SEED);
const peerAt = (index: number): Signer => peers[index % peers.length] ?? stranger;
const anyPeer = (): Signer => peerAt(draw(peers.length));

/** Good requests that are bent before they are sent: signing takes longer than all else here. */
const pool: { at: number; requests: readonly Sent[] } = { at: 0, requests: [] };
function unsent(): Sent {
  if (Date.now() - pool.at > 4000) {
    pool.at = Date.now();
    pool.requests = peers.map((peer) => good(peer));
  }
  return pool.requests[draw(pool.requests.length)] ?? good(stranger);
}

const withHeader = (sent: Sent, name: string, value: string | readonly string[]): Sent => ({
  ...sent,
  headers: { ...sent.headers, [name]: value },
});
const without = (sent: Sent, name: string): Sent => ({
  ...sent,
  headers: Object.fromEntries(Object.entries(sent.headers).filter(([key]) => key !== name)),
});
const valueOf = (sent: Sent, name: string): string => String(sent.headers[name] ?? "");

/** Another character at some place. */
function bent(value: string): string {
  const at = draw(value.length);
  const others = "0123456789abcdefGHJKxyz".split("").filter((one) => one !== value[at]);
  return value.slice(0, at) + others[draw(others.length)] + value.slice(at + 1);
}

const CARRIED = [
  HEADERS.version,
  HEADERS.hotkey,
  HEADERS.receiver,
  HEADERS.nonce,
  HEADERS.signature,
];
const nonceAt = (offsetMs: number): string =>
  String(BigInt(Date.now() + offsetMs) * 1_000_000n + BigInt(draw(1_000_000)));
const elsewhere = (target: string): Sent => {
  const content = { method: "GET", target, body: new Uint8Array() };
  return { method: "GET", target, headers: signRequest(content, anyPeer(), receiver.ss58) };
};

/** Requests that were let in once. */
const letIn: Sent[] = [];
const replayed = (): Sent => letIn[draw(letIn.length)] ?? good(stranger);

/** Kinds of bad requests, by name. */
const KINDS: Readonly<Record<string, () => Sent>> = {
  ...Object.fromEntries(
    CARRIED.flatMap((name) => [
      [`${name} absent`, () => without(unsent(), name)],
      [`${name} empty`, () => withHeader(unsent(), name, "")],
      [
        `${name} wrong`,
        () => {
          const sent = unsent();
          return withHeader(sent, name, bent(valueOf(sent, name)));
        },
      ],
      [`${name} twice`, () => withHeader(unsent(), name, ["x", "y"])],
      [
        `${name} of another request`,
        () =>
          withHeader(
            good(peerAt(1)),
            name,
            valueOf(
              good(peerAt(2), nonceAt(-5), stranger.ss58),
              name === HEADERS.version ? HEADERS.nonce : name,
            ),
          ),
      ],
    ]),
  ),
  "no headers at all": () => ({ method: "GET", target: TARGET, headers: {} }),
  "crypto downgraded": () => withHeader(unsent(), HEADERS.crypto, "ed25519"),
  "crypto empty": () => withHeader(unsent(), HEADERS.crypto, ""),
  "crypto wrong": () => withHeader(unsent(), HEADERS.crypto, bent("sr25519")),
  "version downgraded": () => withHeader(unsent(), HEADERS.version, "0"),
  "signature of zeros": () => withHeader(unsent(), HEADERS.signature, `0x${"00".repeat(64)}`),
  "nonce replayed": replayed,
  "replayed with another target": () => ({ ...replayed(), target: signedTarget(AT, OTHER) }),
  stale: () => good(anyPeer(), nonceAt(-10_500 - draw(1e6))),
  "before 1970 ended": () => good(anyPeer(), String(draw(1e6))),
  future: () => good(anyPeer(), nonceAt(3500 + draw(1e6))),
  "far future": () => good(anyPeer(), "9".repeat(20)),
  "receiver other": () => good(anyPeer(), freshNonce(), stranger.ss58),
  "receiver unbound": () => good(anyPeer(), freshNonce(), "-"),
  "sender a stranger": () => good(stranger),
  "method other": () => signedFor({ method: "POST" }),
  "target other": () => signedFor({ target: signedTarget(AT, OTHER) }),
  "target with a query": () => ({ ...unsent(), target: `${TARGET}?x=${draw(100)}` }),
  "target spelt otherwise": () => ({
    ...unsent(),
    target: TARGET.replace("/blobs/", "/%62lobs/"),
  }),
  "netuid other": () => elsewhere(signedTarget({ ...AT, netuid: 4 }, ADDRESS)),
  "netuid with a zero": () => elsewhere(TARGET.replace("/peers/3/", "/peers/03/")),
  "netuid empty": () => elsewhere(TARGET.replace("/peers/3/", "/peers//")),
  "genesis other": () =>
    elsewhere(signedTarget({ ...AT, genesis: `0x${"5b".repeat(32)}` }, ADDRESS)),
  "genesis bent": () =>
    elsewhere(signedTarget({ ...AT, genesis: `0x${bent("5a".repeat(32))}` }, ADDRESS)),
  "body signed and not sent": () => signedFor({ body: "x" }),
  "body sent and not signed": () => ({ ...unsent(), body: "x".repeat(1 + draw(100)) }),
  "body signed and sent": () => ({ ...signedFor({ body: "xy" }), body: "xy" }),
};

/** Sends all, some at once; returns what was answered. */
async function sendAll(
  count: number,
  make: () => Sent,
): Promise<{ sent: Sent; status: number; answer: string }[]> {
  const answers: { sent: Sent; status: number; answer: string }[] = [];
  for (let from = 0; from < count; from += agents.length) {
    const batch = Array.from({ length: Math.min(agents.length, count - from) }, make);
    const got = await Promise.all(batch.map((sent, index) => send(sent, index)));
    answers.push(...got.map((one, index) => ({ sent: batch[index] ?? good(stranger), ...one })));
  }
  return answers;
}

test(
  `${GOOD} good requests are let in, ${BAD} bad ones are not (seed ${SEED})`,
  { skip },
  async () => {
    const first = await sendAll(GOOD, () => good(anyPeer()));
    assert.deepEqual([...new Set(first.map(({ status }) => status))], [200], `seed ${SEED}`);
    // Also at the very edges of what is fresh.
    stoppedMs = Date.now();
    const [oldest, newest] = [stoppedMs - 10_000, stoppedMs + 2_000];
    const edges = await sendAll(48, () =>
      good(
        anyPeer(),
        draw(2) === 0
          ? String(BigInt(oldest) * 1_000_000n + BigInt(draw(1_000_000)))
          : String(BigInt(newest) * 1_000_000n - BigInt(draw(1_000_000))),
      ),
    );
    stoppedMs = null;
    assert.deepEqual([...new Set(edges.map(({ status }) => status))], [200], `seed ${SEED}`);
    letIn.push(...edges.map(({ sent }) => sent));
    const names = Object.keys(KINDS);
    let index = 0;
    const used: string[] = [];
    const bad = await sendAll(BAD, () => {
      const name = names[index++ % names.length] ?? "";
      used.push(name);
      return KINDS[name]?.() ?? replayed();
    });
    const accepted = bad.filter(({ status }) => status < 400);
    assert.deepEqual(
      accepted.map(({ sent }) => used[bad.findIndex((one) => one.sent === sent)]),
      [],
      `seed ${SEED}`,
    );
    for (const [at, { status, answer }] of bad.entries()) {
      const name = used[at] ?? "";
      const expected =
        name === "netuid empty" ? [404, 401] : name === "sender a stranger" ? [403] : [401, 429];
      assert.ok(expected.includes(status), `${name}: ${status} ${answer} (seed ${SEED})`);
      assert.ok(!answer.includes("0x".concat("07".repeat(4))));
    }
    assert.ok(seen.size <= 40 * 256, `${seen.size} nonces are remembered`);
  },
);

test("refusals name the rule, the next step and the clock of the axon", { skip }, async () => {
  const { answer } = await send(good(anyPeer(), nonceAt(-20_000)), 0);
  const told: unknown = JSON.parse(answer);
  assert.ok(typeof told === "object" && told !== null);
  assert.deepEqual(Object.keys(told), ["refusal", "error", "next", "clockMs"]);
  assert.ok(answer.includes('"stale-request"'));
});
