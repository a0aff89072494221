//! The share pool of a hotkey: how its alpha belongs to coldkeys (upstream's semantics, in integers).
//!
//! A coldkey owns `alpha * own / all` of the hotkey's alpha. Emission grows the alpha and leaves the shares alone; staking
//! issues shares at what a share is worth, unstaking takes them back, both rounded up. That costs nobody more than
//! 10^-15 rao: shares are made finer, by lowering the exponent, before one is worth more than that, and this is exact.
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

use crate::types::SafeFloat;

/// Shares that a rao is worth in a new pool, as a number and as the exponent of a share.
const FINEST: u128 = 1_000_000_000_000_000_000;
const FINEST_EXPONENT: i64 = -18;
/// Shares are made finer when one is worth more than 10^-15 rao.
const COARSEST: u128 = 1_000_000_000_000_000;

/// All shares of a pool, and the alpha that they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pool {
    /// Alpha, in rao.
    pub alpha: u64,
    /// Shares; their exponent is that of every share issued or taken back now.
    pub shares: SafeFloat,
}

impl Pool {
    /// Shares of a position counted in the pool's present exponent; never more than all.
    pub fn units(&self, own: SafeFloat) -> u128 {
        let finer = own.exponent.saturating_sub(self.shares.exponent);
        let digits = u32::try_from(finer).unwrap_or(0);
        own.mantissa.saturating_mul(10_u128.saturating_pow(digits)).min(self.shares.mantissa)
    }

    /// What shares are worth, in whole rao.
    pub fn value(&self, own: SafeFloat) -> u64 {
        let units = self.units(own);
        let worth =
            multiply_by_rational_with_rounding(u128::from(self.alpha), units, self.shares.mantissa, Rounding::Down);
        worth.and_then(|rao| u64::try_from(rao).ok()).unwrap_or(0)
    }

    /// Shares that stand for `amount`, rounded up.
    fn shares_for(&self, amount: u64) -> u128 {
        let all = self.shares.mantissa;
        let exact = multiply_by_rational_with_rounding(u128::from(amount), all, u128::from(self.alpha), Rounding::Up);
        exact.unwrap_or(u128::MAX)
    }

    /// Makes shares finer until one is worth at most 10^-15 rao.
    fn refine(&mut self) {
        let wanted = u128::from(self.alpha).saturating_mul(COARSEST);
        while self.shares.mantissa > 0 && self.shares.mantissa < wanted {
            self.shares.mantissa = self.shares.mantissa.saturating_mul(1_000);
            self.shares.exponent = self.shares.exponent.saturating_sub(3);
        }
    }

    /// Adds `amount` for a position; returns the position's shares.
    pub fn stake(&mut self, own: SafeFloat, amount: u64) -> SafeFloat {
        if self.shares.mantissa == 0 {
            self.shares.exponent = FINEST_EXPONENT;
        }
        self.refine();
        let issued = if self.alpha == 0 { u128::from(amount).saturating_mul(FINEST) } else { self.shares_for(amount) };
        let mantissa = self.units(own).saturating_add(issued);
        self.shares.mantissa = self.shares.mantissa.saturating_add(issued);
        self.alpha = self.alpha.saturating_add(amount);
        SafeFloat { mantissa, exponent: self.shares.exponent }
    }

    /// Takes `amount` out of a position that is worth `worth`; returns the shares that it keeps, none if that
    /// was all.
    pub fn unstake(&mut self, own: SafeFloat, worth: u64, amount: u64) -> SafeFloat {
        self.refine();
        let units = self.units(own);
        let taken = if amount >= worth { units } else { self.shares_for(amount).min(units) };
        self.shares.mantissa = self.shares.mantissa.saturating_sub(taken);
        self.alpha = self.alpha.saturating_sub(amount);
        let left = SafeFloat { mantissa: units.saturating_sub(taken), exponent: self.shares.exponent };
        if amount >= worth {
            return SafeFloat::default();
        }
        left
    }
}
