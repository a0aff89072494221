/**
 * @file Preloaded into a process whose clock is to be far off: `node --import shifted-clock.ts?ms=86400000 ...`. Timers and
 * performance.now() go on as they are, as they do on a machine whose wall clock was set wrongly.
 */

const shiftMs = Number(new URL(import.meta.url).searchParams.get("ms") ?? 0);
const RightDate = Date;
const now = (): number => RightDate.now() + shiftMs;

globalThis.Date = new Proxy(RightDate, {
  construct: (target, args: unknown[], newTarget): Date =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RightDate(now()).toString(),
  get: (target, key): unknown => (key === "now" ? now : Reflect.get(target, key)),
});
const { timeOrigin } = performance;
Object.defineProperty(performance, "timeOrigin", { value: timeOrigin + shiftMs });
