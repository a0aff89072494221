/** @file A backup is a folder as it stood at one moment, and comes back byte for byte; a damaged one comes back not at all. */
import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../../src/errors.ts";
import { backUp } from "../../../../subnet/backup/backup.ts";
import { isKeyFile, isPlainPath, kindOf } from "../../../../subnet/backup/kinds.ts";
import { restore } from "../../../../subnet/backup/restore.ts";

const root = mkdtempSync(join(tmpdir(), "assay-backup-"));
after(() => rmSync(root, { recursive: true }));
let count = 0;
const place = (name: string): string => join(root, `${name}-${count++}`);

function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Every file below a folder with its content and its permissions. */
function contentOf(folder: string): Record<string, readonly [string, number]> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(folder, path)).isFile())
      .toSorted()
      .map((path) => [
        path,
        [readFileSync(join(folder, path), "hex"), statSync(join(folder, path)).mode & 0o7777],
      ]),
  );
}

const KEY = '{"privateKey":"0x01"}';
const FILES = {
  format: "assay/node-folder/1\n",
  "in-use.lock": "",
  "in-use.pid": "1",
  "state.json": "{}",
  "moments.bin": new Uint8Array([1, 2, 3]),
  "state.json.0123abcd.tmp": "half",
  "node.log": "words",
  "node.log.3": "words",
  "queue/dump.rdb": "jobs",
  [`blobs/${"ab".repeat(32)}`]: "payload",
  "wallets/alice/coldkey": "$NACLsecret",
  "wallets/alice/coldkeypub.txt": "{}",
  "wallets/alice/hotkeys/default": KEY,
  "wallets/alice/hotkeys/defaultpub.txt": "{}",
};

test("what comes back is what was kept: bytes, permissions, and no key that nobody asked for", async () => {
  const [folder, output, to] = [place("node"), place("backup"), place("restored")];
  write(folder, FILES);
  chmodSync(join(folder, "wallets/alice/coldkey"), 0o600);
  chmodSync(join(folder, "wallets"), 0o700);
  const { leftOut } = await backUp({ folder, output, openKeys: false, json: false });
  assert.deepEqual(leftOut, ["wallets/alice/hotkeys/default"]);
  assert.equal(statSync(output).mode & 0o777, 0o700);
  await restore({ backup: output, output: to });
  const passing = /^(in-use\.|node\.log|queue|state\.json\.)|hotkeys\/default$/;
  const expected = Object.entries(contentOf(folder)).filter(([path]) => !passing.test(path));
  assert.deepEqual(Object.entries(contentOf(to)), expected);
  assert.equal(statSync(join(to, "wallets")).mode & 0o777, 0o700);
  assert.equal(statSync(join(to, "wallets/alice/coldkey")).mode & 0o777, 0o600);
});

test("with --open-keys all keys are kept; sha256sum reads the list", async () => {
  const [folder, output] = [place("node"), place("backup")];
  write(folder, FILES);
  const { leftOut } = await backUp({ folder, output, openKeys: true, json: false });
  assert.deepEqual(leftOut, []);
  assert.equal(readFileSync(join(output, "files/wallets/alice/hotkeys/default"), "utf8"), KEY);
  execFileSync("sha256sum", ["--quiet", "--strict", "-c", "SHA256SUMS"], { cwd: output });
});

const refused = (error: unknown): boolean => isAssayError(error, "bad-option");

test("nothing is ever replaced: neither by a backup nor by a restore", async () => {
  const [folder, output, to] = [place("node"), place("backup"), place("restored")];
  write(folder, FILES);
  const options = { folder, output, openKeys: false, json: false };
  await backUp(options);
  await assert.rejects(backUp(options), refused);
  await assert.rejects(backUp({ ...options, output: join(folder, "inside") }), refused);
  await assert.rejects(backUp({ ...options, folder: join(root, "none") }), refused);
  await assert.rejects(restore({ backup: output }), refused, "the folder itself still stands");
  write(to, { "mine.txt": "mine" });
  await assert.rejects(restore({ backup: output, output: to }), refused);
  assert.deepEqual(readdirSync(to), ["mine.txt"]);
});

test("any damage is refused by name, and nothing is written", async () => {
  const [folder, output] = [place("node"), place("backup")];
  write(folder, { "state.json": "{}", "blobs/aa": "payload" });
  await backUp({ folder, output, openKeys: false, json: false });
  const to = place("restored");
  const whole = contentOf(output);
  const refuses = async (name: string): Promise<void> => {
    await assert.rejects(
      restore({ backup: output, output: to }),
      (error: unknown) =>
        isAssayError(error, "backup-damaged") &&
        String(error).includes(name.split("/").at(-1) ?? ""),
      name,
    );
    assert.equal(existsSync(to), false);
  };
  for (const [path, [hex]] of Object.entries(whole)) {
    const bytes = Buffer.from(hex, "hex");
    for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 16))) {
      const bent = Buffer.from(bytes);
      bent[at] = (bent[at] ?? 0) ^ 1;
      writeFileSync(join(output, path), bent);
      await refuses("");
    }
    writeFileSync(join(output, path), bytes.subarray(0, -1));
    await refuses(path === "SHA256SUMS" ? "" : path);
    rmSync(join(output, path));
    await refuses(path);
    writeFileSync(join(output, path), bytes);
  }
  assert.deepEqual(contentOf(output), whole);
  await restore({ backup: output, output: to });
});

