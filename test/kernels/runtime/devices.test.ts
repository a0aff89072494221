/** @file Choice of the device: order, the self-test's verdict, refusal by name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KernelError } from "../../../kernels/errors.ts";
import { initialParameters } from "../../../kernels/nn/model.ts";
import { chooseDevice, type GradientsOn } from "../../../kernels/runtime/devices.ts";
import { NANO } from "../support.ts";

/** Pretends to be every device; those named compute gradients off by a factor. */
const pretend =
  (factors: Readonly<Record<string, number>>): GradientsOn =>
  async (model, device) => {
    const factor = factors[device];
    if (factor === 0) throw new Error(`${device} has no adapter`);
    return initialParameters(model, 1).map((x) => x * (factor ?? 1));
  };

const options = { model: NANO };

test("auto takes the first device whose gradients are the CPU's", async () => {
  assert.deepEqual(await chooseDevice(options, pretend({})), { chosen: "cuda", refused: [] });
  const { chosen, refused } = await chooseDevice(options, pretend({ cuda: 0 }));
  assert.equal(chosen, "webgpu");
  assert.deepEqual(refused, [{ device: "cuda", reason: "cuda has no adapter" }]);
});

test("a device that computes wrongly is refused by name with the distance", async () => {
  const { chosen, refused } = await chooseDevice(
    options,
    pretend({ cuda: 1.001, webgpu: Number.NaN }),
  );
  assert.equal(chosen, "cpu");
  assert.deepEqual(
    refused.map(({ device }) => device),
    ["cuda", "webgpu"],
  );
  const reasons = refused.map(({ reason }) => reason).join("; ");
  assert.match(reasons, /1\.0e-3 away from the CPU's; 0\.000002 is allowed; .*Infinity away/);
  await assert.rejects(
    chooseDevice({ ...options, device: "cuda" }, pretend({ cuda: 1.001 })),
    (error) =>
      error instanceof KernelError &&
      error.code === "device-refused" &&
      error.details["device"] === "cuda" &&
      /cuda: its gradients are .* Set device to "cpu" or "auto"/.test(error.message),
  );
});

test("a device that is not there refuses with onnxruntime's reason and does not end the process", async () => {
  const { chosen, refused } = await chooseDevice({ ...options, device: "auto" });
  assert.ok(chosen.length > 0 && refused.every(({ reason }) => reason.length > 0));
});
