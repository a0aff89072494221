/** @file Large types of which the loops call a few members: the rest throws by name. */

/** An object with `parts` of a T; asking it for anything else throws, so that nothing goes on with undefined. */
export function only<T extends object>(what: string, parts: Partial<T>): T {
  const made: T = Object.create(null);
  // Descriptors, so that a getter stays one.
  Object.defineProperties(made, Object.getOwnPropertyDescriptors(parts));
  return new Proxy(made, {
    get(target, key, receiver): unknown {
      // `then` is asked for by await, symbols by inspection.
      if (key in target || typeof key === "symbol" || key === "then")
        return Reflect.get(target, key, receiver);
      throw new Error(`a simulated ${what} has no ${key}`);
    },
  });
}
