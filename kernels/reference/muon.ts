/** @file Slow twin of exact/muon.ts in float64, straight from its authors' formula. Only tests run it. */
import { MUON_RMS, type MuonMatrix, type MuonStep, NEWTON_SCHULZ } from "../exact/muon.ts";

type Matrix = readonly (readonly number[])[];

function times(a: Matrix, b: Matrix): number[][] {
  return a.map((row) =>
    b[0]!.map((_unused, c) => row.reduce((sum, value, i) => sum + value * b[i]![c]!, 0)),
  );
}

const flip = (x: Matrix): number[][] => x[0]!.map((_unused, c) => x.map((row) => row[c]!));

/** Newton and Schulz's quintic on the matrix over its Frobenius norm; a tall one is flipped for it. */
function orthogonal(x: Matrix): number[][] {
  if (x.length > x[0]!.length) return flip(orthogonal(flip(x)));
  const { a, b, c, steps } = NEWTON_SCHULZ;
  const norm = Math.sqrt(x.flat().reduce((sum, value) => sum + value * value, 0)) + 1e-7;
  let y = x.map((row) => row.map((value) => value / norm));
  for (let step = 0; step < steps; step++) {
    const gram = times(y, flip(y));
    const square = times(gram, gram);
    const polynomial = gram.map((row, r) => row.map((value, i) => b * value + c * square[r]![i]!));
    const turned = times(polynomial, y);
    y = y.map((row, r) => row.map((value, i) => a * value + turned[r]![i]!));
  }
  return y;
}

/** One step on float64 arrays, in place. */
export function muonTwin(
  state: {
    readonly parameters: Float64Array;
    readonly firstMoment: Float64Array;
    readonly gradient: Float64Array;
  },
  { learningRate, momentum, weightDecay, scale }: MuonStep,
  { start, rows, columns, decay }: MuonMatrix,
): void {
  const { parameters, firstMoment, gradient } = state;
  const direction = Array.from({ length: rows }, (_row, r) =>
    Array.from({ length: columns }, (_column, c) => {
      const at = start + r * columns + c;
      firstMoment[at] = momentum * firstMoment[at]! + scale * gradient[at]!;
      return scale * gradient[at]! + momentum * firstMoment[at];
    }),
  );
  const rate = learningRate * MUON_RMS * Math.sqrt(Math.max(rows, columns));
  for (const [r, row] of orthogonal(direction).entries())
    for (const [c, value] of row.entries()) {
      const at = start + r * columns + c;
      const kept = decay ? 1 - learningRate * weightDecay : 1;
      parameters[at] = parameters[at]! * kept - rate * value;
    }
}
