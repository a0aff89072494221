/**
 * @file What a node answers over HTTP, path by path: docs/openapi.json is made of it, and a test asks a real axon for each of these and
 * for nothing else.
 */
import { z } from "zod";
import { windowRecordSchema } from "../protocol/record.ts";
import {
  checkpointSchema,
  checkpointsSchema,
  digestsSchema,
  lossesSchema,
  statusSchema,
  verdictSchema,
} from "./types.ts";

/** A path, what may be asked of it, and what comes back. */
export type Route = {
  readonly method: "get" | "head" | "post";
  /** Parameters in braces. */
  readonly path: string;
  readonly summary: string;
  /** Query parameters with what each means. */
  readonly query?: Readonly<Record<string, string>>;
  /** Of the answer with status 200. */
  readonly type: string;
  /** Its shape, where it is JSON of a documented shape. */
  readonly schema?: z.ZodType;
  /** Statuses beside 200, with their meaning. */
  readonly otherwise?: Readonly<Record<number, string>>;
  /** Whether the request must be signed by a registered hotkey (btauth/1). */
  readonly signed?: true;
};

const JSON_TYPE = "application/json";
const BYTES = "application/octet-stream";
const NOT_ADDRESS = "the address is not 0x and 64 hex digits";
const FROM = { from: "first window, default 0" };
const BUSY = "too much is under way: ask again after `retry-after` seconds";
/** Views are made for the page of the same version, and promise nothing to others. */
const OF_THE_PAGE = z
  .looseObject({})
  .meta({ description: "for the page of the same version; src/api/page.ts" });

const TEXT = z.strictObject({ window: z.int(), prompt: z.string(), text: z.string() });
const NOT_HERE = "asked from elsewhere, or by another site's page";

const STATE: readonly Route[] = [
  {
    method: "get",
    path: "/healthz",
    summary: "whether the process answers",
    type: JSON_TYPE,
    schema: z.strictObject({ ok: z.literal(true) }),
  },
  {
    method: "get",
    path: "/readyz",
    summary: "whether it has joined a run; its status either way",
    type: JSON_TYPE,
    schema: statusSchema,
    otherwise: { 503: "it has not" },
  },
  {
    method: "get",
    path: "/status",
    summary: "where the node stands",
    type: JSON_TYPE,
    schema: statusSchema,
  },
  {
    method: "get",
    path: "/digests",
    summary: "digests of parameters that it computed itself, by window",
    query: FROM,
    type: JSON_TYPE,
    schema: digestsSchema,
  },
  {
    method: "get",
    path: "/held-out",
    summary: "held-out losses that it measured itself, by window (validators)",
    query: FROM,
    type: JSON_TYPE,
    schema: lossesSchema,
  },
  {
    method: "get",
    path: "/metrics",
    summary: "metrics for Prometheus (docs/metrics.md)",
    type: "text/plain",
    otherwise: { 403: "whoever asks is not among those of --metrics-from" },
  },
];

const RECORDS: readonly Route[] = [
  {
    method: "get",
    path: "/records/{window}",
    summary:
      "the record of a window, exactly as it lies in the log (validators; docs/protocol.md, Window record)",
    type: JSON_TYPE,
    schema: windowRecordSchema,
    otherwise: { 404: "no record of this window" },
  },
  {
    method: "get",
    path: "/verdicts/{window}/{uid}",
    summary: "why an update was scored as it was (validators)",
    type: JSON_TYPE,
    schema: verdictSchema,
    otherwise: { 404: "no verdict" },
  },
  {
    method: "get",
    path: "/checkpoints/latest",
    summary: "the newest parameters that it can hand out",
    type: JSON_TYPE,
    schema: checkpointSchema,
    otherwise: { 404: "no checkpoint yet" },
  },
  {
    method: "get",
    path: "/checkpoints",
    summary: "all that it can hand out, newest first",
    type: JSON_TYPE,
    schema: checkpointsSchema,
  },
];

const BLOBS: readonly Route[] = [
  {
    method: "get",
    path: "/blobs/{address}",
    summary: "bytes by their digest; whoever reads them hashes them",
    type: BYTES,
    otherwise: {
      206: "the range that was asked for",
      400: NOT_ADDRESS,
      404: "blob not here",
      503: BUSY,
    },
  },
  {
    method: "head",
    path: "/blobs/{address}",
    summary: "whether it is here, and how long it is",
    type: BYTES,
    otherwise: { 400: NOT_ADDRESS, 404: "blob not here" },
  },
  {
    method: "get",
    path: "/peers/{netuid}/{genesis}/blobs/{address}",
    summary: "the same for a registered hotkey, on its own share of what may be under way",
    type: BYTES,
    signed: true,
    otherwise: {
      400: NOT_ADDRESS,
      401: "the signature counts for nothing",
      404: "blob not here",
      429: "too many requests",
    },
  },
  {
    method: "get",
    path: "/peers/{netuid}/{genesis}/look-back",
    summary: "whether the address that the asking hotkey published answers for it, seen from here",
    type: JSON_TYPE,
    schema: z.strictObject({ reached: z.boolean(), seenFrom: z.string() }),
    signed: true,
    otherwise: {
      401: "the signature counts for nothing",
      429: "too many requests, or too many looks under way",
    },
  },
];

const PAGE: readonly Route[] = [
  { method: "get", path: "/", summary: "the page (docs/page.md)", type: "text/html" },
  {
    method: "get",
    path: "/page/*",
    summary: "its files",
    type: "text/javascript",
    otherwise: { 404: "no such file" },
  },
  {
    method: "get",
    path: "/page/events",
    summary: "what happens, as server-sent events",
    type: "text/event-stream",
    otherwise: { 503: "too many pages are open" },
  },
  {
    method: "get",
    path: "/page/blocks",
    summary: "the newest final blocks with their extrinsics",
    type: JSON_TYPE,
    schema: z.array(OF_THE_PAGE),
  },
  {
    method: "get",
    path: "/page/samples",
    summary:
      "what the model wrote at the windows at which somebody looked; for the node's own machine",
    type: JSON_TYPE,
    schema: z.array(TEXT),
    otherwise: { 403: NOT_HERE, 404: "this node holds no model", 503: BUSY },
  },
  {
    method: "get",
    path: "/page/text",
    summary: "what the model writes after a prompt; for the node's own machine",
    query: { prompt: "1 to 400 characters" },
    type: JSON_TYPE,
    schema: TEXT,
    otherwise: { 400: "no such prompt", 403: NOT_HERE, 404: "this node holds no model", 503: BUSY },
  },
  {
    method: "get",
    path: "/page/miners/{uid}",
    summary: "details of a miner",
    type: JSON_TYPE,
    schema: OF_THE_PAGE,
    otherwise: { 404: "nothing is known of this uid yet", 503: BUSY },
  },
  {
    method: "get",
    path: "/page/validators/{uid}",
    summary: "details of a validator",
    type: JSON_TYPE,
    schema: OF_THE_PAGE,
    otherwise: { 404: "nothing is known of this uid yet", 503: BUSY },
  },
];

/** Everything that an axon of a training subnet answers. */
export const ROUTES: readonly Route[] = [...STATE, ...RECORDS, ...BLOBS, ...PAGE];
