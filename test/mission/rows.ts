/** @file The rows of the mission: each a thing that the product has to make work, with a test of its own in rNN.test.ts. */

/** A row. */
export type Row = {
  readonly id: string;
  /** What works, in a few words. */
  readonly what: string;
};

/** Every row that has a test, in the order in which they are run. README.md says what each asks for. */
export const ROWS = {
  R1: { id: "R1", what: "training scored by what it improved" },
  R2: { id: "R2", what: "SparseLoCo: bytes to the bit, and what compression costs" },
  R3: { id: "R3", what: "DiLoCo: traffic falls with H, the loss hardly rises" },
  R4: { id: "R4", what: "Bittensor's consensus, emission and clients" },
  R5: { id: "R5", what: "a run clock of blocks; join and leave in mid-run" },
  R6: { id: "R6", what: "health without a heartbeat server" },
  R7: { id: "R7", what: "stake that nobody else withdraws; cheating loses" },
  R8: { id: "R8", what: "content-addressed weights: any place serves, one flipped bit is named" },
} as const satisfies Readonly<Record<string, Row>>;

/** File of the test of a row, in this folder. */
export function fileOf({ id }: Row): string {
  return `r${id.slice(1).padStart(2, "0")}.test.ts`;
}
