//! Fixed point, exponential, median and scaling against numbers worked out by hand.

use assay_yuma::{mask_committed, max_upscale, weighted_median, I32F32};

fn number(value: f64) -> I32F32 {
    I32F32::from_bits((value * 4_294_967_296.0) as i64)
}

fn numbers(values: &[f64]) -> Vec<I32F32> {
    values.iter().map(|value| number(*value)).collect()
}

const LEAST: I32F32 = I32F32::from_bits(1);
const MINUS_LEAST: I32F32 = I32F32::from_bits(-1);
const LARGEST: I32F32 = I32F32::from_bits(i64::MAX);
const SMALLEST: I32F32 = I32F32::from_bits(i64::MIN);

#[test]
fn products_floor_and_saturate() {
    assert_eq!(LEAST.mul(I32F32::HALF), I32F32::ZERO);
    assert_eq!(MINUS_LEAST.mul(I32F32::HALF), MINUS_LEAST);
    assert_eq!(number(1.5).mul(number(-2.5)), number(-3.75));
    assert_eq!(LARGEST.mul(LARGEST), LARGEST);
    assert_eq!(LARGEST.mul(SMALLEST), SMALLEST);
    assert_eq!(SMALLEST.mul(SMALLEST), LARGEST);
}

#[test]
fn quotients_truncate_toward_zero_and_x_over_zero_is_zero() {
    let three = I32F32::from_int(3);
    assert_eq!(I32F32::ONE.div(three).bits(), 1_431_655_765);
    assert_eq!(I32F32::from_int(-1).div(three).bits(), -1_431_655_765);
    assert_eq!(I32F32::HALF.div(three).bits(), 715_827_882);
    assert_eq!(I32F32::ONE.div(I32F32::ZERO), I32F32::ZERO);
    assert_eq!(I32F32::HALF.div(I32F32::ZERO), I32F32::ZERO);
    assert_eq!(LARGEST.div(LEAST), LARGEST);
    assert_eq!(SMALLEST.div(LEAST), SMALLEST);
    assert_eq!(SMALLEST.div(MINUS_LEAST), LARGEST);
}

#[test]
fn the_short_division_equals_the_long_one() {
    for a in [0i64, 1, 2, 77, 1 << 31, u32::MAX.into(), 1 << 32, 1 << 40] {
        for b in [1i64, 3, 65_535, 1 << 31, 1 << 32, (1 << 32) + 1, i64::MAX] {
            let long = ((i128::from(a) << 32) / i128::from(b)).min(i64::MAX.into());
            assert_eq!(i128::from(I32F32::from_bits(a).div(I32F32::from_bits(b)).bits()), long, "{a} / {b}");
        }
    }
}

#[test]
fn proportions_truncate() {
    assert_eq!(I32F32::ONE.to_u16_proportion(), 65_535);
    assert_eq!(I32F32::HALF.to_u16_proportion(), 32_767);
    assert_eq!(I32F32::from_int(-1).to_u16_proportion(), 0);
    assert_eq!(LARGEST.to_u16_proportion(), 65_535);
    assert_eq!(I32F32::from_u16_proportion(65_535), I32F32::ONE);
    assert_eq!(I32F32::from_u16_proportion(32_767).bits(), 2_147_450_879);
    assert_eq!(I32F32::HALF.share_of(3), 1);
    assert_eq!(I32F32::from_int(-1).share_of(3), 0);
    assert_eq!(I32F32::ONE.share_of(u64::MAX), u64::MAX);
    assert_eq!(LARGEST.share_of(u64::MAX), u64::MAX);
}

#[test]
fn ratios_take_any_stake() {
    assert_eq!(I32F32::from_ratio(1, 3).bits(), 1_431_655_765);
    assert_eq!(I32F32::from_ratio(5, 0), I32F32::ZERO);
    assert_eq!(I32F32::from_ratio(u64::MAX, u128::from(u64::MAX) * 2), I32F32::HALF);
    assert_eq!(I32F32::from_ratio(u64::MAX, 1), LARGEST);
}

#[test]
fn the_exponential_follows_the_series() {
    assert_eq!(I32F32::ZERO.exp(), I32F32::ONE);
    // The library's constant of e has 23 fraction bits.
    assert_eq!(I32F32::ONE.exp().bits(), 22_802_600 << 9);
    for x in [-20.0, -5.0, -1.0, -0.25, 0.25, 2.0, 5.0] {
        let got = number(x).exp().bits() as f64 / 4_294_967_296.0;
        assert!((got - f64::exp(x)).abs() < 1e-6, "exp({x}) = {got}");
    }
    // 31 terms do not reach exp(20) = 485165195.4; the clamp does.
    assert_eq!(I32F32::from_int(20).exp(), I32F32::from_int(1000).exp());
    assert_eq!(SMALLEST.exp(), I32F32::from_int(-20).exp());
    let near = I32F32::from_int(20).exp().bits() >> 32;
    assert!((480_000_000..485_165_196).contains(&near), "{near}");
}

#[test]
fn the_sigmoid_meets_its_middle_and_ends() {
    assert_eq!(I32F32::sigmoid_of_negated(I32F32::ZERO), I32F32::HALF);
    assert!(I32F32::sigmoid_of_negated(I32F32::from_int(-20)) > number(0.9999));
    assert!(I32F32::sigmoid_of_negated(I32F32::from_int(20)) < number(0.0001));
}

#[test]
fn bounds_that_cross_give_the_lower_one() {
    assert_eq!(number(0.5).bound(number(0.7), number(0.2)), number(0.7));
    assert_eq!(number(0.9).bound(number(0.1), number(0.8)), number(0.8));
}

#[test]
fn the_median_is_where_the_minority_ends() {
    let median =
        |stake: &[f64], score: &[f64], minority| weighted_median(&numbers(stake), &numbers(score), number(minority));
    assert_eq!(median(&[], &[], 0.5), I32F32::ZERO);
    assert_eq!(median(&[1.0], &[0.7], 0.5), number(0.7));
    assert_eq!(median(&[0.5, 0.5], &[0.2, 0.8], 0.5), number(0.8));
    assert_eq!(median(&[0.5, 0.5], &[0.2, 0.8], 0.49), number(0.2));
    assert_eq!(median(&[0.2, 0.2, 0.6], &[0.9, 0.1, 0.5], 0.5), number(0.5));
    assert_eq!(median(&[0.25; 4], &[0.4, 0.3, 0.2, 0.1], 0.5), number(0.3));
    assert_eq!(median(&[0.25; 4], &[0.3; 4], 0.5), number(0.3));
}

#[test]
fn scaling_puts_the_largest_at_the_top() {
    assert_eq!(max_upscale(&[]), []);
    assert_eq!(max_upscale(&[0, 0]), [0, 0]);
    assert_eq!(max_upscale(&[1, 2, 4]), [16_384, 32_768, 65_535]);
    assert_eq!(max_upscale(&[60_000, 20_000]), [65_535, 21_845]);
    assert_eq!(max_upscale(&[65_535, 1]), [65_535, 1]);
    for largest in 1..=u16::MAX {
        assert_eq!(max_upscale(&[largest]), [65_535]);
    }
}

#[test]
fn commits_older_than_a_registration_lose_its_weight() {
    let weights = vec![vec![(0, 1), (1, 2)], vec![(1, 3)], vec![(9, 4)]];
    let masked = mask_committed(&weights, &[Some(10), None], &[10, 11]);
    assert_eq!(masked, [vec![(0, 1)], vec![(1, 3)], vec![(9, 4)]]);
}
