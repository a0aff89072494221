/** @file Numbers of records as the page takes them. */
import { parseHexFloat } from "../protocol/hex-float.ts";

/** The double of a hex float that may be left out; null too for what JSON cannot say. */
export function finite(text: string | undefined): number | null {
  const value = text === undefined ? null : parseHexFloat(text);
  return value !== null && Number.isFinite(value) ? value : null;
}

/** The mean; null of nothing. */
export function meanOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A part of a whole that may be nothing. */
export function partOf(value: number, whole: number): number {
  return whole > 0 ? value / whole : 0;
}
