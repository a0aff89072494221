/** @file A server that speaks as S3 does: signed addresses checked by another implementation of SigV4, lists in pages, objects put and removed. */
import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answer, type Handler, serve } from "./range-server.ts";

/** The keys that the server knows, and how it answers. */
export type S3Options = {
  /** What is put goes there as well. */
  readonly objects: Record<string, Uint8Array>;
  /** Without it everybody may read. */
  readonly account?: { readonly id: string; readonly secret: string; readonly token?: string };
  /** How far the server's clock is ahead. */
  readonly clockMs?: number;
  readonly keysOfPage?: number;
  /** While it says so, the server answers 503 to all. */
  readonly isDown?: () => boolean;
};

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();
/** What a signature is made of. */
type Asked = { readonly url: URL; readonly method: string };

const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${(one.codePointAt(0) ?? 0).toString(16).toUpperCase()}`,
  );

/** Signature of a presigned request (AWS Signature Version 4, query parameters). */
function signatureOf({ url, method }: Asked, secret: string): string {
  const query = [...url.searchParams].filter(([name]) => name !== "X-Amz-Signature");
  const canonical = query
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted()
    .join("&");
  const request = `${method}\n${url.pathname}\n${canonical}\nhost:${url.host}\n\nhost\nUNSIGNED-PAYLOAD`;
  const date = url.searchParams.get("X-Amz-Date") ?? "";
  const scope = (url.searchParams.get("X-Amz-Credential") ?? "").split("/").slice(1).join("/");
  const hash = createHash("sha256").update(request).digest("hex");
  const [day = "", region = "", service = "", end = ""] = scope.split("/");
  const key = [region, service, end].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, day));
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash}`).toString("hex");
}

function timeOf(url: URL): number {
  const text = url.searchParams.get("X-Amz-Date") ?? "";
  return Date.parse(
    text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
}

/** S3's code for what is wrong with a request, or null. */
function refusalOf(asked: Asked, { account, clockMs = 0 }: S3Options): [string, string] | null {
  if (account === undefined) return null;
  const { url } = asked;
  const { searchParams: query } = url;
  if (!query.has("X-Amz-Signature")) return ["AccessDenied", "Access Denied"];
  if (query.get("X-Amz-Credential")?.split("/")[0] !== account.id)
    return ["InvalidAccessKeyId", "The key does not exist in our records"];
  if ((query.get("X-Amz-Security-Token") ?? undefined) !== account.token)
    return ["ExpiredToken", "The provided token has expired"];
  const age = Date.now() + clockMs - timeOf(url);
  if (age < -900_000) return ["AccessDenied", "Request is not yet valid"];
  if (age > Number(query.get("X-Amz-Expires")) * 1000)
    return ["AccessDenied", "Request has expired"];
  return signatureOf(asked, account.secret) === query.get("X-Amz-Signature")
    ? null
    : ["SignatureDoesNotMatch", "The signature we calculated does not match"];
}

function refuse(response: ServerResponse, status: number, [code, message]: [string, string]) {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return response.writeHead(status, { "content-type": "application/xml" }).end(xml);
}

function list(url: URL, objects: S3Options["objects"], most: number): string {
  const keys = Object.keys(objects);
  const prefix = url.searchParams.get("prefix") ?? "";
  const from = Number(url.searchParams.get("continuation-token") ?? 0);
  const all = keys.filter((key) => key.startsWith(prefix)).toSorted();
  const page = all
    .slice(from, from + most)
    .map(
      (key) =>
        `<Contents><Key>${escaped(key)}</Key><Size>${objects[key]?.length}</Size></Contents>`,
    );
  const isCut = from + most < all.length;
  const token = isCut ? `<NextContinuationToken>${from + most}</NextContinuationToken>` : "";
  return `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${token}${page.join("")}</ListBucketResult>`;
}

/** Removals are signed in headers: here only whose they are is looked at. */
function removalOf({ headers }: IncomingMessage, { account }: S3Options): [string, string] | null {
  if (account === undefined) return null;
  const isKnown = headers.authorization?.includes(`Credential=${account.id}/`) === true;
  return isKnown ? null : ["AccessDenied", "Access Denied"];
}

async function put(
  request: IncomingMessage,
  response: ServerResponse,
  store: (bytes: Uint8Array) => void,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) if (part instanceof Buffer) parts.push(part);
  store(new Uint8Array(Buffer.concat(parts)));
  response.end();
}

/** An object of the bucket, or a list: read, put, removed. */
function handle(
  { objects, keysOfPage = 1000 }: S3Options,
  { url, key }: { readonly url: URL; readonly key: string },
  [request, response, range]: Parameters<Handler>,
): unknown {
  const { method = "GET", headers } = request;
  if (key === "") return response.end(list(url, objects, keysOfPage));
  if (method === "PUT") return put(request, response, (bytes) => (objects[key] = bytes));
  if (method === "DELETE") {
    Reflect.deleteProperty(objects, key);
    return response.writeHead(204).end();
  }
  const bytes = objects[key];
  if (bytes === undefined) return refuse(response, 404, ["NoSuchKey", "no such key"]);
  return headers.range === undefined ? response.end(bytes) : answer(bytes, response, range);
}

/** Starts a server with one bucket, "bucket". */
export function serveS3(options: S3Options): ReturnType<typeof serve> {
  return serve((request, response, range) => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
    const { method = "GET" } = request;
    if (options.isDown?.() === true) return response.writeHead(503).end();
    const refusal =
      method === "DELETE" ? removalOf(request, options) : refusalOf({ url, method }, options);
    if (refusal !== null) return refuse(response, 403, refusal);
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split("/");
    if (bucket !== "bucket") return refuse(response, 404, ["NoSuchBucket", "no such bucket"]);
    return handle(options, { url, key: rest.join("/") }, [request, response, range]);
  });
}
