/** @file How long a process that nobody attacks is kept from running: what a busy machine costs everybody on it. */

const BEAT_MS = 50;

/** Measures how much later than asked for a timer comes, in all; call what it returns for the milliseconds, and to end it. */
export function lostTime(): () => number {
  let [lost, last] = [0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    lost += Math.max(0, now - last - BEAT_MS);
    last = now;
  }, BEAT_MS);
  return () => {
    clearInterval(timer);
    return lost;
  };
}
