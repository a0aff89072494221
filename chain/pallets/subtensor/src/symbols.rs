//! Symbols of alpha: letters of many alphabets, each of one subnet at a time.
use alloc::{collections::BTreeSet, string::String, vec::Vec};
use frame_support::{
    ensure,
    pallet_prelude::{DispatchError, DispatchResult},
};
use frame_system::{ensure_signed_or_root, pallet_prelude::OriginFor};

use crate::{pallet::*, types::ROOT};

/// The symbols in their order, as ranges of code points, first and last: that of TAO, which is the root network's, Greek,
/// Hebrew, Arabic, runes, Ogham, Georgian, Armenian, Cyrillic, Coptic, Brahmi, Sinhala, Glagolitic, Thai, Korean,
/// Ethiopic, Devanagari, Katakana, Tifinagh and the rest of Sinhala.
const SYMBOLS: &[(u32, u32)] = &[
    (0x03a4, 0x03a4),
    (0x03b1, 0x03c1),
    (0x03c3, 0x03c3),
    (0x0074, 0x0074),
    (0x03c5, 0x03c9),
    (0x05d0, 0x05ea),
    (0x0627, 0x0628),
    (0x062a, 0x063a),
    (0x0641, 0x0648),
    (0x064a, 0x064a),
    (0x0649, 0x0649),
    (0x16a0, 0x16a0),
    (0x16a2, 0x16a2),
    (0x16a6, 0x16a6),
    (0x16a8, 0x16a8),
    (0x16b1, 0x16b1),
    (0x16b3, 0x16b3),
    (0x042b, 0x042b),
    (0x16c9, 0x16c9),
    (0x16d2, 0x16d2),
    (0x1680, 0x1685),
    (0x169b, 0x169b),
    (0x10d0, 0x10d5),
    (0x0531, 0x0536),
    (0x055e, 0x055e),
    (0x0400, 0x0405),
    (0x044a, 0x044a),
    (0x2c80, 0x2c85),
    (0x11000, 0x11003),
    (0x11005, 0x11005),
    (0x0db1, 0x0db1),
    (0x0db3, 0x0db7),
    (0x2c00, 0x2c20),
    (0x0e01, 0x0e23),
    (0x0e25, 0x0e25),
    (0x0e27, 0x0e2e),
    (0x3131, 0x3131),
    (0x3134, 0x3134),
    (0x3137, 0x3137),
    (0x3139, 0x3139),
    (0x3141, 0x3142),
    (0x3145, 0x3145),
    (0x3147, 0x3148),
    (0x314a, 0x3163),
    (0x12a0, 0x12a7),
    (0x12c8, 0x12ce),
    (0x12b0, 0x12b6),
    (0x1310, 0x1312),
    (0x1218, 0x1218),
    (0x1314, 0x1316),
    (0x0905, 0x090b),
    (0x090f, 0x0910),
    (0x0913, 0x0928),
    (0x092a, 0x0930),
    (0x0932, 0x0932),
    (0x0935, 0x0939),
    (0x30a2, 0x30a2),
    (0x30a4, 0x30a4),
    (0x30a6, 0x30a6),
    (0x30a8, 0x30a8),
    (0x30aa, 0x30ab),
    (0x30ad, 0x30ad),
    (0x30af, 0x30af),
    (0x30b1, 0x30b1),
    (0x30b3, 0x30b3),
    (0x30b5, 0x30b5),
    (0x30b7, 0x30b7),
    (0x30b9, 0x30b9),
    (0x30bb, 0x30bb),
    (0x30bd, 0x30bd),
    (0x30bf, 0x30bf),
    (0x30c1, 0x30c1),
    (0x30c4, 0x30c4),
    (0x30c6, 0x30c6),
    (0x30c8, 0x30c8),
    (0x30ca, 0x30cf),
    (0x30d2, 0x30d2),
    (0x30d5, 0x30d5),
    (0x30d8, 0x30d8),
    (0x30db, 0x30db),
    (0x30de, 0x30e2),
    (0x30e4, 0x30e4),
    (0x30e6, 0x30e6),
    (0x30e8, 0x30ed),
    (0x30ef, 0x30ef),
    (0x30f2, 0x30f3),
    (0x2d30, 0x2d53),
    (0x0d85, 0x0d86),
    (0x0d89, 0x0d96),
    (0x0d9a, 0x0d9e),
    (0x0da0, 0x0da4),
    (0x0da7, 0x0da7),
    (0x0da5, 0x0da6),
    (0x0da9, 0x0da9),
    (0x0da8, 0x0da8),
    (0x0daa, 0x0db0),
];

/// Every symbol as it is stored, the root network's first.
fn symbols() -> impl Iterator<Item = Vec<u8>> {
    let letters = SYMBOLS.iter().flat_map(|(first, last)| *first..=*last).filter_map(char::from_u32);
    letters.map(|letter| String::from(letter).into_bytes())
}

impl<T: Config> Pallet<T> {
    /// The symbol that a netuid has by default; that of TAO where there are no more.
    pub(crate) fn symbol_of(netuid: u16) -> Vec<u8> {
        symbols().nth(usize::from(netuid)).or_else(|| symbols().next()).unwrap_or_default()
    }

    fn is_symbol_used(symbol: &[u8]) -> bool {
        TokenSymbol::<T>::iter_values().any(|used| used == symbol)
    }

    /// The symbol of a new subnet: its own if nobody has it, else the first that nobody has.
    pub(crate) fn free_symbol(netuid: u16) -> Vec<u8> {
        let used: BTreeSet<Vec<u8>> = TokenSymbol::<T>::iter_values().collect();
        let own = Self::symbol_of(netuid);
        if !used.contains(&own) {
            return own;
        }
        let free = symbols().skip(1).find(|symbol| !used.contains(symbol));
        free.unwrap_or_else(|| Self::symbol_of(ROOT))
    }

    /// Gives a subnet another symbol; the origin is its owner, or Root.
    pub(crate) fn do_update_symbol(origin: OriginFor<T>, netuid: u16, symbol: Vec<u8>) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        if let Some(coldkey) = ensure_signed_or_root(origin)? {
            ensure!(SubnetOwner::<T>::get(netuid) == coldkey, DispatchError::BadOrigin);
        }
        ensure!(symbols().skip(1).any(|known| known == symbol), Error::<T>::SymbolDoesNotExist);
        ensure!(!Self::is_symbol_used(&symbol), Error::<T>::SymbolAlreadyInUse);
        TokenSymbol::<T>::insert(netuid, &symbol);
        Self::deposit_event(Event::SymbolUpdated { netuid, symbol });
        Ok(())
    }
}
