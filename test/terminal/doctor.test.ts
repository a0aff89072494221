/**
 * @file Every problem that a doctor finds, planted on a real chain with real files and processes: it is found, the printed command
 * is run as it stands, and the problem is gone. What cannot be planted here says so.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { openColdkey, openHotkey } from "../../chain/wallet/wallet.ts";
import { defaultConfig } from "../../subnet/config/resolve.ts";
import { genesisOf } from "../../subnet/localnet/genesis.ts";
import { createMembers } from "../../subnet/localnet/members.ts";
import { freePort } from "../support/ports.ts";
import type { Program, Running } from "../support/running.ts";
import {
  all,
  doorScript,
  ending,
  examined,
  git,
  isGone,
  LIMIT_MS,
  lineOf,
  parse,
  ROOT,
  shell,
  stepsOf,
  withCode,
  wordsOf,
} from "./examination.ts";

/** Blocks between two addresses of one axon (a doctor on a busy machine needs half a minute to see it), between two weights, and of an epoch. */
const [SERVING, WEIGHTS, TEMPO] = [240, 100, 20];
const BLOCK_MS = 200;

const nodes: Running[] = [];
let chain: Running;
let endpoint = "";
let client: ChainClient;

const same = (...more: readonly string[]): readonly string[] => [
  "--endpoint",
  endpoint,
  "--device",
  "cpu",
  ...more,
];

/** Starts what a printed command starts, and waits until it serves. */
async function started(program: Program, line: string, said: RegExp): Promise<Running> {
  const first = line.split(" && ").slice(0, -1).join(" && ");
  if (first !== "") assert.equal(await ending(first), 0, first);
  const running = all.start(program, wordsOf(line));
  nodes.push(running);
  await running.said(said, LIMIT_MS);
  return running;
}

async function stopped(running: Running): Promise<void> {
  await all.stop(running);
}

before(async () => {
  const members = await createMembers({ miners: 1, validators: 1, attack: "none" }, all.wallets);
  const standard = defaultConfig();
  const config = {
    ...standard,
    chain: {
      ...standard.chain,
      tempo: TEMPO,
      servingRateLimit: SERVING,
      weightsRateLimit: WEIGHTS,
    },
  };
  const genesis = all.file(JSON.stringify(genesisOf(members, config)));
  const port = await freePort();
  const database = join(all.home, "chain.sqlite");
  const place = ["--port", String(port), "--genesis", genesis, "--database", database];
  chain = all.start("subnet", ["chain", ...place, "--sealing", String(BLOCK_MS)]);
  await chain.said(/JSON-RPC on/, LIMIT_MS);
  endpoint = `ws://127.0.0.1:${port}`;
  client = await connectChain({ endpoints: [endpoint], timeoutMs: LIMIT_MS });
});
after(async () => {
  for (const node of nodes) if (node.runs) await node.stop("SIGKILL");
  await client.close();
  await chain.stop("SIGKILL");
  rmSync(all.home, { recursive: true, force: true });
});

test("no wallet, then one that others may read and change", () => {
  const args = same("--wallet", "newbie");
  const missing = withCode(examined("miner", args), "wallet-missing");
  assert.equal(shell(missing.run).status, 0);
  isGone(examined("miner", args), "wallet-missing");
  const home = join(all.wallets, "newbie");
  chmodSync(join(home, "coldkey"), 0o644);
  chmodSync(join(home, "hotkeys"), 0o777);
  const open = examined("miner", args);
  assert.equal(shell(withCode(open, "wallet-open").run).status, 0);
  assert.equal(shell(withCode(open, "wallet-folder-open").run).status, 0);
  const again = examined("miner", args);
  isGone(again, "wallet-open");
  isGone(again, "wallet-folder-open");
});

test("no funds, and no uid", () => {
  const args = same("--wallet", "newbie");
  const poor = examined("miner", args);
  withCode(poor, "not-registered");
  assert.equal(shell(withCode(poor, "no-funds").run).status, 0);
  const rich = examined("miner", args);
  isGone(rich, "no-funds");
  assert.equal(shell(withCode(rich, "not-registered").run).status, 0);
  isGone(examined("miner", args), "not-registered");
});

test("a port that somebody else listens on", async () => {
  // In a process of its own: this one waits for the doctor.
  const port = await freePort();
  const script = `require("node:net").createServer().listen(${port}, "127.0.0.1", () => console.log("up"))`;
  const other = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => other.stdout.once("data", resolve));
  try {
    const args = same("--wallet", "newbie", "--axon-port", String(port));
    const taken = withCode(examined("miner", args), "port-in-use");
    if (process.platform === "linux")
      assert.ok(taken.text.includes(`process ${other.pid}`), taken.text);
    isGone(examined("miner", wordsOf(taken.run)), "port-in-use");
  } finally {
    other.kill("SIGKILL");
  }
});

