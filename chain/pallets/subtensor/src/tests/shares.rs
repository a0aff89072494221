//! The share pool of a hotkey, and who is paid what a validator earned.
use frame_support::assert_ok;

use crate::{emission::take_of, mock::*, pallet::*, shares::Pool, types::SafeFloat};

const EMPTY: Pool = Pool { alpha: 0, shares: SafeFloat { mantissa: 0, exponent: 0 } };

#[test]
fn nominators_are_paid_by_shares_after_the_take() {
    let stake = 1_000_000_000_000;
    with_networks(vec![network(10, &[stake], 1)], || {
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 3 * stake));
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![1], vec![1], 0));
        run_to(10);
        let dividends = AlphaDividendsPerSubnet::<Test>::get(1, hot(0));
        assert!(dividends > 4_000_000_000);
        let take = take_of(dividends, 11_796);
        let (own, nominator) = (Subtensor::alpha_of(&hot(0), &cold(0), 1), Subtensor::alpha_of(&hot(0), &RICH, 1));
        let rest = u128::from(dividends - take);
        let expected = rest * 3 / 4;
        assert!(u128::from(nominator - 3 * stake).abs_diff(expected) <= 1, "{nominator}");
        assert!((4 * stake + dividends).abs_diff(own + nominator) <= 1);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(hot(0), 1), 4 * stake + dividends);
        assert_eq!(Subtensor::alpha_of(&hot(1), &cold(1), 1), Emission::<Test>::get(1)[1], "a miner gets all");
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 3 * stake));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT);
        assert!(Subtensor::alpha_of(&hot(0), &RICH, 1).abs_diff(nominator - 3 * stake) <= 1);
    });
}

#[test]
fn the_take_is_the_hotkeys() {
    with_networks(vec![network(10, &[1_000_000_000], 1)], || {
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 1_000_000_000));
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![1], vec![1], 0));
        Delegates::<Test>::insert(hot(0), 0);
        run_to(10);
        let (own, nominator) = (Subtensor::alpha_of(&hot(0), &cold(0), 1), Subtensor::alpha_of(&hot(0), &RICH, 1));
        assert!(own.abs_diff(nominator) <= 1, "{own} {nominator}");
    });
    assert_eq!((take_of(65_535, 11_796), take_of(u64::MAX, u16::MAX), take_of(9, 0)), (11_796, u64::MAX, 0));
}

/// The known attack on share pools: one share, made worth a fortune, of which a later stake gets none.
#[test]
fn a_dear_share_takes_nothing_from_a_later_stake() {
    let mut pool = EMPTY;
    let mut thief = pool.stake(SafeFloat::default(), 2_000_000);
    for _ in 0..12 {
        let worth = pool.value(thief);
        thief = pool.unstake(thief, worth, worth - 1);
        assert_eq!(pool.alpha, 1);
        pool.alpha += 5_000_000_000_000_000;
    }
    let worth = pool.value(thief);
    let victim = pool.stake(SafeFloat::default(), 2_000_000);
    assert_eq!(pool.value(victim), 2_000_000);
    assert!(pool.value(thief) <= worth);
    assert!(pool.shares.mantissa < u128::MAX / 1_000);
}

#[test]
fn others_lose_nothing_by_what_one_does() {
    let mut random = Random(11);
    let mut pool = EMPTY;
    let mut shares = vec![SafeFloat::default(); 20];
    // What each may expect at least: rises with emission, never falls by what others do, but for a rounding.
    for step in 0..20_000_u32 {
        let who = (random.next() % 20) as usize;
        let before: Vec<u64> = shares.iter().map(|own| pool.value(*own)).collect();
        let alpha = pool.alpha;
        match random.next() % 8 {
            0..=3 => {
                let amount = 1 + random.next() % 50_000_000_000;
                shares[who] = pool.stake(shares[who], amount);
                assert!((before[who] + amount).abs_diff(pool.value(shares[who])) <= 1);
                assert_eq!(pool.alpha, alpha + amount);
            }
            4..=6 if before[who] > 0 => {
                let amount = if random.next().is_multiple_of(3) { before[who] } else { random.next() % before[who] };
                shares[who] = pool.unstake(shares[who], before[who], amount);
                assert!((before[who] - amount).abs_diff(pool.value(shares[who])) <= 1);
                assert_eq!(pool.alpha, alpha - amount);
            }
            7 if pool.alpha > 0 => pool.alpha += random.next() % 1_000_000_000,
            _ => {}
        }
        for (index, own) in shares.iter().enumerate().filter(|(index, _)| *index != who) {
            assert!(pool.value(*own) + 1 >= before[index], "step {step}: {index} lost by {who}");
        }
        let units: u128 = shares.iter().map(|own| pool.units(*own)).sum();
        assert_eq!(units, pool.shares.mantissa, "step {step}");
        assert!(shares.iter().map(|own| pool.value(*own)).sum::<u64>() <= pool.alpha);
    }
}
