/**
 * @file Bad input, given to the real commands: each ends with one screen (code, cause, next step), an exit code that is
 * not 0, no stack trace, within seconds, and leaves no process behind.
 */
import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { hotkeyPath, walletPaths } from "../../chain/wallet/folder.ts";
import { sealed } from "../../chain/wallet/password.ts";
import { createWallet } from "../../chain/wallet/wallet.ts";
import { createMembers } from "../../subnet/localnet/members.ts";
import { genesisOf } from "../../subnet/localnet/genesis.ts";

type Command = "miner" | "validator" | "subnet";
type Ended = { readonly exitCode: number | null; readonly screen: string; readonly stdout: string };

const LIMIT_MS = 40_000;
const home = mkdtempSync(join(tmpdir(), "assay-bad-input-"));
const wallets = join(home, ".bittensor", "wallets");
/** No options of the person who runs the tests, and a home that marks every process that we start. */
const environment = { PATH: process.env["PATH"], HOME: home };

const entryOf = (command: Command): string =>
  fileURLToPath(new URL(`../../${command}/main.ts`, import.meta.url));

/** Runs a command to its end; `prefix` may wrap it. */
async function run(
  command: Command,
  args: readonly string[],
  prefix: readonly string[] = [],
): Promise<Ended> {
  const [file = process.execPath, ...rest] = [
    ...prefix,
    process.execPath,
    entryOf(command),
    ...args,
  ];
  const child = spawn(file, rest, { env: environment, cwd: home, timeout: LIMIT_MS });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const exitCode = await new Promise<number | null>((resolve) =>
    child.once("close", (code) => resolve(code)),
  );
  return { exitCode, screen: await stderr, stdout: await stdout };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const part of stream) text += String(part);
  return text;
}

/** Processes on this machine whose home is ours. */
function processesLeft(): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== chain?.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`HOME=${home}`);
      } catch {
        return false; // gone between the two looks
      }
    })
    .map(Number);
}

/** Asserts that a command refused its input as every command must; `wanted` stands in code, cause or next step. */
function refuses({ exitCode, screen }: Ended, code: string, ...wanted: readonly RegExp[]): void {
  const shape = /^ {2}error {2}(\S+)\n {2}cause {2}(\S.*)\n {2}next {3}(\S.*)$/m.exec(screen);
  assert.ok(shape !== null, `no screen in: ${screen}`);
  assert.equal(shape[1], code, screen);
  assert.equal(exitCode, code === "bad-option" ? 2 : 1, screen);
  assert.doesNotMatch(screen, /\n\s+at .*:\d+/, "a stack trace");
  assert.equal(screen.match(/ {2}error {2}/g)?.length, 1);
  for (const pattern of wanted) assert.match(screen, pattern);
  assert.deepEqual(processesLeft(), []);
}

let files = 0;
function fileWith(text: string | Uint8Array): string {
  const path = join(home, `file-${files++}`);
  writeFileSync(path, text);
  return path;
}

/** A folder with `count` different texts of a kilobyte. */
function textFolder(count: number): string {
  const path = join(home, `texts-${files++}`);
  mkdirSync(path);
  for (let index = 0; index < count; index++)
    writeFileSync(join(path, `${index}.md`), `text ${index} `.repeat(100));
  return path;
}

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { server, port: address.port };
}

let occupied: { server: Server; port: number };
let closedPort = 0;
let chain: ChildProcess | null = null;

before(async () => {
  await createWallet({ folder: wallets, name: "stranger", hotkey: "default" });
  occupied = await listening();
  const gone = await listening();
  closedPort = gone.port;
  await new Promise((resolve) => gone.server.close(resolve));
});
after(() => {
  occupied.server.close();
  rmSync(home, { recursive: true });
});

