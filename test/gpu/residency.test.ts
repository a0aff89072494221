/** @file What crosses the bus while WebGPU trains and evaluates, and on which provider each node ran, as onnxruntime itself reports. */
import assert from "node:assert/strict";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { z } from "zod";
import { serveDevice } from "../../kernels/engine/device-server.ts";
import { localPeer } from "../../kernels/engine/peer.ts";
import { parametersOf } from "../../kernels/nn/memory.ts";
import { must } from "../kernels/support.ts";
import { profileSessions } from "./profiled-sessions.ts";
import { BATCH, MODEL, open, sequences, training } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-profile-"));
after(() => rmSync(folder, { recursive: true }));
const { crossings, endProfiles } = profileSessions(folder);

/** Runs of a session, as the profile has them: which node ran where. */
const profileSchema = z.array(
  z.object({
    cat: z.string().optional(),
    name: z.string(),
    args: z.object({ op_name: z.string(), provider: z.string() }).partial().optional(),
  }),
);

const STATE = 4 * parametersOf(MODEL);

test("between the steps of a window no parameter crosses the bus, and every node runs on the GPU", async (t) => {
  const core = await open("webgpu", {}, () => localPeer(serveDevice));
  t.after(async () => core.close());
  await core.train(training(1, 1));
  crossings.length = 0;
  const steps = 6;
  await core.train(training(steps, 2));
  // Theta was there, the moments too: no group goes up. Then the steps, then the working copy comes down.
  const tokens = 2 * 4 * BATCH * MODEL.context;
  const scalars = 4 * 3;
  assert.deepEqual(
    crossings.slice(0, steps),
    Array.from({ length: steps }, () => ({ up: tokens + scalars, down: 8 })),
  );
  const down = crossings.slice(steps);
  assert.ok(down.every(({ up }) => up === 0));
  const once = down.reduce((sum, { down: bytes }) => sum + bytes, 0);
  assert.ok(once >= STATE && once < 1.5 * STATE, `${once} bytes of a state of ${STATE}`);

  crossings.length = 0;
  const { update } = await core.compress({ k: 4, chunk: 256, beta: 1 });
  await core.losses({ tokens: sequences(2, 3), update });
  const up = crossings.reduce((sum, crossing) => sum + crossing.up, 0);
  assert.ok(up < STATE / 2 + tokens, `a candidate took ${up} bytes`);
  await core.sample({ prompt: Int32Array.of(1), count: 1, seed: 1 });

  endProfiles();
  const nodes = globSync(join(folder, "*.json"))
    .flatMap((file) => profileSchema.parse(JSON.parse(readFileSync(file, "utf8"))))
    .filter(({ cat, name }) => cat === "Node" && name.endsWith("kernel_time"));
  assert.ok(nodes.length > 1000, `${nodes.length} nodes`);
  const elsewhere = nodes
    .map(({ args }) => must(args))
    .filter(
      ({ op_name = "", provider }) =>
        provider !== "WebGpuExecutionProvider" || op_name.startsWith("Memcpy"),
    );
  assert.deepEqual(elsewhere, []);
});
