//! Axons.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*};

fn serve(hotkey: Account, ip: u128, port: u16, ip_type: u8) -> sp_runtime::DispatchResult {
    Subtensor::serve_axon(RuntimeOrigin::signed(hotkey), 1, 1, ip, port, ip_type, 4, 0, 0)
}

#[test]
fn stores_an_axon() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        run_to(4);
        assert_ok!(serve(hot(1), 0x0102_0304, 8080, 4));
        System::assert_last_event(Event::<Test>::AxonServed(1, hot(1)).into());
        let axon = Axons::<Test>::get(1, hot(1)).unwrap();
        assert_eq!((axon.block, axon.ip, axon.port, axon.ip_type, axon.protocol), (4, 0x0102_0304, 8080, 4, 4));
        assert_ok!(serve(hot(1), 0, 1, 6));
    });
}

#[test]
fn refuses_strangers_and_bad_addresses() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert_noop!(serve(RICH, 1, 0, 5), Error::<Test>::HotKeyNotRegisteredInNetwork);
        assert_noop!(serve(hot(1), 2, 0, 5), Error::<Test>::InvalidIpType);
        assert_noop!(serve(hot(1), u128::from(u32::MAX), 0, 4), Error::<Test>::InvalidIpAddress);
        assert_noop!(serve(hot(1), 1 << 40, 0, 4), Error::<Test>::InvalidIpAddress);
        assert_noop!(serve(hot(1), u128::MAX, 0, 6), Error::<Test>::InvalidIpAddress);
        assert_noop!(serve(hot(1), 2, 0, 4), Error::<Test>::InvalidPort);
    });
}

#[test]
fn loopback_needs_a_localnet() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert_noop!(serve(hot(1), 0x7f00_0001, 80, 4), Error::<Test>::InvalidIpAddress);
        assert_noop!(serve(hot(1), 1, 80, 6), Error::<Test>::InvalidIpAddress);
        AllowLoopbackAxon::<Test>::put(true);
        assert_ok!(serve(hot(1), 0x7f00_0001, 80, 4));
        assert_ok!(serve(hot(1), 1, 80, 6));
    });
}

#[test]
fn the_rate_is_limited() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        ServingRateLimit::<Test>::insert(1, 50);
        run_to(10);
        assert_ok!(serve(hot(1), 9, 80, 4));
        run_to(59);
        assert_noop!(serve(hot(1), 9, 0, 4), Error::<Test>::ServingRateLimitExceeded);
        run_to(60);
        assert_ok!(serve(hot(1), 9, 80, 4));
    });
}

#[test]
fn stores_a_certificate_with_the_axon() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let serve = |certificate: Vec<u8>| {
            Subtensor::serve_axon_tls(RuntimeOrigin::signed(hot(1)), 1, 1, 9, 80, 4, 4, 0, 0, certificate)
        };
        assert_ok!(serve(vec![7, 1, 2, 3]));
        let stored = NeuronCertificates::<Test>::get(1, hot(1)).unwrap();
        assert_eq!((stored.algorithm, stored.public_key.into_inner()), (7, vec![1, 2, 3]));
        // Of another form: the axon is served, the certificate stays (as upstream).
        assert_ok!(serve(vec![8; 66]));
        assert_ok!(serve(vec![]));
        assert_eq!(NeuronCertificates::<Test>::get(1, hot(1)).unwrap().algorithm, 7);
        assert_eq!(Axons::<Test>::get(1, hot(1)).unwrap().port, 80);
    });
}

#[test]
fn stores_where_metrics_are_served() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let serve = |who, ip, port, kind| Subtensor::serve_prometheus(RuntimeOrigin::signed(who), 1, 1, ip, port, kind);
        assert_noop!(serve(RICH, 1, 0, 5), Error::<Test>::InvalidIpType);
        assert_noop!(serve(RICH, 0, 0, 4), Error::<Test>::InvalidIpAddress);
        assert_noop!(serve(RICH, 0x7f00_0001, 0, 4), Error::<Test>::InvalidIpAddress);
        assert_noop!(serve(RICH, 9, 0, 4), Error::<Test>::HotKeyNotRegisteredInNetwork);
        assert_noop!(serve(hot(1), 9, 0, 4), Error::<Test>::InvalidPort);
        assert_ok!(serve(hot(1), 9, 80, 4));
        System::assert_last_event(Event::<Test>::PrometheusServed(1, hot(1)).into());
        ServingRateLimit::<Test>::insert(1, 2);
        run(1);
        assert_noop!(serve(hot(1), 9, 80, 4), Error::<Test>::ServingRateLimitExceeded);
        run(1);
        assert_ok!(serve(hot(1), 9, 81, 4));
    });
}
