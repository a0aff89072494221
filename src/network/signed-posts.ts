/** @file HTTP for a few who are known by their hotkeys: signed POSTs of JSON (btauth/1), and nothing for anybody else. */
import type { Socket } from "node:net";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { listenFault } from "../../base/listen.ts";
import { claimOf } from "../auth/signed-request.ts";
import type { Keys, Verifier } from "../auth/verifier.ts";
import { AssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import { remoteOf } from "./address.ts";
import type { Refused } from "./passport.ts";
import { Quota } from "./quota.ts";

/** Who asks: a hotkey that has proven itself and is allowed. */
export type Caller = { readonly hotkey: Hex; readonly remote: string };

/** A no that the caller reads: a code, what is wrong, what to do about it. */
export type Denial = { readonly denied: string; readonly error: string; readonly next: string };

/** What answers a path; undefined is an empty answer. */
export type PostHandler = (caller: Caller, body: unknown) => Promise<object | Denial | undefined>;

/** What is served. */
export type SignedPosts = {
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** Most bytes of a body. */
  readonly bodyLimit: number;
  readonly network: { readonly netuid: number; readonly genesis: Hex };
  readonly verifier: Pick<Verifier, "verify">;
  readonly keys: Pick<Keys, "publicKeyOf">;
  /**
   * Asked by the headers alone, before the body is read: who names no allowed hotkey costs neither that nor a signature. Hotkeys are
   * public: whoever names one that is allowed costs both, within the bounds below and the verifier's rate.
   */
  readonly isAllowed: (hotkey: Hex) => boolean;
  /** What anybody may know, at `GET /work`. */
  readonly about: () => object;
  /** By the last part of the path. */
  readonly handlers: Readonly<Record<string, PostHandler>>;
};

/** A server that listens. */
export type Listening = { readonly ip: string; readonly port: number; close(): Promise<void> };

/** Heads and bodies that drip are cut. Sockets are few: whoever fills them takes help from one validator, and it does without. */
const TIMES = { headersTimeout: 3000, requestTimeout: 10_000, connectionsCheckingInterval: 500 };
const SOCKETS = { total: 512, reserved: 0, perRemote: 16 };
const MEBIBYTE = 1 << 20;
/** Bytes of bodies that are being read or answered. */
const BODIES = { total: 64 * MEBIBYTE, reserved: 0, perRemote: 16 * MEBIBYTE };
const NO_PEERS = (): number => 0;

type Route = {
  readonly Params: { readonly netuid: string; readonly genesis: string; readonly verb: string };
};

/** The path of a signed POST: netuid and genesis are in it, so that it means nothing on another network. */
export function signedPath({ netuid, genesis }: SignedPosts["network"], verb: string): string {
  return `/work/${netuid}/${genesis}/${verb}`;
}

const refused = (refusal: string, error: string, next: string): Refused => ({
  refusal,
  error,
  next,
  clockMs: Date.now(),
});

const UNPROVEN = "sign method, target and body as they are sent, with a clock that is right";

/** What the head of a request is told; null: its body may be read. */
function headRefusal(posts: SignedPosts, request: FastifyRequest<Route>): Refused | null {
  const { netuid, genesis } = request.params;
  const { network, keys, isAllowed } = posts;
  if (netuid !== String(network.netuid) || genesis !== network.genesis)
    return refused("wrong-network", "the target names another subnet or chain", "ask /work");
  const claim = claimOf(request.headers);
  const claimed = claim === null ? null : keys.publicKeyOf(claim.sender);
  if (claimed === null)
    return refused("malformed-auth", "the headers of a signed request are missing", UNPROVEN);
  if (isAllowed(claimed)) return null;
  return refused(
    "not-allowed",
    "this validator does not allow the hotkey",
    "name it in --worker-hotkeys of the validator",
  );
}

/** The caller behind a request, or what it is told. */
function callerOf({ verifier }: SignedPosts, request: FastifyRequest<Route>): Caller | Refused {
  const remote = remoteOf(request.ip);
  const found = verifier.verify({
    method: request.method,
    target: request.raw.url ?? "",
    body: bodyOf(request),
    headers: request.headers,
    remote,
  });
  return "hotkey" in found
    ? { hotkey: found.hotkey, remote }
    : refused(found.refusal, `the request counts as nobody's: ${found.refusal}`, UNPROVEN);
}

/** Lets a body be read whose head is well, and for which there is room; its place is free again after the answer. */
function doorkeeper(posts: SignedPosts) {
  const bodies = new Quota(BODIES, NO_PEERS);
  return (request: FastifyRequest<Route>, reply: FastifyReply, next: () => void): void => {
    const refusal = headRefusal(posts, request);
    const bytes = Number(request.headers["content-length"] ?? NaN);
    // Node reads away what is left of a body, but no endless one.
    if (!(bytes <= posts.bodyLimit)) reply.header("connection", "close");
    if (refusal !== null) return void deny(reply, refusal);
    if (Number.isNaN(bytes)) return void reply.code(411).send({ error: "how long is the body?" });
    if (bytes > posts.bodyLimit) return void reply.code(413).send({ error: "it is too large" });
    const place = bodies.take(request.ip, bytes);
    if (place === null)
      return void reply
        .code(503)
        .header("connection", "close")
        .header("retry-after", "1")
        .send({ error: "too much is under way: try again" });
    reply.raw.once("close", () => place.end());
    next();
  };
}

/** Bounds the sockets, in all and of one address. */
function boundSockets({ server }: FastifyInstance): void {
  const sockets = new Quota(SOCKETS, NO_PEERS);
  server.maxConnections = SOCKETS.total;
  server.on("connection", (socket: Socket) => {
    const place = sockets.take(socket.remoteAddress ?? "", 1);
    if (place === null) socket.resetAndDestroy();
    else socket.once("close", () => place.end());
  });
}

const bodyOf = ({ body }: FastifyRequest): Uint8Array =>
  Buffer.isBuffer(body) ? body : new Uint8Array();

function parsed(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return value;
  } catch {
    return undefined;
  }
}

