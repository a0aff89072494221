/** @file Objects of one prefix of an S3 bucket: written, read, listed and removed, with bounds on time and size. */
import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../../base/fault.ts";
import { AssayError, isAssayError } from "../errors.ts";
import type { ByteRange } from "./stored.ts";
import { element, explainS3, s3Address, type S3Environment, S3Signer } from "./s3.ts";

/** An object of a list. */
export type Listed = { readonly key: string; readonly bytes: number };

/** Where a bucket is. */
export type BucketOptions = {
  /** s3://bucket/prefix. */
  readonly place: string;
  /** Where anybody may read what lies below the place; without it addresses are signed. */
  readonly publicUrl?: string | undefined;
  readonly environment: S3Environment;
};

/** How long a signed address that others are sent to is good. */
const OTHERS_SECONDS = 120;
/** A request has so long, and longer for what is large. */
const TIMEOUT_MS = 15_000;
const SLOWEST_BYTES_PER_MS = 64;
/** Tries of one request; the pause doubles. */
const TRIES = 3;
const PAUSE_MS = 250;
/** One page of a list, and how many are followed. */
const LIST_BYTES = 8 << 20;
const MAX_PAGES = 1000;
/** Of what a server says when it refuses. */
const REFUSAL_BYTES = 4096;

/** What is worth another try. */
class Passing extends Error {}

/** The bytes of an answer, never more than `most`; null when there are more. */
async function bodyOf(response: Response, most: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of response.body ?? []) {
    total += part.length;
    if (total > most) return null;
    parts.push(part);
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const textOf = (bytes: Uint8Array | null): string =>
  bytes === null ? "" : new TextDecoder().decode(bytes);

/** The objects of a page. What is put here has names that no escape changes. */
function objectsIn(xml: string): Listed[] {
  return Array.from(xml.matchAll(/<Contents>(.*?)<\/Contents>/gs), ([, one = ""]) => ({
    key: decodeURIComponent(element("Key", one) ?? ""),
    bytes: Number(element("Size", one) ?? 0),
  }));
}

/** What an answer says that is no success. @throws Passing, AssayError store-failed */
async function refused(response: Response, place: string): Promise<never> {
  const { status } = response;
  const words = textOf(await bodyOf(response, REFUSAL_BYTES));
  if (status === 429 || status >= 500) throw new Passing(`HTTP ${status}`);
  const refusal = explainS3(status, words) ?? { reason: `HTTP ${status}` };
  throw new AssayError({ code: "store-failed", place, ...refusal });
}

/** What one request asks, and what it makes of a good answer. */
type Request<T> = {
  readonly place: string;
  readonly url: () => Promise<URL>;
  readonly init: RequestInit;
  readonly bytes: number;
  readonly read: (response: Response) => Promise<T>;
};

/** The answer of one try. @throws Passing, AssayError store-failed */
async function once<T>({ place, url, init, bytes, read }: Request<T>): Promise<T> {
  const stop = AbortSignal.timeout(TIMEOUT_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS));
  try {
    const response = await fetch(await url(), { ...init, redirect: "error", signal: stop });
    if (!response.ok && response.status !== 404) return await refused(response, place);
    return await read(response);
  } catch (cause) {
    if (cause instanceof AssayError || cause instanceof Passing) throw cause;
    // The message of a failed fetch names no address; an address would hold a signature.
    throw new Passing(stop.aborted ? "it did not answer in time" : reasonOf(cause), { cause });
  }
}

/** The answer within some tries. @throws AssayError store-failed */
async function answered<T>(request: Request<T>): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await once(request);
    } catch (cause) {
      if (!(cause instanceof Passing)) throw cause;
      const { place } = request;
      if (tries === TRIES)
        throw new AssayError({ code: "store-failed", place, reason: cause.message }, { cause });
      await sleep(PAUSE_MS * 2 ** (tries - 1));
    }
}

/** One prefix of a bucket. Keys are below it. */
export class Bucket {
  readonly #signer: S3Signer;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #publicUrl: string | undefined;

