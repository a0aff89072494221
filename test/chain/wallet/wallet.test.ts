/** @file Wallets on disk: what is written, who may read it, and what is refused. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { ChainError } from "../../../chain/errors.ts";
import { verifySignature } from "../../../chain/wallet/account.ts";
import { isName } from "../../../chain/wallet/folder.ts";
import { publicKeyIn, signerIn } from "../../../chain/wallet/keyfile.ts";
import { listWallets } from "../../../chain/wallet/list.ts";
import { unsealed } from "../../../chain/wallet/password.ts";
import {
  createHotkey,
  createWallet,
  importColdkey,
  importHotkey,
  openColdkey,
  openHotkey,
  readColdkeyPublic,
} from "../../../chain/wallet/wallet.ts";

const ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const ALICE_HEX = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
/** Private key of //Alice as sp-core and btwallet write it, and as @polkadot keeps it, start of each. */
const ALICE_SP_CORE = "0x33a6f309";

const vectorSchema = z.object({
  password: z.string(),
  plaintext: z.string(),
  key: z.string(),
  file_hex: z.string(),
});
const fixture = new URL("../../fixtures/wallet-nacl.json", import.meta.url);
const vector = vectorSchema.parse(JSON.parse(await readFile(fixture, "utf8")));
const passwordKey = new Uint8Array(Buffer.from(vector.key, "hex"));

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ChainError && error.fault.code === code;
}

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-wallet-"));
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function put(name: string, coldkey: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "coldkey"), coldkey);
}

describe("a plain wallet", () => {
  it("is written in btwallet's layout, strings only, readable by the owner only", async () => {
    const made = await createWallet({ folder, name: "plain", hotkey: "first" });
    const home = join(folder, "plain");
    assert.deepEqual((await readdir(home)).toSorted(), ["coldkey", "coldkeypub.txt", "hotkeys"]);
    assert.deepEqual((await readdir(join(home, "hotkeys"))).toSorted(), ["first", "firstpub.txt"]);
    for (const file of ["coldkey", "coldkeypub.txt", "hotkeys/first", "hotkeys/firstpub.txt"]) {
      assert.equal((await stat(join(home, file))).mode & 0o777, 0o600, file);
      const fields = z
        .record(z.string(), z.string())
        .parse(JSON.parse(await readFile(join(home, file), "utf8")));
      const expected = file.endsWith("pub.txt")
        ? ["accountId", "publicKey", "ss58Address"]
        : ["accountId", "privateKey", "publicKey", "secretPhrase", "secretSeed", "ss58Address"];
      assert.deepEqual(Object.keys(fields).toSorted(), expected, file);
    }
    assert.equal(made.mnemonic.split(" ").length, 12);
    assert.notEqual(made.mnemonic, made.hotkeyMnemonic);
    const coldkey = await openColdkey({ folder, name: "plain" });
    const hotkey = await openHotkey({ folder, name: "plain", hotkey: "first" });
    assert.equal(coldkey.ss58, made.coldkeySs58);
    assert.equal(hotkey.ss58, made.hotkeySs58);
    assert.equal(await readColdkeyPublic({ folder, name: "plain" }), coldkey.publicKey);
  });

  it("of //Alice holds sp-core's private key and signs as Alice", async () => {
    const made = await createWallet({
      folder,
      name: "dev",
      hotkey: "h",
      mnemonic: "//Alice",
      hotkeyMnemonic: "//Alice//hot/1",
    });
    assert.equal(made.coldkeySs58, ALICE);
    const text = await readFile(join(folder, "dev", "coldkey"), "utf8");
    const { privateKey } = z.object({ privateKey: z.string() }).parse(JSON.parse(text));
    assert.ok(privateKey.startsWith(ALICE_SP_CORE), privateKey.slice(0, 10));
    const signer = await openColdkey({ folder, name: "dev" });
    const message = Buffer.from("message");
    assert.equal(signer.publicKey, ALICE_HEX);
    assert.ok(verifySignature(message, signer.sign(message), ALICE_HEX));
  });

  it("is never overwritten, and nothing is left behind by a refusal", async () => {
    const wallet = { folder, name: "plain", hotkey: "second" };
    const untouched = await readFile(join(folder, "plain", "coldkey"));
    await assert.rejects(createWallet(wallet), hasCode("wallet-exists"));
    assert.deepEqual(await readFile(join(folder, "plain", "coldkey")), untouched);
    assert.ok(!(await readdir(join(folder, "plain", "hotkeys"))).includes("second"));
    const added = await createHotkey(wallet);
    const opened = await openHotkey({ folder, name: "plain", hotkey: "second" });
    assert.equal(opened.ss58, added.hotkeySs58);
    await assert.rejects(createHotkey(wallet), hasCode("wallet-exists"));
  });

  it("shows no secret when it is printed", async () => {
    const made = await createWallet({ folder, name: "printed", hotkey: "h" });
    const signer = await openHotkey({ folder, name: "printed", hotkey: "h" });
    assert.deepEqual(Object.keys(signer).toSorted(), ["publicKey", "sign", "ss58"]);
    assert.ok(!JSON.stringify(signer).includes(made.hotkeyMnemonic));
  });
});

