/** @file What the conformance test compares: the live network, what clients name of it, and the committed artifact. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { NO_BYTES } from "../../../chain/embedded/codec/bytes.ts";
import { ScaleReader, u32 } from "../../../chain/embedded/codec/scale.ts";
import { Overlay } from "../../../chain/embedded/state/overlay.ts";
import { WasmRuntime } from "../../../chain/embedded/wasm/runtime.ts";
import type { Surface } from "./surface.ts";

const texts = z.record(z.string(), z.string());
const liveSchema = z.object({ origin: z.string(), sha256: z.string(), items: texts });
const clientsSchema = z.object({ origin: z.string(), named: z.array(z.string()), above: texts });

function readJson(name: string): unknown {
  return JSON.parse(
    readFileSync(new URL(`../../fixtures/bittensor/${name}`, import.meta.url), "utf8"),
  );
}

/** Bittensor's main network at spec 424. */
export function liveSurface(): Surface {
  return new Map(Object.entries(liveSchema.parse(readJson("spec-424.json")).items));
}

/** What clients name: of spec 424, and above it with the shape that they accept. */
export function clientsNames(): z.infer<typeof clientsSchema> {
  return clientsSchema.parse(readJson("clients.json"));
}

/** Metadata of the committed artifact: V14 as `state_getMetadata` answers it, V15 as clients ask for it. */
export async function artifactMetadata(version: 14 | 15): Promise<Uint8Array> {
  const runtime = new WasmRuntime(await readRuntimeArtifact());
  const empty = new Overlay(null);
  if (version === 14)
    return new ScaleReader(runtime.call("Metadata_metadata", NO_BYTES, empty)).bytes();
  const answer = new ScaleReader(runtime.call("Metadata_metadata_at_version", u32(version), empty));
  if (answer.u8() !== 1) throw new Error(`The runtime offers no metadata of version ${version}.`);
  return answer.bytes();
}
