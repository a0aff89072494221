/** @file A server that speaks as S3 does to whoever reads: signatures checked by another implementation of SigV4, lists in pages. */
import { createHash, createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { answer, serve } from "./range-server.ts";

/** The keys that the server knows, and how it answers. */
export type S3Options = {
  readonly objects: Readonly<Record<string, Uint8Array>>;
  /** Without it everybody may read. */
  readonly account?: { readonly id: string; readonly secret: string; readonly token?: string };
  /** How far the server's clock is ahead. */
  readonly clockMs?: number;
  readonly keysOfPage?: number;
};

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();
const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${(one.codePointAt(0) ?? 0).toString(16).toUpperCase()}`,
  );

/** Signature of a presigned GET (AWS Signature Version 4, query parameters). */
function signatureOf(url: URL, secret: string): string {
  const query = [...url.searchParams].filter(([name]) => name !== "X-Amz-Signature");
  const canonical = query
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted()
    .join("&");
  const request = `GET\n${url.pathname}\n${canonical}\nhost:${url.host}\n\nhost\nUNSIGNED-PAYLOAD`;
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
function refusalOf(url: URL, { account, clockMs = 0 }: S3Options): [string, string] | null {
  if (account === undefined) return null;
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
  return signatureOf(url, account.secret) === query.get("X-Amz-Signature")
    ? null
    : ["SignatureDoesNotMatch", "The signature we calculated does not match"];
}

function refuse(response: ServerResponse, status: number, [code, message]: [string, string]) {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return response.writeHead(status, { "content-type": "application/xml" }).end(xml);
}

function list(url: URL, keys: readonly string[], most: number): string {
  const prefix = url.searchParams.get("prefix") ?? "";
  const from = Number(url.searchParams.get("continuation-token") ?? 0);
  const all = keys.filter((key) => key.startsWith(prefix)).toSorted();
  const page = all.slice(from, from + most).map((key) => `<Key>${escaped(key)}</Key>`);
  const isCut = from + most < all.length;
  const token = isCut ? `<NextContinuationToken>${from + most}</NextContinuationToken>` : "";
  return `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${token}${page.join("")}</ListBucketResult>`;
}

/** Starts a server with one bucket, "bucket". */
export function serveS3(options: S3Options): ReturnType<typeof serve> {
  return serve((request, response, range) => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
    const refusal = refusalOf(url, options);
    if (refusal !== null) return refuse(response, 403, refusal);
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split("/");
    if (bucket !== "bucket") return refuse(response, 404, ["NoSuchBucket", "no such bucket"]);
    const { objects, keysOfPage = 1000 } = options;
    if (rest.join("/") === "") return response.end(list(url, Object.keys(objects), keysOfPage));
    const bytes = objects[rest.join("/")];
    if (bytes === undefined) return refuse(response, 404, ["NoSuchKey", "no such key"]);
    return answer(bytes, response, range);
  });
}