describe("options", () => {
  const unknown: readonly (readonly [Command, readonly string[], RegExp])[] = [
    ["miner", ["--netiud", "3"], /--netuid/],
    ["validator", ["--walet", "x"], /--wallet/],
    ["subnet", ["chain", "--prot", "1"], /--port/],
    ["subnet", ["localnet", "--windwos", "3"], /--windows/],
    ["subnet", ["lokalnet"], /localnet/],
    ["miner", ["stray"], /too many arguments/],
    ["miner", ["--wallet"], /--wallet/],
  ];
  for (const [command, args, wanted] of unknown)
    test(`${command} ${args.join(" ")}: names what would be right`, async () => {
      refuses(await run(command, args), "bad-option", wanted);
    });

  const outOfRange: readonly (readonly [Command, readonly string[], RegExp])[] = [
    ["miner", ["--netuid", "0"], /--netuid: .*1/],
    ["miner", ["--axon-port", "65536"], /--axon-port: .*65535/],
    ["miner", ["--genesis", "0x12"], /--genesis: .*64 hex digits/],
    ["validator", ["--device", "abacus"], /--device: .*cpu/],
    ["subnet", ["chain", "--sealing", "sometimes"], /--sealing: .*manual/],
    ["subnet", ["localnet", "--windows", "1"], /--windows: .*2/],
    ["subnet", ["localnet", "--attack", "copy,steal"], /--attack: .*replay/],
  ];
  for (const [command, args, wanted] of outOfRange)
    test(`${command} ${args.join(" ")}: names the rule`, async () => {
      refuses(await run(command, args), "bad-option", wanted);
    });

  test("an unknown TOML key names the nearest one and the file", async () => {
    const path = fileWith("netiud = 3\n");
    const ended = await run("miner", ["--config", path]);
    refuses(ended, "bad-option", /"netiud".*"netuid"/);
    assert.ok(ended.screen.includes(path));
  });

  test("a TOML file that is absent or broken is named", async () => {
    refuses(await run("miner", ["--config", join(home, "none.toml")]), "bad-option", /none\.toml/);
    refuses(await run("miner", ["--config", fileWith("[[[")]), "bad-option", /file-/);
  });

  test("help and printed options are no errors and start nothing", async () => {
    for (const args of [["--help"], ["--print-config"]]) {
      const { exitCode, screen, stdout } = await run("miner", args);
      assert.deepEqual({ exitCode, screen }, { exitCode: 0, screen: "" });
      assert.match(stdout, /netuid/);
    }
    assert.deepEqual(processesLeft(), []);
  });
});

describe("wallets", () => {
  for (const command of ["miner", "validator"] as const)
    test(`${command}: a missing wallet names those that are there`, async () => {
      const ended = await run(command, ["--wallet", "nobody"]);
      refuses(ended, "wallet-missing", /stranger\/default/, /--wallet/);
    });

  test("a name that would leave the folder", async () => {
    refuses(await run("miner", ["--wallet", "../x"]), "invalid-name");
  });

  test("a damaged key file", async () => {
    await createWallet({ folder: wallets, name: "damaged", hotkey: "default" });
    writeFileSync(hotkeyPath(wallets, "damaged", "default"), "{");
    refuses(await run("miner", ["--wallet", "damaged"]), "wallet-unreadable", /not JSON/);
  });

  test("a key file that another password encrypted", async () => {
    await createWallet({ folder: wallets, name: "locked", hotkey: "default" });
    const path = hotkeyPath(wallets, "locked", "default");
    writeFileSync(path, sealed(readFileSync(path), randomBytes(32)));
    refuses(await run("miner", ["--wallet", "locked"]), "wallet-wrong-password", /locked/);
  });

  test("miner register with the wrong password for an encrypted coldkey", async () => {
    await createWallet({ folder: wallets, name: "sealed", hotkey: "default" });
    const path = walletPaths(wallets, "sealed").coldkey;
    writeFileSync(path, sealed(readFileSync(path), randomBytes(32)));
    const prefix = ["env", "ASSAY_PASSWORD=wrong"];
    const ended = await run("miner", ["register", "--wallet", "sealed"], prefix);
    refuses(ended, "wallet-wrong-password", /sealed/);
  });
});

describe("the world around", () => {
  for (const command of ["miner", "validator"] as const)
    test(`${command}: an endpoint where nothing listens`, async () => {
      const endpoint = `ws://127.0.0.1:${closedPort}`;
      const ended = await run(command, ["--wallet", "stranger", "--endpoint", endpoint]);
      refuses(ended, "chain-unreachable", new RegExp(endpoint), /--endpoint/);
    });

  test("an endpoint that is something else, and one that is no address", async () => {
    const other = `ws://127.0.0.1:${occupied.port}`;
    refuses(
      await run("miner", ["--wallet", "stranger", "--endpoint", other]),
      "chain-unreachable",
      new RegExp(other),
    );
    refuses(
      await run("miner", ["--wallet", "stranger", "--endpoint", "nowhere"]),
      "chain-unreachable",
      /nowhere/,
    );
  });

  for (const name of ["chain", "localnet"])
    test(`subnet ${name}: an occupied port`, async () => {
      const ended = await run("subnet", [name, "--port", String(occupied.port)]);
      refuses(ended, "port-in-use", new RegExp(`127.0.0.1:${occupied.port}`), /--port/);
    });

  test("a folder for state that is a file", async () => {
    const ended = await run("miner", ["--wallet", "stranger", "--state", fileWith("x")]);
    refuses(ended, "file-refused", /file-/);
  });

  test("a log file that is a folder", async () => {
    const ended = await run("miner", ["--wallet", "stranger", "--log-file", home]);
    refuses(ended, "file-refused");
  });

  test("a genesis file that is absent, or not a JSON object", async () => {
    for (const path of [join(home, "none.json"), fileWith("[]"), fileWith("{")])
      refuses(
        await run("subnet", ["chain", "--port", "0", "--genesis", path]),
        "bad-option",
        /--genesis/,
      );
  });

  test("a genesis that the runtime refuses", async () => {
    const path = fileWith('{"balances":{"balances":"many"}}');
    refuses(await run("subnet", ["chain", "--port", "0", "--genesis", path]), "genesis-invalid");
  });

  test("a database that is something else", async () => {
    const path = fileWith(randomBytes(5000));
    const ended = await run("subnet", ["chain", "--port", "0", "--database", path]);
    refuses(ended, "database-unreadable");
  });
});

