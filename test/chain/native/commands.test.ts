/** @file `subnet chain keys`, `spec`, `start` and `join` as a person runs them, up to the node's command line. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findNode, nodePlaces } from "../../../chain/native/binary.ts";
import { missingNeeds, missingText, NEEDS } from "../../../chain/native/needs.ts";
import {
  commandText,
  nodeArguments,
  type NodeOptions,
} from "../../../chain/native/node-arguments.ts";

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-native-commands-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

type Outcome = { readonly status: number | null; readonly out: string; readonly err: string };

/** Runs `subnet chain ...` in the folder, without a node to be found. */
function subnetChain(...words: readonly string[]): Outcome {
  const main = join(import.meta.dirname, "../../../subnet/main.ts");
  const env = { ...process.env, ASSAY_NODE: join(folder, "no-such-node") };
  const result = spawnSync(process.execPath, [main, "chain", ...words], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { status: result.status, out: result.stdout, err: result.stderr };
}

describe("subnet chain keys", () => {
  it("makes keys that nobody else reads, and leaves those that are there", () => {
    const first = subnetChain("keys", "alice");
    assert.equal(first.status, 0, first.err);
    const names = readdirSync(join(folder, "alice", "keystore"));
    assert.deepEqual(names.map((name) => name.slice(0, 8)).toSorted(), ["61757261", "6772616e"]);
    const secrets = [...names.map((name) => join("keystore", name)), "node-key"];
    for (const secret of secrets) {
      const path = join(folder, "alice", secret);
      assert.equal(statSync(path).mode & 0o777, 0o600, secret);
      const text = readFileSync(path, "utf8").replaceAll('"', "").replace("0x", "");
      assert.ok(!first.out.includes(text), "a secret was printed");
    }
    const again = subnetChain("keys", "alice");
    assert.match(again.out, /^already there/);
    assert.equal(again.out.split("\n")[1], first.out.split("\n")[1]);
  });

  it("does not take a half-written folder for keys", () => {
    const made = subnetChain("keys", "half");
    assert.equal(made.status, 0, made.err);
    rmSync(join(folder, "half", "authority.json"));
    const again = subnetChain("keys", "half");
    assert.equal(again.status, 2);
    assert.match(again.err, /part of other keys lies there/);
    writeFileSync(join(folder, "half", "authority.json"), "{}");
    const damaged = subnetChain("keys", "half");
    assert.equal(damaged.status, 2);
    assert.match(damaged.err, /names no authority/);
  });
});

describe("subnet chain spec", () => {
  it("names the authorities that are given, and says how many may be away", () => {
    const names = ["Alice", "Bob", "Charlie", "Dave"];
    for (const name of names) subnetChain("keys", `dev-${name}`, "--development", `//${name}`);
    const given = names.flatMap((name) => ["--authority", `dev-${name}/authority.json`]);
    const made = subnetChain("spec", "four.json", ...given, "--block-ms", "1000");
    assert.equal(made.status, 0, made.err);
    assert.match(made.out, /^chain 0x[\da-f]{64}\nfour\.json: \d+ entries/);
    assert.match(made.out, /4 authorities; 1 of them may be away/);
    const spec = JSON.parse(readFileSync(join(folder, "four.json"), "utf8"));
    assert.deepEqual([spec.id, spec.chainType], ["assay", "Live"]);
  });

  it("refuses a live chain without authorities, one that is named twice, and an address that is none", () => {
    const nobody = subnetChain("spec", "nobody.json");
    assert.match(nobody.err, /genesis-invalid[^]*authorities/);
    const path = "dev-Alice/authority.json";
    const twice = subnetChain("spec", "twice.json", "--authority", path, "--authority", path);
    assert.match(twice.err, /twice/);
    const unreachable = subnetChain(
      "spec",
      "x.json",
      "--authority",
      path,
      "--bootnode",
      "here:30333",
    );
    assert.match(unreachable.err, /here:30333 is no address of a node/);
    for (const { status } of [nobody, twice, unreachable]) assert.notEqual(status, 0);
  });
});

describe("subnet chain start", () => {
  it("prints the node's command line, and without the program says how to build it", () => {
    const printed = subnetChain("start", "--spec", "four.json", "--keys", "dev-Alice", "--print");
    assert.equal(printed.status, 0, printed.err);
    for (const option of ["--validator", "--keystore-path", "--node-key-file", "--no-telemetry"])
      assert.ok(printed.out.includes(`\n  ${option}`), `${option} in ${printed.out}`);
    const missing = subnetChain("start", "--spec", "four.json", "--keys", "dev-Alice");
    assert.equal(missing.status, 2);
    assert.match(missing.err, /native node is not built[^]*npm run chain:node/);
    const keyless = subnetChain("start", "--spec", "four.json", "--keys", "nobody");
    assert.match(keyless.err, /names no authority/);
  });

  it("of a node that follows has no keys of an authority, and may answer others", () => {
    const joined = subnetChain(
      "join",
      "--spec",
      "four.json",
      "--folder",
      "db",
      "--rpc-external",
      "--print",
    );
    assert.equal(joined.status, 0, joined.err);
    assert.ok(!joined.out.includes("--validator"));
    assert.match(joined.out, /--rpc-external \\\n {2}--rpc-methods safe/);
  });
});

describe("a node's command line", () => {
  const options: NodeOptions = {
    spec: "chain.json",
    folder: "/data/it's here",
    name: "one",
    host: "127.0.0.1",
    port: 1,
    rpcPort: 2,
    rpcExternal: true,
    prometheusPort: 3,
    nodeKeyFile: "node-key",
    keystore: "keystore",
    bootnodes: [],
    archive: false,
    shield: false,
    log: "info",
  };

  it("never opens an authority's JSON-RPC to others", () => {
    const words = nodeArguments(options);
    assert.ok(!words.includes("--rpc-external"));
    assert.ok(nodeArguments({ ...options, keystore: null }).includes("--rpc-external"));
  });

  it("looks for other machines only where it listens to them", () => {
    assert.ok(nodeArguments(options).includes("--no-mdns"));
    assert.ok(!nodeArguments({ ...options, host: "0.0.0.0" }).includes("--no-mdns"));
    const { host } = { host: "::" };
    assert.ok(nodeArguments({ ...options, host }).includes("/ip6/::/tcp/1"));
  });

  it("is read back by a shell word by word", () => {
    const text = commandText("printf", ["%s\\n", ...nodeArguments(options)]);
    const { stdout } = spawnSync("sh", ["-c", text], { encoding: "utf8" });
    assert.deepEqual(stdout.trimEnd().split("\n"), nodeArguments(options));
  });
});

describe("building the node", () => {
  it("names what is missing, with what gets it", () => {
    const missing = missingNeeds(() => false);
    assert.deepEqual(missing, NEEDS);
    assert.match(missingText(missing), /protoc[^\n]*apt-get install/);
    assert.deepEqual(
      missingNeeds(() => true),
      [],
    );
    const withoutProtoc = missingNeeds(([program]) => program !== "protoc");
    assert.deepEqual(
      withoutProtoc.map(({ name }) => name),
      ["protoc"],
    );
  });

  it("is looked for where it was named, else where it is built and installed", () => {
    assert.deepEqual(nodePlaces({ ASSAY_NODE: "/opt/node" }), ["/opt/node"]);
    const places = nodePlaces({ PATH: "/usr/bin", CARGO_TARGET_DIR: "/t" });
    assert.deepEqual(places, [
      "/t/release/assay-node",
      "/t/debug/assay-node",
      "/usr/bin/assay-node",
    ]);
    assert.equal(findNode({ ASSAY_NODE: "/no/such/file" }), null);
  });
});
