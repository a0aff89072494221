/** @file The check of citations finds every planted fault and nothing else; and this repository has none. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { citationFaults } from "./citations.ts";
import { anchorsOf, proseOf } from "./prose.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NUMBER = /names a number/;
const NO_FILE = /no such file/;
const NO_HEADING = /no such heading/;
const NO_DOCUMENT = /no document of this repository/;

/** A folder with these files, removed when the test ends. */
function planted(context: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "assay-citations-"));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const DOCUMENT = {
  "docs/protocol.md": "# Protocol 1\n\n## 7. Acceptance\n\nBy [stake](#7-acceptance).\n",
};

/** A comment or text, and what must be said about it; null where nothing may be. */
const COMMENTS: readonly (readonly [text: string, reason: RegExp | null])[] = [
  ["// Votes (protocol.md 7).", NUMBER],
  ["/** Votes (protocol.md section 7). */", NUMBER],
  ["/**\n * Votes, as protocol.md\n * section 7 has them.\n */", NUMBER],
  ["// docs/protocol.md 7", NUMBER],
  ["// reliability.md A1-A8", NUMBER],
  ["// gauntlet.md 3.2", NUMBER],
  ["// protocol section 8", NUMBER],
  ["// protocol 8.1", NUMBER],
  ["// gauntlet 4: overlap", NUMBER],
  ["// DESIGN section 2", NO_DOCUMENT],
  ["const x = 1; // as convergence.md measured", NO_FILE],
  ["// see protocol.md", NO_FILE],
  ["// docs/engine.md", NO_FILE],
  ["// docs/protocol.md#8-outer-step", NO_HEADING],
  ["// ../docs-elsewhere/protocol.md", NO_FILE],
  ["// docs/protocol.md#7-acceptance", null],
  ["// docs/protocol.md, and protocol 1 as well as protocol 3", null],
  ["// files `*.md`, designs, https://example.org/spec.md#part 7", null],
  ['const x = "protocol.md 7";', null],
  ["const x = `protocol.md 7 ${y ? `DESIGN` : 1} // protocol.md 7`;", null],
  ['const x = /["\'`]/; const y = "// protocol.md 7";', null],
];

const TEXTS: readonly (readonly [text: string, reason: RegExp | null])[] = [
  ["As [it](docs/gone.md) says.", NO_FILE],
  ["As [it](docs/protocol.md#gone) says.", NO_HEADING],
  ["As [it](#gone) says.", NO_HEADING],
  ["See [it].\n\n[it]: docs/gone.md\n", NO_FILE],
  ["`protocol.md` 7", NUMBER],
  ["Look at `docs/gone.md`.", NO_FILE],
  [
    "As [it](docs/protocol.md#7-acceptance), [web](https://example.org/x.md) and [docs](docs).",
    null,
  ],
  ["# Here\n\n[up](#here)\n\n```\nprotocol.md 7 [x](gone.md)\n```\n\n`[x](gone.ts)`\n", null],
];

for (const [text, reason] of COMMENTS)
  test(`comment: ${JSON.stringify(text)}`, (context) => {
    const root = planted(context, { ...DOCUMENT, "src/a.ts": `\nexport {};\n${text}\n` });
    const faults = citationFaults(root);
    if (reason === null) return assert.deepEqual(faults, []);
    assert.equal(faults.length, 1, JSON.stringify(faults));
    assert.match(faults[0]?.reason ?? "", reason);
    assert.equal(faults[0]?.path, "src/a.ts");
    const first = `\nexport {};\n${text}`.split(
      /protocol|reliability|gauntlet|DESIGN|conv|docs\//,
    )[0];
    assert.equal(faults[0].line, first?.split("\n").length);
  });

for (const [text, reason] of TEXTS)
  test(`Markdown: ${JSON.stringify(text)}`, (context) => {
    const faults = citationFaults(planted(context, { ...DOCUMENT, "README.md": `${text}\n` }));
    if (reason === null) return assert.deepEqual(faults, []);
    assert.equal(faults.length, 1, JSON.stringify(faults));
    assert.match(faults[0]?.reason ?? "", reason);
  });

test("Rust comments are read when they are not skipped; strings, lifetimes and characters are no comments", (context) => {
  const rust = `//! Emission (protocol.md section 12).\nconst A: &'static str = "// DESIGN 2"; const B: char = '"'; // DESIGN 2\n`;
  const root = planted(context, { "chain/a.rs": rust });
  assert.deepEqual(citationFaults(root, [".rs"]), []);
  const lines = citationFaults(root).map(({ line, cited }) => [line, cited]);
  assert.deepEqual(lines, [
    [1, "protocol.md section 12"],
    [2, "DESIGN 2"],
  ]);
});

test("folders of others are not read", (context) => {
  const fault = "// DESIGN 2\n";
  const paths = ["node_modules/a/b.ts", "dist/a.mjs", "chain/target/a.ts", ".git/a.ts"];
  const root = planted(context, Object.fromEntries(paths.map((path) => [path, fault])));
  assert.deepEqual(citationFaults(root), []);
});

test("anchors are GitHub's", () => {
  const text =
    '# A `b` & C\n## [Link](x.md), 2.3!\n## Twice\n## Twice\n```\n# no\n```\n<a id=x></a><a id="own"></a>\n';
  const anchors = ["a-b--c", "link-23", "twice", "twice-1", "own"];
  assert.deepEqual([...anchorsOf(text)].toSorted(), anchors.toSorted());
});

test("prose is as long as its file and keeps its lines, whatever the file holds", () => {
  const pieces = [
    "//",
    "/*",
    "*/",
    '"',
    "'",
    "`",
    "${",
    "}",
    "\n",
    "a",
    " ",
    "/",
    "\\",
    "[",
    "```",
  ];
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((all) => all.join(""));
  fc.assert(
    fc.property(texts, fc.constantFrom("a.ts", "a.rs", "a.md"), (text, path) => {
      const prose = proseOf(path, text);
      assert.equal(prose.length, text.length);
      assert.deepEqual(
        [...prose.matchAll(/\n/g)].map(({ index }) => index),
        [...text.matchAll(/\n/g)].map(({ index }) => index),
      );
    }),
  );
});

test("text that never ends does not take for ever", () => {
  for (const piece of ["${a}", "`${", "/[", "/*", '"\\', "```\n", "](", 'r#"']) {
    const text = "`" + piece.repeat(2000);
    for (const path of ["a.ts", "a.rs", "a.md"]) {
      const began = performance.now();
      proseOf(path, text);
      assert.ok(performance.now() - began < 2000, `${piece} in ${path}`);
    }
  }
});

test("every citation in this repository leads somewhere", () => {
  assert.deepEqual(citationFaults(ROOT), []);
});
