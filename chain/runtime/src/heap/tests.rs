//! The heap over a host that counts its blocks.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
use std::vec::Vec;

use super::*;

/// What the runtime's host does, with the system's allocator: eight bytes before each block, the last two zero.
pub mod host {
    use std::{
        alloc::{alloc_zeroed, dealloc, Layout},
        cell::RefCell,
        collections::BTreeMap,
    };

    const HEADER: usize = 8;

    thread_local! {
        static BLOCKS: RefCell<BTreeMap<usize, usize>> = const { RefCell::new(BTreeMap::new()) };
    }

    fn layout(bytes: usize) -> Layout {
        Layout::from_size_align(bytes + 2 * HEADER, HEADER).unwrap()
    }

    pub fn malloc(bytes: u32) -> *mut u8 {
        let bytes = bytes as usize;
        // Aligned to eight and to no more, as the host's.
        let block = unsafe { alloc_zeroed(layout(bytes)).add(HEADER) };
        BLOCKS.with_borrow_mut(|blocks| blocks.insert(block as usize, bytes));
        block
    }

    pub unsafe fn free(block: *mut u8) {
        let bytes = BLOCKS.with_borrow_mut(|blocks| blocks.remove(&(block as usize)));
        let bytes = bytes.expect("the host is given back what it gave");
        dealloc(block.sub(HEADER), layout(bytes));
    }

    /// Blocks that were not given back.
    pub fn count() -> usize {
        BLOCKS.with_borrow(BTreeMap::len)
    }
}

/// A stream of numbers that depends on the seed alone.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn layout(&mut self) -> Layout {
        let most = [16, 64, 700, 5_000, 70_000, 300_000][self.below(6)];
        let align = [1, 2, 4, 8, 16, 16, 64][self.below(7)];
        Layout::from_size_align(1 + self.below(most), align).unwrap()
    }
}

struct Live {
    block: *mut u8,
    layout: Layout,
    mark: u8,
}

impl Live {
    unsafe fn new(block: *mut u8, layout: Layout, mark: u8) -> Self {
        assert!(!block.is_null() && (block as usize).is_multiple_of(layout.align()));
        block.write_bytes(mark, layout.size());
        Self { block, layout, mark }
    }

    unsafe fn check(&self, bytes: usize) {
        let held = core::slice::from_raw_parts(self.block, bytes);
        assert!(held.iter().all(|byte| *byte == self.mark));
    }
}

/// Allocates, moves and frees at random; nothing may change what another block holds.
#[test]
fn blocks_keep_what_they_hold_and_go_back_to_whom_they_are() {
    for seed in 0..20 {
        let (heap, mut draw, before) = (Heap::new(), Draw(seed), host::count());
        let mut live: Vec<Live> = Vec::new();
        for step in 0..4_000_usize {
            let at = draw.below(live.len().max(1));
            unsafe {
                match draw.below(if live.is_empty() { 2 } else { 5 }) {
                    0 => {
                        let layout = draw.layout();
                        live.push(Live::new(heap.alloc(layout), layout, step as u8));
                    }
                    // The host's answers are freed here as if they were our own.
                    1 => {
                        let layout = Layout::from_size_align(1 + draw.below(500), 1).unwrap();
                        live.push(Live::new(host::malloc(layout.size() as u32), layout, step as u8));
                    }
                    2 => {
                        let old = live.swap_remove(at);
                        let bytes = 1 + draw.below(2 * old.layout.size());
                        let block = heap.realloc(old.block, old.layout, bytes);
                        let layout = Layout::from_size_align(bytes, old.layout.align()).unwrap();
                        Live { block, layout, mark: old.mark }.check(bytes.min(old.layout.size()));
                        live.push(Live::new(block, layout, step as u8));
                    }
                    _ => {
                        let gone = live.swap_remove(at);
                        gone.check(gone.layout.size());
                        heap.dealloc(gone.block, gone.layout);
                    }
                }
            }
        }
        for one in live {
            unsafe {
                one.check(one.layout.size());
                heap.dealloc(one.block, one.layout);
            }
        }
        // Only the arenas are left.
        let arenas = unsafe { (*heap.0.get()).count };
        assert!(arenas > 0);
        assert_eq!(host::count(), before + arenas);
    }
}
