/** @file `subnet create` on a real chain: paid once, asked for, taken up where it stopped. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Commands, faultOf } from "./commands.ts";
import { answering, type Keys, openWorld, paper, TAO, TOML, type World } from "./world.ts";

let world: World;
let commands: Commands;
let owner: Keys;
before(async () => {
  world = await openWorld(TOML);
  commands = new Commands(world);
});
after(async () => world.close());

describe("subnet create", () => {
  it("says what a subnet costs to whom who cannot pay", async () => {
    owner = await world.wallet("owner", 0n);
    const fault = await faultOf(commands.create({ yes: true }));
    assert.equal(fault.code, "not-enough-funds");
    assert.ok(fault.code === "not-enough-funds");
    assert.deepEqual([fault.account, fault.haveRao, fault.faucet], [owner.coldkey.ss58, 0n, true]);
    assert.ok(fault.needRao > TAO && fault.needRao < 2n * TAO);
    assert.deepEqual(await world.client.subnets(), []);
  });

  it("asks before it pays, and pays nothing without a yes", async () => {
    await world.client.transfer(
      (await world.wallet("rich", 5000n)).coldkey,
      owner.coldkey.ss58,
      3000n * TAO,
    );
    const had = await world.client.balance(owner.coldkey.ss58);
    for (const answer of ["n", "", "no, yes", null]) {
      const terminal = answering(answer);
      const told = paper(terminal);
      assert.equal((await faultOf(commands.create({}, told))).code, "declined");
      assert.match(
        told.text(),
        /price {5}1\.0+ TAO.*\nbalance {3}3000\.0+ TAO, after it about 2999\.0+ TAO$/,
      );
      assert.match(terminal.questions.join(""), /Create a subnet\? \[y\/N\]/);
    }
    assert.deepEqual(
      [await world.client.balance(owner.coldkey.ss58), await world.client.subnets()],
      [had, []],
    );
  });

  it("registers, names and starts; writes the number into the file; says what to run next", async () => {
    const told = paper(answering("y"));
    await commands.create({ url: "https://example.org" }, told);
    const [subnet, ...more] = await world.client.subnets();
    assert.deepEqual(more, []);
    assert.deepEqual([subnet?.netuid, subnet?.name, subnet?.neurons], [1, "mini", 1]);
    assert.equal(subnet?.ownerHotkey, owner.hotkey.publicKey);
    assert.ok(subnet?.startedAt !== null);
    assert.equal((await world.client.identity(1))?.url, "https://example.org");
    assert.equal(readFileSync(world.file, "utf8"), TOML.replace("netuid = 7", "netuid = 1"));
    assert.match(told.text(), /subnet 1 exists since block \d+\nnamed mini\nstarted: it emits/);
    assert.match(told.text(), /next: .*"subnet publish"/);
    assert.doesNotMatch(told.text(), /the chain has|refused/);
  });

  it("run again, it pays for nothing and changes nothing", async () => {
    const [balance, head] = [
      await world.client.balance(owner.coldkey.ss58),
      world.chain.embedded.head(),
    ];
    const told = paper();
    await commands.create({}, told);
    assert.match(told.text(), /subnet 1 \(mini\) is there and started/);
    assert.equal(await world.client.balance(owner.coldkey.ss58), balance);
    assert.equal(world.chain.embedded.head().number, head.number);
  });

  it("goes on with one that was left half-made, and refuses those of others", async () => {
    const other = await world.wallet("other", 100n);
    const { netuid } = await world.client.registerNetwork(other.coldkey, other.hotkey.ss58);
    const fault = await faultOf(commands.create({ netuid, yes: true }));
    assert.ok(fault.code === "not-owner" && fault.owner === other.coldkey.ss58);
    const file = join(world.folder, "other.toml");
    writeFileSync(file, "[chain]\ntempo = 99\nimmunityPeriod = 9\n");
    const told = paper();
    await commands.create({ wallet: "other", file, name: "half", yes: true }, told);
    const found = (await world.client.subnets()).find((one) => one.netuid === netuid);
    assert.ok(found?.name === "half" && found.startedAt !== null);
    assert.match(told.text(), /subnet 2 of this coldkey is there: what is missing or new is set/);
    assert.doesNotMatch(told.text(), /price/);
    // What the chain does not do as the file asks is said.
    assert.match(
      told.text(),
      /the chain has chain\.tempo = 12, the file asks for 99: only the chain decides/,
    );
    await commands.create({ wallet: "other", file, another: true, yes: true });
    assert.equal((await world.client.subnets()).length, 3);
  });
});
