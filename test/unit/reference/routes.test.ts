/** @file docs/openapi.json against a real axon: it answers every route as described, and has no other. */
import { strict as assert } from "node:assert";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { type Route, ROUTES } from "../../../src/api/routes.ts";
import type { Status } from "../../../src/api/types.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import type { Page } from "../../../src/network/page-route.ts";
import type { Axon } from "../../../src/network/listening.ts";
import { type AxonOptions, serveAxon } from "../../../src/network/server.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { encodeRecord } from "../../../src/protocol/record.ts";
import { recordOf } from "../view/recorded.ts";

const HASH: Hex = `0x${"0a".repeat(32)}`;
const status: Status = {
  role: "validator",
  hotkey: HASH,
  runId: HASH,
  window: 4,
  thetaDigest: HASH,
  rulesDigest: null,
  device: "cpu",
  heldOut: { window: 3, loss: 2.5 },
  progress: { window: 4, step: "voted" },
  activity: "judges",
};
const verdict = {
  verdict: "accepted",
  explanation: "fine",
  detail: "",
  final: "0x1p+0",
  weight: 7,
};
const bytes = Buffer.from("let a = 1;");
const page: Page = {
  file: async () => ({ type: "text/javascript", bytes, gzip: gzipSync(bytes), hashed: true }),
  async *events() {
    yield "event: now\ndata: 1\n\n";
  },
  detail: (what, uid) => JSON.stringify({ what, uid }),
  blocks: async () => '[{"number":1}]',
  async text(prompt) {
    const found = { window: 4, prompt: prompt ?? "The ", text: "end" };
    return { code: 200, json: JSON.stringify(prompt === null ? [found] : found) };
  },
};
const blobs = memoryBlobs();
/** What fastify says of each route that it is given. */
const served = new Set<string>();
const hookSchema = z.object({
  fastify: z.custom<{ addHook: (name: "onRoute", hook: (route: unknown) => void) => void }>(),
});
const routeSchema = z.object({ method: z.string(), url: z.string() });
let axon: Axon;
let address: Hex;

function onServer(message: unknown): void {
  hookSchema.parse(message).fastify.addHook("onRoute", (route) => {
    const { method, url } = routeSchema.parse(route);
    served.add(`${method.toLowerCase()} ${url.replaceAll(/:(\w+)/g, "{$1}")}`);
  });
}

before(async () => {
  address = await blobs.put(bytes);
  subscribe("fastify.initialization", onServer);
  const gate: AxonOptions["gate"] = {
    netuid: 1,
    genesis: HASH,
    verifier: { verify: () => ({ refusal: "malformed-auth" }) },
    isPeer: () => false,
  };
  axon = await serveAxon(
    {
      blobs,
      status: () => status,
      digests: (from) => [{ window: from, digest: HASH }],
      losses: (from) => [{ window: from, loss: 2.5 }],
      checkpoint: () => ({ window: 4, address: HASH }),
      record: () => encodeRecord(recordOf(4)),
      verdict: (window, uid) => ({ ...verdict, window, uid }),
      page,
      metrics: {
        mayRead: () => true,
        scrape: async () => ({ type: "text/plain", text: "up 1\n" }),
      },
    },
    { host: "127.0.0.1", port: 0, gate },
  );
  unsubscribe("fastify.initialization", onServer);
});
after(() => axon.close());

test("an axon has these routes and no other", () => {
  const described = ROUTES.map(({ method, path }) => `${method} ${path}`);
  // Each GET answers HEAD as well, unless it says otherwise; that of a blob is written out.
  const own = [...served].filter((one) => !one.startsWith("head ") || described.includes(one));
  assert.deepEqual(own.toSorted(), described.toSorted());
});

const valueOf: Readonly<Record<string, () => string>> = {
  window: () => "4",
  uid: () => "3",
  netuid: () => "1",
  genesis: () => HASH,
  address: () => address,
};

function ask({ method, path, query = {} }: Route): Promise<Response> {
  const filled = path
    .replaceAll(/\{(\w+)\}/g, (_all, name: string) => valueOf[name]?.() ?? assert.fail(name))
    .replace("*", "app.js");
  const asked = Object.keys(query).map((name) => `${name}=2`);
  const suffix = asked.length === 0 ? "" : `?${asked.join("&")}`;
  return fetch(`http://127.0.0.1:${axon.port}${filled}${suffix}`, { method: method.toUpperCase() });
}

for (const route of ROUTES)
  test(`${route.method} ${route.path}`, async () => {
    const answer = await ask(route);
    if (route.signed === true) {
      assert.equal(answer.status, 401, "nobody signed it");
      await answer.arrayBuffer();
      return;
    }
    assert.equal(answer.status, 200);
    const type = answer.headers.get("content-type") ?? "";
    // The page is one of the files here.
    if (route.type !== "text/html") assert.ok(type.startsWith(route.type), type);
    const body = await answer.text();
    if (route.schema !== undefined) route.schema.parse(JSON.parse(body));
  });
