/** @file Rows that may fail because of the client itself: at most three, each with the reason, which is upstream's. */
import type { Exception } from "./report.ts";

/** None so far. */
export const EXCEPTIONS: readonly Exception[] = [];
