//! Yuma3: bonds follow weights without stake; dividends are bonds times stake. Liquid alpha lives here.

use crate::bonds::{fixed_alpha, standing_bonds, BondTerms, Bonded};
use crate::fixed::{at, normalise, I32F32};
use crate::matrix::{entry, Matrix, Row};
use crate::terms::LiquidAlpha;
use alloc::vec::Vec;

/// Steepness is given in hundredths; negative, because the sigmoid needs the negated product.
const STEEPNESS_DIVISOR: i32 = -100;

/// Bonds and dividends of Yuma3.
pub(crate) fn yuma3(terms: &BondTerms<'_>) -> Bonded {
    let old = standing_bonds(terms.input, I32F32::from_u16_proportion);
    let has_consensus = terms.consensus.iter().any(|share| *share != I32F32::ZERO);
    let bonds = match terms.input.liquid_alpha {
        Some(liquid) if has_consensus => liquid_average(terms, &old, &Curve::new(liquid)),
        _ => terms.weights.moving_average(&old, fixed_alpha(terms.input)),
    };

    let mut shares = bonds.clone();
    shares.normalise_columns();
    let earned = shares.right_product(terms.incentive);
    let mut dividends: Vec<I32F32> = earned.iter().zip(terms.active_stake).map(|(e, s)| e.mul(*s)).collect();
    normalise(&mut dividends);
    Bonded { bonds, dividends }
}

/// Only entries of the new weights survive, explicit zeros among them: a validator that no longer names a miner loses
/// that bond at once, one that names it with zero keeps the decaying rest. Upstream's rule.
fn liquid_average(terms: &BondTerms<'_>, old: &Matrix, curve: &Curve) -> Matrix {
    let average = |(row, old_row): (&Row, &Row)| {
        let blend = |(j, weight): &(u16, I32F32)| {
            let bond = entry(old_row, *j);
            let alpha = curve.alpha(at(terms.consensus, usize::from(*j)), *weight, bond);
            let kept = I32F32::ONE.sub(alpha).mul(bond);
            let gained = alpha.mul(*weight).max(I32F32::ZERO);
            let value = kept.add(gained).min(I32F32::ONE);
            (value > I32F32::ZERO).then_some((*j, value))
        };
        row.iter().filter_map(blend).collect()
    };
    Matrix::new(terms.weights.rows().iter().zip(old.rows()).map(average).collect())
}

/// The sigmoid from the distance to consensus to alpha.
struct Curve {
    low: I32F32,
    high: I32F32,
    negated_steepness: I32F32,
}

impl Curve {
    fn new(liquid: LiquidAlpha) -> Self {
        let steepness = I32F32::from_int(i32::from(liquid.steepness));
        Self {
            low: I32F32::from_u16_proportion(liquid.low),
            high: I32F32::from_u16_proportion(liquid.high),
            negated_steepness: steepness.div(I32F32::from_int(STEEPNESS_DIVISOR)),
        }
    }

    /// Buying is measured against consensus, selling against the old bond.
    fn alpha(&self, consensus: I32F32, weight: I32F32, bond: I32F32) -> I32F32 {
        let gap = if weight >= bond { weight.sub(consensus) } else { bond.sub(weight) };
        let distance = gap.bound(I32F32::ZERO, I32F32::ONE);
        let negated = self.negated_steepness.mul(distance.sub(I32F32::HALF));
        let rise = I32F32::sigmoid_of_negated(negated).mul(self.high.sub(self.low));
        self.low.add(rise).bound(self.low, self.high)
    }
}
