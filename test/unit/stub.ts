/** @file Stand-ins for large types, of which a test needs two or three members. */

/** An object with only `parts` of a T; reading any other member throws, so no test goes on with undefined. */
export function stub<T extends object>(parts: Partial<T>): T {
  const made: T = Object.create(null);
  // Descriptors, so that a getter stays one.
  Object.defineProperties(made, Object.getOwnPropertyDescriptors(parts));
  return new Proxy(made, {
    get(target, key, receiver): unknown {
      // `then` is asked for by await, symbols by inspection.
      if (key in target || typeof key === "symbol" || key === "then")
        return Reflect.get(target, key, receiver);
      throw new Error(`the stub has no member ${key}`);
    },
  });
}
