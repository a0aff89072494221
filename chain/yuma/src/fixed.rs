//! Signed fixed point with 32 integer and 32 fraction bits, as upstream's epoch uses it.

use core::iter::Sum;

/// Bits of the fraction.
const FRACTION_BITS: u32 = 32;
/// Raw bits of 1.0.
const ONE_BITS: i64 = 1 << FRACTION_BITS;
/// exp(1), for which upstream's library returns its constant of e instead of the series: 23 fraction bits, shifted up.
const E_BITS: i64 = 22_802_600 << 9;
/// Last term of the exponential series, exclusive.
const EXP_TERMS: i32 = 32;
/// Arguments of the exponential are clamped to plus or minus this.
const EXP_LIMIT: i32 = 20;

/// A number `bits / 2^32`.
///
/// Every operation saturates; multiplication floors, division truncates toward zero and `x / 0 = 0`.
/// Nothing here panics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct I32F32(i64);

impl I32F32 {
    /// 0.0
    pub const ZERO: Self = Self(0);
    /// 1.0
    pub const ONE: Self = Self(ONE_BITS);
    /// 0.5
    pub const HALF: Self = Self(ONE_BITS >> 1);

    /// The number with these raw bits.
    #[must_use]
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits)
    }

    /// The raw bits: the number times 2^32.
    #[must_use]
    pub const fn bits(self) -> i64 {
        self.0
    }

    /// An integer, exactly.
    #[must_use]
    pub const fn from_int(value: i32) -> Self {
        Self((value as i64) << FRACTION_BITS)
    }

    /// A u16, exactly.
    #[must_use]
    pub const fn from_u16(value: u16) -> Self {
        Self((value as i64) << FRACTION_BITS)
    }

    /// `value / 65535`, truncated: how u16 proportions are read.
    #[must_use]
    pub fn from_u16_proportion(value: u16) -> Self {
        Self::from_u16(value).div(Self::from_u16(u16::MAX))
    }

    /// `numerator / denominator`, floored and saturating; 0 where the denominator is 0.
    ///
    /// Upstream goes through I64F64 and floors twice, which is the same number: flooring a quotient to 64 fraction
    /// bits and then to 32 equals flooring it to 32 at once.
    #[must_use]
    pub fn from_ratio(numerator: u64, denominator: u128) -> Self {
        let wide = u128::from(numerator) << FRACTION_BITS;
        let quotient = wide.checked_div(denominator).unwrap_or(0);
        Self(i64::try_from(quotient).unwrap_or(i64::MAX))
    }

    /// `trunc(self * 65535)` within u16: how proportions are stored.
    #[must_use]
    pub fn to_u16_proportion(self) -> u16 {
        self.mul(Self::from_u16(u16::MAX)).to_u16()
    }

    /// The integer part within u16; negative numbers give 0.
    #[must_use]
    pub fn to_u16(self) -> u16 {
        u16::try_from((self.0 >> FRACTION_BITS).max(0)).unwrap_or(u16::MAX)
    }

    /// `floor(self * amount)`; negative numbers give 0.
    #[must_use]
    pub fn share_of(self, amount: u64) -> u64 {
        let bits = u128::from(self.0.max(0).unsigned_abs());
        let wide = bits.saturating_mul(u128::from(amount)) >> FRACTION_BITS;
        u64::try_from(wide).unwrap_or(u64::MAX)
    }

    /// Half up, then truncated to the integer part.
    #[must_use]
    pub fn round_to_u16(self) -> u16 {
        self.add(Self::HALF).to_u16()
    }

    /// Saturating sum.
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub const fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Saturating difference.
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub const fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Saturating product, rounded toward minus infinity.
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn mul(self, other: Self) -> Self {
        if let (Ok(a), Ok(b)) = (u32::try_from(self.0), u32::try_from(other.0)) {
            // Both are shares below 1: 64 bits hold the product.
            let wide = u64::from(a).wrapping_mul(u64::from(b)) >> FRACTION_BITS;
            return Self(i64::try_from(wide).unwrap_or(i64::MAX));
        }
        // Two numbers of 63 bits have a product of 126.
        Self::saturate(i128::from(self.0).wrapping_mul(i128::from(other.0)) >> FRACTION_BITS)
    }

    /// Saturating quotient, truncated toward zero; 0 where the divisor is 0.
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn div(self, other: Self) -> Self {
        // What both are multiples of leaves the quotient as it is: of whole numbers only their integer parts are left.
        let common = (self.0 | other.0).trailing_zeros().min(FRACTION_BITS);
        let (a, b) = (self.0 >> common, other.0 >> common);
        if let (Ok(a), Ok(b)) = (u32::try_from(a), u64::try_from(b)) {
            // Fits 64 bits: 128-bit division is an order of magnitude slower in WASM.
            let quotient = (u64::from(a) << FRACTION_BITS).checked_div(b).unwrap_or(0);
            return Self(i64::try_from(quotient).unwrap_or(i64::MAX));
        }
        let wide = i128::from(self.0) << FRACTION_BITS;
        Self::saturate(wide.checked_div(i128::from(other.0)).unwrap_or(0))
    }

    /// At least `low`, at most `high`; where they cross, `low` wins.
    #[must_use]
    pub fn bound(self, low: Self, high: Self) -> Self {
        self.min(high).max(low)
    }

    /// e to the power of `self`, the argument clamped to plus or minus 20.
    ///
    /// 1 + x + sum of the series up to x^31/31! on |x|, each term the last one times x, then over i; inverted for a
    /// negative argument. exp(1) is a constant.
    #[must_use]
    pub fn exp(self) -> Self {
        let x = self.bound(Self::from_int(-EXP_LIMIT), Self::from_int(EXP_LIMIT));
        if x == Self::ONE {
            return Self(E_BITS);
        }
        let size = Self(x.0.saturating_abs());
        let mut term = size;
        let mut sum = Self::ONE.add(size);
        for i in 2..EXP_TERMS {
            term = term.mul(size).div(Self::from_int(i));
            sum = sum.add(term);
        }
        if x < Self::ZERO {
            Self::ONE.div(sum)
        } else {
            sum
        }
    }

    /// `1 / (1 + exp(-x))`, given `-x`: the caller negates inside its product, where rounding happens.
    #[must_use]
    pub fn sigmoid_of_negated(negated: Self) -> Self {
        Self::ONE.div(Self::ONE.add(negated.exp()))
    }

    fn saturate(wide: i128) -> Self {
        let limit = if wide < 0 { i64::MIN } else { i64::MAX };
        Self(i64::try_from(wide).unwrap_or(limit))
    }
}

impl Sum for I32F32 {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::add)
    }
}

impl<'a> Sum<&'a Self> for I32F32 {
    fn sum<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
        iter.copied().sum()
    }
}

/// Divides by the sum; an all-zero vector stays as it is.
pub(crate) fn normalise(values: &mut [I32F32]) {
    let sum = values.iter().sum();
    divide_by(values, sum);
}

/// Divides by `sum`, unless that is 0.
pub(crate) fn divide_by(values: &mut [I32F32], sum: I32F32) {
    if sum != I32F32::ZERO {
        values.iter_mut().for_each(|value| *value = value.div(sum));
    }
}

/// The entry at `index`, 0 where there is none.
pub(crate) fn at(values: &[I32F32], index: usize) -> I32F32 {
    values.get(index).copied().unwrap_or(I32F32::ZERO)
}
