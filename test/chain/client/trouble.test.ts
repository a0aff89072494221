/** @file What the system, TLS or the WebSocket library throws, told as the kind of trouble that it is. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Trouble } from "../../../chain/endpoint-faults.ts";
import { ChainError } from "../../../chain/errors.ts";
import { unreachable } from "../../../chain/client/trouble.ts";

const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code });

const CASES: readonly (readonly [unknown, Trouble, RegExp])[] = [
  [coded("ECONNREFUSED"), "refused", /Nothing listens/],
  [coded("ENOTFOUND"), "host-unknown", /No address is known/],
  [coded("EAI_AGAIN"), "host-unknown", /No address is known/],
  [new SyntaxError("Invalid URL: x y"), "host-unknown", /No address is known/],
  [coded("ETIMEDOUT"), "silent", /did not answer in time/],
  [new Error("Opening handshake has timed out"), "silent", /did not answer in time/],
  [1006, "silent", /did not answer in time/],
  [new Error("Unexpected server response: 404"), "not-a-node", /not a chain node.*404/],
  [coded("ECONNRESET", "socket hang up"), "not-a-node", /not a chain node/],
  [new Error("Parse Error: Expected HTTP/"), "not-a-node", /not a chain node/],
  [coded("EPROTO", "wrong version number:../deps/x.c:1:"), "tls", /does not speak TLS/],
  [coded("ERR_SSL_WRONG_VERSION_NUMBER"), "tls", /secure connection/],
  [coded("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"), "certificate", /self-signed/],
  [coded("CERT_HAS_EXPIRED", "certificate has expired"), "certificate", /has expired/],
  [
    coded("ERR_TLS_CERT_ALTNAME_INVALID", "Host: x. is not in the cert"),
    "certificate",
    /not in the cert/,
  ],
];

describe("a connection that cannot be made", () => {
  for (const [cause, trouble, words] of CASES)
    it(`${String(cause)} is ${trouble}`, () => {
      const error = unreachable("wss://chain.example:443", cause);
      assert.ok(error.fault.code === "chain-unreachable");
      assert.equal(error.fault.trouble, trouble);
      assert.match(error.explanation.cause, words);
      assert.equal(error.cause, cause);
      assert.doesNotMatch(error.explanation.cause, /\n|deps\//);
    });
});

function advised(endpoint: string): unknown {
  const error = new ChainError({ code: "chain-unreachable", endpoint, trouble: "refused" });
  return error.explanation.commands;
}

it("a chain is started only where one can be: on this machine, without TLS, on a port that needs no privileges", () => {
  const again = [{ again: {} }];
  assert.deepEqual(advised("ws://127.0.0.1:9"), again);
  assert.deepEqual(advised("ws://localhost"), again);
  assert.deepEqual(advised("wss://127.0.0.1:9944"), again);
  assert.deepEqual(advised("ws://10.0.0.1:9944"), again);
  assert.deepEqual(advised("ws://127.0.0.1:9944"), [{ ours: "subnet chain", set: { port: 9944 } }]);
  assert.deepEqual(advised("ws://[::1]:9944"), [
    { ours: "subnet chain", set: { host: "::1", port: 9944 } },
  ]);
});
