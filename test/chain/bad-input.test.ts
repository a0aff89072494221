/**
 * @file Bad input that needs no chain, given to the real commands: each ends with one screen (code, cause, next command that
 * runs as printed), the right exit code, no stack trace, within seconds, and leaves no process behind.
 */
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createServer as createWebServer } from "node:http";
import { hotkeyPath, walletPaths } from "../../chain/wallet/folder.ts";
import { sealed } from "../../chain/wallet/password.ts";
import { createWallet } from "../../chain/wallet/wallet.ts";
import { commandsIn, Invocations, table } from "../support/invocations.ts";
import { portOf } from "../support/ports.ts";

const all = new Invocations();
const { home, wallets } = all;

const silent = createServer((socket) => socket.destroy());
const web = createWebServer((_request, response) => response.end("a web page"));
const ports = { taken: 0, web: 0, closed: 0 };

before(async () => {
  await createWallet({ folder: wallets, name: "stranger", hotkey: "default" });
  ports.taken = await portOf(silent);
  ports.web = await portOf(web);
  const gone = createServer();
  ports.closed = await portOf(gone);
  await new Promise((resolve) => gone.close(resolve));
});
after(() => {
  silent.close();
  web.close();
  rmSync(home, { recursive: true });
});

describe("wallets", () => {
  table(all, [
    [
      "miner",
      ["--wallet", "nobody"],
      "wallet-missing",
      [/there are stranger\/default/, /run {4}npm run miner -- wallet --wallet nobody$/m],
    ],
    ["validator", ["--wallet", "nobody"], "wallet-missing", [/stranger\/default/]],
    [
      "miner",
      ["balance"],
      "wallet-missing",
      [/--wallet is from ASSAY_WALLET/],
      { environment: { ASSAY_WALLET: "nobody" } },
    ],
    [
      "miner",
      ["wallet", "import", "--wallet", "w"],
      "bad-option",
      [/more than the 4096 bytes/],
      { input: "word ".repeat(1000) },
    ],
    [
      "miner",
      ["--wallet", "stranger", "--hotkey", "second"],
      "key-missing",
      [/no hotkey at .*it has default/, /wallet hotkey --wallet stranger --hotkey second$/m],
    ],
    ["miner", ["--wallet", "../x"], "invalid-name", [/"\.\.\/x"/, /--wallet x$/m]],
    ["miner", ["--wallet", "stranger", "--hotkey", "a b"], "invalid-name", [/--hotkey a-b$/m]],
    ["miner", ["wallet", "--wallet", "stranger"], "wallet-exists", [/never overwritten/, /list/]],
    [
      "miner",
      ["wallet", "import", "--wallet", "stranger"],
      "wallet-exists",
      [/coldkey exists/],
      { environment: { ASSAY_MNEMONIC: "//Alice" } },
    ],
    [
      "miner",
      ["wallet", "import", "--wallet", "new"],
      "phrase-invalid",
      [/no phrase of 12/],
      { environment: { ASSAY_SEED: "0x1234" } },
    ],
    ["miner", ["wallet", "import", "--wallet", "new"], "bad-option", [/ASSAY_MNEMONIC/]],
    [
      "miner",
      () => ["wallet", "--wallet-folder", join(all.file("x"), "wallets")],
      "wallet-folder-refused",
      [/--wallet-folder \.\/wallets$/m],
    ],
  ]);

  test("a damaged key file is moved away by the next command, which imports it anew", async () => {
    await createWallet({ folder: wallets, name: "damaged", hotkey: "default" });
    writeFileSync(hotkeyPath(wallets, "damaged", "default"), "{");
    const ended = await all.run("miner", ["--wallet", "damaged"]);
    all.refuses(ended, "wallet-unreadable", /not JSON/, /mv .*import .*--key hotkey/);
  });

  test("a key file that another password encrypted: a node cannot ask for it", async () => {
    await createWallet({ folder: wallets, name: "locked", hotkey: "default" });
    const path = hotkeyPath(wallets, "locked", "default");
    writeFileSync(path, sealed(readFileSync(path), randomBytes(32)));
    const ended = await all.run("miner", ["--wallet", "locked"]);
    all.refuses(ended, "wallet-locked", /encrypted.*open alone/, /wallet hotkey/);
  });

  test("an encrypted coldkey: the wrong password, and none", async () => {
    await createWallet({ folder: wallets, name: "sealed", hotkey: "default" });
    const path = walletPaths(wallets, "sealed").coldkey;
    writeFileSync(path, sealed(readFileSync(path), randomBytes(32)));
    const args = ["register", "--wallet", "sealed"];
    const wrong = await all.run("miner", args, { environment: { ASSAY_PASSWORD: "wrong" } });
    all.refuses(wrong, "wallet-wrong-password", /coldkey/, /register --wallet sealed$/m);
    assert.doesNotMatch(wrong.screen, /wrong$/m);
    all.refuses(await all.run("miner", args), "wallet-locked", /ASSAY_PASSWORD/);
  });

  test("files and folders without the right to read or write them", async (t) => {
    if (!all.isUnprivileged) return t.skip("only root can read this checkout");
    const folder = join(home, "closed");
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const args = ["--wallet-folder", folder, "--wallet", "w"];
    const made = await all.run("miner", ["wallet", ...args], { unprivileged: true });
    assert.equal(made.exitCode, 0, made.screen);
    const path = hotkeyPath(folder, "w", "default");
    chmodSync(path, 0);
    const read = await all.run("miner", args, { unprivileged: true });
    all.refuses(read, "wallet-forbidden", /may not read .*hotkeys\/default/, /chmod u\+rX /);
    chmodSync(join(folder, "w"), 0);
    const shut = await all.run("miner", args, { unprivileged: true });
    all.refuses(
      shut,
      "wallet-forbidden",
      /may not enter \S+closed\/w\./,
      /chmod u\+rX \S+closed\/w$/m,
    );
    chmodSync(join(folder, "w"), 0); // its advice was followed
    const list = ["wallet", "list", "--wallet-folder", join(folder, "w")];
    const unlisted = await all.run("miner", list, { unprivileged: true });
    all.refuses(unlisted, "file-refused", /closed\/w/, /permission denied/);
    chmodSync(join(folder, "w"), 0o755);
    chmodSync(join(folder, "w", "hotkeys"), 0o555);
    const more = ["wallet", "hotkey", ...args, "--hotkey", "second"];
    const written = await all.run("miner", more, { unprivileged: true });
    all.refuses(written, "wallet-folder-refused", /permission denied/);
  });

  test("wallets are listed, imported and added to without a secret on the command line", async () => {
    const imported = await all.run("miner", ["wallet", "import", "--wallet", "mine"], {
      input: "bottom drive obey lake curtain smoke basket hold race lonely fit walk\n",
    });
    assert.equal(imported.exitCode, 0, imported.screen);
    assert.match(
      imported.stdout,
      /NOT encrypted: 5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV/,
    );
    const hotkey = await all.run("miner", ["wallet", "hotkey", "--wallet", "mine"]);
    assert.equal(hotkey.exitCode, 0, hotkey.screen);
    const { stdout } = await all.run("miner", ["wallet", "list"]);
    assert.match(stdout, /^mine {2}coldkey 5DfhGyQd\w+\n {2}default {2}5\w{47}$/m);
    const json: unknown = JSON.parse((await all.run("miner", ["wallet", "list", "--json"])).stdout);
    assert.ok(typeof json === "object" && json !== null && "wallets" in json);
  });
});

