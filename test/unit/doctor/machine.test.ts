/** @file What a doctor sees of a machine and its files, with real files, ports and processes; nothing is changed by looking. */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createWallet } from "../../../chain/wallet/wallet.ts";
import { claimFolder, occupantOf } from "../../../src/disk/folder-claim.ts";
import { NODE_FOLDER } from "../../../src/disk/folder-format.ts";
import { networkFinding } from "../../../src/doctor/chain.ts";
import { diskFinding } from "../../../src/doctor/disk.ts";
import { type Patient, restart } from "../../../src/doctor/finding.ts";
import { listenerOn, listenerText } from "../../../src/doctor/listener.ts";
import { neuronPatient } from "../../../src/doctor/neuron.ts";
import { portFinding } from "../../../src/doctor/port.ts";
import { hotkeyOf, walletFindings } from "../../../src/doctor/wallet.ts";
import { minerOptions } from "../../../miner/options.ts";
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
  assert.deepEqual(who.remembered("5X"), { pid: null, axonPort: null, genesis: null });
  const place = join(folder, "nodes", "5X");
  assert.equal(existsSync(place), false, "nothing is made by looking");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "in-use.pid"), String(process.pid));
  writeFileSync(join(place, "axon.json"), '{"port":8091}');
  writeFileSync(join(place, "state.json"), "damaged");
  assert.deepEqual(who.remembered("5X"), { pid: null, axonPort: 8091, genesis: null });
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
  assert.equal(diskFinding(patient(), 0).state, "fine");
  const full = diskFinding(patient(), 1e15);
  assert.equal(full.code, "disk-full");
  assert.ok(full.fix.length > 0);
});
