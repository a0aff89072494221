/** @file Everything that strangers do: those who ask, and axons that answer. */
import { type Attack, ATTACKS, isCut } from "./attackers.ts";
import { HOSTILITIES, type Hostility } from "./hostile-axon.ts";

/** The name of either. */
export type AnyAttack = Attack | Hostility;

/** All of them. */
export const ANY_ATTACKS: readonly AnyAttack[] = [...ATTACKS, ...HOSTILITIES];

/** Whether strangers ask. */
export function isAttack(name: string): name is Attack {
  return ATTACKS.some((one) => one === name);
}

/** Whether a hostile axon answers. */
export function isHostility(name: string): name is Hostility {
  return HOSTILITIES.some((one) => one === name);
}

/** Whether its connections are to be ended by whom they are meant for. */
export function isEnded(name: string): boolean {
  return isHostility(name) || (isAttack(name) && isCut(name));
}
