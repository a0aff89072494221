/** @file S3: an object is a file behind an address that is signed anew for each request, or not at all (public buckets). */
import { S3mini } from "s3mini";
import { AssayError } from "../errors.ts";
import { httpFile, type HttpPlace, type Refusal } from "./http-file.ts";
import type { RangeFile } from "./ranges.ts";

/** s3://bucket/key. A key that is empty or ends with "/" stands for all keys that begin with it. */
export type S3Address = { readonly bucket: string; readonly key: string };

/** The standard variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL_S3. */
export type S3Environment = Readonly<Record<string, string | undefined>>;

/** Longest list of keys that is followed. */
const MAX_PAGES = 100;
/** One page of a list: 1000 keys of at most 1024 bytes, three times as long when escaped. */
const LIST_BYTES = 8 << 20;
const DEFAULT_REGION = "us-east-1";
const SIGNED_SECONDS = 900;

/** What S3's codes mean for whoever reads. */
const NEXT: Readonly<Record<string, Omit<Refusal, "reason">>> = {
  AccessDenied: {
    next: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) to keys that may read it.",
  },
  InvalidAccessKeyId: {
    next: "Check AWS_ACCESS_KEY_ID, and AWS_ENDPOINT_URL_S3 if it is not Amazon.",
  },
  SignatureDoesNotMatch: { next: "Check AWS_SECRET_ACCESS_KEY and AWS_REGION." },
  ExpiredToken: { next: "Renew AWS_SESSION_TOKEN and its keys." },
  NoSuchBucket: { next: "Check the bucket's name, AWS_REGION and AWS_ENDPOINT_URL_S3." },
  NoSuchKey: { next: "Check the key; upper and lower case differ." },
  RequestTimeTooSkewed: {
    next: "This machine's clock is wrong: set it, then try again.",
    run: { system: ["date", "-u"] },
  },
};

const element = (name: string, xml: string): string | undefined =>
  new RegExp(`<${name}>([^<]{0,2048})</${name}>`).exec(xml)?.[1];

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** A key without the escapes of XML. */
function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{2,4}));/g, (whole, ...found) => {
    const [decimal, hex, name] = found.map((one) => (typeof one === "string" ? one : undefined));
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    if (Number.isInteger(code) && code <= 0x10_ff_ff) return String.fromCodePoint(code);
    return ENTITIES[name ?? ""] ?? whole;
  });
}