test("a device that cannot train here", () => {
  const args = ["--endpoint", endpoint, "--wallet", "newbie", "--device", "cuda"];
  const found = examined("miner", args);
  const bad = found.find(({ code, state }) => code === "driver" && state === "wrong");
  if (bad?.run === undefined || bad.run === null) return; // This machine has one that does.
  // Where a GPU is plugged in the command installs what it lacks, which no test does.
  if (!bad.run.startsWith("npm run miner")) return;
  isGone(examined("miner", wordsOf(bad.run)), "driver");
});

test("another chain than was expected, and than the node was last on", async () => {
  const wrong = `0x${"11".repeat(32)}`;
  const args = same("--wallet", "newbie", "--genesis", wrong);
  const found = withCode(examined("miner", args), "wrong-network");
  const words = wordsOf(found.run).filter((word) => word !== "doctor");
  isGone(examined("miner", words), "wrong-network");
  const { ss58 } = await openHotkey({ folder: all.wallets, name: "newbie", hotkey: "default" });
  const folder = join(all.home, ".assay", "nodes", ss58);
  mkdirSync(folder, { recursive: true });
  const state = { genesis: wrong, runId: wrong, checkpoint: null };
  writeFileSync(join(folder, "state.json"), JSON.stringify(state));
  const moved = withCode(examined("miner", same("--wallet", "newbie")), "wrong-network");
  isGone(examined("miner", wordsOf(moved.run)), "wrong-network");
  rmSync(join(folder, "state.json"));
});

test("an axon that is not published, does not answer, leads elsewhere, and must wait for its new address", async () => {
  const args = same("--wallet", "newbie");
  const unpublished = withCode(examined("miner", args), "axon-unpublished");
  // A peer that can look back: the validator of the genesis.
  const peer = all.start("validator", [...same("--wallet", "validator-1")]);
  nodes.push(peer);
  await peer.said(/waiting: /, LIMIT_MS);
  const miner = await started("miner", unpublished.run, /waiting: /);
  await sleep(4 * BLOCK_MS);
  const reached = examined("miner", args);
  isGone(reached, "axon-unpublished");
  const axon = reached.find(({ check }) => check === "axon");
  assert.match(axon?.text ?? "", /: 1 of 1 peers reach it/);
  await stopped(miner);
  const silent = withCode(examined("miner", args), "node-silent");
  const again = await started("miner", silent.run, /waiting: /);
  isGone(examined("miner", args), "node-silent");
  await stopped(again);
  // The wrong port of a router; the chain takes no other address for a while.
  const from = await client.servableFrom(
    1,
    (await openHotkey({ folder: all.wallets, name: "newbie", hotkey: "default" })).publicKey,
  );
  while ((await client.head()).number < from) await sleep(BLOCK_MS);
  const misled = all.start("miner", [...args, "--axon-external-port", "9"]);
  nodes.push(misled);
  await misled.said(/does not answer from here/, LIMIT_MS);
  const wait = withCode(
    examined("miner", [...args, "--axon-external-port", "9"]),
    "serving-rate-limit",
  );
  const waited = examined(
    "miner",
    wordsOf(wait.run).filter((word) => word !== "doctor"),
  );
  isGone(waited, "serving-rate-limit");
  const moved = withCode(waited, "axon-unreachable");
  const right = await started("miner", moved.run, /waiting: /);
  await sleep(4 * BLOCK_MS);
  const ended = examined("miner", args);
  isGone(ended, "axon-unreachable");
  isGone(ended, "serving-rate-limit");
  await stopped(right);
  await stopped(peer);
});

test("a validator without stake, without an epoch since, and with weights that come too soon", async () => {
  const args = same("--wallet", "newbie");
  const low = withCode(examined("validator", args), "stake-low");
  assert.equal(shell(low.run).status, 0);
  const found = examined("validator", args);
  isGone(found, "stake-low");
  // An epoch may have been meanwhile.
  const permit = found.find(({ code, state }) => code === "no-permit" && state === "wrong");
  if (permit !== undefined && permit.run !== null)
    isGone(
      examined(
        "validator",
        wordsOf(permit.run).filter((word) => word !== "doctor"),
      ),
      "no-permit",
    );
  const hotkey = await openHotkey({ folder: all.wallets, name: "newbie", hotkey: "default" });
  const uid = (await client.neuronOf(1, hotkey.publicKey))?.uid ?? 0;
  while (!((await client.validatorPermits(1))[uid] ?? false)) await sleep(BLOCK_MS);
  await client.setWeights(hotkey, 1, { uids: [0], values: [65_535], versionKey: 0n });
  const soon = withCode(examined("validator", args), "weights-rate-limit");
  isGone(
    examined(
      "validator",
      wordsOf(soon.run).filter((word) => word !== "doctor"),
    ),
    "weights-rate-limit",
  );
});

