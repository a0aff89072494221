/** @file What clients name and this runtime lacks, or has in another shape: nothing. A line whose item is there fails the test: delete it. */

/** Names as in the fixtures. */
export const NOT_YET: readonly string[] = [];
