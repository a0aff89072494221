/** @file What a doctor sees of a machine and its files, with real files, ports and processes; nothing is changed by looking. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createWallet } from "../../../chain/wallet/wallet.ts";
import { claimFolder, occupantOf } from "../../../src/disk/folder-claim.ts";
import {
  LOCALNET_FOLDER,
  NODE_FOLDER,
  PUBLICATION_FOLDER,
} from "../../../src/disk/folder-format.ts";
import { networkFinding } from "../../../src/doctor/chain.ts";
import { diskFinding } from "../../../src/doctor/disk.ts";
import { type Patient, restart } from "../../../src/doctor/finding.ts";
import { listenerOn, listenerText } from "../../../src/doctor/listener.ts";
import { neuronPatient } from "../../../src/doctor/neuron.ts";
import { lively } from "../../../src/doctor/own-chain.ts";
import { portFinding } from "../../../src/doctor/port.ts";
import { hotkeyOf, walletFindings } from "../../../src/doctor/wallet.ts";
import { minerOptions } from "../../../miner/options.ts";
import { patientOf as ownerPatient } from "../../../subnet/doctor.ts";
import { doctorOptions } from "../../../subnet/doctor-options.ts";
import { PublicationFolder } from "../../../subnet/owner/publication.ts";
import { serveOptions } from "../../../subnet/serve/options.ts";
import { portOf } from "../../support/ports.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-doctor-"));
after(() => rmSync(folder, { recursive: true }));

function patient(more: object = {}): Patient {
  const place = { walletFolder: join(folder, "wallets"), state: join(folder, "nodes") };
  return neuronPatient("miner", minerOptions.parse({ ...place, ...more }), ["strategy"]);
}

test("secret files that others may read are named, each with the command that closes them", async () => {
  assert.equal("check" in (await hotkeyOf(patient())), true);
  const place = { folder: join(folder, "wallets"), name: "default", hotkey: "default" };
  await createWallet(place);
  assert.equal("publicKey" in (await hotkeyOf(patient())), true);
  if (process.platform === "win32") return;
  assert.deepEqual(
    walletFindings(patient()).map(({ state }) => state),
    ["fine"],
  );
  const home = join(place.folder, "default");
  chmodSync(join(home, "hotkeys", "default"), 0o640);
  chmodSync(home, 0o770);
  const found = walletFindings(patient());
  assert.deepEqual(
    found.map(({ code }) => code),
    ["wallet-open", "wallet-folder-open"],
  );
  assert.deepEqual(found[0]?.fix, [{ system: ["chmod", "600", join(home, "hotkeys", "default")] }]);
  assert.deepEqual(found[1]?.fix, [{ system: ["chmod", "go-w", home] }]);
});

test("who listens on a port is seen on Linux, and another port is named", async () => {
  const server = createServer();
  const port = await portOf(server);
  try {
    const holder = listenerOn(port);
    if (process.platform === "linux") {
      assert.equal(holder?.pid, process.pid);
      assert.equal(holder?.stopped, false);
      assert.match(listenerText(holder), new RegExp(`^process ${process.pid} \\(`));
    }
    const own = "0x00";
    const taken = await portFinding(patient({ axonPort: port }), null, own);
    assert.equal(taken.code, "port-in-use");
    const [fix] = taken.fix;
    assert.ok(fix !== undefined && "ours" in fix && fix.ours === "miner");
    assert.notEqual(fix.set?.["axonPort"], port);
    // Without a port of its own the node takes another by itself.
    assert.equal((await portFinding(patient(), port, own)).state, "fine");
    const foreign = await portFinding(
      patient({ axonHost: "192.0.2.1", axonPort: port }),
      null,
      own,
    );
    assert.equal(foreign.code, "address-foreign");
  } finally {
    server.close();
  }
  assert.equal(listenerOn(port), null);
});

test("a running node is ended before it is started otherwise; only the process that holds the folder is one", () => {
  const options = minerOptions.parse({ state: join(folder, "nodes") });
  const who = neuronPatient("miner", options, []);
  assert.deepEqual(who.remembered("5X", null), { pid: null, axonPort: null, genesis: null });
  const place = join(folder, "nodes", "5X");
  assert.equal(existsSync(place), false, "nothing is made by looking");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "in-use.pid"), String(process.pid));
  writeFileSync(join(place, "axon.json"), '{"port":8091}');
  writeFileSync(join(place, "state.json"), "damaged");
  assert.deepEqual(who.remembered("5X", null), { pid: null, axonPort: 8091, genesis: null });
  const release = claimFolder(place, NODE_FOLDER);
  const before = readdirSync(place).toSorted();
  assert.equal(occupantOf(place)?.pid, process.pid);
  assert.deepEqual(readdirSync(place).toSorted(), before);
  const commands = restart(who, 77, { axonPort: 0 });
  assert.deepEqual(commands[0], { system: ["kill", "77"] });
  assert.equal(commands.length, 3);
  release();
  assert.equal(occupantOf(place), null);
  assert.equal(restart(who, null, {}).length, 1);
});

test("another chain than that of the node's run is wrong unless it is named", () => {
  const chain = { genesisHash: `0x${"aa".repeat(32)}`, endpoint: "ws://x" } as const;
  const other = `0x${"bb".repeat(32)}`;
  assert.equal(networkFinding(patient(), chain, null).state, "fine");
  assert.equal(networkFinding(patient(), chain, chain.genesisHash).state, "fine");
  const moved = networkFinding(patient(), chain, other);
  assert.equal(moved.code, "wrong-network");
  const [fix] = moved.fix;
  assert.ok(fix !== undefined && "ours" in fix);
  assert.deepEqual(fix.set, { genesis: chain.genesisHash });
  assert.equal(networkFinding(patient({ genesis: chain.genesisHash }), chain, other).state, "fine");
});

test("a disk has room for a small model, and none for one beyond all disks", () => {
  assert.equal(diskFinding(patient(), { parameters: 0, pid: null }).state, "fine");
  const full = diskFinding(patient(), { parameters: 1e15, pid: null });
  assert.equal(full.code, "disk-full");
  assert.ok(full.fix.length > 0);
});

const free = (path: string): number => statfsSync(path).bavail * statfsSync(path).bsize;

/** A folder on another disk than `folder` with less room than that one, and a model that has room on that one alone. */
function smallDisk(): { readonly place: string; readonly parameters: number } | null {
  const shm = "/dev/shm";
  if (!existsSync(shm) || statSync(shm).dev === statSync(folder).dev) return null;
  const parameters = Math.ceil((free(shm) + (1 << 30)) / 36);
  if (free(folder) < parameters * 36 + (1 << 30)) return null;
  return { place: mkdtempSync(join(shm, "assay-doctor-")), parameters };
}

