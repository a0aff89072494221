/** @file S3: an object is a file behind an address that is signed anew for each request, or not at all (public buckets). */
import { element, explainS3, type S3Address, type S3Environment, S3Signer } from "../blobs/s3.ts";
import { AssayError } from "../errors.ts";
import { httpFile, type HttpPlace, type Refusal } from "./http-file.ts";
import type { RangeFile } from "./ranges.ts";

/** Longest list of keys that is followed. */
const MAX_PAGES = 100;
/** One page of a list: 1000 keys of at most 1024 bytes, three times as long when escaped. */
const LIST_BYTES = 8 << 20;
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

/** Reads of buckets with the keys of one environment. */
export class S3Reader {
  readonly #signer: S3Signer;

  /** @throws AssayError bad-option when the endpoint is no address */
  constructor(environment: S3Environment) {
    this.#signer = new S3Signer(environment);
  }

  #place({ bucket, key }: S3Address, signal?: AbortSignal): HttpPlace {
    return {
      name: `s3://${bucket}/${key}`,
      url: () => this.#signer.url(`${bucket}/${key}`),
      explain: explainS3,
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
      const xml = await listed(name, await this.#signer.url(bucket, { query }), signal);
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
  return refuse(explainS3(response.status, text) ?? { reason: `HTTP ${response.status}` });
}
