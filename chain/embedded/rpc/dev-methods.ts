/** @file JSON-RPC: dev_*, with the names and parameters of Chopsticks. */
import { fromHex, isHex } from "../codec/bytes.ts";
import { type JsonObject, type JsonValue } from "../codec/exact-json.ts";
import { type SealingMode } from "../sealing.ts";
import { storageChangesOf } from "./dev-storage.ts";
import { type RpcMethods } from "./methods.ts";
import { countOf } from "./params.ts";
import { type ChainControl, type ServedChain } from "./served-chain.ts";

const MOST_BLOCKS = 100_000;
/** The last millisecond of the year 9999: time only goes forwards, and from much later no block could be made any more. */
const LATEST_MS = 253_402_300_799_999;
/** Everything. */
const MOST_LOG_LEVEL = 5;
const MODES: Readonly<Record<string, SealingMode>> = {
  Batch: "instant",
  Instant: "instant",
  Manual: "manual",
};

function extrinsicsOf(options: JsonObject): Uint8Array[] | undefined {
  const list = options["transactions"];
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list)) throw new TypeError("transactions is not a list");
  return list.map((item: JsonValue) => {
    if (!isHex(item)) throw new TypeError("a transaction is not hex");
    return fromHex(item);
  });
}

/** Up to which block a request wants the chain to grow. */
function heightOf({ to, count }: JsonObject, number: number): number {
  if (to !== undefined && to !== null) return countOf(to, "to");
  if (count !== undefined && count !== null) return number + Math.max(1, countOf(count, "count"));
  return number + 1;
}

/**
 * `{to}` makes nothing on a chain that is there already, where Chopsticks makes one block more: whoever asks twice, because the
 * first answer did not come, gets the same block.
 */
async function newBlocks(
  chain: ServedChain,
  control: ChainControl,
  options: JsonObject,
): Promise<JsonValue> {
  let head = chain.head();
  const height = heightOf(options, head.number);
  if (height - head.number > MOST_BLOCKS)
    throw new TypeError(`more than ${MOST_BLOCKS} blocks at once`);
  const given = extrinsicsOf(options);
  if (head.number < height) head = await control.seal(given);
  for (;;) {
    // Blocks take about a millisecond each: let other requests in between. Of two for the same height one finds the other's blocks.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (chain.head().number >= height) return head.hash;
    head = await control.seal();
  }
}

async function setHead(
  chain: ServedChain,
  control: ChainControl,
  wanted: JsonValue,
): Promise<JsonValue> {
  if (typeof wanted === "string") {
    const number = isHex(wanted, 32) ? chain.blockNumber(wanted) : null;
    if (number === null) throw new RangeError(`unknown block ${wanted}`);
    return (await control.setHead(number)).hash;
  }
  if (typeof wanted !== "number" || !Number.isSafeInteger(wanted)) {
    throw new TypeError("parameter 0 is neither a block hash nor a number");
  }
  return (await control.setHead(wanted > 0 ? wanted : chain.head().number + wanted)).hash;
}

function timeOf(value: JsonValue): number {
  const time = typeof value === "string" ? Date.parse(value) : value;
  if (typeof time !== "number" || !(time >= 0 && time <= LATEST_MS)) {
    throw new TypeError("parameter 0 is neither a date nor milliseconds up to the year 9999");
  }
  return time;
}

/** Control over the chain, for tests and localnets. */
export function devMethods(chain: ServedChain, control: ChainControl): RpcMethods {
  return {
    dev_newBlock: (params) => newBlocks(chain, control, params.object(0)),
    dev_setStorage: async (params) => {
      await control.setStorage(storageChangesOf(chain, params.value(0)));
      return chain.head().hash;
    },
    dev_timeTravel: (params) => control.timeTravel(timeOf(params.value(0))),
    dev_setHead: (params) => setHead(chain, control, params.value(0)),
    dev_setBlockBuildMode: async (params) => {
      const mode = MODES[params.text(0)];
      if (mode === undefined) throw new TypeError("mode is Batch, Instant or Manual");
      await control.setSealing(mode);
      return null;
    },
    dev_setRuntimeLogLevel: async (params) => {
      const level = params.count(0);
      if (level > MOST_LOG_LEVEL) throw new TypeError(`a level is 0 to ${MOST_LOG_LEVEL}`);
      await control.setRuntimeLogLevel(level);
      return null;
    },
  };
}
