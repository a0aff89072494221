/** @file Why nothing can listen: each reason by its own words, and each service by its own flag. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { explain } from "../../../base/fault.ts";
import { LISTEN_TEXTS, listenFault } from "../../../base/listen.ts";

const CASES = [
  ["EADDRINUSE", "port-in-use", /already listens/],
  ["EACCES", "port-privileged", /needs privileges/],
  ["EADDRNOTAVAIL", "address-foreign", /not an address of this machine/],
  ["ENOTFOUND", "host-unknown", /no address is known/],
  ["EAI_AGAIN", "host-unknown", /no address is known/],
] as const;

for (const [system, code, words] of CASES)
  test(`${system} is ${code}`, () => {
    const cause = Object.assign(new Error(system), { code: system });
    for (const service of ["chain", "axon"] as const) {
      const fault = listenFault(cause, { service, host: "h", port: 80 });
      assert.ok(fault !== null);
      assert.deepEqual(fault, { code, service, host: "h", port: 80 });
      const told = explain(LISTEN_TEXTS, fault.code, fault);
      assert.match(told.cause, words);
      assert.match(told.cause, /h:80/);
      const isAxon = /--axon-(port|host)/.test(told.next);
      assert.equal(isAxon, service === "axon", told.next);
    }
  });

test("what has nothing to do with the address is no such fault", () => {
  assert.equal(listenFault(new Error("x"), { service: "axon", host: "h", port: 1 }), null);
});
