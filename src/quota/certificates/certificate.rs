//! A certificate as it was issued, and what it is worth today.

use crate::kernel::Moment;
use crate::kernel::ids::{CertificateId, OrganisationId, RightClassId, SiteId, UserId};
use crate::ledger::holdings::Held;
use accounting::Purpose;
use accounting::certificate::{Certificate, CertifiedGrams};
use jiff::civil::Date;
use uuid::Uuid;

/// A certificate as it was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Its identity.
    pub id: CertificateId,
    /// Of which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of which class.
    pub right_class: RightClassId,
    /// What it says.
    pub certificate: Certificate,
    /// The journal of its issue.
    pub journal: Uuid,
    /// Who issued it.
    pub issued_by: UserId,
    /// When.
    pub issued_at: Moment,
}

accounting::words! {
    /// What a certificate is worth today.
    CertificateState {
        /// The site still holds exactly this, bound exactly so.
        Current = "current",
        /// The holding has moved since.
        Changed = "changed",
        /// A newer certificate of the same rights was issued.
        Superseded = "superseded",
        /// The validity of the rights is over.
        Expired = "expired",
    }
}

/// What a certificate is worth: the gravest of what can be said of it.
pub fn state_of(
    certified: CertifiedGrams,
    held: CertifiedGrams,
    has_newer: bool,
    valid_to: Date,
    today: Date,
) -> CertificateState {
    if valid_to < today {
        CertificateState::Expired
    } else if has_newer {
        CertificateState::Superseded
    } else if certified != held {
        CertificateState::Changed
    } else {
        CertificateState::Current
    }
}

/// What stands on the accounts of a holding, in the words of a certificate.
pub fn grams_of(held: &Held) -> CertifiedGrams {
    let of = |purpose| held.get(&purpose).copied().unwrap_or_default();
    CertifiedGrams {
        available: of(Purpose::Available),
        committed: of(Purpose::Committed),
        pledged: of(Purpose::Pledged),
        frozen: of(Purpose::Frozen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_worth_what_the_books_say() {
        let (today, last) = ("2025-12-31".parse().unwrap(), "2025-12-31".parse().unwrap());
        let tomorrow = "2026-01-01".parse().unwrap();
        let held = CertifiedGrams { available: 5, ..CertifiedGrams::default() };
        let pledged = CertifiedGrams { pledged: 5, ..CertifiedGrams::default() };
        assert_eq!(state_of(held, held, false, last, today), CertificateState::Current);
        assert_eq!(state_of(held, pledged, false, last, today), CertificateState::Changed, "as much, but bound");
        assert_eq!(state_of(held, pledged, true, last, today), CertificateState::Superseded);
        assert_eq!(state_of(held, held, true, last, tomorrow), CertificateState::Expired);
    }
}
