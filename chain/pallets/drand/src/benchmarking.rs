//! Benchmarks of the calls, with pulses of a beacon whose secret is 1: its key is the generator of G2.
#![allow(clippy::expect_used)]
use alloc::{vec, vec::Vec};

use ark_serialize::CanonicalSerialize;
use frame_benchmarking::v2::*;
use frame_support::{pallet_prelude::Get, BoundedVec};
use frame_system::RawOrigin;
use sp_core::hex2array;
use sp_runtime::MultiSigner;
use timelock::engines::{drand::TinyBLS381, EngineBLS};

use crate::{pallet::*, types::*, KEPT_PULSES};

fn compressed(point: impl CanonicalSerialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    point.serialize_compressed(&mut bytes).expect("a list takes all bytes");
    bytes
}

fn pulse(round: RoundNumber) -> Pulse {
    let message = sp_io::hashing::sha2_256(&round.to_be_bytes());
    let signature = compressed(TinyBLS381::hash_to_signature_curve(&message[..]));
    let randomness = sp_io::hashing::sha2_256(&signature).to_vec();
    Pulse { round, randomness: BoundedVec::truncate_from(randomness), signature: BoundedVec::truncate_from(signature) }
}

fn sender() -> MultiSigner {
    MultiSigner::Sr25519(sp_core::sr25519::Public::from_raw([0; 32]))
}

/// As many pulses as are kept; each new one takes the place of one of the first.
fn follow_with_all_places_taken<T: Config>() {
    FollowsBeacon::<T>::put(true);
    let public_key = hex2array!("93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8").to_vec();
    BeaconConfig::<T>::mutate(|beacon| beacon.public_key = BoundedVec::truncate_from(public_key));
    for place in 0..16 {
        KeptRounds::<T>::insert(place, place);
        Pulses::<T>::insert(place, Pulse { round: place, ..Default::default() });
    }
    KeptRange::<T>::put((0, KEPT_PULSES));
    LastStoredRound::<T>::put(KEPT_PULSES);
}

#[benchmarks]
mod calls {
    use super::*;

    /// `p` pulses.
    #[benchmark]
    fn write_pulse(p: Linear<1, 8>) {
        follow_with_all_places_taken::<T>();
        let pulses: Vec<Pulse> =
            (0..u64::from(p)).map(|at| pulse(KEPT_PULSES.saturating_add(at).saturating_add(1))).collect();
        let payload = PulsesPayload { block_number: 0_u32.into(), pulses, public: sender() };

        #[extrinsic_call]
        _(RawOrigin::None, payload, None);

        assert_eq!(LastStoredRound::<T>::get(), KEPT_PULSES.saturating_add(p.into()));
        assert!(!Pulses::<T>::contains_key(0));
    }

    #[benchmark]
    fn set_beacon_config() {
        let config = BeaconConfiguration { public_key: BoundedVec::truncate_from(vec![7; 96]), ..Quicknet::get() };
        let payload =
            BeaconConfigurationPayload { block_number: 0_u32.into(), config: config.clone(), public: sender() };

        #[extrinsic_call]
        _(RawOrigin::Root, payload, None);

        assert_eq!(BeaconConfig::<T>::get(), config);
    }

    #[benchmark]
    fn set_oldest_stored_round() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(OldestStoredRound::<T>::get(), 7);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
