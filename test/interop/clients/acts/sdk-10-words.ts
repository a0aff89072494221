/** @file The things that SDK 10.5.0 is asked: a method that reads or submits, a raw call, or an act of its program's own. */
import type { Name } from "../stage.ts";
import type { SdkStage } from "./sdk-11-words.ts";

type Given = Readonly<Record<string, unknown>>;

/** An amount as the SDK has it. */
export const tao = (amount: number): Given => ({ tao: amount });
/** An amount of a subnet's alpha. */
export const alpha = (amount: number, netuid: number): Given => ({ rao: amount * 1e9, netuid });

/** A method that reads. */
export async function read({ ask }: SdkStage, method: string, args: Given = {}): Promise<unknown> {
  return ask("read", { method, args });
}

/** A method that submits. */
export async function submit(
  { ask }: SdkStage,
  wallet: Name,
  { method, args = {} }: { readonly method: string; readonly args?: Given },
): Promise<unknown> {
  return ask("submit", { wallet, method, args });
}

/** A call as the metadata has it; `by`: which key signs. */
export async function compose(
  { ask }: SdkStage,
  wallet: Name,
  {
    call,
    args,
    by = "coldkey",
  }: { readonly call: string; readonly args: Given; readonly by?: string },
): Promise<unknown> {
  const [pallet, name] = call.split(".");
  return ask("compose", { wallet, pallet, call: name, args, with: { sign_with: by } });
}