/** Writes a backup by hand, as a stranger could. */
function forged(path: string, format = "assay/backup/1"): string {
  const output = place("forged");
  const about = {
    format,
    from: "/x",
    made: new Date(0).toISOString(),
    files: [{ path, mode: 0o600 }],
  };
  write(output, { "backup.json": JSON.stringify({ ...about, folders: [], leftOut: [] }) });
  mkdirSync(join(output, "files"));
  writeFileSync(join(output, "escaped"), "x");
  const sums = execFileSync("sha256sum", ["backup.json", "escaped"], {
    cwd: output,
    encoding: "utf8",
  });
  writeFileSync(join(output, "SHA256SUMS"), sums.replace("  escaped", `  files/${path}`));
  return output;
}

test("a stranger's backup writes nowhere else; a later release's is told apart from a damaged one", async () => {
  for (const path of ["../escaped", "/escaped", "a//b", "a/../../escaped", "a\\b"]) {
    const backup = forged(path);
    await assert.rejects(restore({ backup, output: place("to") }), (error: unknown) =>
      isAssayError(error, "backup-damaged"),
    );
  }
  await assert.rejects(
    restore({ backup: forged("x", "assay/backup/2"), output: place("to") }),
    (error: unknown) => isAssayError(error, "format-newer"),
  );
});

test("paths: what is plain stays below its folder", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", ".", "/", "\\", "\0") }), (path) => {
      if (!isPlainPath(path)) return;
      const at = join("/folder", path);
      assert.ok(at.startsWith("/folder/") && at === `/folder/${path}`);
    }),
  );
  assert.equal(kindOf("nodes/5F/queue/dump.rdb"), "none");
  assert.equal(kindOf("chain.sqlite-wal"), "none");
  assert.equal(kindOf("nodes/5F/blobs/trees/new-58ae23a0.draft/list"), "none");
  assert.equal(kindOf("chain.sqlite.shield-keys"), "state");
  assert.equal(kindOf(`nodes/5F/blobs/trees/${"ab".repeat(32)}/list`), "blob");
  assert.ok(isKeyFile("hotkeys/default") && isKeyFile("coldkey") && !isKeyFile("coldkeypub.txt"));
});

/** Writes as our processes do, as fast as it can: pairs of files that belong together, an appended log, a database. */
const WRITER = `
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
const folder = process.argv[1];
mkdirSync(join(folder, "node"), { recursive: true });
const put = (name, text) => { writeFileSync(join(folder, "node", name + ".x"), text); renameSync(join(folder, "node", name + ".x"), join(folder, "node", name)); };
const db = new DatabaseSync(join(folder, "chain.sqlite"));
db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 20; CREATE TABLE t (id INTEGER PRIMARY KEY, amount INTEGER, pad BLOB)");
db.exec("INSERT INTO t VALUES (1, 1000, zeroblob(9000)), (2, 1000, zeroblob(9000))");
let n = 0;
const round = () => {
  n += 1;
  put("book.json", String(n));
  appendFileSync(join(folder, "node", "records.jsonl"), n + "\\n");
  db.exec("BEGIN; UPDATE t SET amount = amount - 1 WHERE id = 1; UPDATE t SET amount = amount + 1 WHERE id = 2; COMMIT");
  if (n === 20) console.log("going");
  setTimeout(round, 4);
};
round();
`;

test("while a process writes: files that belong together are of one moment, the database holds together", async (t) => {
  const folder = place("live");
  mkdirSync(folder);
  const child = spawn(process.execPath, ["--input-type=module", "-e", WRITER, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const seen: number[] = [];
  for (let round = 0; round < 12; round++) {
    const output = place("backup");
    await backUp({ folder, output, openKeys: false, json: false });
    const book = Number(readFileSync(join(output, "files/node/book.json"), "utf8"));
    const lines = readFileSync(join(output, "files/node/records.jsonl"), "utf8").trim().split("\n");
    assert.ok([book, book - 1].includes(lines.length), `book ${book}, ${lines.length} records`);
    const database = new DatabaseSync(join(output, "files/chain.sqlite"));
    const rows = database.prepare("SELECT amount FROM t ORDER BY id").all();
    database.close();
    const [first, second] = rows.map((row) => Number(row["amount"]));
    assert.equal((first ?? 0) + (second ?? 0), 2000);
    // The database comes after the files: it is never behind them.
    assert.ok((second ?? 0) - 1000 >= book - 1, `${second} after ${book}`);
    seen.push(book);
  }
  t.diagnostic(`moments: ${seen.join(" ")}`);
  assert.ok(new Set(seen).size > 6);
});
