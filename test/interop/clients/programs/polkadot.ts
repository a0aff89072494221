/** @file @polkadot/api: one act a run, `polkadot.ts ACT JSON`. Prints one line of JSON; an exception is the act's failure. */
import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { ISubmittableResult } from "@polkadot/types/types";
import { z } from "zod";
import { reasonOf } from "../../../../base/fault.ts";

const wordsSchema = z.tuple([z.string(), z.string()]);
const givenSchema = z.object({
  endpoint: z.string(),
  /** Pallet, runtime API or group of RPC methods, and what is called of it. */
  of: z.string(),
  name: z.string(),
  args: z.array(z.unknown()),
  /** Who signs, as a development account. */
  uri: z.string().default("//Alice"),
});
type Given = z.output<typeof givenSchema>;

/** Signs, sends, and waits until it is final. */
async function sent(
  extrinsic: SubmittableExtrinsic<"promise">,
  api: ApiPromise,
  uri: string,
): Promise<unknown> {
  const signer = new Keyring({ type: "sr25519" }).addFromUri(uri);
  const result = await new Promise<ISubmittableResult>((resolve, reject) => {
    extrinsic
      .signAndSend(signer, (news) => {
        if (news.isFinalized || news.isError) resolve(news);
      })
      .catch(reject);
  });
  const error = result.dispatchError;
  if (error?.isModule === true) throw new Error(api.registry.findMetaError(error.asModule).name);
  if (error !== undefined || result.isError) throw new Error(JSON.stringify(result.toHuman()));
  return { events: result.events.map(({ event }) => `${event.section}.${event.method}`) };
}

/** A member of a group of the api. @throws Error the chain has none of that name */
function member<Value>(
  groups: Readonly<Record<string, Readonly<Record<string, Value>>>>,
  { of, name }: Given,
): Value {
  const found = groups[of]?.[name];
  if (found === undefined) throw new Error(`the chain has no ${of}.${name}`);
  return found;
}

const ACTS: Readonly<Record<string, (api: ApiPromise, given: Given) => Promise<unknown>>> = {
  query: async (api, given) => (await member(api.query, given)(...given.args)).toJSON(),
  entries: async (api, given) => {
    const found = await member(api.query, given).entries(...given.args);
    return found.map(([key, value]) => [key.args.map((arg) => arg.toJSON()), value.toJSON()]);
  },
  constant: async (api, given) => Promise.resolve(member(api.consts, given).toJSON()),
  call: async (api, given) => (await member(api.call, given)(...given.args)).toJSON(),
  send: async (api, given) => sent(member(api.tx, given)(...given.args), api, given.uri),
  fee: async (api, given) => {
    const signer = new Keyring({ type: "sr25519" }).addFromUri(given.uri).address;
    const info = await member(api.tx, given)(...given.args).paymentInfo(signer);
    return { rao: info.partialFee.toNumber() };
  },
  metadata: async (api) => Promise.resolve({ version: api.runtimeMetadata.version }),
  heads: async (api) => {
    const seen: number[] = [];
    await new Promise<void>((resolve, reject) => {
      api.rpc.chain
        .subscribeFinalizedHeads((head) => {
          if (seen.push(head.number.toNumber()) === 3) resolve();
        })
        .catch(reject);
    });
    return { seen };
  },
};

try {
  const [act, words] = wordsSchema.parse(process.argv.slice(2));
  const given = givenSchema.parse(JSON.parse(words));
  const provider = new WsProvider(given.endpoint);
  const api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
  const answer = await ACTS[act]?.(api, given);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  await api.disconnect();
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: reasonOf(error) })}\n`);
  process.exit(1);
}
