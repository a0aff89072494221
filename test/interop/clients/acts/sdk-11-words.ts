/** @file The four things that SDK 11.3.0 is asked: a read, an intent, a raw call, or an act of its program's own. */
import { z } from "zod";
import type { Act } from "../row.ts";
import type { Name, Stage } from "../stage.ts";

type Given = Readonly<Record<string, unknown>>;

/** An SDK on a stage: `ask` runs its program once. */
export type SdkStage = {
  readonly stage: Stage;
  readonly ask: (act: string, given: Given) => Promise<unknown>;
};

/** An act of an SDK. */
export type SdkAct = Act<SdkStage>;

/** What a program answers that seals: hex without 0x. */
export const sealedSchema = z.object({ commit: z.string() });

/** For a raw call that the hotkey signs. */
export const BY_HOTKEY = { signer: "hotkey" };

/** A read of the SDK's registry. */
export async function read({ ask }: SdkStage, name: string, args: Given = {}): Promise<unknown> {
  return ask("read", { read: name, args });
}

/** An intent, submitted. */
export async function execute(
  { ask }: SdkStage,
  wallet: Name,
  {
    intent,
    args,
    more = {},
  }: { readonly intent: string; readonly args: Given; readonly more?: Given },
): Promise<unknown> {
  return ask("execute", { wallet, intent, args, with: more });
}

/** A call as the metadata has it, submitted. */
export async function submit(
  { ask }: SdkStage,
  wallet: Name,
  { call, args, more = {} }: { readonly call: string; readonly args: Given; readonly more?: Given },
): Promise<unknown> {
  const [pallet, name] = call.split(".");
  return ask("submit", { wallet, pallet, call: name, args, with: more });
}
