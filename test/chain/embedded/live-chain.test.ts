/** @file A chain of the preset `live`: no sudo, no dev methods; Root comes from two of three keys, a day later, unless half of the stake objects. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { toHex } from "../../../chain/embedded/codec/bytes.ts";
import { blake2b256, cryptoReady } from "../../../chain/embedded/codec/hashing.ts";
import { type JsonObject } from "../../../chain/embedded/codec/exact-json.ts";
import { serveRpc } from "../../../chain/embedded/rpc/server.ts";
import { ChainError } from "../../../chain/errors.ts";
import {
  funded,
  key,
  NETUID,
  openDevChain,
  requireCall,
  type Signer,
  signerFor,
} from "./dev-chain.ts";

const KEYS = ["//key1", "//key2", "//key3"];
const DELAY_BLOCKS = 7200;
/** Two stakers: the first has 60 % of all that is staked. */
const [MOST, LEAST] = ["//most", "//least"];
const PLACE = "0x01";

const neuron = (uri: string, stake: number): JsonObject => ({
  hotkey: key(uri).address,
  coldkey: key(`${uri}//cold`).address,
  stake,
  validatorPermit: true,
});

function genesis(): JsonObject {
  return {
    ...funded([`${MOST}//cold`, `${LEAST}//cold`, ...KEYS]),
    governance: { keys: KEYS.map((uri) => key(uri).address), threshold: 2 },
    subtensorModule: {
      networks: [
        {
          netuid: NETUID,
          ownerColdkey: key("//owner").address,
          ownerHotkey: key("//owner//hot").address,
          tempo: 360,
          neurons: [neuron(MOST, 6e12), neuron(LEAST, 4e12)],
          additional: "",
        },
      ],
    },
  };
}

let chain: EmbeddedChain;
let signer: Signer;
before(async () => {
  await cryptoReady();
  const patch = genesis();
  chain = await openDevChain({ preset: "live", genesisPatch: patch });
  signer = signerFor(chain);
});
after(async () => chain.close());

const call = (pallet: string, name: string, ...args: readonly unknown[]): unknown =>
  requireCall(signer, pallet, name)(...args);

function extrinsic(uri: string, what: unknown): Uint8Array {
  return signer.sign(key(uri), what, chain.nextNonce(key(uri).publicKey));
}

/** Puts a call into the next block. */
async function sent(uri: string, what: unknown): Promise<void> {
  await chain.submit(extrinsic(uri, what));
  await chain.seal();
}

/** The bytes of a call that only Root may make, and their hash. */
function rootCall(value: string): { readonly bytes: Uint8Array; readonly hash: Uint8Array } {
  const what: unknown = call("system", "setStorage", [[PLACE, value]]);
  if (typeof what !== "object" || what === null || !("toU8a" in what)) throw new Error("no call");
  const encode: unknown = what.toU8a;
  const bytes: unknown = typeof encode === "function" ? Reflect.apply(encode, what, []) : null;
  if (!(bytes instanceof Uint8Array)) throw new Error("no bytes");
  return { bytes, hash: blake2b256(bytes) };
}

async function sealTo(number: number): Promise<void> {
  while (chain.head().number < number) await chain.seal();
}

describe("without a sudo key", () => {
  it("sudo is refused before the block, whoever asks", async () => {
    const remark = call("system", "setStorage", [[PLACE, "0x01"]]);
    for (const uri of ["//Alice", KEYS[0] ?? ""])
      await assert.rejects(
        chain.submit(extrinsic(uri, call("sudo", "sudo", remark))),
        (error: unknown) => error instanceof ChainError,
      );
  });

  it("nobody makes blocks or writes storage through the RPC", async () => {
    const server = await serveRpc(chain, { host: "127.0.0.1", port: 0, dev: false });
    try {
      for (const method of ["dev_newBlock", "dev_setStorage", "dev_timeTravel"]) {
        const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [] });
        const response = await fetch(`http://127.0.0.1:${server.port}`, { method: "POST", body });
        assert.match(await response.text(), /-32601/);
      }
    } finally {
      await server.close();
    }
  });
});

describe("two of three keys", () => {
  it(
    "run a published call as Root after a day of blocks, but none to which half of the stake objects",
    { timeout: 120_000 },
    async () => {
      const [first, other] = [rootCall("0x0a"), rootCall("0x0b")];
      const approved = async (uris: readonly string[], hash: Uint8Array): Promise<void> => {
        for (const uri of uris) await sent(uri, call("governance", "approve", toHex(hash)));
      };
      const [one = "", two = "", three = ""] = KEYS;
      await sent(one, call("preimage", "notePreimage", toHex(first.bytes)));
      await approved([one, three], first.hash);
      const approvedAt = chain.head().number;
      await sent(one, call("preimage", "notePreimage", toHex(other.bytes)));
      await approved([one, two], other.hash);
      const otherApprovedAt = chain.head().number;
      const object = (uri: string): unknown =>
        call("governance", "object", toHex(other.hash), [[key(uri).address, NETUID]]);
      await sent(`${LEAST}//cold`, object(LEAST));
      await sent(`${MOST}//cold`, object(MOST));
      await sealTo(approvedAt + DELAY_BLOCKS - 1);
      assert.equal(chain.storageAt(PLACE), null);
      await sealTo(approvedAt + DELAY_BLOCKS + 1);
      assert.equal(chain.storageAt(PLACE), "0x0a");
      await sealTo(otherApprovedAt + DELAY_BLOCKS + 4);
      assert.equal(chain.storageAt(PLACE), "0x0a");
    },
  );
});
