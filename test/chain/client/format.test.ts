/** @file The small formats of the client: SCALE, IP addresses, commitment fields, pool refusals. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { COMMITMENT_ITEMS } from "../../../chain/client/commitments.ts";
import { addressText, chainAddressOf } from "../../../chain/client/internet-address.ts";
import { isNonceRefusal, poolError } from "../../../chain/client/pool-refusal.ts";
import { refusalNames } from "../../../chain/client/refusal.ts";
import { RpcRefusal } from "../../../chain/client/rpc.ts";
import { ScaleReader } from "../../../chain/client/scale.ts";
import { ChainError } from "../../../chain/errors.ts";

describe("SCALE", () => {
  it("compact integers are read in all three widths", () => {
    const cases: readonly (readonly [readonly number[], number])[] = [
      [[0x00], 0],
      [[0xfc], 63],
      [[0x01, 0x01], 64],
      [[0xfd, 0xff], 16_383],
      [[0x02, 0x00, 0x01, 0x00], 16_384],
      [[0xfe, 0xff, 0xff, 0xff], 1_073_741_823],
    ];
    for (const [bytes, value] of cases) {
      const reader = new ScaleReader(Uint8Array.from(bytes));
      assert.equal(reader.compact(), value);
      assert.ok(reader.done);
    }
    assert.throws(() => new ScaleReader(Uint8Array.of(3, 0, 0, 0, 0)).compact(), RangeError);
  });

  it("integers are little endian, and a value that ends early is a RangeError", () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
    assert.equal(new ScaleReader(bytes).u16(), 0x0201);
    assert.equal(new ScaleReader(bytes).u32(), 0x04030201);
    assert.equal(new ScaleReader(bytes).u64(), 0x0807060504030201n);
    assert.equal(new ScaleReader(bytes).u128(), 0x100f0e0d0c0b0a090807060504030201n);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (junk) => {
        const reader = new ScaleReader(junk);
        try {
          while (!reader.done) reader.vec((inner) => inner.u64());
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
      }),
    );
  });
});

describe("IP addresses", () => {
  it("are the numbers that serve_axon expects", () => {
    assert.deepEqual(chainAddressOf("127.0.0.1"), { ip: 2_130_706_433n, kind: 4 });
    assert.deepEqual(chainAddressOf("::1"), { ip: 1n, kind: 6 });
    assert.deepEqual(chainAddressOf("::ffff:1.2.3.4"), { ip: 0xffff01020304n, kind: 6 });
    assert.equal(addressText(chainAddressOf("2001:0db8::0:1")), "2001:db8::1");
  });

  it("survive the way to a number and back", () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => assert.equal(addressText(chainAddressOf(text)), text)),
    );
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 128n) - 1n), (ip) => {
        assert.deepEqual(chainAddressOf(addressText({ ip, kind: 6 })), { ip, kind: 6 });
      }),
    );
  });

  it("other than IP addresses are refused", () => {
    for (const text of ["", "localhost", "1.2.3", "1.2.3.256", "fe80::1%eth0", "[::1]", "::1/64"])
      assert.throws(
        () => chainAddressOf(text),
        (error) => error instanceof ChainError && error.code === "invalid-address",
        text,
      );
  });
});

describe("commitments", () => {
  const [item] = COMMITMENT_ITEMS;
  const decode = (fields: readonly number[]): unknown =>
    item?.decode(new ScaleReader(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, ...fields)));

  it("hold raw bytes, digests and fields of other kinds", () => {
    const digest = Array.from({ length: 32 }, () => 0xcd);
    assert.deepEqual(decode([3 << 2, 3, 7, 8, 130, ...digest, 136, 2 << 2, 1, 2]), {
      block: 5,
      fields: [
        { kind: "raw", bytes: Uint8Array.of(7, 8) },
        { kind: "blakeTwo256", digest: `0x${"cd".repeat(32)}` },
        { kind: "raw", bytes: Uint8Array.of(1, 2) },
      ],
    });
    const timelock = [134, 1 << 2, 9, 1, 0, 0, 0, 0, 0, 0, 0];
    assert.deepEqual(decode([3 << 2, 0, ...timelock, 135]), {
      block: 5,
      fields: ["None", "TimelockEncrypted", "ResetBondsFlag"].map((name) => ({
        kind: "other",
        name,
      })),
    });
  });

  it("that are damaged are a RangeError, never a wrong answer", () => {
    assert.throws(() => decode([1 << 2, 200]), RangeError);
    assert.throws(() => decode([1 << 2, 130, 1, 2, 3]), RangeError);
  });
});

/** How the client words a code for a call. */
function reason(code: number, call: string): string {
  const refusal = new RpcRefusal(1010, "Invalid Transaction", `Custom error: ${code}`);
  const { fault } = poolError(refusal, call);
  return fault.code === "extrinsic-invalid" ? fault.reason : "";
}

describe("refusals of the pool", () => {
  it("carry the pallet's error behind Subtensor's custom codes", () => {
    for (const detail of ["Custom error: 6", '{"invalid":{"custom":6}}']) {
      const { fault } = poolError(new RpcRefusal(1010, "Invalid Transaction", detail));
      assert.equal(fault.code, "extrinsic-invalid");
      assert.match(fault.code === "extrinsic-invalid" ? fault.reason : "", /SettingWeightsTooFast/);
    }
  });

  it("are narrowed to what the refused call can mean, and say so where a number has no name", () => {
    assert.equal(reason(6, "set_mechanism_weights"), "SettingWeightsTooFast");
    assert.equal(reason(6, "register_network"), "NetworkTxRateLimitExceeded");
    assert.equal(reason(1, "set_weights"), "NotEnoughStakeToSetWeights");
    assert.equal(reason(255, "set_commitment"), "SpaceLimitExceeded");
    assert.equal(reason(19, "set_commitment"), "HotKeyNotRegisteredInSubNet");
    assert.match(reason(255, "anything"), /^the call would fail in its block/);
    const unnamed = poolError(new RpcRefusal(1010, "Invalid Transaction", "Custom error: 255"));
    assert.deepEqual(refusalNames(unnamed), []);
  });

  it("about nonces are told from others", () => {
    assert.ok(
      isNonceRefusal(new RpcRefusal(1010, "Invalid Transaction", "Transaction is outdated")),
    );
    assert.ok(isNonceRefusal(new RpcRefusal(1014, "Priority is too low: (1 vs 1)", undefined)));
    assert.ok(isNonceRefusal(new RpcRefusal(1010, "x", { invalid: { stale: null } })));
    assert.ok(!isNonceRefusal(new RpcRefusal(1010, "Invalid Transaction", "Custom error: 6")));
  });
});
