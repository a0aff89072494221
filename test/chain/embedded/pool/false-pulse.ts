/** @file A pulse that is the beacon's in all but the round: only the pairing, which takes milliseconds, tells that it is false. */

/** Of its sender: 32 bytes that occur nowhere else in it. */
export const NOBODYS_KEY = "fa15e0".padEnd(64, "7");

/** What quicknet signed round 123 with, and its hash. */
const SIGNATURE =
  "0xb75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92";
const RANDOMNESS = "0xfb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc";

/** Arguments of `write_pulse` for a round that it is not of. */
export function falsePulse(round: number, sender = `0x${NOBODYS_KEY}`): readonly unknown[] {
  const pulses = [{ round, randomness: RANDOMNESS, signature: SIGNATURE }];
  return [{ blockNumber: 0, pulses, public: { Sr25519: sender } }, null];
}
