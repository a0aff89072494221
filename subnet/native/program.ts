/** @file The native node's program, for whoever starts it. */
import { findNode, NODE_PROGRAM, NODE_VARIABLE, nodePlaces } from "../../chain/native/binary.ts";
import { AssayError } from "../../src/errors.ts";

/** The program. @throws AssayError bad-option where it was not built */
export function requireNode(): string {
  const program = findNode();
  if (program !== null) return program;
  const detail = `The native node is not built: there is no ${nodePlaces()[0] ?? NODE_PROGRAM}`;
  const next = `Build it, which takes Rust and a quarter of an hour, or name one with ${NODE_VARIABLE}.`;
  const run = { system: ["npm", "run", "chain:node"] };
  throw new AssayError({ code: "bad-option", detail, next, run });
}
