/** @file The committed runtime: it belongs to the committed sources, can be hosted, and names no machine. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { artifactFaults, readManifest } from "../../chain/build/artifact-faults.ts";
import {
  ARTIFACTS_FOLDER,
  CHAIN_FOLDER,
  METADATA_FILE,
  RUNTIME_FILE,
  sha256,
  sourceDigest,
  sourcePaths,
} from "../../chain/build/artifact-files.ts";
import { plainCode } from "../../chain/embedded/wasm/code.ts";
import { runtimeFacts } from "../../chain/build/runtime-metadata.ts";
import { surfaceFaults, wasmSurface } from "../../chain/build/wasm-sections.ts";

const runtime = readFileSync(join(ARTIFACTS_FOLDER, RUNTIME_FILE));

/** A little chain folder, removed after the test. */
function withFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "assay-artifacts-"));
  try {
    mkdirSync(join(folder, "pallet/src"), { recursive: true });
    mkdirSync(join(folder, "target/debug"), { recursive: true });
    writeFileSync(join(folder, "Cargo.toml"), "[workspace]\n");
    writeFileSync(join(folder, "Cargo.lock"), "version = 4\n");
    writeFileSync(join(folder, "pallet/Cargo.toml"), "[package]\n");
    writeFileSync(join(folder, "pallet/src/lib.rs"), "fn a() {}\n");
    writeFileSync(join(folder, "pallet/README.md"), "text\n");
    writeFileSync(join(folder, "target/debug/built.rs"), "fn b() {}\n");
    body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

suite("committed artifacts", () => {
  test("belong to the committed Rust sources", () => {
    assert.deepEqual(artifactFaults(), [], "run `npm run chain:build` and commit chain/artifacts");
  });

  test("metadata and spec version are the runtime's own", () => {
    const facts = runtimeFacts(runtime);
    assert.equal(facts.specVersion, readManifest().specVersion);
    assert.deepEqual(
      Buffer.from(facts.metadata),
      readFileSync(join(ARTIFACTS_FOLDER, METADATA_FILE)),
    );
    assert.deepEqual([...facts.metadata.subarray(0, 5)], [0x6d, 0x65, 0x74, 0x61, 15]);
  });

  test("the runtime can be hosted and names no machine", () => {
    const wasm = plainCode(runtime);
    assert.deepEqual([...runtime.subarray(0, 8)], [0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05]);
    assert.equal(sha256(wasm), readManifest().plainRuntime);
    assert.deepEqual(surfaceFaults(wasmSurface(wasm)), []);
    const text = Buffer.from(wasm).toString("latin1");
    for (const folder of ["/home/", "/root/", "/Users/", CHAIN_FOLDER, ".cargo"]) {
      assert.equal(text.includes(folder), false, `the runtime contains ${folder}`);
    }
  });

  test("the runtime is no build for measuring", () => {
    const { imports, exports } = wasmSurface(plainCode(runtime));
    assert.deepEqual(
      [...imports, ...exports].filter((name) => /benchmark/i.test(name)),
      [],
    );
    const measuring = { imports: ["env.memory", "env.ext_benchmarking_current_time_version_1"] };
    const faults = surfaceFaults({ ...wasmSurface(plainCode(runtime)), ...measuring });
    assert.match(faults.join(), /ext_benchmarking_current_time_version_1: it was built to be/u);
  });

  test("a damaged artifact is found", () => {
    withFolder((folder) => {
      const copy = join(folder, "artifacts");
      cpSync(ARTIFACTS_FOLDER, copy, { recursive: true });
      assert.deepEqual(artifactFaults(undefined, copy), []);
      writeFileSync(join(copy, RUNTIME_FILE), runtime.subarray(1));
      assert.match(
        artifactFaults(undefined, copy).join("\n"),
        /runtime\.compact\.compressed\.wasm has sha256/u,
      );
      rmSync(join(copy, METADATA_FILE));
      assert.deepEqual(artifactFaults(undefined, copy), [
        "chain/artifacts/metadata.scale is missing.",
      ]);
    });
  });

  test("other sources are found", () => {
    withFolder((folder) => {
      assert.match(artifactFaults(folder).join("\n"), /The Rust sources \(4 files/u);
    });
  });
});

suite("source digest", () => {
  test("reads Rust sources and manifests, not the target folder", () => {
    withFolder((folder) => {
      assert.deepEqual(sourcePaths(folder), [
        "Cargo.lock",
        "Cargo.toml",
        "pallet/Cargo.toml",
        "pallet/src/lib.rs",
      ]);
    });
  });

  test("changes with a source and its name, not with line ends", () => {
    withFolder((folder) => {
      const before = sourceDigest(folder).sha256;
      writeFileSync(join(folder, "pallet/src/lib.rs"), "fn a() {}\r\n");
      assert.equal(sourceDigest(folder).sha256, before);
      writeFileSync(join(folder, "pallet/src/lib.rs"), "fn b() {}\n");
      const changed = sourceDigest(folder).sha256;
      assert.notEqual(changed, before);
      cpSync(join(folder, "pallet/src/lib.rs"), join(folder, "pallet/src/other.rs"));
      assert.notEqual(sourceDigest(folder).sha256, changed);
    });
  });
});

suite("module surface", () => {
  test("faults are named", () => {
    const faults = surfaceFaults({
      imports: [
        "env.memory",
        "env.ext_storage_get_version_1",
        "env.rust_begin_unwind",
        "other.ext_a_version_1",
      ],
      exports: ["__heap_base", "Core_version", "Metadata_metadata_at_version"],
      customSections: ["runtime_version", "name"],
    });
    assert.deepEqual(faults, [
      "It imports env.rust_begin_unwind, which no host provides: a symbol was missing when it was linked.",
      "It imports other.ext_a_version_1, which no host provides: a symbol was missing when it was linked.",
      "It does not export __indirect_function_table.",
      "It lacks the custom section runtime_apis.",
      "It carries the name section: strip = symbols is off.",
    ]);
  });
});