  /** @throws AssayError bad-option for what is no place, or without keys to write with */
  constructor({ place, publicUrl, environment }: BucketOptions) {
    const address = s3Address(place);
    if (address === null) {
      const detail = `--store ${place} is no bucket; write s3://bucket/prefix`;
      throw new AssayError({ code: "bad-option", detail });
    }
    if (publicUrl !== undefined && !/^https?:$/.test(URL.parse(publicUrl)?.protocol ?? "")) {
      const detail = `--store-url ${publicUrl} is no http(s) address`;
      throw new AssayError({ code: "bad-option", detail });
    }
    this.#signer = new S3Signer(environment);
    if (!this.#signer.canSign) {
      const detail = `--store ${place} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment`;
      throw new AssayError({ code: "bad-option", detail });
    }
    this.#bucket = address.bucket;
    this.#prefix = address.key.replaceAll(/^\/+|\/+$/g, "");
    this.#publicUrl = publicUrl?.replace(/\/+$/, "");
  }

  #path(key: string): string {
    return this.#prefix === "" ? key : `${this.#prefix}/${key}`;
  }

  /** How an object is called to people: without keys and signatures. */
  nameOf(key: string): string {
    return `s3://${this.#bucket}/${this.#path(key)}`;
  }

  /** @throws AssayError store-failed */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = `${this.#bucket}/${this.#path(key)}`;
    await answered({
      place: this.nameOf(key),
      url: () => this.#signer.url(path, { method: "PUT" }),
      init: { method: "PUT", body: new Uint8Array(bytes) },
      bytes: bytes.length,
      read: async (response) => {
        await bodyOf(response, REFUSAL_BYTES);
        // A bucket that is not there.
        if (!response.ok) throw new Passing(`HTTP ${response.status}`);
      },
    });
  }

  /**
   * The object, or a range of it; null when it is not there, or larger than `limitBytes`.
   * @throws AssayError store-failed
   */
  async get(key: string, limitBytes: number, range?: ByteRange): Promise<Uint8Array | null> {
    const path = `${this.#bucket}/${this.#path(key)}`;
    return answered({
      place: this.nameOf(key),
      url: () => this.#signer.url(path),
      init:
        range === undefined ? {} : { headers: { range: `bytes=${range.start}-${range.end - 1}` } },
      bytes: Math.min(limitBytes, range === undefined ? limitBytes : range.end - range.start),
      read: async (response) => {
        const bytes = await bodyOf(response, response.ok ? limitBytes : REFUSAL_BYTES);
        return response.ok ? bytes : null;
      },
    });
  }

  /** Removes an object; what is not there is no failure. @throws AssayError store-failed */
  async remove(key: string): Promise<void> {
    try {
      await this.#signer.remove(`${this.#bucket}/${this.#path(key)}`);
    } catch (cause) {
      if (isAssayError(cause)) throw cause;
      const place = this.nameOf(key);
      throw new AssayError({ code: "store-failed", place, reason: "it was not removed" });
    }
  }

  /** Everything below `folder`, by key. @throws AssayError store-failed */
  async list(folder: string): Promise<readonly Listed[]> {
    const found: Listed[] = [];
    const prefix = this.#path(folder);
    const before = this.#path("").length;
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const query = {
        "list-type": "2",
        "encoding-type": "url",
        prefix,
        ...(token !== undefined && { "continuation-token": token }),
      };
      const xml = await answered({
        place: this.nameOf(folder),
        url: () => this.#signer.url(this.#bucket, { query }),
        init: {},
        bytes: LIST_BYTES,
        read: async (response) => {
          if (response.status === 404) {
            const words = textOf(await bodyOf(response, REFUSAL_BYTES));
            const refusal = explainS3(404, words) ?? { reason: "HTTP 404" };
            throw new AssayError({ code: "store-failed", place: this.nameOf(folder), ...refusal });
          }
          return textOf(await bodyOf(response, LIST_BYTES));
        },
      });
      for (const { key, bytes } of objectsIn(xml)) found.push({ key: key.slice(before), bytes });
      token = element("NextContinuationToken", xml);
      if (element("IsTruncated", xml) !== "true" || token === undefined) break;
    }
    return found;
  }

  /** Where others read an object now. */
  async urlFor(key: string): Promise<URL> {
    if (this.#publicUrl !== undefined) return new URL(`${this.#publicUrl}/${key}`);
    const seconds = OTHERS_SECONDS;
    return this.#signer.url(`${this.#bucket}/${this.#path(key)}`, { seconds });
  }
}
