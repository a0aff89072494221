/**
 * @file Reads where an axon sends whoever asks it for a blob (docs/protocol.md#stores). The address is a stranger's word: it must name the object
 * that was asked for, it leads to no private address, and no further.
 */
import { lookup } from "node:dns";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPrivateAddress } from "./address.ts";

/** What is read of an answer, from an axon or a store. */
export type AnswerHead = {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
};

/** What may be followed: to the object of that name; to this machine and its network on a development chain only. */
export type Leads = { readonly name: string; readonly allowPrivate: boolean };

/** Longer ones are no signed address. */
const MOST_CHARACTERS = 4096;

/** Looks where a name leads before anything is sent there; the connection goes to the very address that was looked at. */
export function publicLookup(refusal: () => Error): LookupFunction {
  return (host, options, done) => {
    lookup(host, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((one) => one.address) : [address];
      const isHidden = error === null && found.some(isPrivateAddress);
      done(isHidden ? refusal() : error, address, family);
    });
  };
}

/** Origin and path of a store's object: what may be shown, without its signature. */
export function objectName(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** The address in an axon's answer, or why it is not followed. */
export function leadTo(location: string | null, { name, allowPrivate }: Leads): URL | string {
  if (location === null || location.length > MOST_CHARACTERS || !URL.canParse(location))
    return "it sends elsewhere, to no address";
  const url = new URL(location);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    return "it sends elsewhere, to no http(s) address";
  if (url.pathname.split("/").at(-1) !== name)
    return `it sends elsewhere, to ${url.origin}, which is not asked for another object`;
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host))
    return "it sends to a private address, which no stranger may make a node ask";
  return url;
}

/** The head of a store's answer; its body is read as it comes, and ends with `signal`. */
export function readStore(
  url: URL,
  {
    headers,
    signal,
    allowPrivate,
  }: {
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    readonly allowPrivate: boolean;
  },
): Promise<AnswerHead> {
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  const hidden = (): Error => new Error(`${url.host} leads to a private address`);
  const found = Promise.withResolvers<AnswerHead>();
  const request = send(url, {
    headers,
    signal,
    ...(!allowPrivate && { lookup: publicLookup(hidden) }),
  });
  request.on("error", found.reject);
  // Of an answer of 101 that nobody asked for, node tells nothing else; after a head this changes nothing.
  request.on("close", () => found.reject(new Error("it closed the connection without an answer")));
  request.on("response", (answer) => {
    const status = answer.statusCode ?? 0;
    const get = (name: string): string | null => {
      const value = answer.headers[name];
      return typeof value === "string" ? value : null;
    };
    const ok = status >= 200 && status < 300;
    found.resolve({ status, ok, headers: { get }, body: answer });
  });
  request.end();
  return found.promise;
}