test("a subnet that asks for weights of a newer release", async () => {
  const owner = await openColdkey({ folder: all.wallets, name: "owner" });
  await client.setOwnerParameter(owner, 1, { name: "weightsVersion", value: 1n });
  const found = withCode(examined("validator", same("--wallet", "newbie")), "version-key");
  assert.match(found.run, /^git pull --ff-only && npm ci$/);
  // The command is run in a clone of this checkout whose origin has a newer release; npm is a stand-in there.
  const place = mkdtempSync(join(tmpdir(), "assay-newer-"));
  try {
    const [origin, clone] = [join(place, "origin"), join(place, "clone")];
    const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    for (const name of listed.stdout
      .split("\n")
      .filter((one) => /\.(ts|json|js|wasm|scale|gz|zst)$/.test(one))) {
      mkdirSync(dirname(join(origin, name)), { recursive: true });
      cpSync(join(ROOT, name), join(origin, name));
    }
    git(origin, "init", "-q", "-b", "main");
    git(origin, "add", "-A", "-f");
    git(origin, "commit", "-qm", "old");
    git(place, "clone", "-q", origin, clone);
    symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
    const weights = join(origin, "src", "neuron", "weights.ts");
    writeFileSync(
      weights,
      readFileSync(weights, "utf8").replace("VERSION_KEY = 0n", "VERSION_KEY = 1n"),
    );
    git(origin, "commit", "-qam", "new");
    const program = join(clone, "validator", "main.ts");
    withCode(examined("validator", same("--wallet", "newbie"), { program }), "version-key");
    const bin = join(place, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "npm"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    const env = { ...all.environment, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    assert.equal(spawnSync("sh", ["-c", found.run], { cwd: clone, env }).status, 0);
    isGone(examined("validator", same("--wallet", "newbie"), { program }), "version-key");
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

test("a chain whose process was stopped, and one that makes no blocks", async () => {
  const args = same("--wallet", "newbie");
  if (process.platform === "linux") {
    chain.signal("SIGSTOP");
    const found = withCode(examined("miner", args), "chain-stalled");
    assert.equal(shell(found.run).status, 0);
    isGone(examined("miner", args), "chain-stalled");
  }
  const port = await freePort();
  const database = join(all.home, "still.sqlite");
  const genesis = chain.args[chain.args.indexOf("--genesis") + 1] ?? "";
  const place = ["--port", String(port), "--genesis", genesis, "--database", database];
  const still = all.start("subnet", ["chain", ...place, "--sealing", "manual"]);
  nodes.push(still);
  await still.said(/JSON-RPC on/, LIMIT_MS);
  const there = ["--endpoint", `ws://127.0.0.1:${port}`, "--device", "cpu", "--wallet", "newbie"];
  const found = withCode(examined("miner", there), "chain-stalled");
  if (process.platform !== "linux") return;
  const parts = found.run.split(" && ");
  const starting = parts.at(-1) ?? "";
  assert.equal(await ending(parts.slice(0, -1).join(" && ")), 0);
  all.living.delete(still.pid);
  const words = starting.split(" ").slice(2);
  const lively = all.start("subnet", words);
  nodes.push(lively);
  await lively.said(/JSON-RPC on/, LIMIT_MS);
  isGone(examined("miner", there), "chain-stalled");
  await stopped(lively);
});

test("a clock that is off", async () => {
  // The doctor alone sees another time, from a file that the stand-in for timedatectl empties: no test sets a machine's clock.
  // Blocks of a development chain count time: behind this door a fresh one says that it is a live one.
  const inner = await freePort();
  const fresh = all.start("subnet", ["chain", "--port", String(inner), "--sealing", "1000"]);
  nodes.push(fresh);
  await fresh.said(/JSON-RPC on/, LIMIT_MS);
  const port = await freePort();
  const door = spawn(process.execPath, ["--input-type=module", "-e", doorScript(port, inner)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  all.living.add(door.pid);
  await new Promise((resolve) => door.stdout.once("data", resolve));
  const offset = all.file("-120000");
  const bent = all.file(
    `import { readFileSync } from "node:fs";\nconst now = Date.now.bind(Date);\nDate.now = () => now() + Number(readFileSync(${JSON.stringify(offset)}, "utf8"));\n`,
  );
  const bin = join(all.home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "sudo"), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  writeFileSync(join(bin, "timedatectl"), `#!/bin/sh\necho 0 > ${offset}\n`, { mode: 0o755 });
  const environment = {
    NODE_OPTIONS: `--import=data:text/javascript,import${encodeURIComponent(`(${JSON.stringify(`file://${bent}`)})`)}`,
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
  };
  const args = ["--endpoint", `ws://127.0.0.1:${port}`, "--device", "cpu", "--wallet", "newbie"];
  const found = withCode(examined("miner", args, { environment }), "clock-off");
  assert.match(found.text, /11\d\.\d s behind the chain's/);
  assert.equal(shell(found.run, { environment }).status, 0);
  const again = examined("miner", args, { environment });
  isGone(again, "clock-off");
  assert.match(again.find(({ check }) => check === "clock")?.text ?? "", /s off the chain's/);
  door.kill("SIGKILL");
  await stopped(fresh);
});

test("a machine that is too slow for the window", async () => {
  const trainBlocks = 8;
  // Three times the work that this machine does in the time, whatever else it has to do.
  const steps = stepsOf((3 * trainBlocks * BLOCK_MS) / 1000);
  const toml = all.file(
    [
      'name = "slow"',
      "windows = 1000",
      `[data]\nfolder = ${JSON.stringify(join(ROOT, "docs"))}`,
      "pagesPerWindow = 4\nnoisePages = 4",
      `[inner]\nsteps = ${steps}`,
      `[phases]\ntrain = ${trainBlocks}`,
      "[chain]\nnetuid = 1",
    ].join("\n"),
  );
  const owner = all.start("subnet", [
    ..."publish --wallet owner --yes --no-check --serve --endpoint".split(" "),
    endpoint,
    toml,
  ]);
  nodes.push(owner);
  try {
    await owner.said(/next: /, LIMIT_MS);
    let words: readonly string[] = same("--wallet", "newbie");
    // To measure may be enough: the fastest way of training here is taken then. If it is not, a part of the work is.
    for (let round = 0; ; round++) {
      const found = examined("miner", words);
      const isSlow = found.some(({ code, state }) => code === "slow-device" && state === "wrong");
      if (round > 0 && !isSlow) break;
      assert.ok(round < 4, JSON.stringify(found));
      const { run } = withCode(found, "slow-device");
      if (run.includes("bench")) assert.equal(shell(run).status, 0);
      else {
        assert.match(run, /steps-0\./);
        words = wordsOf(run);
      }
    }
  } finally {
    await stopped(owner);
  }
});

test("a disk that is nearly full", (context) => {
  // A small disk of its own, where this user may make one.
  const small = join(all.home, "small");
  mkdirSync(small);
  const trial = spawnSync("unshare", [..."-rm mount -t tmpfs -o size=8m none".split(" "), small]);
  if (trial.status !== 0) return context.skip("no disk of its own can be mounted here");
  const state = join(small, "nodes");
  const script = `mount -t tmpfs -o size=8m none ${small} && mkdir ${state} && echo kept > ${state}/kept && ${lineOf([...same("--wallet", "newbie"), "--state", state])}`;
  const first = spawnSync("unshare", ["-rm", "sh", "-c", script], {
    env: all.environment,
    encoding: "utf8",
    timeout: LIMIT_MS,
  });
  const found = withCode(parse(first.stdout), "disk-full");
  const [make = "", copy = "", start = ""] = found.run.split(" && ");
  const other = wordsOf(start)[wordsOf(start).indexOf("--state") + 1] ?? "";
  const fixed = `mount -t tmpfs -o size=8m none ${small} && mkdir ${state} && echo kept > ${state}/kept && ${make} && ${copy} && cat ${other}/kept && ${lineOf(wordsOf(start))}`;
  const second = spawnSync("unshare", ["-rm", "sh", "-c", fixed], {
    env: all.environment,
    encoding: "utf8",
    timeout: LIMIT_MS,
  });
  assert.match(second.stdout, /^kept$/m);
  isGone(parse(second.stdout), "disk-full");
  rmSync(other, { recursive: true, force: true });
});

test("an owner's subnet without a run, and what status finds of it", async () => {
  // The run of the test before is published, and nobody serves it.
  const args = ["--endpoint", endpoint, "--netuid", "1", "--wallet", "owner"];
  const silent = withCode(examined("subnet", args), "unserved");
  const serving = await started("subnet", silent.run, /serving|hands out|http/i);
  await sleep(4 * BLOCK_MS);
  isGone(examined("subnet", args), "unserved");
  await stopped(serving);
});
