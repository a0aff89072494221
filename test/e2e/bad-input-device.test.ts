/** @file A device that is there and wrong: its numbers differ from the CPU's, or its driver crashes. It is refused with that reason. */
import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { after, describe, test } from "node:test";
import { z } from "zod";
import { missingProvider } from "../../kernels/engine/session.ts";
import { Invocations } from "../support/invocations.ts";

const all = new Invocations();
after(() => {
  assert.deepEqual(all.processesLeft(), []);
  rmSync(all.home, { recursive: true });
});

const withFault = (fault: string): { environment: Record<string, string> } => {
  const preload = new URL("../support/faulty-device.ts", import.meta.url).href;
  return { environment: { ASSAY_TEST_DEVICE: fault, NODE_OPTIONS: `--import=${preload}` } };
};
const foundSchema = z.object({
  chosen: z.string(),
  refused: z.array(z.object({ device: z.string(), reason: z.string() })),
});
const FAULTS: readonly [fault: string, reason: RegExp][] = [
  ["wrong", /webgpu: its gradients are \d\.\de[+-]\d away from the CPU's; 0\.000002 is allowed/],
  ["crash", /webgpu: its self-test crashed: the process was killed by SIGABRT/],
];

describe("a faulty GPU", { skip: missingProvider("webgpu") }, () => {
  for (const [fault, reason] of FAULTS) {
    test(`${fault}: asked for by name, it is refused with the reason`, async () => {
      const args = ["devices", "--device", "webgpu"];
      const ended = await all.run("subnet", args, withFault(fault));
      all.refuses(ended, "device-refused", reason, /devices --device cpu$/m);
    });

    test(`${fault}: without a name, another device is taken, and it is said why`, async () => {
      const { exitCode, stdout } = await all.run("subnet", ["devices", "--json"], withFault(fault));
      assert.equal(exitCode, 0);
      const { chosen, refused } = foundSchema.parse(JSON.parse(stdout));
      assert.notEqual(chosen, "webgpu");
      const why = refused.find(({ device }) => device === "webgpu")?.reason ?? "";
      if (chosen === "cpu") assert.match(`webgpu: ${why}`, reason);
    });
  }

  test("a network is not started on it", async () => {
    const args = ["localnet", "--port", "0", "--data", all.texts(400), "--device", "webgpu"];
    const ended = await all.run("subnet", args, withFault("wrong"));
    all.refuses(ended, "device-refused", /its gradients are/, /--device cpu$/m);
  });
});
