/** @file Bytes behind an http(s) address, by range: only those that are asked for, resumed when a connection breaks. */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { NextCommand } from "../../base/fault.ts";
import { AssayError } from "../errors.ts";
import type { RangeFile } from "./ranges.ts";

/** A refusal in words, and what mends it. */
export type Refusal = {
  readonly reason: string;
  readonly next?: string;
  readonly run?: NextCommand;
};

/** An address and how it is asked. */
export type HttpPlace = {
  /** For people; no secret in it. */
  readonly name: string;
  /** Where to ask now: a signature in it may have to be fresh. */
  url(): Promise<URL>;
  /** What the body of a refusal means, where the server has words of its own. */
  explain?(status: number, body: string): Refusal | null;
  /** How names become addresses: whoever follows a stranger's address looks where it leads. */
  readonly lookup?: LookupFunction;
  /** Redirects to follow; 0: none. */
  readonly redirects?: number;
  /** Tries in a row that may bring nothing, and how long a connection may: less where there is another place to ask. */
  readonly tries?: number;
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
};

/** Bytes of one request; a broken one costs no more than that. */
const REQUEST_BYTES = 8 << 20;
/** A connection that brings nothing for so long is broken. */
const IDLE_MS = 15_000;
/** Tries in a row that bring nothing. */
const TRIES = 5;
const FIRST_PAUSE_MS = 100;
/** Of what a server says when it refuses. */
const REFUSAL_BYTES = 4096;
const AGENT = { keepAlive: true, maxSockets: 8 } as const;
const agents = { "http:": new HttpAgent(AGENT), "https:": new HttpsAgent(AGENT) } as const;

/** Worth another try: the connection, or the server for the moment. */
class Broken extends Error {}

/** What is worth another try: too many requests, and whatever the server blames on itself. */
const isPassing = (status: number): boolean => status === 429 || status >= 500;
const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** Origin and path: what may be shown of an address. */
export function publicName(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function failed(place: HttpPlace, refusal: Refusal, cause?: unknown): AssayError {
  return new AssayError({ code: "data-source-failed", address: place.name, ...refusal }, { cause });
}

/** One answer's head; the body is still to come. */
function ask(url: URL, range: string, place: HttpPlace): Promise<IncomingMessage> {
  const isTls = url.protocol === "https:";
  const send = isTls ? requestHttps : requestHttp;
  const { lookup, signal, idleMs = IDLE_MS } = place;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      headers: { range, "accept-encoding": "identity" },
      agent: isTls ? agents["https:"] : agents["http:"],
      timeout: idleMs,
      ...(lookup !== undefined && { lookup }),
      ...(signal !== undefined && { signal }),
    });
    request.on("timeout", () => request.destroy(new Broken(`nothing came for ${idleMs} ms`)));
    request.on("error", (cause) =>
      reject(cause instanceof AssayError ? cause : new Broken(cause.message, { cause })),
    );
    // Of an answer of 101 that nobody asked for, node tells nothing else; after a head this changes nothing.
    request.on("close", () => reject(new Broken("the connection was closed without an answer")));
    request.on("response", resolve);
    request.end();
  });
}

/** The bytes of an answer as they come, never more than `most`. */
async function* bodyOf(answer: IncomingMessage, most: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  try {
    for await (const part of answer) {
      if (!(part instanceof Uint8Array)) continue;
      total += part.length;
      if (total > most) throw new RangeError("more bytes than were asked for");
      yield part;
    }
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new Broken(cause instanceof Error ? cause.message : String(cause), { cause });
  } finally {
    answer.destroy();
  }
}

