//! Genesis presets: `development` (one authority) and `local` (three) are for chains whose tokens are worth nothing:
//! known accounts are rich, //Alice is sudo, axons may be loopback, and new subnets have epochs within seconds. `live` has
//! nothing of that, no sudo key above all: authorities, balances and the keys of Governance come from whoever makes the
//! genesis, as networks do with all three.
use alloc::{vec, vec::Vec};

use pallet_grandpa::AuthorityId as GrandpaId;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

use crate::{AccountId, Balance};

/// Rao of each known account.
const ENDOWMENT: Balance = 1_000_000_000_000_000;
/// Rao of the first subnet: one TAO, so that whoever asked //Alice for tokens can afford one.
const MIN_LOCK_COST: Balance = 1_000_000_000;
const AUTHORITIES: [(Sr25519Keyring, Ed25519Keyring); 3] = [
    (Sr25519Keyring::Alice, Ed25519Keyring::Alice),
    (Sr25519Keyring::Bob, Ed25519Keyring::Bob),
    (Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
];
const FUNDED: [Sr25519Keyring; 6] = [
    Sr25519Keyring::Alice,
    Sr25519Keyring::Bob,
    Sr25519Keyring::Charlie,
    Sr25519Keyring::Dave,
    Sr25519Keyring::Eve,
    Sr25519Keyring::Ferdie,
];

/// Names of the presets.
pub fn names() -> Vec<PresetId> {
    vec![PresetId::from("development"), PresetId::from("local"), PresetId::from("live")]
}

/// The patch of a preset, as JSON; None for an unknown name.
pub fn patch(id: &PresetId) -> Option<Vec<u8>> {
    let count = match id.as_ref() {
        "development" => 1,
        "local" => 3,
        "live" => return Some(b"{}".to_vec()),
        _ => return None,
    };
    let authorities = || AUTHORITIES.iter().take(count);
    let aura: Vec<AuraId> = authorities().map(|(key, _)| key.public().into()).collect();
    let grandpa: Vec<(GrandpaId, u64)> = authorities().map(|(_, key)| (key.public().into(), 1)).collect();
    let balances: Vec<(AccountId, Balance)> = FUNDED.iter().map(|key| (key.to_account_id(), ENDOWMENT)).collect();
    let patch = serde_json::json!({
        "balances": { "balances": balances },
        "aura": { "authorities": aura },
        "grandpa": { "authorities": grandpa },
        "sudo": { "key": Some(Sr25519Keyring::Alice.to_account_id()) },
        "subtensorModule": {
            "allowLoopbackAxon": true,
            "defaultTempo": 12,
            "defaultImmunityPeriod": 1_000,
            "defaultWeightsSetRateLimit": 0,
            "networkRateLimit": 0,
            "adminFreezeWindow": 0,
            "ownerHyperparamRateLimit": 0,
            "networkMinLockCost": MIN_LOCK_COST,
        },
    });
    serde_json::to_vec(&patch).ok()
}
