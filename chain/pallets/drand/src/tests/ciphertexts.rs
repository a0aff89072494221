//! What was encrypted to a round, and what only looks like it.
use super::*;
use crate::beacon::decrypt;

/// bittensor_drand 2.0's `encrypt_at_round` to round 1000 of SCALE(//Alice, [1], [65535], 0): its inner ciphertext, which is
/// what `get_encrypted_commit_v2` gives for a commit.
const COMMIT: &str = include_str!("commit.hex");

#[test]
fn a_clients_ciphertext_opens_with_its_round_only() {
    let ciphertext = bytes(COMMIT.trim());
    let plain = decrypt(&bytes(ROUND_1000), &ciphertext).unwrap();
    let mut expected = vec![32 << 2];
    expected.extend(sp_keyring::Sr25519Keyring::Alice.to_raw_public());
    expected.extend([1 << 2, 1, 0, 1 << 2, 0xff, 0xff]);
    expected.extend([0; 8]);
    assert_eq!(plain, expected);
    assert_eq!(decrypt(&bytes(ROUND_123), &ciphertext), None);
    assert_eq!(decrypt(&[0; 48], &ciphertext), None);
    assert_eq!(decrypt(&[], &ciphertext), None);
}

#[test]
fn bytes_of_strangers_open_nothing_and_stop_nothing() {
    let whole = bytes(COMMIT.trim());
    let signature = bytes(ROUND_1000);
    for length in 0..whole.len() {
        assert_eq!(decrypt(&signature, &whole[..length]), None, "{length} bytes");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert_eq!(decrypt(&signature, &longer), None);
    // Every length there is says "all of memory": of v, w, the body, the ciphertext, the nonce, the name of the cipher.
    for at in [96, 136, 176, 184, 255, 275] {
        let mut huge = whole.clone();
        huge[at..at + 8].fill(0xff);
        assert_eq!(decrypt(&signature, &huge), None, "length at {at}");
    }
    for at in (0..whole.len()).step_by(7) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert_eq!(decrypt(&signature, &changed), None, "byte {at}");
    }
}
