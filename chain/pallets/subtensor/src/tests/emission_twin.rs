//! A thousand random subnets, three epochs each: what the pallet issues, divides and burns is what `src/protocol/economy.ts` does, to the rao.
//! Both draw the same and compare digests; `UPDATE_TWIN=1 cargo test -p pallet-subtensor emission_twin` writes the fixture anew.
use crate::{emission::MAX_ALPHA, mock::*, pallet::*};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/emission-twin.json");

/// SplitMix64, as `test/support/split-mix.ts` has it.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn share(&mut self) -> u16 {
        match self.below(4) {
            0 => 0,
            1 => 65_535,
            _ => u16::try_from(self.below(65_536)).unwrap(),
        }
    }

    /// Issued so far: anything, or beside one of the first halvings.
    fn issued(&mut self) -> u64 {
        if self.below(2) == 0 {
            return self.next() % (MAX_ALPHA + 2);
        }
        let halving = MAX_ALPHA - (MAX_ALPHA >> (1 + self.below(40)));
        halving - self.below(3_000_000_000)
    }
}

fn digest_of(subnet: u64) -> String {
    let mut draws = Draws(subnet);
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    SubnetAlphaOut::<Test>::insert(1, draws.issued());
    SubnetOwnerCut::<Test>::put(draws.share());
    for _ in 0..3 {
        for _ in 0..=draws.below(30) {
            Subtensor::emit(&[1]);
        }
        CarriedEmission::<Test>::insert(1, draws.next() >> 40);
        let pools = Subtensor::take_pools(1, draws.below(3) > 0);
        for word in [SubnetAlphaOut::<Test>::get(1), pools.owner, pools.miners, pools.validators, pools.burned] {
            digest = (digest ^ word).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{digest:016x}")
}

#[test]
fn a_thousand_random_subnets_emit_what_the_other_language_says() {
    // The draws set the past of a subnet at will: its ledger adds up to nothing, so no invariant is checked here.
    sp_io::TestExternalities::default().execute_with(|| {
        FirstEmissionBlockNumber::<Test>::insert(1, 1);
        SubtokenEnabled::<Test>::insert(1, true);
        let found: Vec<String> = (0..1000).map(digest_of).collect();
        if std::env::var_os("UPDATE_TWIN").is_some() {
            let rows: Vec<String> = found.chunks(5).map(|row| format!("\"{}\"", row.join("\", \""))).collect();
            std::fs::write(FIXTURE, format!("[\n  {}\n]\n", rows.join(",\n  "))).unwrap();
        }
        let wanted: Vec<String> = serde_json::from_str(&std::fs::read_to_string(FIXTURE).unwrap()).unwrap();
        assert_eq!(wanted, found);
    });
}
