/** @file The option schemas: every option is documented, every default is valid, bounds hold. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { z } from "zod";
import {
  chainOptions,
  localnetOptions,
  localnetPresets,
  minerOptions,
  validatorOptions,
} from "../../../src/command/options.ts";

const SCHEMAS: Readonly<Record<string, z.ZodObject>> = {
  miner: minerOptions,
  validator: validatorOptions,
  chain: chainOptions,
  localnet: localnetOptions,
};

for (const [name, schema] of Object.entries(SCHEMAS)) {
  test(`${name}: defaults are enough, every option has a description`, () => {
    schema.parse({});
    const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
    for (const [key, property] of Object.entries(properties)) {
      assert.ok(typeof property === "object" && (property.description ?? "").length > 5, key);
      assert.match(key, /^[a-z][a-zA-Z]+$/);
    }
  });
}

test("every preset is valid", () => {
  for (const preset of Object.values(localnetPresets)) localnetOptions.parse(preset);
});

test("values outside their bounds are refused", () => {
  const bad: readonly (readonly [z.ZodObject, Readonly<Record<string, unknown>>])[] = [
    [minerOptions, { netuid: 0 }],
    [minerOptions, { netuid: 65_536 }],
    [minerOptions, { axonPort: -1 }],
    [minerOptions, { axonPort: "80.5" }],
    [minerOptions, { genesis: "0x12" }],
    [minerOptions, { genesis: `0x${"AB".repeat(32)}` }],
    [minerOptions, { strategy: "steal" }],
    [minerOptions, { wallet: "" }],
    [minerOptions, { unknown: 1 }],
    [validatorOptions, { strategy: "honest" }],
    [validatorOptions, { threads: 0 }],
    [chainOptions, { sealing: "0" }],
    [chainOptions, { sealing: "fast" }],
    [chainOptions, { port: 65_536 }],
    [localnetOptions, { windows: 1 }],
    [localnetOptions, { miners: 0 }],
    [localnetOptions, { validators: 9 }],
    [localnetOptions, { attack: "copy,steal" }],
    [localnetOptions, { attack: "" }],
    [localnetOptions, { blockMs: 19 }],
    [localnetOptions, { baseline: "maybe" }],
  ];
  for (const [schema, values] of bad)
    assert.equal(schema.safeParse(values).success, false, JSON.stringify(values));
});
