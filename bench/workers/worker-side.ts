/** @file A worker as a process of the bench: `node worker-side.ts URL NAME SIZE COUNT`. The product's own requests, measuring and serving. */
import { signerFromUri } from "../../chain/wallet/signer.ts";
import { DeskClient, deskAt } from "../../validator/worker/desk-client.ts";
import { WindowMeasurer } from "../../validator/worker/measure.ts";
import { Service } from "../../validator/worker/serve.ts";
import { Tempo } from "../../validator/worker/tempo.ts";
import { nodeOf, sizeOf, stageOf, THETA, WINDOW } from "./stage.ts";

const [url = "", name = "", size = "nano", count = "64"] = process.argv.slice(2);
const stage = stageOf(sizeOf(size), Number(count));
const node = await nodeOf(stage);
const { run } = stage;
const network = { netuid: run.manifest.netuid, genesis: run.genesis };
const place = await deskAt(url, network, signerFromUri("//Alice"));
const introduction = { runId: run.runId, device: "cpu", lossesPerSecond: 1, memoryBytes: 1 };
const client = new DeskClient(place, name, () => introduction);
const { signal } = node.neuron;
await client.hello(signal);
const measurer = new WindowMeasurer(node, WINDOW, run.manifest);
const tempo = new Tempo();
const service = new Service({ client, measurer, tempo, theta: THETA, say: () => undefined, signal });
await service.until(signal);