test("what runs is ended before its folder is copied to a disk with room, and an owner's folder is named as one", (context) => {
  const disk = smallDisk();
  if (disk === null) return context.skip("no second disk with less room here");
  const { place, parameters } = disk;
  const home = process.env["HOME"];
  try {
    process.env["HOME"] = folder;
    const state = join(place, "nodes");
    mkdirSync(state);
    const other = join(folder, ".assay", "assay-nodes");
    const { fix } = diskFinding(patient({ state }), { parameters, pid: 77 });
    assert.deepEqual(fix.slice(0, 1), [{ system: ["kill", "77"] }]);
    if (process.platform === "linux")
      assert.deepEqual(fix[1], { system: ["tail", "--pid=77", "-f", "/dev/null"] });
    assert.deepEqual(fix.slice(2, 4), [
      { system: ["mkdir", "-p", other] },
      { system: ["cp", "-a", `${state}/.`, other] },
    ]);
    const last = fix.at(-1);
    assert.ok(last !== undefined && "ours" in last);
    assert.deepEqual(last.set, { state: other });
    // Where only a folder that is swept has room, nothing is moved there.
    process.env["HOME"] = place;
    const none = diskFinding(patient({ state }), { parameters, pid: null });
    assert.doesNotMatch(JSON.stringify(none.fix), /"\/(var\/)?tmp\//);
    // An owner.
    process.env["HOME"] = folder;
    const options = doctorOptions.parse({ folder: join(place, "subnets"), netuid: 3 });
    const owner = ownerPatient(options, { netuid: 3, endpoint: "ws://x", genesis: undefined });
    const served = new PublicationFolder(options.folder, 3, `0x${"ab".repeat(32)}`);
    mkdirSync(served.path, { recursive: true });
    const release = claimFolder(served.path, PUBLICATION_FOLDER);
    assert.equal(owner.remembered("", `0x${"ab".repeat(32)}`).pid, process.pid);
    assert.equal(owner.remembered("", `0x${"cd".repeat(32)}`).pid, null);
    release();
    const [, copy, start] = diskFinding(owner, { parameters, pid: null }).fix;
    const moved = join(folder, ".assay", "assay-subnets");
    assert.deepEqual(copy, { system: ["cp", "-a", `${options.folder}/.`, moved] });
    assert.ok(start !== undefined && "ours" in start && start.ours === "subnet serve");
    assert.deepEqual(start.set, { folder: moved });
    for (const key of start.keep ?? []) assert.ok(key in serveOptions.shape, key);
  } finally {
    if (home === undefined) delete process.env["HOME"];
    else process.env["HOME"] = home;
    rmSync(place, { recursive: true });
  }
});

test("a chain that stands still is started with blocks by the clock from anywhere, one of a local network is left alone", async () => {
  if (process.platform !== "linux") return;
  const run = join(folder, "run");
  mkdirSync(run);
  const script = `require("node:net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })`;
  writeFileSync(join(folder, "main.cjs"), script);
  const words = "main.cjs chain --port 0 --sealing manual --database=run/chain.sqlite".split(" ");
  const child = spawn(process.execPath, words, {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const port = Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
    const place = realpathSync(folder);
    const holder = listenerOn(port);
    const database = join(place, "run", "chain.sqlite");
    assert.deepEqual(lively(holder, port), [
      { system: ["kill", String(child.pid)] },
      { system: ["tail", `--pid=${child.pid}`, "-f", "/dev/null"] },
      {
        system: [process.execPath, join(place, "main.cjs"), "chain", "--database", database].concat(
          `--sealing 250 --port ${port}`.split(" "),
        ),
      },
    ]);
    assert.ok(holder !== null);
    // One that makes blocks by the clock keeps its time: another is refused.
    const clocked = holder.words.map((word) => (word === "manual" ? "700" : word));
    const kept = lively({ ...holder, words: clocked }, port)?.at(-1);
    assert.match(JSON.stringify(kept), /"--sealing","700"/);
    const bare = holder.words.filter((word) => !word.startsWith("--database"));
    assert.equal(lively({ ...holder, words: bare }, port), null);
    assert.equal(lively({ ...holder, words: [...words.slice(0, 2), "start"] }, port), null);
    // Claimed by a network that is about to begin, then with a run.
    const release = claimFolder(run, LOCALNET_FOLDER);
    assert.equal(lively(holder, port), null);
    release();
    assert.notEqual(lively(holder, port), null);
    writeFileSync(join(run, "localnet.json"), "{}");
    assert.equal(lively(holder, port), null);
  } finally {
    child.kill("SIGKILL");
  }
});
