/** @file The last things that somebody asked for, within a number and a size. */

/** Forgets what was put or asked for longest ago. */
export class Kept<Key, Value> {
  readonly #items = new Map<Key, { readonly value: Value; readonly size: number }>();
  readonly #most: number;
  readonly #mostSize: number;
  #size = 0;

  constructor(most: number, mostSize = Infinity) {
    this.#most = most;
    this.#mostSize = mostSize;
  }

  get(key: Key): Value | undefined {
    const item = this.#items.get(key);
    if (item === undefined) return undefined;
    this.#items.delete(key);
    this.#items.set(key, item);
    return item.value;
  }

  put(key: Key, value: Value, size = 0): void {
    this.delete(key);
    this.#items.set(key, { value, size });
    this.#size += size;
    for (const oldest of this.#items.keys()) {
      if (this.#items.size <= this.#most && this.#size <= this.#mostSize) break;
      this.delete(oldest);
    }
  }

  delete(key: Key): void {
    this.#size -= this.#items.get(key)?.size ?? 0;
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
    this.#size = 0;
  }
}