describe("a key that exists elsewhere", () => {
  const SEED = "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
  const PHRASE = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

  it("is written from phrase, URI or seed exactly as a new one with that secret", async () => {
    await createWallet({
      folder,
      name: "made",
      hotkey: "h",
      mnemonic: PHRASE,
      hotkeyMnemonic: PHRASE,
    });
    assert.equal(
      await importColdkey({ folder, name: "again", secret: ` ${PHRASE}\n` }),
      await importHotkey({ folder, name: "again", hotkey: "h", secret: PHRASE }),
    );
    for (const file of ["coldkey", "coldkeypub.txt", "hotkeys/h", "hotkeys/hpub.txt"])
      assert.deepEqual(
        await readFile(join(folder, "again", file)),
        await readFile(join(folder, "made", file)),
        file,
      );
    assert.equal(await importColdkey({ folder, name: "seeded", secret: SEED }), ALICE);
    assert.equal(
      await importHotkey({ folder, name: "uri", hotkey: "h", secret: "//Alice" }),
      ALICE,
    );
    assert.equal((await openColdkey({ folder, name: "seeded" })).publicKey, ALICE_HEX);
  });

  it("is never written over another, and a bad secret writes nothing", async () => {
    const key = { folder, name: "made" };
    await assert.rejects(importColdkey({ ...key, secret: SEED }), hasCode("wallet-exists"));
    await assert.rejects(
      importHotkey({ ...key, hotkey: "h", secret: SEED }),
      hasCode("wallet-exists"),
    );
    const bad = importColdkey({ folder, name: "never", secret: SEED.slice(0, 60) });
    await assert.rejects(bad, hasCode("phrase-invalid"));
    assert.ok(!(await readdir(folder)).includes("never"));
  });

  it("a place that cannot be written is told in words", async () => {
    await writeFile(join(folder, "a-file"), "");
    const inside = join(folder, "a-file", "wallets");
    await assert.rejects(
      importColdkey({ folder: inside, name: "w", secret: SEED }),
      hasCode("wallet-folder-refused"),
    );
  });
});

describe("an encrypted coldkey", () => {
  it("is written so that the reference key opens it (the suite's one derivation)", async () => {
    const made = await createWallet({
      folder,
      name: "locked",
      hotkey: "h",
      password: vector.password,
    });
    const file = new Uint8Array(await readFile(join(folder, "locked", "coldkey")));
    assert.equal(Buffer.from(file.subarray(0, 5)).toString("latin1"), "$NACL");
    const content = unsealed(file, passwordKey);
    assert.ok(content !== null);
    assert.ok(Buffer.from(content).toString("utf8").includes(made.mnemonic));
    assert.equal(
      (await openColdkey({ folder, name: "locked", passwordKey })).ss58,
      made.coldkeySs58,
    );
  });

  it("decrypts the golden file", async () => {
    const golden = new Uint8Array(Buffer.from(vector.file_hex, "hex"));
    const content = unsealed(golden, passwordKey);
    assert.equal(Buffer.from(content ?? []).toString("utf8"), vector.plaintext);
    await put("golden", golden);
    // Its content is an address without a secret: readable, but nothing can sign with it.
    await assert.rejects(
      openColdkey({ folder, name: "golden", passwordKey }),
      hasCode("wallet-unreadable"),
    );
  });

  it("refuses a wrong password, no password, and any changed byte", async () => {
    const wrong = passwordKey.map((byte) => byte ^ 1);
    await assert.rejects(
      openColdkey({ folder, name: "locked", passwordKey: wrong }),
      hasCode("wallet-wrong-password"),
    );
    await assert.rejects(openColdkey({ folder, name: "locked" }), hasCode("wallet-locked"));
    const golden = new Uint8Array(Buffer.from(vector.file_hex, "hex"));
    fc.assert(
      fc.property(fc.nat(golden.length - 6), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = golden.slice();
        changed[at + 5] = (changed[at + 5] ?? 0) ^ mask;
        assert.equal(unsealed(changed, passwordKey), null);
      }),
    );
    fc.assert(
      fc.property(fc.nat(golden.length - 1), (length) => {
        assert.equal(unsealed(golden.subarray(0, length), passwordKey), null);
      }),
    );
  });

  it("of other formats is refused by name", async () => {
    await put("ansible", "$ANSIBLE_VAULT;1.1;AES256\n6162");
    await put("fernet", "gAAAAABlQ0ZzAAAA");
    for (const name of ["ansible", "fernet"])
      await assert.rejects(openColdkey({ folder, name }), hasCode("wallet-unsupported"), name);
  });
});