const at = (endpoint: string): readonly string[] => [
  "--wallet",
  "stranger",
  "--endpoint",
  endpoint,
];

describe("endpoints", () => {
  table(all, [
    ["miner", at("http://127.0.0.1:9944"), "bad-option", [/write ws:\/\/127\.0\.0\.1:9944/]],
    ["miner", at("fineny"), "bad-option", [/nearest: finney/]],
    ["miner", at("a b"), "bad-option", [/is not an address/]],
    [
      "miner",
      () => at(`127.0.0.1:${ports.closed}`),
      "chain-unreachable",
      [/Nothing listens at ws:\/\/127/, /subnet -- chain --port \d+$/m],
    ],
    [
      "validator",
      () => at(`ws://127.0.0.1:${ports.closed}`),
      "chain-unreachable",
      [/Nothing listens/],
    ],
    [
      "miner",
      () => at(`ws://127.0.0.1:${ports.web}`),
      "chain-unreachable",
      [/is not a chain node/],
    ],
    ["miner", () => at(`ws://127.0.0.1:${ports.taken}`), "chain-unreachable", [/not a chain node/]],
    [
      "miner",
      () => at(`wss://127.0.0.1:${ports.web}`),
      "chain-unreachable",
      [/secure connection.*does not speak TLS/, /--endpoint ws:\/\/127/],
    ],
    [
      "miner",
      at("ws://no-such-host.invalid:9944"),
      "chain-unreachable",
      [/No address is known/, /--wallet stranger --endpoint local$/m],
    ],
  ]);

  test("a network's name is an address", async () => {
    const { stdout } = await all.run("miner", ["--endpoint", "finney", "--print-config"]);
    assert.match(stdout, /endpoint = "wss:\/\/entrypoint-finney\.opentensor\.ai:443"/);
  });
});

