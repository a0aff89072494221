//! The heap of a call: chunks of the host's, divided here.
//!
//! The host's own allocator gives blocks of 2^k bytes, each by a call of it; a block with an epoch made eighty thousand.
//! Here the same sizes come out of arenas that the host gives whole. What the host allocates for its answers, what is
//! large and what is strangely aligned stays the host's; the address tells whose a block is.
use core::{
    alloc::{GlobalAlloc, Layout},
    cell::UnsafeCell,
    ptr,
};

#[cfg(substrate_runtime)]
use sp_io::allocator as host;
#[cfg(test)]
use tests::host;
#[cfg(test)]
mod tests;

/// Least block and its alignment.
const LEAST: usize = 16;
const LEAST_BITS: u32 = LEAST.trailing_zeros();
/// Sizes of blocks: 16 bytes to 64 KiB.
const SIZES: usize = 13;
const LARGEST: usize = LEAST << (SIZES - 1);
/// The first arena; each is twice the last, up to what the host gives at all.
const FIRST_ARENA: usize = 256 * 1024;
const LARGEST_ARENA: usize = 16 * 1024 * 1024;
/// With so many the memory is full.
const ARENAS: usize = 16;
/// The host keeps eight bytes before a block; its last two are zero, and free for an offset.
const OFFSET_BYTES: usize = 2;
const HOST_ALIGNMENT: usize = 8;

struct Blocks {
    /// Freed blocks by size, each holding the address of the next.
    free: [*mut u8; SIZES],
    /// What is left of the newest arena.
    top: usize,
    end: usize,
    /// Begin and size; newest last.
    arenas: [(usize, usize); ARENAS],
    count: usize,
}

struct Heap(UnsafeCell<Blocks>);

// SAFETY: a runtime has one thread.
unsafe impl Sync for Heap {}

impl Heap {
    const fn new() -> Self {
        let free = [ptr::null_mut(); SIZES];
        Self(UnsafeCell::new(Blocks { free, top: 0, end: 0, arenas: [(0, 0); ARENAS], count: 0 }))
    }
}

#[cfg(substrate_runtime)]
#[global_allocator]
static HEAP: Heap = Heap::new();

/// Which size of block holds this, if one does.
fn size_of_block(layout: &Layout) -> Option<usize> {
    if layout.size() > LARGEST || layout.align() > LEAST {
        return None;
    }
    let bits = usize::BITS.wrapping_sub(layout.size().max(LEAST).wrapping_sub(1).leading_zeros());
    Some(bits.wrapping_sub(LEAST_BITS) as usize)
}

impl Blocks {
    fn is_own(&self, address: usize) -> bool {
        let arenas = self.arenas.iter().take(self.count).rev();
        arenas.into_iter().any(|(begin, size)| address.wrapping_sub(*begin) < *size)
    }

    /// A block of a size; null where the host has nothing left.
    unsafe fn take(&mut self, size: usize) -> *mut u8 {
        let Some(first) = self.free.get_mut(size) else { return ptr::null_mut() };
        if !first.is_null() {
            let block = *first;
            *first = block.cast::<*mut u8>().read();
            return block;
        }
        let bytes = LEAST << size;
        if self.end.wrapping_sub(self.top) < bytes && !self.grow() {
            return ptr::null_mut();
        }
        let block = self.top;
        self.top = block.wrapping_add(bytes);
        block as *mut u8
    }

    unsafe fn give(&mut self, size: usize, block: *mut u8) {
        if let Some(first) = self.free.get_mut(size) {
            block.cast::<*mut u8>().write(*first);
            *first = block;
        }
    }

    unsafe fn grow(&mut self) -> bool {
        let bytes = (FIRST_ARENA << self.count).min(LARGEST_ARENA);
        let Some(arena) = self.arenas.get_mut(self.count) else { return false };
        let begin = host::malloc(bytes as u32) as usize;
        if begin == 0 {
            return false;
        }
        *arena = (begin, bytes);
        self.count = self.count.wrapping_add(1);
        self.top = begin.next_multiple_of(LEAST);
        self.end = begin.wrapping_add(bytes);
        true
    }
}

/// A block of the host's, aligned as sp-io aligns them.
unsafe fn host_alloc(layout: &Layout) -> *mut u8 {
    let spare = layout.align().saturating_sub(HOST_ALIGNMENT);
    let block = host::malloc(layout.size().wrapping_add(spare) as u32);
    let offset = block.align_offset(layout.align());
    let Ok(kept) = u16::try_from(offset) else { return ptr::null_mut() };
    if block.is_null() {
        return block;
    }
    let block = block.add(offset);
    block.sub(OFFSET_BYTES).cast::<u16>().write_unaligned(kept);
    block
}

unsafe fn host_free(block: *mut u8) {
    let offset = block.sub(OFFSET_BYTES).cast::<u16>().read_unaligned();
    host::free(block.sub(usize::from(offset)));
}

// SAFETY: blocks of a size do not overlap, are aligned to `LEAST`, and are told from the host's by their address.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let blocks = &mut *self.0.get();
        let block = size_of_block(&layout).map_or(ptr::null_mut(), |size| blocks.take(size));
        if block.is_null() {
            return host_alloc(&layout);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let blocks = &mut *self.0.get();
        match size_of_block(&layout) {
            Some(size) if blocks.is_own(block as usize) => blocks.give(size, block),
            _ => host_free(block),
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        let wanted = Layout::from_size_align_unchecked(bytes, layout.align());
        let (size, own) = (size_of_block(&layout), (*self.0.get()).is_own(block as usize));
        if own && size == size_of_block(&wanted) {
            return block;
        }
        let other = self.alloc(wanted);
        if !other.is_null() {
            ptr::copy_nonoverlapping(block, other, layout.size().min(bytes));
            self.dealloc(block, layout);
        }
        other
    }
}
