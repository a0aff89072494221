/** @file Which tensors Muon moves. The arithmetic is exact/muon.ts; its slow twin is reference/muon.ts. */
import { gridOf } from "../exact/dct.ts";
import type { MuonMatrix } from "../exact/muon.ts";
import type { Layout } from "../nn/model.ts";

/** Tables that are looked up in, not multiplied by: Muon's authors leave them to AdamW, as gains. */
const TABLES: ReadonlySet<string> = new Set(["embedding", "positions", "head"]);

/** The matrices inside the layers, in manifest order. */
export function muonMatrices({ specs, offsets }: Layout): MuonMatrix[] {
  return specs.flatMap(({ name, shape, decay }, tensor) =>
    shape.length === 2 && !TABLES.has(name)
      ? [{ ...gridOf(shape), start: offsets[tensor]!, decay }]
      : [],
  );
}
