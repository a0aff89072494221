/** @file `GET /metrics` on real sockets: whom it answers, whom it does not, and that refusals cost no look. */
import { strict as assert } from "node:assert";
import { request } from "node:http";
import { test, type TestContext } from "node:test";
import { readersOf } from "../../../src/command/readers.ts";
import type { AxonContent } from "../../../src/network/server.ts";
import { openAxon } from "../page/scene.ts";

type Answer = { readonly status: number; readonly type: string; readonly text: string };

/** Asks with headers that fetch would not send. */
function ask(port: number, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, path: "/metrics", headers, method },
      (response) => {
        let text = "";
        response.on("data", (part: Buffer) => (text += part.toString()));
        const { statusCode: status = 0, headers: told } = response;
        response.on("end", () => resolve({ status, type: told["content-type"] ?? "", text }));
      },
    );
    asked.on("error", reject).end();
  });
}

/** An axon whose metrics count how often they are made. */
async function serving(
  t: TestContext,
  from: string,
): Promise<{ readonly port: number; readonly made: () => number }> {
  let made = 0;
  const metrics: AxonContent["metrics"] = {
    mayRead: readersOf(from) ?? assert.fail(),
    async scrape() {
      made += 1;
      return { type: "text/plain; version=0.0.4", text: `assay_made ${made}\n` };
    },
  };
  const axon = await openAxon({ metrics });
  t.after(() => axon.close());
  return { port: axon.port, made: () => made };
}

test("this machine reads them; scrapes of one second are one", async (t) => {
  const { port, made } = await serving(t, "loopback");
  const first = await ask(port);
  assert.deepEqual(first, {
    status: 200,
    type: "text/plain; version=0.0.4",
    text: "assay_made 1\n",
  });
  assert.equal((await ask(port, { host: `localhost:${port}` })).status, 200);
  assert.equal((await ask(port, { host: `[::1]:${port}` })).status, 200);
  await Promise.all(Array.from({ length: 10 }, () => ask(port)));
  assert.ok(made() <= 2, `${made()} looks`);
});

test("nobody else: not who is not named, not through a proxy, not by a name that somebody pointed here", async (t) => {
  const refused = async (port: number, headers: Record<string, string> = {}): Promise<void> => {
    const { status, text } = await ask(port, headers);
    assert.equal(status, 403, JSON.stringify(headers));
    assert.ok(!text.includes("assay_made"));
  };
  const none = await serving(t, "none");
  await refused(none.port);
  const elsewhere = await serving(t, "203.0.113.0/24,2001:db8::1");
  await refused(elsewhere.port);
  const here = await serving(t, "loopback");
  for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
    await refused(here.port, { [name]: "203.0.113.7" });
  for (const host of ["evil.example", "evil.example:80", "localhost.evil.example", "a b"])
    await refused(here.port, { host });
  assert.equal((await ask(here.port, {}, "HEAD")).status, 404);
  assert.deepEqual([none.made(), elsewhere.made(), here.made()], [0, 0, 0]);
});

test("an axon without metrics has no such page", async (t) => {
  const axon = await openAxon({});
  t.after(() => axon.close());
  assert.equal((await ask(axon.port)).status, 404);
});
