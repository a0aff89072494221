/** @file What the groups of a client's calls are made from: the chain's state, and the one way to submit. */
import { type Hex } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import { type Head, readHead } from "./heads.ts";
import { type ChainState } from "./state.ts";
import { type Submitter } from "./submit.ts";
import { type CallSpec } from "./sign.ts";

/** What a successful call gives back: the finalised block that holds it. */
export type Submitted = { readonly block: Head };

/** Text of an account: an SS58 address of any format, or a public key as `0x` and 64 hex digits. */
export type AccountText = string;

/** What every group is made from. */
export type ClientParts = { readonly state: ChainState; readonly submitter: Submitter };

/** The block to read at: the given one, else the newest finalised one. */
export async function blockOf(state: ChainState, at: Hex | undefined): Promise<Hex> {
  return at ?? (await readHead(state)).hash;
}

/** Submits a call of which only its block is of interest. @throws ChainError as {@link Submitter.submit} */
export async function submitted(
  { submitter }: ClientParts,
  signer: Signer,
  call: CallSpec,
): Promise<Submitted> {
  const { block } = await submitter.submit(signer, call);
  return { block };
}