async function wordsOf(answer: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of bodyOf(answer, REFUSAL_BYTES)) parts.push(part);
  } catch {
    // What came says enough, or nothing.
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Where a redirect leads, or why it is not followed. */
function redirected(from: URL, location: string | undefined): URL | string {
  if (location === undefined || !URL.canParse(location, from.href))
    return "it redirects to nowhere";
  const to = new URL(location, from);
  if (to.protocol !== from.protocol && to.protocol !== "https:")
    return `it redirects to ${publicName(to)}, which is not https as it is itself`;
  return to;
}

/** The first answer that is no redirect. @throws Broken, AssayError */
async function follow(place: HttpPlace, range: string): Promise<IncomingMessage> {
  let url = await place.url();
  for (let left = place.redirects ?? 0; ; left--) {
    const answer = await ask(url, range, place);
    const { statusCode = 0 } = answer;
    if (!isRedirect(statusCode)) return answer;
    answer.destroy();
    const to = redirected(url, answer.headers.location);
    if (typeof to === "string") throw failed(place, { reason: to });
    if (left <= 0) {
      const next = "Name the address that it leads to.";
      throw failed(place, { reason: `it redirects to ${publicName(to)}`, next });
    }
    url = to;
  }
}

/** What an answer of 206 says about itself. */
type Part = { readonly start: number; readonly total: number; readonly tag: string | null };

/** What an answer says of its range; null where it says nothing that can be read. */
function rangeOf({ headers }: IncomingMessage): { start: number | null; total: number } | null {
  const text = headers["content-range"] ?? "";
  const said = /^bytes (?:(\d{1,15})-\d{1,15}|\*)\/(\d{1,15})$/.exec(text);
  if (said === null) return null;
  return { start: said[1] === undefined ? null : Number(said[1]), total: Number(said[2]) };
}

/** Why an answer of 206 cannot be used, or null. */
function unusable(
  { headers }: IncomingMessage,
  start: number,
  said: ReturnType<typeof rangeOf>,
): string | null {
  if (said?.start !== start)
    return `asked for bytes from ${start} on, it sends "${headers["content-range"] ?? "no content-range"}"`;
  // Not asked for, and a few bytes of it could unfold to any number.
  if ((headers["content-encoding"] ?? "identity") !== "identity")
    return "it sends encoded bytes that were not asked for";
  return null;
}

/** What any answer but 206 means. @throws Broken, AssayError */
async function refused(place: HttpPlace, answer: IncomingMessage): Promise<never> {
  const { statusCode: status = 0 } = answer;
  if (status === 200) {
    answer.destroy();
    throw failed(place, {
      reason: "the server ignores Range and would send the whole file (HTTP 200)",
      next: "Name a server that answers ranges, or download the file and name the copy.",
    });
  }
  const body = await wordsOf(answer);
  if (isPassing(status)) throw new Broken(`HTTP ${status}`);
  throw failed(place, place.explain?.(status, body) ?? { reason: `HTTP ${status}` });
}

/** An answer with the range that it holds; an empty file has none. @throws Broken, AssayError */
async function answered(
  place: HttpPlace,
  [start, end]: readonly [number, number],
): Promise<{ readonly answer: IncomingMessage; readonly part: Part } | "empty"> {
  const answer = await follow(place, `bytes=${start}-${end - 1}`);
  const { statusCode: status = 0, headers } = answer;
  const said = rangeOf(answer);
  if (status === 416 && said?.total === 0) {
    answer.destroy();
    return "empty";
  }
  if (status !== 206) return refused(place, answer);
  const reason = unusable(answer, start, said);
  if (reason !== null) {
    answer.destroy();
    throw failed(place, { reason });
  }
  const tag = headers.etag ?? headers["last-modified"] ?? null;
  return { answer, part: { start, total: said?.total ?? 0, tag } };
}

/** A file that grows or is replaced while it is read would be a mixture. */
function requireSame(place: HttpPlace, first: Part, now: Part): void {
  if (first.total === now.total && first.tag === now.tag) return;
  throw failed(place, { reason: "it changed while it was read", next: "Start again." });
}

/** Runs `attempt` until it is done; `attempt` returns whether it got any further. */
async function persist(place: HttpPlace, attempt: () => Promise<"done" | "more">): Promise<void> {
  const { tries: most = TRIES } = place;
  for (let tries = 1; ;)
    try {
      if ((await attempt()) === "done") return;
      tries = 1;
    } catch (cause) {
      place.signal?.throwIfAborted();
      if (cause instanceof RangeError) throw failed(place, { reason: cause.message }, cause);
      if (!(cause instanceof Broken)) throw cause;
      if (tries >= most) {
        const reason = `${most} tries in a row failed, the last one: ${cause.message}`;
        throw failed(place, { reason }, cause);
      }
      await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, { signal: place.signal });
      tries += 1;
    }
}

/** Fills `bytes` from `start` on, a request at a time, each going on where the one before ended. */
async function fill(
  place: HttpPlace,
  first: Part,
  { bytes, start }: { readonly bytes: Uint8Array; readonly start: number },
): Promise<void> {
  let at = 0;
  await persist(place, async () => {
    if (at === bytes.length) return "done";
    const end = Math.min(bytes.length, at + REQUEST_BYTES);
    const found = await answered(place, [start + at, start + end]);
    if (found === "empty") throw failed(place, { reason: "it is empty now" });
    requireSame(place, first, found.part);
    const before = at;
    try {
      for await (const part of bodyOf(found.answer, end - at)) {
        bytes.set(part, at);
        at += part.length;
      }
      if (at < end) throw new Broken(`a short read: ${at - before} of ${end - before} bytes`);
    } catch (cause) {
      // What arrived is kept; only a try that brings nothing counts.
      if (!(cause instanceof Broken) || at === before) throw cause;
    }
    return "more";
  });
}

/**
 * A file behind an address. One request tells its size; every read asks for its own bytes.
 * @throws AssayError data-source-failed
 */
export async function httpFile(place: HttpPlace): Promise<RangeFile> {
  const { name } = place;
  let part: Part = { start: 0, total: 0, tag: null };
  await persist(place, async () => {
    const found = await answered(place, [0, 1]);
    if (found === "empty") return "done";
    found.answer.destroy();
    ({ part } = found);
    return "done";
  });
  return {
    name,
    size: part.total,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      await fill(place, part, { bytes, start });
      return bytes;
    },
    close: () => Promise.resolve(),
  };
}

/** Redirects that whoever named an address itself is taken along; hubs answer with one. */
const OWN_REDIRECTS = 3;

/** The file at an address that its reader named itself. @throws AssayError data-source-failed */
export function httpUrlFile(url: URL, signal?: AbortSignal): Promise<RangeFile> {
  return httpFile({
    name: publicName(url),
    url: () => Promise.resolve(url),
    redirects: OWN_REDIRECTS,
    ...(signal !== undefined && { signal }),
  });
}
