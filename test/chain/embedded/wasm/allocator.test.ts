/** @file The heap of a runtime call. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Allocator } from "../../../../chain/embedded/wasm/allocator.ts";
import { LinearMemory } from "../../../../chain/embedded/wasm/linear-memory.ts";
import { wasmApi } from "../../../../chain/embedded/wasm/web-assembly.ts";

const HEAP_BASE = 1001;
const DIRT = 0xaa;

function dirtyHeap(): { memory: LinearMemory; allocator: Allocator } {
  const memory = new LinearMemory(new wasmApi.Memory({ initial: 2 }));
  memory.bytes().fill(DIRT);
  const allocator = new Allocator(memory);
  allocator.reset(HEAP_BASE);
  return { memory, allocator };
}

test("live chunks never overlap; every header is written in full, also over dirt", () => {
  const steps = fc.array(fc.record({ size: fc.nat(70_000), release: fc.nat(4) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const { memory, allocator } = dirtyHeap();
      const live: { pointer: number; size: number }[] = [];
      for (const { size, release } of list) {
        const pointer = allocator.allocate(size);
        assert.equal(pointer % 8, 0);
        assert.ok(pointer >= HEAP_BASE + 8);
        assert.ok(pointer + size <= memory.bytes().length);
        const header = memory.at(pointer - 8, 8);
        assert.ok(8 << (header[0] ?? 0) >= size);
        assert.deepEqual([...header.subarray(1)], [0, 0, 0, 1, 0, 0, 0]);
        for (const other of live) {
          const apart =
            pointer - 8 >= other.pointer + other.size || pointer + size <= other.pointer - 8;
          assert.ok(apart, "chunks overlap");
        }
        memory.bytes().fill(DIRT, pointer, pointer + size);
        live.push({ pointer, size });
        const [gone] = release === 0 ? live.splice(0, 1) : [];
        if (gone !== undefined) allocator.release(gone.pointer);
      }
    }),
    { numRuns: 200 },
  );
});

test("a released chunk is used again; a double or foreign release is refused", () => {
  const { allocator } = dirtyHeap();
  const pointer = allocator.allocate(100);
  allocator.release(pointer);
  assert.throws(() => {
    allocator.release(pointer);
  }, RangeError);
  assert.throws(() => {
    allocator.release(8);
  }, RangeError);
  assert.equal(allocator.allocate(128), pointer);
});

test("requests above 32 MiB are refused as on a node", () => {
  const { allocator } = dirtyHeap();
  assert.throws(() => allocator.allocate(32 * 1024 * 1024 + 1), RangeError);
});
