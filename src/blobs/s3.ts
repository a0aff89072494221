/** @file S3 as it is spoken here: addresses that are signed anew for each request, or not at all (public buckets), and refusals in words. */
import { S3mini } from "s3mini";
import type { NextCommand } from "../../base/fault.ts";
import { AssayError } from "../errors.ts";

/** s3://bucket/key. A key that is empty or ends with "/" stands for all keys that begin with it. */
export type S3Address = { readonly bucket: string; readonly key: string };

/** The standard variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL_S3. */
export type S3Environment = Readonly<Record<string, string | undefined>>;

/** What a refusal means, and what mends it. */
export type S3Refusal = {
  readonly reason: string;
  readonly next?: string;
  readonly run?: NextCommand;
};

const DEFAULT_REGION = "us-east-1";

/** What S3's codes mean for whoever asks. */
const NEXT: Readonly<Record<string, Omit<S3Refusal, "reason">>> = {
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

/** The text of the first element of that name in an answer of S3. */
export const element = (name: string, xml: string): string | undefined =>
  new RegExp(`<${name}>([^<]{0,2048})</${name}>`).exec(xml)?.[1];

/** A clock that is off shows as a signature that is not valid yet, or any more. */
const isSkew = (message: string): boolean => /not yet valid|has expired|skewed/i.test(message);

/** What a refusal in S3's XML means; null where it says nothing that is known. */
export function explainS3(status: number, body: string): S3Refusal | null {
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

/** An address to ask for, and for how long it is to be good. */
export type Asked = {
  readonly method?: "GET" | "PUT";
  readonly query?: Readonly<Record<string, string>>;
  readonly seconds?: number;
};

/** Time in which a signed address is used at once. */
const SIGNED_SECONDS = 900;

/** Signs requests with the keys of one environment. Nothing that it says holds a key, and its addresses are never shown: they hold signatures. */
export class S3Signer {
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

  /** Whether there are keys to sign with. */
  get canSign(): boolean {
    return this.#library !== null;
  }

  /** The address to ask now: of an object, or of a bucket with a question. */
  async url(path: string, asked: Asked = {}): Promise<URL> {
    const { method = "GET", query = {}, seconds = SIGNED_SECONDS } = asked;
    if (this.#library === null) {
      const base = this.#endpoint.href.replace(/\/+$/, "");
      const url = new URL(`${base}/${path.split("/").map(encodeURIComponent).join("/")}`);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return url;
    }
    const all: Record<string, string> = { ...query };
    if (this.#token !== undefined) all["X-Amz-Security-Token"] = this.#token;
    return new URL(await this.#library.getPresignedUrl(method, path, seconds, all));
  }

  /** Removes an object; one that is not there is no failure. False where these keys cannot: they are of a session. */
  async remove(path: string): Promise<boolean> {
    if (this.#library === null || this.#token !== undefined) return false;
    return this.#library.deleteObject(path);
  }
}
