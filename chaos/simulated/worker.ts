/** @file A process that plays cells one after the other; matrix.ts forks it and asks. */
import { type CellRequest, runCell } from "./matrix.ts";
import { materialOfStage } from "./stage.ts";

const material = materialOfStage();

process.on("message", ({ cell }: CellRequest) => {
  void runCell(cell, material).then((result) => process.send?.(result));
});
// Whoever asked is gone.
process.once("disconnect", () => process.exit());
