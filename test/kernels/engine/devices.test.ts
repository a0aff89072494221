/** @file Choice of the device: order, the self-test's verdict, refusal by name, drivers that crash or hang. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { examineApart } from "../../../kernels/engine/apart.ts";
import { chooseDevice, type Examine } from "../../../kernels/engine/devices.ts";
import { type Examination, worstDistance } from "../../../kernels/engine/examination.ts";
import { missingProvider } from "../../../kernels/engine/session.ts";
import { KernelError } from "../../../kernels/errors.ts";
import { initialParameters } from "../../../kernels/nn/model.ts";
import { NANO } from "../support.ts";

const GOOD: Examination = { distance: 1e-6, middleDistance: 1e-6, stepMs: 5, cpuStepMs: 40 };

/** Pretends to be every device: each is good but for what is said of it; null has no adapter. */
const pretend =
  (said: Readonly<Record<string, Partial<Examination> | null>>): Examine =>
  async ({ device }) => {
    const found = said[device];
    if (found === null) throw new Error(`${device} has no adapter`);
    return { ...GOOD, ...found };
  };

const options = { model: NANO };
const refusal =
  (device: string, reason: RegExp) =>
  (error: unknown): boolean =>
    error instanceof KernelError &&
    error.code === "device-refused" &&
    error.details["device"] === device &&
    reason.test(error.message);

describe("verdict", () => {
  test("auto takes the first device that computes as the CPU does", async () => {
    assert.deepEqual(await chooseDevice(options, pretend({})), { chosen: "cuda", refused: [] });
    const { chosen, refused } = await chooseDevice(options, pretend({ cuda: null }));
    assert.equal(chosen, "webgpu");
    assert.deepEqual(refused, [{ device: "cuda", reason: "cuda has no adapter" }]);
  });

  test("a device that computes wrongly is refused by name with the distance", async () => {
    const wrong = pretend({ cuda: { distance: 1e-3 }, webgpu: { middleDistance: Number.NaN } });
    const { chosen, refused } = await chooseDevice(options, wrong);
    assert.equal(chosen, "cpu");
    const reasons = refused.map(({ device, reason }) => `${device}: ${reason}`).join("; ");
    assert.match(
      reasons,
      /cuda: .* 1\.0e-3 away from the CPU's; 0\.000002 is allowed; webgpu: .* NaN away/,
    );
    await assert.rejects(
      chooseDevice({ ...options, device: "cuda" }, wrong),
      refusal("cuda", /cuda: its gradients are .* Use the CPU, or auto/),
    );
  });

  test("auto leaves a device that is slower than the CPU, by name it is used", async () => {
    const slow = pretend({ cuda: null, webgpu: { stepMs: 880, cpuStepMs: 36 } });
    const { chosen, refused } = await chooseDevice(options, slow);
    assert.equal(chosen, "cpu");
    assert.match(refused[1]?.reason ?? "", /slower than the CPU: 880 ms against 36 ms/);
    const named = await chooseDevice({ ...options, device: "webgpu" }, slow);
    assert.deepEqual(named, { chosen: "webgpu", refused: [] });
  });

  test("distance is that of the worst tensor, and infinite for what is no number", () => {
    const theta = initialParameters(NANO, 1);
    assert.equal(worstDistance(NANO, theta, theta), 0);
    const near = worstDistance(
      NANO,
      theta.map((x) => x * 1.001),
      theta,
    );
    assert.ok(Math.abs(near - 1e-3) < 1e-6, `${near}`);
    assert.equal(worstDistance(NANO, theta.with(7, Number.NaN), theta), Infinity);
  });
});

const candidate = (threads: number) => ({ device: "webgpu", model: NANO, threads }) as const;

describe("a process of its own", () => {
  const script = new URL("../fixtures/crashing-self-test.ts", import.meta.url);

  test("the CPU is examined there and is its own equal", async () => {
    const found = await examineApart({ device: "cpu", model: NANO, threads: 1 });
    assert.equal(found.distance, 0);
    assert.equal(found.middleDistance, 0);
    assert.ok(found.stepMs > 0 && found.cpuStepMs > 0);
  });

  test("a driver that crashes refuses with the signal or the code and its last words", async () => {
    await assert.rejects(
      examineApart(candidate(1), script),
      refusal("webgpu", /crashed: the process was killed by SIGSEGV \(last words of the driver\)/),
    );
    await assert.rejects(
      examineApart(candidate(2), script),
      refusal("webgpu", /ended with code 134/),
    );
  });

  test("a driver that hangs is killed and refused", async () => {
    await assert.rejects(
      examineApart(candidate(3), script, 500),
      refusal("webgpu", /no answer in 0\.5 s/),
    );
  });

  test("what is installed here is used or refused with a reason; the process lives", async () => {
    const { chosen, refused } = await chooseDevice({ ...options, device: "auto" });
    assert.ok(chosen.length > 0 && refused.every(({ reason }) => reason.length > 0));
    assert.equal(missingProvider("cpu"), undefined);
  });
});
