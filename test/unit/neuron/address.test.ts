/** @file Which address is published: always one that others can dial, or a refusal that says what helps. */
import { strict as assert } from "node:assert";
import { isIP } from "node:net";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import { isPrivateAddress } from "../../../src/network/address.ts";
import { type AddressFacts, publishedAddress } from "../../../src/neuron/address.ts";

const PUBLIC = "wss://entrypoint.example.org:443";
const LOCAL = "ws://127.0.0.1:9944";
const facts = (parts: Partial<AddressFacts>): AddressFacts => ({
  bound: { ip: "0.0.0.0", port: 4000 },
  development: true,
  chainEndpoint: LOCAL,
  own: ["10.0.0.5"],
  ...parts,
});
const refused = (error: unknown): boolean => isAssayError(error, "bad-option");
const ip = fc.oneof(fc.ipV4(), fc.ipV6());

test("on a chain for everybody no private address is ever published", () => {
  fc.assert(
    fc.property(ip, fc.option(ip, { nil: undefined }), fc.array(ip), (bound, external, own) => {
      const where = facts({
        bound: { ip: bound, port: 4000 },
        development: false,
        chainEndpoint: PUBLIC,
        own,
      });
      try {
        const published = publishedAddress(
          { axonExternalIp: external, axonExternalPort: undefined },
          where,
        );
        assert.equal(isPrivateAddress(published.ip), false);
        assert.equal(published.ip, external ?? published.ip);
      } catch (error) {
        assert.ok(refused(error), String(error));
      }
    }),
  );
});

test("what is named is published, of either family; a router's port too", () => {
  const options = { axonExternalIp: "2001:db9::7", axonExternalPort: 9001 };
  assert.deepEqual(publishedAddress(options, facts({ development: false })), {
    ip: "2001:db9::7",
    port: 9001,
  });
  const none = { axonExternalIp: undefined, axonExternalPort: undefined };
  const bound = { ip: "10.0.0.5", port: 4000 };
  assert.deepEqual(publishedAddress(none, facts({ bound })), bound);
  const port = { axonExternalIp: undefined, axonExternalPort: 80 };
  assert.deepEqual(publishedAddress(port, facts({ bound })), { ip: "10.0.0.5", port: 80 });
});

test("who listens on all addresses publishes one of them", () => {
  const none = { axonExternalIp: undefined, axonExternalPort: undefined };
  for (const everywhere of ["0.0.0.0", "::"]) {
    const bound = { ip: everywhere, port: 4000 };
    assert.equal(publishedAddress(none, facts({ bound })).ip, "127.0.0.1");
    const network = facts({ bound, chainEndpoint: "ws://10.0.0.1:9944" });
    assert.equal(publishedAddress(none, network).ip, "10.0.0.5");
    const open = facts({ bound, development: false, own: ["10.0.0.5", "9.9.9.9"] });
    assert.equal(publishedAddress(none, open).ip, "9.9.9.9");
    assert.throws(() => publishedAddress(none, facts({ bound, development: false })), refused);
  }
});

test("a refusal names the reason, and the command that works where an address is known", () => {
  const none = { axonExternalIp: undefined, axonExternalPort: undefined };
  const bound = { ip: "127.0.0.1", port: 4000 };
  const where = facts({
    bound,
    development: false,
    chainEndpoint: PUBLIC,
    own: ["10.0.0.5", "9.9.9.9"],
  });
  assert.throws(
    () => publishedAddress(none, where),
    (error) => {
      assert.ok(isAssayError(error, "bad-option") && error.fault.code === "bad-option");
      assert.match(error.fault.detail, /127\.0\.0\.1 cannot be published.*chain for everybody/);
      assert.deepEqual(error.fault.run, {
        again: { axonHost: "0.0.0.0", axonExternalIp: "9.9.9.9" },
      });
      return true;
    },
  );
  for (const nowhere of ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"]) {
    assert.notEqual(isIP(nowhere), 0);
    const named = { axonExternalIp: nowhere, axonExternalPort: undefined };
    assert.throws(() => publishedAddress(named, facts({})), refused);
  }
});