describe("ports, files and devices", () => {
  table(all, [
    [
      "subnet",
      () => ["chain", "--port", String(ports.taken)],
      "port-in-use",
      [/127\.0\.0\.1:\d+/, /chain --port 0$/m],
    ],
    [
      "subnet",
      ["chain", "--port", "0", "--host", "192.0.2.1"],
      "address-foreign",
      [/not an address of this machine/, /--host 127\.0\.0\.1$/m],
    ],
    [
      "subnet",
      ["chain", "--port", "0", "--host", "no-such-host.invalid"],
      "host-unknown",
      [/--host 127\.0\.0\.1$/m],
    ],
    ["subnet", () => ["localnet", "--port", String(ports.taken)], "port-in-use", [/--port 0$/m]],
    [
      "miner",
      () => ["--wallet", "stranger", "--state", all.file("x")],
      "file-refused",
      [/\(from --state\): .*a file/, /ls -ld .*file-\d+$/m],
    ],
    [
      "miner",
      ["--wallet", "stranger", "--log-file", home],
      "file-refused",
      [/\(from --log-file\): it is a folder/],
    ],
    [
      "subnet",
      ["chain", "--port", "0", "--genesis", join(home, "none.json")],
      "bad-option",
      [/--genesis .*no such file/],
    ],
    [
      "subnet",
      () => ["chain", "--port", "0", "--genesis", all.file("[]")],
      "bad-option",
      [/object/],
    ],
    [
      "subnet",
      () => ["chain", "--port", "0", "--genesis", all.file("{")],
      "bad-option",
      [/--genesis/],
    ],
    [
      "subnet",
      () => ["chain", "--port", "0", "--genesis", all.file('{"balances":{"balances":"many"}}')],
      "genesis-invalid",
      [/--genesis/],
    ],
    [
      "subnet",
      () => ["chain", "--port", "0", "--database", all.file(randomBytes(5000))],
      "database-unreadable",
      [/mv .*damaged && npm run subnet -- chain/],
    ],
    [
      "subnet",
      ["chain", "--port", "0", "--database", join(home, "none", "x.sqlite")],
      "database-refused",
      [/--database/],
    ],
  ]);

  test("a port below 1024 needs privileges", async (t) => {
    const first = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    if (process.platform !== "linux" || !all.isUnprivileged || Number(readFileSync(first)) <= 1023)
      return t.skip("every port may be used here");
    const ended = await all.run("subnet", ["chain", "--port", "1023"], { unprivileged: true });
    all.refuses(ended, "port-privileged", /needs privileges/, /above 1023/, /--port 9944$/m);
  });

  test("a device that is not here: the reason itself, not the name of a log", async (t) => {
    const args = ["devices", "--device", "cuda"];
    const ended = await all.run("subnet", args);
    if (ended.exitCode === 0) return t.skip("there is a GPU here");
    all.refuses(ended, "device-refused", /cause {2}cuda: \w+/, /devices --device cpu$/m);
    const reason = /cause {2}(.*)\n/.exec(ended.screen)?.[1] ?? "";
    const more = ["localnet", "--port", "0", "--data", all.texts(400), "--device", "cuda"];
    const network = await all.run("subnet", more);
    all.refuses(network, "device-refused", /--device cpu$/m);
    assert.ok(network.screen.includes(reason), network.screen);
  });
});

const localnet = (data: string): readonly string[] => ["localnet", "--port", "0", "--data", data];

describe("data and space of a local network", () => {
  table(all, [
    ["subnet", localnet(join(home, "none")), "data-unreadable", [/--data/]],
    ["subnet", () => localnet(all.file("x")), "data-unreadable", [/--data/]],
    ["subnet", () => localnet(all.texts(3)), "data-too-small", [/needs at least \d+/, /--data/]],
    [
      "subnet",
      () => [...localnet(all.texts(3)), "--output", all.file("x")],
      "file-refused",
      [/\(from --output\)/],
    ],
  ]);

  test("what is wrong with the data is said before anything starts", async () => {
    const ended = await all.run("subnet", localnet(all.texts(3)));
    assert.doesNotMatch(ended.stdout, /starting the chain/);
  });

  test("a disk that is full: nothing is promised that does not hold", async (t) => {
    if (process.platform !== "linux") return t.skip("prlimit is Linux's");
    // A limit on the size of files fails as a full disk does, and needs no rights.
    const prefix = ["prlimit", "--fsize=65536"];
    const ended = await all.run("subnet", localnet(all.texts(400)), { prefix });
    all.refuses(ended, "disk-full", /owner\/blobs/, /again: a new run begins/);
    assert.equal(commandsIn(ended.screen).length, 1);
  });

  test("a chain whose disk fills up while it runs ends, and says so once", async (t) => {
    const folder = join(home, "small-disk");
    mkdirSync(folder);
    const mount = [
      "unshare",
      "-rm",
      "sh",
      "-c",
      `mount -t tmpfs -o size=1m tmpfs "${folder}" && exec "$@"`,
      "sh",
    ];
    const tried = await all.run("subnet", ["--help"], { prefix: mount });
    if (tried.exitCode !== 0) return t.skip("no disk of one's own can be made here");
    const args = ["chain", "--port", "0", "--sealing", "5", "--database", join(folder, "x.sqlite")];
    const ended = await all.run("subnet", [...args, "--log-level", "silent"], { prefix: mount });
    all.refuses(ended, "disk-full", /x\.sqlite/, /goes on from its last whole block/);
  });
});