const localnet = (data: string): readonly string[] => ["localnet", "--port", "0", "--data", data];

describe("data of a local network", () => {
  test("an absent folder, and a file in its place", async () => {
    const absent = await run("subnet", localnet(join(home, "none")));
    refuses(absent, "data-unreadable", /ENOENT/, /--data/);
    assert.doesNotMatch(absent.stdout, /starting the chain/);
    refuses(await run("subnet", localnet(fileWith("x"))), "data-unreadable");
  });

  test("too little text", async () => {
    const ended = await run("subnet", localnet(textFolder(3)));
    refuses(ended, "data-too-small", /needs at least \d+/, /--data/);
    assert.doesNotMatch(ended.stdout, /starting the chain/);
  });

  test("nothing but binaries, and no UTF-8: said with counts", async () => {
    for (const [bytes, words] of [
      [Buffer.alloc(5000), /left out 1 binary \(such as "file-/],
      [Buffer.alloc(5000, 0xfc), /left out 1 not UTF-8 \(such as "file-/],
    ] as const) {
      const folder = mkdtempSync(join(home, "data-"));
      writeFileSync(join(folder, "file-1"), bytes);
      refuses(await run("subnet", localnet(folder)), "data-too-small", words, /--data/);
    }
  });

  test("a disk that is full", { skip: process.platform !== "linux" }, async () => {
    // A limit on the size of files fails as a full disk does, and needs no rights.
    const ended = await run("subnet", localnet(textFolder(400)), ["prlimit", "--fsize=65536"]);
    refuses(ended, "disk-full", /owner\/blobs/);
  });

  test("a folder for the record that is a file", async () => {
    const args = [...localnet(textFolder(3)), "--output", fileWith("x")];
    refuses(await run("subnet", args), "file-refused");
  });
});

describe("on a running chain", () => {
  let endpoint = "";
  let genesisHash = "";
  const common = (wallet: string, ...more: readonly string[]): readonly string[] => [
    "--wallet",
    wallet,
    "--endpoint",
    endpoint,
    ...more,
  ];

  before(async () => {
    const members = await createMembers({ miners: 1, validators: 1, attack: "none" }, wallets);
    const genesis = fileWith(JSON.stringify(genesisOf(members, { netuid: 1, tempo: 12 })));
    const args = ["chain", "--port", "0", "--sealing", "250", "--genesis", genesis];
    const child = spawn(process.execPath, [entryOf("subnet"), ...args], {
      env: environment,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    chain = child;
    const message = await new Promise<unknown>((resolve) => {
      child.once("message", resolve);
      child.once("exit", resolve);
    });
    assert.ok(typeof message === "object" && message !== null && "port" in message);
    assert.ok("genesisHash" in message);
    endpoint = `ws://127.0.0.1:${String(message.port)}`;
    genesisHash = String(message.genesisHash);
  });
  after(async () => {
    const ended = new Promise((resolve) => chain?.once("exit", resolve));
    chain?.kill("SIGTERM");
    await ended;
    chain = null;
    assert.deepEqual(processesLeft(), []);
  });

  for (const command of ["miner", "validator"] as const) {
    test(`${command}: another chain than the expected one`, async () => {
      const expected = `0x${"12".repeat(32)}`;
      const ended = await run(command, common("stranger", "--genesis", expected));
      refuses(ended, "wrong-genesis", new RegExp(expected), new RegExp(genesisHash), /--genesis/);
    });

    test(`${command}: a hotkey that is not registered`, async () => {
      const ended = await run(command, common("stranger", "--genesis", genesisHash));
      refuses(ended, "not-registered", /miner register --netuid 1/, /stranger/);
    });
  }

  test("a subnet that does not exist", async () => {
    const ended = await run("miner", common("stranger", "--netuid", "77"));
    refuses(ended, "subnet-missing", /subnet 77/, /--netuid/);
  });

  test("an axon port that is taken, and an address that is not ours", async () => {
    const taken = await run(
      "validator",
      common("validator-1", "--axon-port", String(occupied.port)),
    );
    refuses(taken, "port-in-use", new RegExp(String(occupied.port)));
    const foreign = await run("validator", common("validator-1", "--axon-host", "192.0.2.1"));
    refuses(foreign, "bad-option", /--axon-host/);
  });
});
