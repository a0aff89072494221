//! What is remembered is what the host says.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
use std::{cell::Cell, vec, vec::Vec};

use super::*;

thread_local! {
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

fn ask(data: &[u8]) -> Digest {
    ASKED.set(ASKED.get() + 1);
    sp_io::hashing::blake2_128(data)
}

fn memory<const PLACES: usize>() -> Memory<PLACES> {
    let memory = Memory::new();
    memory.host.set(Some(ask));
    memory
}

/// Inputs of 0 to 40 bytes, some of which differ by zeros at their end alone.
fn inputs() -> Vec<Vec<u8>> {
    let lengths = 0..=40_usize;
    lengths.flat_map(|length| (0..8_u8).map(move |last| [vec![7; length], vec![0; 2], vec![last]].concat())).collect()
}

#[test]
fn digests_are_the_hosts_however_few_places_there_are() {
    let (narrow, wide) = (memory::<2>(), memory::<1024>());
    for input in inputs().iter().chain(inputs().iter().rev()) {
        let expected = sp_io::hashing::blake2_128(input);
        assert_eq!(narrow.digest(input), expected);
        assert_eq!(wide.digest(input), expected);
        assert_eq!(wide.digest(&input[..input.len() - 1]), sp_io::hashing::blake2_128(&input[..input.len() - 1]));
    }
}

#[test]
fn the_host_is_asked_once_while_there_is_room() {
    let memory = memory::<1024>();
    let accounts: Vec<[u8; 32]> = (0..100_u8).map(|index| [index; 32]).collect();
    for account in &accounts {
        memory.digest(account);
    }
    let first = ASKED.get();
    for account in &accounts {
        memory.digest(account);
    }
    // Some share a pair of places with two others.
    assert!(first == 100 && ASKED.get() <= 125, "{first}, then {}", ASKED.get() - first);
    memory.digest(&[1; 33]);
    let long = ASKED.get();
    memory.digest(&[1; 33]);
    assert_eq!(ASKED.get(), long + 1);
}
