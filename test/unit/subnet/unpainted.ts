/** @file No colours at all, so that tests read what stands on a screen. */
import type { Paint } from "../../../subnet/localnet/paint.ts";

/** Leaves text as it is. */
export const unpainted: Paint = (_tone, text) => text;
