/** @file Reading from strangers: every answer has a byte cap and a deadline, and blobs must hash to their address. */
import type { z } from "zod";
import { AssayError, isAssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import { addressOf } from "../blobs/hashing.ts";
import type { ByteRange } from "../blobs/stored.ts";
import { type Passport, refusal, signedTarget } from "./passport.ts";
import { Patience, type PatienceLimits } from "./patience.ts";
import { Received } from "./received.ts";
import { type AnswerHead, type Leads, leadTo, objectName, readStore } from "./store-read.ts";
import { Turns } from "./turns.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** Limits of one fetch. */
export type FetchLimits = PatienceLimits & {
  readonly limitBytes: number;
  readonly signal?: AbortSignal;
  /** Told how much has come whenever something comes. */
  readonly onBytes?: (bytes: number) => void;
  /** Refuses an answer that does not say how long it is. */
  readonly sized?: boolean;
  /** Of a signed request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is asked, as JSON: a POST. */
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Only these bytes are asked for; whoever sends no ranges lacks them. */
  readonly range?: ByteRange;
  /** What came before: only what is missing is asked for, and what comes is kept there, also when the fetch fails. */
  readonly received?: Received;
  /** Whether, and for what, whoever answers may send to a store; without it nowhere. */
  readonly leads?: Leads;
};

type Answer = Uint8Array | null;

/** Requests at once to one axon, well below what it grants a stranger: the others wait here and not in its way. */
const turns = new Turns(8);

/** Address of an axon. */
export type AxonAddress = { readonly ip: string; readonly port: number };

/** An axon, and the hotkey that published it: whose requests it answers for. */
export type PeerAddress = AxonAddress & { readonly hotkey?: Hex };

/** Limits of a fetch of blobs, and who it is for: a peer that has no room left for strangers is asked again as a peer. */
export type BlobLimits = FetchLimits & {
  readonly passport?: Passport;
  /** The address that bytes have, where it is not that of a blob: of a block, or of a tree's list. */
  readonly hash?: (bytes: Uint8Array) => Promise<Hex>;
  /** Whether stores may lie on this machine or its network: on a development chain only. */
  readonly allowPrivate?: boolean;
};

/** `http://ip:port/path`; IPv6 addresses get their brackets. */
export function urlOf(endpoint: AxonAddress, path: string): string {
  const host = endpoint.ip.includes(":") ? `[${endpoint.ip}]` : endpoint.ip;
  return `http://${host}:${endpoint.port}${path}`;
}

/** What an answer says of its own size; null when it says nothing. */
function declaredBytes(response: AnswerHead): number | null {
  const text = response.headers.get("content-length");
  return text === null ? null : Number(text);
}

/** What one fetch works with. */
type Fetch = {
  readonly url: string;
  readonly limits: FetchLimits;
  readonly received: Received;
  readonly patience: Patience;
};

/** What is read of an answer, and by which limits. */
type Reading = {
  readonly url: string;
  readonly limits: Pick<FetchLimits, "limitBytes" | "onBytes">;
  readonly received?: Received;
  readonly patience?: Patience;
  /** Whose bytes they are, where the one who was asked sent to `url`. */
  readonly sender?: string;
};

/** The body of an answer behind what came before, as long as all of it is no longer than it may be. @throws AssayError peer-oversized */
export async function readCapped(
  response: AnswerHead,
  { url, limits, received = new Received(), patience, sender = new URL(url).origin }: Reading,
): Promise<Uint8Array> {
  const { limitBytes, onBytes } = limits;
  if (received.bytes + (declaredBytes(response) ?? 0) > limitBytes)
    throw new AssayError({ code: "peer-oversized", url, limitBytes });
  for await (const part of response.body ?? []) {
    if (received.bytes + part.length > limitBytes)
      throw new AssayError({ code: "peer-oversized", url, limitBytes });
    received.add(part, sender);
    patience?.got(part.length);
    onBytes?.(received.bytes);
  }
  return received.whole();
}

/** What is asked for of a blob: all of it, a range, or what is missing. */
function rangeHeader({ limits: { range }, received }: Fetch): Readonly<Record<string, string>> {
  if (range !== undefined) return { range: `bytes=${range.start}-${range.end - 1}` };
  return received.bytes === 0 ? {} : { range: `bytes=${received.bytes}-` };
}

/** Whether an answer begins where it was asked to; one that is whole in place of what is missing begins anew. */
function isInPlace(response: AnswerHead, { limits: { range }, received }: Fetch): boolean {
  const start = range?.start ?? received.bytes;
  const isPart = response.status === 206;
  const said = /^bytes (\d{1,15})-/.exec(response.headers.get("content-range") ?? "")?.[1];
  if (isPart) return Number(said) === start;
  if (range !== undefined) return false;
  received.clear();
  return true;
}

/** Answers that are no better for whoever asks as a peer. */
const UNUSABLE = { unsized: "no content-length", encoded: "an encoded answer" } as const;

/** Whether an axon may have had no room for a stranger. */
function mayHaveRoomForPeers(error: unknown): boolean {
  if (!isAssayError(error) || error.fault.code !== "peer-unreachable") return false;
  const { reason } = error.fault;
  return !Object.values(UNUSABLE).some((one) => one === reason);
}

/** Statuses that say why a signed request was refused. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);
const REFUSAL_BYTES = 1024;

/** What is sent. */
function sent(fetching: Fetch, signal: AbortSignal): RequestInit {
  const { headers, body } = fetching.limits;
  const posted = body !== undefined && { method: "POST", body };
  return {
    ...posted,
    signal,
    // A name on the chain must not lead elsewhere; only a blob may lie in a store.
    redirect: fetching.limits.leads === undefined ? "error" : "manual",
    // A server says for how long a connection is kept: hostile axons would hold one socket for each turn, for minutes.
    headers: {
      ...headers,
      ...plainHeaders(fetching),
      ...(posted && { "content-type": "application/json" }),
    },
  };
}

/** What axons and stores are told alike. */
function plainHeaders(fetching: Fetch): Readonly<Record<string, string>> {
  return { ...rangeHeader(fetching), "accept-encoding": "identity", connection: "close" };
}

/** The answer of the store that an axon sends to. @throws AssayError peer-unreachable */
async function answerOfStore(
  fetching: Fetch,
  location: string | null,
  { leads, signal }: { readonly leads: Leads; readonly signal: AbortSignal },
): Promise<{ readonly url: string; readonly response: AnswerHead }> {
  const url = leadTo(location, leads);
  if (typeof url === "string")
    throw new AssayError({ code: "peer-unreachable", url: fetching.url, reason: url });
  const { allowPrivate } = leads;
  const headers = plainHeaders(fetching);
  const name = objectName(url);
  try {
    return { url: name, response: await readStore(url, { headers, signal, allowPrivate }) };
  } catch (cause) {
    if (signal.aborted) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError({ code: "peer-unreachable", url: name, reason }, { cause });
  }
}

/** The first answer with bytes in it: the axon's, or that of the store to which it sends. */
async function answerTo(
  fetching: Fetch,
  signal: AbortSignal,
): Promise<{ readonly url: string; readonly response: AnswerHead; readonly isStore: boolean }> {
  const { url, limits } = fetching;
  const response = await fetch(url, sent(fetching, signal));
  if (response.status !== 307 || limits.leads === undefined)
    return { url, response, isStore: false };
  await response.body?.cancel();
  const location = response.headers.get("location");
  const there = await answerOfStore(fetching, location, { leads: limits.leads, signal });
  return { ...there, isStore: true };
}

/** What `fetchBytes` does in its turn. */
async function ask(asked: Fetch, signal: AbortSignal): Promise<Answer> {
  asked.patience.begin();
  const { url, response, isStore } = await answerTo(asked, signal);
  // What a store sends is the word of the axon that sent there: several have their buckets at one provider.
  const fetching = { ...asked, url, sender: new URL(asked.url).origin };
  const { limits } = fetching;
  fetching.received.place = url;
  if (response.status === 404) return null;
  if (!isStore && limits.headers !== undefined && REFUSED.has(response.status)) {
    const words = { limits: { ...limits, limitBytes: REFUSAL_BYTES }, received: new Received() };
    throw refusal(url, await readCapped(response, { ...fetching, ...words }));
  }
  // What came before is not what this one has, or it has ended there: it begins anew.
  if (response.status === 416) fetching.received.clear();
  // 503 is an axon that is busy: as with one that is gone, another is asked, or it again.
  if (!response.ok)
    throw new AssayError({ code: "peer-unreachable", url, reason: `HTTP ${response.status}` });
  if (limits.sized === true && declaredBytes(response) === null)
    throw new AssayError({ code: "peer-unreachable", url, reason: UNUSABLE.unsized });
  // Not asked for, and a few bytes of it could unfold to any number.
  const encoding = response.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity")
    throw new AssayError({ code: "peer-unreachable", url, reason: UNUSABLE.encoded });
  return isInPlace(response, fetching) ? readCapped(response, fetching) : null;
}

/**
 * The bytes at `url`, or null on 404, or where a range was asked for and none is sent. Redirects are refused: a name on the chain must not
 * lead elsewhere.
 * @throws AssayError peer-timeout, peer-oversized, peer-unreachable
 */
export async function fetchBytes(url: string, limits: FetchLimits): Promise<Answer> {
  const patience = new Patience(limits);
  const received = limits.received ?? new Received();
  const done = new AbortController();
  const stops = limits.signal === undefined ? [] : [limits.signal];
  const signal = AbortSignal.any([patience.signal, done.signal, ...stops]);
  const fetching = { url, limits, received, patience };
  try {
    // Time is up when it is up, and the turn is over, whatever a stranger's answer does to the one who reads it.
    const asking = (): Promise<Answer> => unlessAborted(ask(fetching, signal), signal);
    return await turns.take(new URL(url).origin, signal, asking);
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    if (limits.signal?.aborted === true) throw limits.signal.reason;
    if (patience.signal.aborted)
      throw new AssayError({ code: "peer-timeout", url, came: patience.came }, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError({ code: "peer-unreachable", url, reason }, { cause });
  } finally {
    patience.end();
    // Drops a body that nobody read, so that no stranger holds a connection open.
    done.abort();
  }
}

/** The JSON answer at `url` in the shape of `schema`, or null on 404. @throws AssayError as fetchBytes */
export async function fetchJson<S extends z.ZodType>(
  url: string,
  schema: S,
  limits: FetchLimits,
): Promise<z.output<S> | null> {
  const bytes = await fetchBytes(url, limits);
  if (bytes === null) return null;
  try {
    const parsed: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return schema.parse(parsed);
  } catch (cause) {
    throw new AssayError(
      { code: "peer-unreachable", url, reason: "the answer has the wrong shape" },
      { cause },
    );
  }
}

/** What an axon sends as the blob, as a stranger at first: most have room, and a signature costs both ends time. */
async function blobBytes(endpoint: PeerAddress, address: Hex, limits: BlobLimits): Promise<Answer> {
  const { passport } = limits;
  try {
    return await fetchBytes(urlOf(endpoint, `/blobs/${address}`), limits);
  } catch (error) {
    const { hotkey } = endpoint;
    if (passport === undefined || hotkey === undefined) throw error;
    if (!mayHaveRoomForPeers(error)) throw error;
    const target = signedTarget(passport, address);
    const headers = passport.sign(target, hotkey);
    try {
      return await fetchBytes(urlOf(endpoint, target), { ...limits, headers });
    } catch (refused) {
      if (isAssayError(refused, "peer-refused")) passport.refused(refused);
      throw refused;
    }
  }
}

/** The blob at `address` from one axon, or null when it has none. @throws AssayError blob-corrupt and as fetchBytes */
export async function fetchBlob(
  endpoint: PeerAddress,
  address: Hex,
  limits: BlobLimits,
): Promise<Uint8Array | null> {
  const { allowPrivate = false, received = new Received() } = limits;
  const leads = { name: address, allowPrivate };
  const bytes = await blobBytes(endpoint, address, { ...limits, received, leads, sized: true });
  if (bytes === null) return null;
  const found = await (limits.hash ?? addressOf)(bytes);
  if (found === address) return bytes;
  const { place } = received;
  throw new AssayError({
    code: "blob-corrupt",
    digest: address,
    found,
    ...(place !== null && { place }),
  });
}