/** A key without its percent signs; one that was not written with them stays as it is. */
function unquoted(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The keys of a page of a list. Not every server escapes them as it was asked to, but it says whether it did. */
function keysIn(xml: string): string[] {
  const isUrl = element("EncodingType", xml) === "url";
  return Array.from(xml.matchAll(/<Key>([^<]{1,4096})<\/Key>/g), ([, key = ""]) =>
    isUrl ? unquoted(key.replaceAll("+", " ")) : unescaped(key),
  );
}

/** A clock that is off shows as a signature that is not valid yet, or any more. */
const isSkew = (message: string): boolean => /not yet valid|has expired|skewed/i.test(message);

/** What a refusal in S3's XML means. */
function explain(status: number, body: string): Refusal | null {
  const code = element("Code", body);
  // Some servers say no more than that.
  if (code === undefined)
    return status === 403 ? { reason: "HTTP 403", ...NEXT["AccessDenied"] } : null;
  const message = element("Message", body) ?? "";
  const known = NEXT[code === "AccessDenied" && isSkew(message) ? "RequestTimeTooSkewed" : code];
  return { reason: `${code} (HTTP ${status}): ${message.slice(0, 200)}`, ...known };
}

/** s3://bucket/key, or null where it is none. @throws AssayError bad-option for one without a bucket */
export function s3Address(text: string): S3Address | null {
  if (!text.startsWith("s3://")) return null;
  const rest = text.slice("s3://".length);
  const at = rest.indexOf("/");
  const bucket = at === -1 ? rest : rest.slice(0, at);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new AssayError({
      code: "bad-option",
      detail: `${text}: "${bucket}" is no name of a bucket; write s3://bucket/key`,
    });
  return { bucket, key: at === -1 ? "" : rest.slice(at + 1) };
}

/** Reads of buckets with the keys of one environment. */
export class S3Reader {
  readonly #endpoint: URL;
  readonly #library: S3mini | null;
  readonly #token: string | undefined;

  /** @throws AssayError bad-option when the endpoint is no address */
  constructor(environment: S3Environment) {
    const region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? DEFAULT_REGION;
    const endpoint =
      environment["AWS_ENDPOINT_URL_S3"] ??
      environment["AWS_ENDPOINT_URL"] ??
      `https://s3.${region}.amazonaws.com`;
    if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
      throw new AssayError({
        code: "bad-option",
        detail: `AWS_ENDPOINT_URL_S3: ${endpoint} is no http(s) address`,
      });
    this.#endpoint = new URL(endpoint);
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
    this.#token = environment["AWS_SESSION_TOKEN"];
    this.#library =
      accessKeyId === undefined || secretAccessKey === undefined
        ? null
        : new S3mini({ accessKeyId, secretAccessKey, endpoint: this.#endpoint.href, region });
  }

  /** The address to ask now: of an object, or of a bucket with a question. */
  async #url(path: string, query: Readonly<Record<string, string>> = {}): Promise<URL> {
    if (this.#library === null) {
      const base = this.#endpoint.href.replace(/\/+$/, "");
      const url = new URL(`${base}/${path.split("/").map(encodeURIComponent).join("/")}`);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return url;
    }
    const all: Record<string, string> = { ...query };
    if (this.#token !== undefined) all["X-Amz-Security-Token"] = this.#token;
    return new URL(await this.#library.getPresignedUrl("GET", path, SIGNED_SECONDS, all));
  }

  #place({ bucket, key }: S3Address, signal?: AbortSignal): HttpPlace {
    return {
      name: `s3://${bucket}/${key}`,
      url: () => this.#url(`${bucket}/${key}`),
      explain,
      ...(signal !== undefined && { signal }),
    };
  }

  /** An object, by range. @throws AssayError data-source-failed */
  file(address: S3Address, signal?: AbortSignal): Promise<RangeFile> {
    return httpFile(this.#place(address, signal));
  }

  /**
   * The keys below a prefix, in the order of their bytes, as S3 lists them.
   * @throws AssayError data-source-failed
   */
  async *keys({ bucket, key: prefix }: S3Address, signal?: AbortSignal): AsyncGenerator<string> {
    const name = `s3://${bucket}/${prefix}`;
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const query = {
        "list-type": "2",
        "encoding-type": "url",
        prefix,
        ...(token !== undefined && { "continuation-token": token }),
      };
      const xml = await listed(name, await this.#url(bucket, query), signal);
      yield* keysIn(xml);
      token = element("NextContinuationToken", xml);
      if (element("IsTruncated", xml) !== "true" || token === undefined) return;
    }
    const reason = `it holds more than ${MAX_PAGES * 1000} objects`;
    throw new AssayError({ code: "data-source-failed", address: name, reason });
  }
}

/** One page of a list. @throws AssayError data-source-failed */
async function listed(name: string, url: URL, signal?: AbortSignal): Promise<string> {
  const refuse = (refusal: Refusal, cause?: unknown): never => {
    throw new AssayError({ code: "data-source-failed", address: name, ...refusal }, { cause });
  };
  const timeout = AbortSignal.timeout(30_000);
  const stop = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  let response: Response;
  let text = "";
  try {
    response = await fetch(url, { signal: stop, redirect: "error" });
    const decoder = new TextDecoder();
    for await (const part of response.body ?? []) {
      text += decoder.decode(part, { stream: true });
      if (text.length > LIST_BYTES) return refuse({ reason: "its list of objects is too long" });
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof AssayError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return refuse({ reason: `its objects cannot be listed: ${reason}` }, cause);
  }
  if (response.ok) return text;
  return refuse(explain(response.status, text) ?? { reason: `HTTP ${response.status}` });
}