function routes(server: FastifyInstance, posts: SignedPosts): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  server.get("/work", () => posts.about());
  const onRequest = doorkeeper(posts);
  server.post<Route>("/work/:netuid/:genesis/:verb", { onRequest }, async (request, reply) => {
    const caller = callerOf(posts, request);
    if (!("hotkey" in caller)) return deny(reply, caller);
    const handler = Object.hasOwn(posts.handlers, request.params.verb)
      ? posts.handlers[request.params.verb]
      : undefined;
    if (handler === undefined) return reply.code(404).send({ error: "no such request" });
    const answer = (await handler(caller, parsed(bodyOf(request)))) ?? {};
    return isDenial(answer) ? deny(reply, told(answer)) : answer;
  });
}

const isDenial = (answer: object): answer is Denial => "denied" in answer;

const told = ({ denied, error, next }: Denial): Refused => refused(denied, error, next);

function deny(reply: FastifyReply, answer: Refused): FastifyReply {
  return reply.code(403).send(answer);
}

/** Serves signed POSTs. @throws AssayError port-in-use, port-privileged, address-foreign, host-unknown */
export async function servePosts(posts: SignedPosts): Promise<Listening> {
  const { host, port, bodyLimit } = posts;
  const server = fastify({
    bodyLimit,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 128 },
    http: TIMES,
  });
  boundSockets(server);
  routes(server, posts);
  try {
    await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    const fault = listenFault(cause, { service: "workers", host, port });
    throw fault === null ? cause : new AssayError(fault, { cause });
  }
  const address = server.server.address();
  const bound = address !== null && typeof address === "object" ? address : { address: host, port };
  return { ip: bound.address, port: bound.port, close: () => server.close() };
}
