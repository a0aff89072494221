/** @file The committed runtime is Bittensor's at spec 424 in all that it has, and has all that clients name. */
import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { typesPackage } from "../../../chain/polkadot.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { artifactMetadata, clientsNames, liveSurface } from "./fixtures.ts";
import { NOT_YET } from "./not-yet.ts";
import { type Surface, surfaceOf } from "./surface.ts";

const MOST_EXCEPTIONS = 30;
const live = liveSurface();
const clients = clientsNames();
const notYet = new Set(NOT_YET);
let ours: Surface;
before(async () => {
  ours = surfaceOf(await artifactMetadata(15));
});

function exceptionOf(name: string): string | undefined {
  const rules = Object.keys(EXCEPTIONS);
  return rules.find((rule) => rule === name || (rule.endsWith(".") && name.startsWith(rule)));
}

/** The shape that clients accept of a name. */
function accepted(name: string): string | undefined {
  return clients.above[name] ?? live.get(name);
}

function extensions(surface: Surface): string[] {
  return [...surface.keys()].filter((name) => name.startsWith("extension."));
}

suite("the runtime's surface", () => {
  test("equals the live network's in name, index, arguments, types, hashers, modifier and default", () => {
    const different = [...ours]
      .filter(([name]) => exceptionOf(name) === undefined && !notYet.has(name))
      .filter(([name, text]) => live.get(name) !== text)
      .map(([name, text]) => ({ name, ours: text, live: live.get(name) ?? "nothing" }));
    assert.deepEqual(different, []);
  });

  test("has what clients name", () => {
    const names = [...clients.named, ...Object.keys(clients.above)];
    const missing = names.filter((name) => !notYet.has(name) && !ours.has(name));
    assert.deepEqual(missing, []);
    const other = Object.keys(clients.above).filter((name) => ours.get(name) !== accepted(name));
    assert.deepEqual(other, [], "above spec 424 clients accept one shape");
  });

  test("has few exceptions, and each is one", () => {
    const rules = Object.keys(EXCEPTIONS);
    assert.ok(rules.length <= MOST_EXCEPTIONS, `${rules.length} exceptions`);
    const unneeded = rules.filter(
      (rule) =>
        ![...ours].some(([name, text]) => exceptionOf(name) === rule && live.get(name) !== text),
    );
    assert.deepEqual(unneeded, [], "delete what is upstream's by now");
  });

  test("has nothing that is listed as not there yet", (context) => {
    const there = NOT_YET.filter((name) => {
      const text = ours.get(name);
      return text !== undefined && text === accepted(name);
    });
    assert.deepEqual(there, [], "delete these lines from not-yet.ts");
    const unknown = NOT_YET.filter((name) => accepted(name) === undefined);
    assert.deepEqual(unknown, [], "not of spec 424");
    for (const name of NOT_YET) context.diagnostic(`not yet: ${name}`);
    context.diagnostic(`${NOT_YET.length} not yet, ${Object.keys(EXCEPTIONS).length} exceptions`);
  });
});

suite("metadata", () => {
  test("is the same in V14 and V15, but for runtime APIs", async () => {
    const older = surfaceOf(await artifactMetadata(14));
    for (const [name, text] of older) assert.equal(ours.get(name), text, name);
    const more = [...ours.keys()].filter((name) => !older.has(name));
    assert.ok(more.length > 0);
    const apis = new Set(more.map((name) => name.split(".")[0] ?? ""));
    for (const api of apis)
      assert.match(
        api,
        /Api$|^Core$|^Metadata$|^(?:BlockBuilder|GenesisBuilder|SessionKeys|TaggedTransactionQueue)$/u,
      );
  });

  test("says extrinsics of version 4 with the stock extensions, all others without data", async () => {
    const { Metadata, TypeRegistry } = typesPackage();
    const { extrinsic } = new Metadata(new TypeRegistry(), await artifactMetadata(15)).asV15;
    assert.equal(extrinsic.version.toNumber(), 4);
    assert.deepEqual(extensions(ours), extensions(live));
    const stock =
      /Check(?:SpecVersion|TxVersion|Genesis|Mortality|Nonce|MetadataHash)$|ChargeTransactionPayment$/u;
    const others = extensions(ours).filter((name) => !stock.test(name));
    assert.equal(others.length, 6);
    for (const name of others) assert.equal(ours.get(name), "() / ()", name);
  });
});