describe("key files of others", () => {
  const fields = {
    accountId: ALICE_HEX,
    publicKey: ALICE_HEX,
    ss58Address: ALICE,
    secretSeed: "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a",
  };

  it("with numbers, nulls and unknown fields (btwallet 4.1, SDK 11) are read", () => {
    const newer = { ...fields, secretPhrase: null, cryptoType: 1, accountType: 0, more: { x: [] } };
    assert.equal(signerIn(bytes(newer), "f").ss58, ALICE);
    assert.equal(publicKeyIn(bytes({ ss58Address: ALICE }), "f"), ALICE_HEX);
  });

  it("whose secret belongs to another address, or of another key type, are refused", () => {
    const other = { ...fields, publicKey: `0x${"11".repeat(32)}` };
    assert.throws(() => signerIn(bytes(other), "f"), hasCode("wallet-unreadable"));
    const ed25519 = { ...fields, cryptoType: 0 };
    assert.throws(() => signerIn(bytes(ed25519), "f"), hasCode("wallet-unsupported"));
    const stolen = { ...fields, secretSeed: null, privateKey: `0x${"33".repeat(64)}` };
    assert.throws(() => signerIn(bytes(stolen), "f"), hasCode("wallet-unreadable"));
  });

  it("may be any junk: only ChainError comes out, and it never quotes the file", () => {
    const text = fc.oneof(fc.string(), fc.constant(ALICE), fc.constant(ALICE_HEX));
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.json().map((json) => new TextEncoder().encode(json)),
      fc
        .record(
          {
            secretPhrase: text,
            secretSeed: text,
            privateKey: text,
            publicKey: text,
            ss58Address: text,
            cryptoType: fc.oneof(fc.integer(), fc.string()),
          },
          { requiredKeys: [] },
        )
        .map(bytes),
    );
    fc.assert(
      fc.property(junk, (content) => {
        for (const read of [signerIn, publicKeyIn]) {
          try {
            read(content, "file");
          } catch (error) {
            assert.ok(error instanceof ChainError, String(error));
          }
        }
      }),
    );
    const secret = "SUPERSECRETPHRASE";
    for (const content of [secret, `{"secretPhrase":"${secret}"}`, `{"privateKey":"${secret}"`])
      assert.throws(
        () => signerIn(new TextEncoder().encode(content), "file"),
        (error) => error instanceof ChainError && !JSON.stringify(error.fault).includes(secret),
      );
  });
});

describe("names and folders", () => {
  it("that could leave the folder are refused before anything is touched", async () => {
    for (const name of ["", ".", "..", "../x", "a/b", "a\\b", "C:", "x\0", ".hidden", "-x", "a."]) {
      assert.equal(isName(name), false, JSON.stringify(name));
      await assert.rejects(createWallet({ folder, name, hotkey: "h" }), hasCode("invalid-name"));
      await assert.rejects(
        createWallet({ folder, name: "ok", hotkey: name }),
        hasCode("invalid-name"),
      );
    }
    assert.equal(isName("xpub.txt"), false, "would be the public half of hotkey x");
    assert.ok(!(await readdir(folder)).includes("ok"));
  });

  it("that are missing are answered with the wallets that exist", async () => {
    const known = await listWallets(folder);
    const plain = known.find(({ name }) => name === "plain");
    assert.deepEqual(
      plain?.hotkeys.map(({ name }) => name),
      ["first", "second"],
    );
    for (const { name, ss58 } of plain.hotkeys)
      assert.equal(ss58, (await openHotkey({ folder, name: "plain", hotkey: name })).ss58);
    await assert.rejects(
      openHotkey({ folder, name: "plain", hotkey: "third" }),
      (error) =>
        error instanceof ChainError &&
        error.fault.code === "key-missing" &&
        error.fault.kind === "hotkey" &&
        error.fault.known.includes("first"),
    );
    await assert.rejects(
      openHotkey({ folder, name: "planes", hotkey: "first" }),
      (error) =>
        error instanceof ChainError &&
        error.fault.code === "wallet-missing" &&
        error.fault.known.includes("plain/first"),
    );
    await importHotkey({ folder, name: "apart", hotkey: "h", secret: "//Bob" });
    await assert.rejects(
      openColdkey({ folder, name: "apart" }),
      (error) =>
        error instanceof ChainError &&
        error.fault.code === "key-missing" &&
        error.fault.kind === "coldkey",
    );
    assert.deepEqual(await listWallets(join(folder, "absent")), []);
  });

  it("of a wrong kind are unreadable, not a crash", async () => {
    await mkdir(join(folder, "odd", "coldkey"), { recursive: true });
    await assert.rejects(openColdkey({ folder, name: "odd" }), hasCode("wallet-unreadable"));
    await put("huge", new Uint8Array(20_000));
    await assert.rejects(openColdkey({ folder, name: "huge" }), hasCode("wallet-unreadable"));
  });

  it("a bad phrase is refused without repeating it", async () => {
    await assert.rejects(
      createWallet({ folder, name: "bad", hotkey: "h", mnemonic: "legal winner thank yellow" }),
      (error) =>
        error instanceof ChainError &&
        error.fault.code === "phrase-invalid" &&
        !error.message.includes("winner"),
    );
  });
});
