/**
 * @file Cross-entropy of a product with a large head, block after block of the head's rows: neither the logits nor their shares exist twice,
 * and every product is small enough for the caches.
 */
import { shapeError, type Shape } from "../tensor.ts";
import type { Emitter } from "./emitter.ts";
import type { BackwardContext, Operation } from "./ir.ts";
import type { Value } from "./onnx.ts";

type None = Record<string, never>;

/** Where a row's target lies in a block of the head, [n, 1] each. */
type Own = {
  /** Its column, or the nearest one of the block. int32 */
  readonly column: Value;
  /** 1 where it is in the block, else 0. */
  readonly inside: Value;
};

function ownOf(emitter: Emitter, targets: Value, start: number, rows: number): Own {
  const shape = [targets.shape[0]!, 1];
  const whole = (value: number): Value =>
    emitter.constant(`whole ${value}`, [1], () => Int32Array.of(value));
  const from = emitter.subtract(emitter.reshape(targets, shape), whole(start));
  const column = emitter.node(
    "Min",
    [emitter.node("Max", [from, whole(0)], shape), whole(rows - 1)],
    shape,
  );
  const equal = emitter.node("Equal", [column, from], shape, { type: "bool" });
  return { column, inside: emitter.cast(equal, "float32") };
}

/** 1 at a row's target where it is in the block, [n, rows]. */
function hotOf(emitter: Emitter, targets: Value, start: number, rows: number): Value {
  const from = emitter.constant(`start ${start}`, [1], () => Int32Array.of(start));
  return emitter.oneHot(emitter.subtract(targets, from), rows);
}

/** First rows of the blocks. */
function startsOf(blocks: readonly Value[]): number[] {
  let next = 0;
  return blocks.map(({ shape }) => {
    const start = next;
    next += shape[0]!;
    return start;
  });
}

const total = (emitter: Emitter, parts: readonly Value[]): Value =>
  parts.reduce((sum, part) => emitter.add(sum, part));

/** The logit of each row's target, [n, 1]. */
function ownLogits(
  emitter: Emitter,
  logits: readonly Value[],
  targets: Value,
  starts: readonly number[],
): Value {
  const parts = logits.map((block, i) => {
    const [count = 0, rows = 0] = block.shape;
    if (!emitter.target.microsoftOperators) {
      const hot = hotOf(emitter, targets, starts[i]!, rows);
      return emitter.reduceSum(emitter.multiply(block, hot), [1], true);
    }
    const { column, inside } = ownOf(emitter, targets, starts[i]!, rows);
    const gathered = emitter.node("GatherElements", [block, column], [count, 1], {
      attributes: { axis: 1 },
    });
    return emitter.multiply(gathered, inside);
  });
  return total(emitter, parts);
}

/** Gradient of a block's logits from their exponentials: (share - one-hot) g. */
function blockGradient(
  emitter: Emitter,
  {
    powers,
    targets,
    start,
  }: { readonly powers: Value; readonly targets: Value; readonly start: number },
  { each, factor }: { readonly each: Value; readonly factor: Value },
): Value {
  const rows = powers.shape[1]!;
  const shares = emitter.multiply(powers, factor);
  if (!emitter.target.microsoftOperators)
    return emitter.subtract(shares, emitter.multiply(hotOf(emitter, targets, start, rows), each));
  const { column, inside } = ownOf(emitter, targets, start, rows);
  const less = emitter.unary("Neg", emitter.multiply(inside, each));
  return emitter.scatterElements(shares, column, less, { axis: 1, reduction: "add" });
}

function backward(emitter: Emitter, context: BackwardContext<None>): (Value | undefined)[] {
  const [x, targets, ...blocks] = context.inputs;
  const [sum, ...powers] = context.saved;
  const each = emitter.reshape(context.gradient, [x!.shape[0]!, 1]);
  const factor = emitter.multiply(each, emitter.unary("Reciprocal", sum!));
  const starts = startsOf(blocks);
  let dx = context.before[0];
  const dBlocks = blocks.map((block, i) => {
    const one = { powers: powers[i]!, targets: targets!, start: starts[i]! };
    const gradient = blockGradient(emitter, one, { each, factor });
    dx = emitter.gemm(gradient, block, { addend: dx });
    return context.needed[i + 2] === true
      ? emitter.gemm(gradient, x!, { transposeA: true, addend: context.before[i + 2] })
      : undefined;
  });
  return [dx, undefined, ...dBlocks];
}

/**
 * Cross-entropy of each token, in nats: x [n, width], targets int32 [n], then the head's rows in blocks [rows, width]. With m the largest logit of a
 * row and e = exp(logit - m): loss = m + log(sum e) - the target's logit.
 */
export const blockLosses: Operation<None> = {
  name: "blockLosses",
  shape([x = [], targets = [], ...blocks]) {
    const fits = blocks.every((block) => block.length === 2 && block[1] === x[1]);
    const rows: Shape = [x[0]!];
    if (
      x.length !== 2 ||
      targets.length !== 1 ||
      targets[0] !== x[0] ||
      !fits ||
      blocks.length === 0
    )
      throw shapeError("blockLosses", x, targets, ...blocks);
    return rows;
  },
  emit(emitter, [x, targets, ...blocks]) {
    const logits = blocks.map((block) => emitter.gemm(x!, block, { transposeB: true }));
    const tops = logits.map((block) => emitter.reduceMax(block, [1]));
    const top = tops.length === 1 ? tops[0]! : emitter.node("Max", tops, tops[0]!.shape);
    const powers = logits.map((block) => emitter.unary("Exp", emitter.subtract(block, top)));
    const sum = total(
      emitter,
      powers.map((block) => emitter.reduceSum(block, [1], true)),
    );
    const all = emitter.add(top, emitter.unary("Log", sum));
    // Last, so that onnxruntime computes it first and the exponentials may take the place of the logits.
    const losses = emitter.subtract(all, ownLogits(emitter, logits, targets!, startsOf(blocks)));
    return { output: emitter.reshape(losses, targets!.shape), saved: [sum, ...powers] };
  },
  accumulates: true,
  backward,
};
