/** @file A backup is a folder as it stood at one moment, and comes back byte for byte; a damaged one comes back not at all. */
import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { claimFolder } from "../../../../src/disk/folder-claim.ts";
import { NODE_FOLDER } from "../../../../src/disk/folder-format.ts";
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
  assert.equal(kindOf("nodes/5F/nonces.txt"), "none");
  assert.equal(kindOf("nodes/5F/blobs/trees/new-58ae23a0.draft/list"), "none");
  assert.equal(kindOf("chain.sqlite.shield-keys"), "state");
  assert.equal(kindOf(`nodes/5F/blobs/trees/${"ab".repeat(32)}/list`), "blob");
  assert.ok(isKeyFile("hotkeys/default") && isKeyFile("coldkey") && !isKeyFile("coldkeypub.txt"));
});

/** Why a restore to a place is refused. */
async function refusalOf(backup: string, output?: string): Promise<string> {
  const error: unknown = await restore({ backup, output }).then(
    () => assert.fail("it was not refused"),
    (cause: unknown) => cause,
  );
  assert.ok(isAssayError(error, "bad-option"), String(error));
  const { cause, next, commands } = error.explanation;
  return [cause, next, ...(commands ?? []).map((one) => JSON.stringify(one))].join("\n");
}

test("nobody is told to move a folder that a process works in, nor onto one that is there", async () => {
  const [folder, backup] = [place("node"), place("backup")];
  write(folder, { "nodes/5F/state.json": "{}" });
  await backUp({ folder, output: backup, openKeys: false, json: false });
  for (const busy of [folder, join(folder, "nodes/5F")]) {
    const release = claimFolder(busy, NODE_FOLDER);
    const text = await refusalOf(backup);
    assert.match(text, new RegExp(`process ${process.pid} works in ${busy}\\.`));
    assert.doesNotMatch(text, /"mv"/);
    release();
  }
  assert.match(await refusalOf(backup), /"mv",".*node-\d+","[^"]*\.before"/);
  mkdirSync(`${folder}.before`);
  assert.match(await refusalOf(backup), /"mv",".*node-\d+","[^"]*\.before-2"/);
  const file = place("file");
  writeFileSync(file, "mine");
  assert.match(await refusalOf(backup, file), /is there already/);
  assert.equal(readFileSync(file, "utf8"), "mine");
});

/** A backup that is whole and yet cannot be written: it names a folder and a file alike. */
function unfillable(backup: string): string {
  const output = place("unfillable");
  cpSync(backup, output, { recursive: true });
  const about = readFileSync(join(output, "backup.json"), "utf8");
  const twice = about.replace('"folders": [', '"folders": [{ "path": "format", "mode": 448 },');
  assert.notEqual(twice, about);
  writeFileSync(join(output, "backup.json"), twice);
  const names = ["backup.json", "files/a/state.json", "files/format"];
  const sums = execFileSync("sha256sum", names, { cwd: output, encoding: "utf8" });
  writeFileSync(join(output, "SHA256SUMS"), sums);
  return output;
}

test("an empty folder is filled where it stands, and is still there when nothing comes of it", async () => {
  const [folder, backup, to] = [place("node"), place("backup"), place("to")];
  write(folder, { "a/state.json": "{}", format: "x" });
  await backUp({ folder, output: backup, openKeys: false, json: false });
  // No folder takes the place of a link, as none takes that of a mounted disk.
  const link = place("link");
  mkdirSync(to);
  symlinkSync(to, link);
  for (const output of [to, link]) {
    await assert.rejects(restore({ backup: unfillable(backup), output }), /EISDIR|EEXIST|ERR_FS/);
    assert.deepEqual(readdirSync(output), []);
    await restore({ backup, output });
    assert.deepEqual(contentOf(output), contentOf(folder));
    rmSync(to, { recursive: true });
    mkdirSync(to);
  }
  assert.deepEqual(
    readdirSync(root).filter((name) => name.endsWith(".tmp")),
    [],
  );
});

test("what came while the blobs were copied is in the backup: a new run's records, a new node", async () => {
  const [folder, output] = [place("node"), place("backup")];
  write(folder, { "state.json": "{}" });
  for (let blob = 0; blob < 400; blob++) write(folder, { [`blobs/${blob}`]: "payload" });
  const making = backUp({ folder, output, openKeys: false, json: false });
  while (!readdirSync(root).some((name) => isHalfway(output, name))) await sleep(1);
  write(folder, { "hidden-weights-1.json": "salts", "nodes/5G/unrevealed.bin": "update" });
  new DatabaseSync(join(folder, "chain.sqlite")).close();
  write(folder, { "later.sqlite": readFileSync(join(folder, "chain.sqlite")) });
  await making;
  for (const path of ["hidden-weights-1.json", "nodes/5G/unrevealed.bin", "later.sqlite"])
    assert.ok(existsSync(join(output, "files", path)), path);
});

/** Whether a draft of a backup has some of its blobs. */
function isHalfway(output: string, name: string): boolean {
  return name.startsWith(`${basename(output)}.`) && existsSync(join(root, name, "files/blobs/1"));
}

test("a busy folder is kept: requests that are noted at once, and one file of many that is always new", async () => {
  const [folder, output] = [place("node"), place("backup")];
  for (let file = 0; file < 300; file++) write(folder, { [`records-${file}.jsonl`]: "{}" });
  write(folder, { "nonces.txt": "assay/nonces/1 0\n", "worker-nonces.txt": "", "book.json": "0" });
  let turns = 0;
  const noting = setInterval(() => {
    turns += 1;
    for (const name of ["nonces.txt", "worker-nonces.txt"])
      appendFileSync(join(folder, name), "0x00 1\n");
    if (turns % 12 !== 0) return;
    writeFileSync(join(folder, "book.new"), String(turns));
    renameSync(join(folder, "book.new"), join(folder, "book.json"));
  }, 1);
  try {
    await backUp({ folder, output, openKeys: false, json: false });
  } finally {
    clearInterval(noting);
  }
  assert.ok(turns > 12, "nothing was written meanwhile");
  assert.equal(readdirSync(join(output, "files")).length, 301);
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
