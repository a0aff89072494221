/** @file What a node says when its pool refuses an extrinsic, in words. */
import { ChainError } from "../errors.ts";
import { type RpcRefusal } from "./rpc.ts";

/** Subtensor's custom codes: pallet errors that are already known before a block is made. */
const CUSTOM: ReadonlyMap<number, string> = new Map([
  [1, "AmountTooLow or NotEnoughStakeToSetWeights"],
  [2, "NotEnoughBalanceToStake"],
  [3, "SubnetNotExists"],
  [4, "HotKeyAccountNotExists"],
  [5, "NotEnoughStakeToWithdraw"],
  [6, "SettingWeightsTooFast, CommittingWeightsTooFast or NetworkTxRateLimitExceeded"],
  [7, "InsufficientLiquidity"],
  [8, "SlippageTooHigh"],
  [9, "TransferDisallowed"],
  [10, "HotKeyNotRegisteredInNetwork"],
  [11, "InvalidIpAddress"],
  [12, "ServingRateLimitExceeded"],
  [13, "InvalidPort"],
  [15, "InvalidRevealRound"],
  [16, "NoWeightsCommitFound"],
  [17, "RevealTooEarly"],
  [18, "InputLengthsUnequal"],
  [19, "HotKeyNotRegisteredInSubNet"],
  [25, "NonAssociatedColdKey"],
  [26, "DelegateTakeTooLow"],
  [27, "DelegateTakeTooHigh"],
]);

/** Codes that several errors share, or none, and that one call can mean in one way only. */
const BY_CALL: Readonly<Record<string, ReadonlyMap<number, string>>> = {
  set_weights: new Map([
    [1, "NotEnoughStakeToSetWeights"],
    [6, "SettingWeightsTooFast"],
  ]),
  set_mechanism_weights: new Map([
    [1, "NotEnoughStakeToSetWeights"],
    [6, "SettingWeightsTooFast"],
  ]),
  commit_weights: new Map([
    [1, "NotEnoughStakeToSetWeights"],
    [6, "CommittingWeightsTooFast"],
  ]),
  register_network: new Map([[6, "NetworkTxRateLimitExceeded"]]),
  serve_axon: new Map([[255, "InvalidIpType"]]),
  set_commitment: new Map([[255, "SpaceLimitExceeded"]]),
};
/** The code of all errors that have none of their own. */
const UNNAMED = 255;
const UNNAMED_REASON =
  "the call would fail in its block, for a reason that the pool has no number for";

/** The number behind "Custom error: n", or null. */
function customCode(text: string): number | null {
  const found = /custom(?: error)?"?\s*:\s*(\d+)/i.exec(text);
  return found === null ? null : Number(found[1]);
}

/** Whether the refusal is about the nonce: somebody else used the account since it was read. */
export function isNonceRefusal(refusal: RpcRefusal): boolean {
  const text = `${refusal.message} ${refusal.detail}`;
  return isOutranked(refusal) || /stale|outdated/i.test(text);
}

/** Whether what waits in the pool must go first: the same nonce, or the account's free call of the same kind. */
export function isOutranked({ code, message, detail }: RpcRefusal): boolean {
  return code === 1014 || /priority is too low/i.test(`${message} ${detail}`);
}

/** Reasons why nobody opens an encrypted call. */
export const OPENS_NONE = "the chain opens no encrypted calls";
export const CARRIED_REFUSED = "what was carried is refused";

/** Whether encrypted calls are refused for what they are, so that a later one would be too: unopened, unpaid, or what they hold. */
export function isShieldRefusal(error: ChainError): boolean {
  if (error.fault.code !== "extrinsic-invalid") return false;
  const { reason, detail } = error.fault;
  if (reason === OPENS_NONE || reason === CARRIED_REFUSED) return true;
  return /inability to pay/i.test(`${reason} ${detail}`);
}

/** Whether the pool refused a call that would fail, without a name for why. */
export function isUnnamed(error: unknown): error is ChainError {
  if (!(error instanceof ChainError) || error.fault.code !== "extrinsic-invalid") return false;
  return customCode(error.fault.detail) === UNNAMED && error.fault.reason === UNNAMED_REASON;
}

/** A refusal as ChainError extrinsic-invalid, with the pallet's error name where code and call have one. */
export function poolError(refusal: RpcRefusal, call?: string): ChainError {
  const code = customCode(`${refusal.detail} ${refusal.message}`);
  return new ChainError(
    {
      code: "extrinsic-invalid",
      reason: (code === null ? undefined : reasonOfCode(code, call)) ?? refusal.message,
      detail: refusal.detail,
    },
    { cause: refusal },
  );
}

function reasonOfCode(code: number, call: string | undefined): string | undefined {
  const own = call === undefined ? undefined : BY_CALL[call]?.get(code);
  return own ?? (code === UNNAMED ? UNNAMED_REASON : CUSTOM.get(code));
}
