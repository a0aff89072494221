/** @file What each guide promises its reader at its end, looked at while what it left running still runs. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainClient } from "../../chain/client/client.ts";
import type { Followed } from "./follow.ts";
import type { Place } from "./place.ts";

type Promised = (place: Place, followed: Followed) => Promise<void>;

const NETUID = 1;
const PAID_MS = 240_000;

/** The chain that the guide started. The client loads in seconds, which reading this list must not take. */
async function reached({ endpoint }: Place): Promise<ChainClient> {
  const { connectChain } = await import("../../chain/client/client.ts");
  return connectChain({ endpoints: [endpoint] });
}

/** Whether a neuron of the subnet comes to be as promised; epochs take their time. */
async function comesToBe(
  place: Place,
  what: (neuron: NeuronSeen) => boolean,
  words: string,
): Promise<void> {
  const chain = await reached(place);
  try {
    for (const until = performance.now() + PAID_MS; ; await sleep(500)) {
      const { neurons } = await chain.metagraph(NETUID);
      if (neurons.some(what)) return;
      assert.ok(performance.now() < until, `no neuron ${words}`);
    }
  } finally {
    await chain.close();
  }
}

type NeuronSeen = Awaited<ReturnType<ChainClient["metagraph"]>>["neurons"][number];

/** Uids that a command printed. */
function uidIn(text: string): number {
  const uid = /\buid (\d+)/.exec(text)?.[1];
  assert.ok(uid !== undefined, text);
  return Number(uid);
}

/** Paths below a folder. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" });
}

/** A folder that transformers would load. */
function requireModel(folder: string): void {
  assert.match(readFileSync(join(folder, "config.json"), "utf8"), /"LlamaForCausalLM"/);
  assert.ok(existsSync(join(folder, "model.safetensors")));
}

const AUDIT = "npm run subnet -- audit";

const newcomer: Promised = async ({ home, checkout }, followed) => {
  assert.match(followed.said("npm start"), /bit-identical on all nodes.*re-derived/s);
  assert.match(followed.said("npm start"), /all accounted for/);
  assert.ok(existsSync(join(home, ".assay", "localnet")));
  requireModel(join(checkout, "my-model"));
  assert.match(followed.said("npm run subnet -- generate"), /The /);
  assert.match(followed.said(AUDIT), /no difference/);
};

const miner: Promised = async (place, followed) => {
  const uid = uidIn(followed.said("npm run miner -- register"));
  await comesToBe(
    place,
    (one) => one.uid === uid && one.emissionRao > 0n && one.incentive > 0,
    `${uid} is paid`,
  );
  assert.match(followed.said("npm run miner -- why"), /verdict .*\n +score /);
};

const validator: Promised = async (place, followed) => {
  const uid = uidIn(followed.said("npm run miner -- register"));
  await comesToBe(
    place,
    (one) => one.uid === uid && one.validatorPermit && one.dividends > 0,
    `${uid} has a permit and dividends`,
  );
  const records = filesBelow(join(place.home, ".assay", "nodes")).filter((name) =>
    /records-.*\.jsonl$/.test(name),
  );
  const [path = ""] = records;
  assert.equal(records.length, 1, records.join());
  assert.ok(readFileSync(join(place.home, ".assay", "nodes", path), "utf8").split("\n").length > 2);
};

const owner: Promised = async (place, followed) => {
  await comesToBe(place, (one) => one.emissionRao > 0n, "is paid");
  assert.match(followed.said("npm run subnet -- status"), /window/);
  requireModel(join(place.checkout, "mini-model"));
  for (const report of ["replay.html", "simulation.html"])
    assert.match(readFileSync(join(place.checkout, report), "utf8"), /<svg/);
};

const auditor: Promised = async ({ checkout }, followed) => {
  assert.match(followed.said(`${AUDIT} --run build/forged`), /first difference/);
  assert.match(followed.said(`${AUDIT} --netuid 1`), /no difference/);
  assert.match(followed.said(`${AUDIT} --run "$RUN" --evaluate`), /losses measured +[1-9]/);
  assert.match(readFileSync(join(checkout, "replay.html"), "utf8"), /<svg/);
};

const contributor: Promised = async (_place, followed) => {
  assert.match(followed.said("npm start"), /Done: 4 windows/);
};

const developer: Promised = async (_place, followed) => {
  assert.match(followed.said("npm run example -- examples/compress/validator.ts"), /weights set/);
  assert.match(followed.said(`${AUDIT} --run "$RUN" --scorer`), /no difference/);
  assert.match(followed.said(`${AUDIT} --run "$RUN"`), /weight/);
};

const comingFrom: Promised = async (place, followed) => {
  assert.match(followed.said("npm run miner -- balance"), /1,?\d{3}|2,?000/);
  const chain = await reached(place);
  const { neurons } = await chain.metagraph(NETUID);
  await chain.close();
  assert.equal(neurons.length, 1, "the subnet has its owner");
};

/** Promises by guide, in the order in which they are followed. */
export const PROMISES: Readonly<Record<string, Promised>> = {
  newcomer,
  miner,
  validator,
  owner,
  auditor,
  contributor,
  "subnet-developer": developer,
  "coming-from": comingFrom,
};
