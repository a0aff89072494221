/** @file Endpoints as people write them: names, hosts and URLs become WebSocket URLs, everything else is refused in words. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { hidden } from "../../../base/hidden.ts";
import { parseArguments } from "../../../src/command/arguments.ts";
import { endpointOf, endpointsOf, NETWORKS } from "../../../src/command/endpoints.ts";
import { chainFields } from "../../../src/command/fields.ts";

function urlOf(text: string): string {
  const found = endpointOf(text);
  assert.ok("url" in found, `${text}: ${JSON.stringify(found)}`);
  return found.url;
}

function refusalOf(text: string): string {
  const found = endpointOf(text);
  assert.ok("refusal" in found, `${text}: ${JSON.stringify(found)}`);
  return found.refusal;
}

test("networks have names", () => {
  assert.equal(urlOf("local"), "ws://127.0.0.1:9944");
  assert.equal(urlOf("test"), "wss://test.finney.opentensor.ai:443");
  assert.equal(urlOf("finney"), "wss://entrypoint-finney.opentensor.ai:443");
  assert.equal(urlOf(" archive "), "wss://archive.chain.opentensor.ai:443");
});

test("hosts get the usual port, and TLS where the port or a public name asks for it", () => {
  const cases = [
    ["127.0.0.1:9944", "ws://127.0.0.1:9944"],
    ["127.0.0.1", "ws://127.0.0.1:9944"],
    ["localhost:1234", "ws://localhost:1234"],
    ["chain", "ws://chain:9944"],
    ["node.example.org", "wss://node.example.org:443"],
    ["node.example.org:443", "wss://node.example.org:443"],
    ["node.example.org:9944", "ws://node.example.org:9944"],
    ["::1", "ws://[::1]:9944"],
    ["[::1]:80", "ws://[::1]:80"],
  ] as const;
  for (const [text, url] of cases) assert.equal(urlOf(text), url);
});

test("the wrong scheme is refused with the right one", () => {
  assert.match(refusalOf("http://127.0.0.1:9944"), /not a WebSocket.*write ws:\/\/127.0.0.1:9944$/);
  assert.match(refusalOf("HTTPS://a.b/c?d"), /write wss:\/\/a\.b\/c\?d$/);
  assert.match(refusalOf("tcp://a"), /unknown scheme tcp/);
});

test("a mistyped network names the nearest; a host of that name can still be written", () => {
  assert.match(refusalOf("fineny"), /nearest: finney.*fineny:9944/);
  assert.match(refusalOf("locl"), /nearest: local/);
  assert.equal(urlOf("fineny:9944"), "ws://fineny:9944");
});

test("what is no address is refused with the shapes that are", () => {
  for (const text of [
    "",
    " ",
    "a b",
    "ws://",
    "ws:// a",
    "a:0",
    "a:65536",
    "-a",
    "a_-",
    "[::1",
    "a/b",
  ])
    assert.match(refusalOf(text), /is not an address; an address is ws:/, text);
  assert.match(refusalOf("ws://a/#b"), /after #/);
});

test("of several, the wrong one is named", () => {
  assert.deepEqual(endpointsOf("local,a:1"), { urls: [NETWORKS.local, "ws://a:1"] });
  const found = endpointsOf("local,http://user:secret@x");
  assert.ok("refusal" in found);
  assert.match(found.refusal, /^: "http:\/\/\*\*\*@x" is not a WebSocket/);
  assert.ok("refusal" in endpointsOf("local,"));
});

test("a user name and a password in a URL are not shown", () => {
  assert.equal(hidden("wss://u:p@a.b/c,ws://x"), "wss://***@a.b/c,ws://x");
  assert.equal(hidden("ws://u:p@q@h1,ws://v:r,s@h2/x?y@z"), "ws://***@h1,ws://***@h2/x?y@z");
});

test("whatever is accepted is a WebSocket URL, and reading it again changes nothing", () => {
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((ip) => `[${ip}]`),
    fc.ipV6(),
  );
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
  const written = fc.oneof(
    fc
      .tuple(host, port)
      .map(([name, number]) => (number === undefined ? name : `${name}:${number}`)),
    fc.webUrl({ validSchemes: ["ws", "wss", "http", "https"], withQueryParameters: true }),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(...Object.keys(NETWORKS)),
  );
  fc.assert(
    fc.property(written, (text) => {
      const found = endpointOf(text);
      if ("refusal" in found) {
        assert.doesNotMatch(found.refusal, /undefined/);
        const [, right] = /write (\S+)$/.exec(found.refusal) ?? [];
        if (right !== undefined) assert.ok("url" in endpointOf(right), right);
        return;
      }
      const url = new URL(found.url);
      assert.ok(["ws:", "wss:"].includes(url.protocol));
      assert.notEqual(url.hostname, "");
      assert.equal(urlOf(found.url), found.url);
    }),
  );
});

test("every domain and every address with a port is accepted", () => {
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((ip) => `[${ip}]`),
  );
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), (name, port) => {
      const scheme = port === 443 ? "wss" : "ws";
      assert.equal(urlOf(`${name}:${port}`), `${scheme}://${name}:${port}`);
    }),
  );
});

const named = (...args: string[]): unknown => {
  const shape = { name: "x", description: "", schema: z.strictObject({ ...chainFields }) };
  return parseArguments(shape, args).given.get("endpoint")?.value;
};

test("several endpoints are a list with commas, or the option once for each", () => {
  assert.equal(named("--endpoint", "a:1", "--endpoint", "b:2"), "a:1,b:2");
  const flag = "--subtensor.chain_endpoint";
  assert.equal(
    named(flag, "ws://a:1", `${flag}=ws://b:2`, "--endpoint", "c"),
    "ws://a:1,ws://b:2,c",
  );
  assert.equal(named(flag, "ws://a:1,ws://b:2"), "ws://a:1,ws://b:2");
});

test("an address stands above a network's name, wherever it is written", () => {
  const [address, network] = ["--subtensor.chain_endpoint", "--subtensor.network"];
  assert.equal(named(network, "finney", address, "ws://a:1"), "ws://a:1");
  assert.equal(named(address, "ws://a:1", `${network}=finney`), "ws://a:1");
  assert.equal(named(network, "test"), "test");
});
