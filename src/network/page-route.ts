/**
 * @file The page of a node: its built files, what happens as server-sent events, and details of one uid. For strangers, so under the
 * bounds of all requests, and so many open event streams at most.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Bounds } from "./bounds.ts";
import { isFromHere } from "./own-machine.ts";
import { PageStreams } from "./page-streams.ts";
import { utf8Pieces } from "./text.ts";

/** A built file as it is sent. */
export type PageFile = {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The same, compressed. */
  readonly gzip: Uint8Array;
  /** Whether its name changes with its content. */
  readonly hashed: boolean;
};

/** Whose details can be asked for. */
export type PageDetail = "miners" | "validators";

/** What a page is made of. */
export type Page = {
  /** A file by its path below /page/; "" is the page itself. */
  file(path: string): Promise<PageFile | null>;
  /**
   * Events in the form of text/event-stream, from everything that is known on; something at least every two seconds, until `signal`
   * aborts. What was not taken in time is left out in favour of what is new.
   */
  events(signal: AbortSignal): AsyncIterable<string>;
  /** Details of a uid as JSON, null where nothing is known of it; undefined: not now, since too many are being made. */
  detail(what: PageDetail, uid: number): string | null | undefined;
  /** The newest blocks as JSON. */
  blocks?(): Promise<string>;
  /** What the model writes after a prompt, or its samples; without it the process holds no model. */
  readonly text?: (prompt: string | null) => Promise<PageText>;
};

/** An answer of the model: JSON, or why there is none now. */
export type PageText = { readonly code: 200 | 400 | 404 | 503; readonly json: string };

const MOST_UID = 65_535;

/** Everything comes from this node, nothing runs that was not built, and nobody frames it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Sends a built file, compressed to whoever takes that. */
async function sendFile(
  page: Page,
  path: string,
  to: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly bounds: Bounds },
): Promise<FastifyReply> {
  const { request, reply, bounds } = to;
  const file = await page.file(path);
  if (file === null) return reply.code(404).send({ error: "the page has no such file" });
  const isZipped = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  const bytes = isZipped ? file.gzip : file.bytes;
  reply
    .headers(HEADERS)
    .type(file.type)
    .header("cache-control", file.hashed ? "public, max-age=31536000, immutable" : "no-cache")
    .header("vary", "accept-encoding");
  if (isZipped) reply.header("content-encoding", "gzip");
  return bounds.send(request, reply, { bytes: bytes.length, pieces: () => once(bytes) });
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield* utf8Pieces(text);
}

/** Streams events until the reader is gone. */
function sendEvents(
  page: Page,
  streams: PageStreams,
  to: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly bounds: Bounds },
): FastifyReply {
  const { request, reply, bounds } = to;
  const lease = streams.take(request.ip);
  if (lease === null)
    return reply
      .code(503)
      .header("retry-after", "5")
      .send({ error: "too many pages of this node are open at this address, or in all" });
  const gone = new AbortController();
  reply.raw.once("close", () => {
    lease.end();
    gone.abort();
  });
  reply.headers(HEADERS).type("text/event-stream").header("cache-control", "no-store");
  bounds.stream(request, reply, encoded(page.events(gone.signal)));
  return reply;
}

/** The model's texts cost its node work: they are for whoever sits at it. */
function textRoutes(server: FastifyInstance, page: Page): void {
  const answer = async (
    { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
    prompt: string | null,
  ): Promise<FastifyReply> => {
    if (!isFromHere(request))
      return reply.code(403).send({ error: "the model writes for the node's own machine alone" });
    const found = await page.text?.(prompt);
    if (found === undefined) return reply.code(404).send({ error: "this process holds no model" });
    if (found.code === 503) reply.header("retry-after", "2");
    return reply
      .code(found.code)
      .headers(HEADERS)
      .type("application/json")
      .header("cache-control", "no-store")
      .send(found.json);
  };
  const silent = { exposeHeadRoute: false };
  server.get("/page/samples", silent, (request, reply) => answer({ request, reply }, null));
  server.get<{ Querystring: { prompt?: unknown } }>("/page/text", silent, (request, reply) => {
    const { prompt } = request.query;
    return answer({ request, reply }, typeof prompt === "string" ? prompt : "");
  });
}

/** The routes of the page. */
export function pageRoutes(server: FastifyInstance, page: Page, bounds: Bounds): void {
  type Uid = { Params: { uid: string } };
  const streams = new PageStreams();
  textRoutes(server, page);
  server.get("/page/blocks", { exposeHeadRoute: false }, async (_request, reply) => {
    const found = await page.blocks?.();
    if (found === undefined) return reply.code(404).send({ error: "this process reads no blocks" });
    return reply
      .headers(HEADERS)
      .type("application/json")
      .header("cache-control", "no-store")
      .send(found);
  });
  const silent = { exposeHeadRoute: false };
  server.get("/", silent, (request, reply) => sendFile(page, "", { request, reply, bounds }));
  server.get<{ Params: { "*": string } }>("/page/*", silent, (request, reply) =>
    sendFile(page, request.params["*"], { request, reply, bounds }),
  );
  server.get("/page/events", silent, (request, reply) =>
    sendEvents(page, streams, { request, reply, bounds }),
  );
  for (const what of ["miners", "validators"] as const)
    server.get<Uid>(`/page/${what}/:uid`, silent, (request, reply) => {
      const uid = /^\d{1,5}$/.test(request.params.uid) ? Number(request.params.uid) : -1;
      const found = uid < 0 || uid > MOST_UID ? null : page.detail(what, uid);
      if (found === undefined)
        return reply
          .code(503)
          .header("retry-after", "1")
          .send({ error: "too many details are asked of this node" });
      return found === null
        ? reply.code(404).send({ error: "nothing is known of this uid yet" })
        : reply
            .headers(HEADERS)
            .type("application/json")
            .header("cache-control", "no-store")
            .send(found);
    });
}
