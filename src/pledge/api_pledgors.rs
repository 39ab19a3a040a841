//! Several pledgors of one pledge, as they are named and as they are told.

use super::pledge::Pledge;
use crate::http::Fields;
use crate::kernel::Moment;
use crate::kernel::ids::OrganisationId;
use accounting::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most further pledgors of one pledge; more than any group of companies of a county has.
const MOST_PLEDGORS: usize = 20;

/// The further pledgors that an application names.
pub(super) fn read_further(fields: &mut Fields, told: &[Uuid]) -> Vec<OrganisationId> {
    if told.is_empty() {
        return Vec::new();
    }
    let told = fields.count("further_pledgors", told, MOST_PLEDGORS);
    told.iter().take(MOST_PLEDGORS).map(|pledgor| OrganisationId(*pledgor)).collect()
}

/// A pledgor, with what it answers for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Pledgor)]
pub struct PledgorView {
    /// Id of the enterprise (出质人).
    pub pledgor: Uuid,
    /// Whether the loan is its own; the others give their rights for it.
    #[schema(example = true)]
    pub borrows: bool,
    /// CNY; what of the loan rests on its rights now (对应担保债权额), which is all that it answers with. Null of a pledge that says no parts.
    #[schema(example = "130000.00")]
    pub secured: Option<String>,
    /// When one of the others agreed to the application, in business time; the borrower's yes stands in the state of the pledge.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub agreed_at: Option<Moment>,
}

impl PledgorView {
    /// The pledgors of a pledge, the borrower first.
    pub(super) fn of(pledge: &Pledge) -> Vec<Self> {
        let shares = pledge.pledgor_shares().into_iter();
        shares
            .map(|share| Self {
                pledgor: share.pledgor.0,
                borrows: share.pledgor == pledge.pledgor,
                secured: share.secured.map(Money::print),
                agreed_at: share.agreed_at,
            })
            .collect()
    }
}
