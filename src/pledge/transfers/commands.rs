//! Proposing transfers, and answering them.

use super::{ClaimTransfer, TransferState, expect_creditor, store};
use crate::db::Work;
use crate::http::extract::{expect_version, not_found};
use crate::http::field::Fields;
use crate::kernel::Failure;
use crate::kernel::ids::{ClaimTransferId, OrganisationId, PledgeId};
use crate::parties::queries as parties;
use crate::pledge::commands::{Act, expect_pledgee, finish, journal, lock, replace, seen, stamp};
use crate::pledge::error::PledgeRefusal;
use crate::pledge::pledge::Pledge;
use crate::pledge::store as pledges;
use accounting::{Journal, JournalKind};
use std::collections::HashMap;

/// A transfer to propose.
#[derive(Debug, Clone)]
pub struct NewTransfer {
    /// Of the claim of which pledge.
    pub act: Act,
    /// Who is to have it.
    pub to: OrganisationId,
    /// Number of the contract.
    pub document: String,
}

/// Proposes transfers on behalf of the caller's bank or guarantor.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], everything of [`Pledge::expect_transferable`], [`PledgeRefusal::NotACreditor`],
/// [`PledgeRefusal::TransferOpen`]; hidden when the caller may not know of the pledge.
pub async fn propose(work: &mut Work, news: &[NewTransfer]) -> Result<Vec<ClaimTransfer>, Failure> {
    let acts: Vec<Act> = news.iter().map(|new| new.act).collect();
    let mut desk = lock(work, &acts).await?;
    let heirs: Vec<OrganisationId> = news.iter().map(|new| new.to).collect();
    let heirs = parties::organisations_by_id(work.connection(), &heirs).await?;
    let open = store::open_of(work, &acts.iter().map(|act| act.pledge).collect::<Vec<_>>()).await?;
    let (mut touched, mut journals, mut proposed) = (Vec::new(), Vec::new(), Vec::new());
    for new in news {
        let pledge = seen(&desk, work.caller(), new.act)?;
        expect_pledgee(&pledge, work.caller())?;
        pledge.expect_transferable()?;
        let mut fields = Fields::default();
        fields.take("", expect_creditor(heirs.get(&new.to), &pledge));
        fields.finish(Some(()))?;
        if open.contains(&pledge.id) {
            return Err(PledgeRefusal::TransferOpen {}.into());
        }
        let at = stamp(work);
        proposed.push(ClaimTransfer {
            id: ClaimTransferId::fresh(),
            pledge: pledge.id,
            number: pledge.state.registration().map(|made| made.number.clone()).unwrap_or_default(),
            pledgor: pledge.pledgor,
            from: pledge.pledgee,
            to: new.to,
            document: new.document.clone(),
            proposed_by: at.by,
            proposed_at: at.at,
            state: TransferState::Proposed,
            ended: None,
            version: 1,
        });
        let pledge = replace(&mut desk, pledge.touched(at));
        let journal = journal(work.today(), JournalKind::ClaimTransferProposed, &pledge, Vec::new());
        journals.push(journal.because(Some(new.document.clone())));
        touched.push(pledge);
    }
    finish(work, "pledge.transfer_proposed", touched, &journals).await?;
    store::insert(work, &proposed).await?;
    Ok(proposed)
}

/// An act on a transfer.
#[derive(Debug, Clone, Copy)]
pub struct TransferAct {
    /// Which.
    pub transfer: ClaimTransferId,
    /// The version the actor saw.
    pub expected: Option<i64>,
}

/// Locks the pledges of transfers, and gives both, as far as the caller may know of them, at the versions they saw.
async fn open_desk(
    work: &Work,
    acts: &[TransferAct],
) -> Result<(HashMap<PledgeId, Pledge>, Vec<ClaimTransfer>), Failure> {
    let ids: Vec<ClaimTransferId> = acts.iter().map(|act| act.transfer).collect();
    let of: Vec<PledgeId> = store::find(work.connection(), &ids).await?.values().map(|one| one.pledge).collect();
    let desk = pledges::lock(work, &of).await?;
    let found = store::find(work.connection(), &ids).await?;
    let transfer = |act: &TransferAct| {
        let transfer = found.get(&act.transfer).filter(|transfer| transfer.is_visible_to(work.caller()));
        let transfer = transfer.ok_or_else(|| not_found("claim transfer"))?;
        expect_version(act.expected, transfer.version)?;
        Ok(transfer.clone())
    };
    let transfers = acts.iter().map(transfer).collect::<Result<_, Failure>>()?;
    Ok((desk, transfers))
}

/// Accepts transfers on behalf of the caller's bank or guarantor, who is the pledgee from then on. Judged again under the locks.
///
/// # Errors
/// [`PledgeRefusal::NotTheHeir`], [`PledgeRefusal::TransferState`], everything of [`Pledge::expect_transferable`]; hidden when the caller may
/// not know of it.
pub async fn accept(work: &mut Work, acts: &[TransferAct]) -> Result<Vec<ClaimTransfer>, Failure> {
    end(work, acts, TransferState::Accepted).await
}

/// Turns transfers down on behalf of the caller's bank or guarantor.
///
/// # Errors
/// [`PledgeRefusal::NotTheHeir`], [`PledgeRefusal::TransferState`]; hidden when the caller may not know of it.
pub async fn decline(work: &mut Work, acts: &[TransferAct]) -> Result<Vec<ClaimTransfer>, Failure> {
    end(work, acts, TransferState::Declined).await
}

/// Takes transfers back on behalf of the pledgee.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::TransferState`]; hidden when the caller may not know of it.
pub async fn withdraw(work: &mut Work, acts: &[TransferAct]) -> Result<Vec<ClaimTransfer>, Failure> {
    end(work, acts, TransferState::Withdrawn).await
}

async fn end(work: &mut Work, acts: &[TransferAct], state: TransferState) -> Result<Vec<ClaimTransfer>, Failure> {
    let (mut desk, transfers) = open_desk(work, acts).await?;
    let (mut touched, mut journals, mut ended) = (Vec::<Pledge>::new(), Vec::<Journal>::new(), Vec::new());
    for transfer in transfers {
        let pledge = desk.get(&transfer.pledge).cloned().ok_or_else(|| Failure::bug("a transfer of no pledge"))?;
        match state {
            TransferState::Withdrawn => expect_pledgee(&pledge, work.caller())?,
            _ if transfer.to != work.caller().organisation => return Err(PledgeRefusal::NotTheHeir {}.into()),
            _ => {}
        }
        let at = stamp(work);
        let transfer = transfer.end(state, at.by, at.at)?;
        let (kind, pledge) = match state {
            TransferState::Accepted => (JournalKind::ClaimTransferred, pledge.transfer_to(transfer.to, at)?),
            _ => (JournalKind::ClaimTransferDropped, pledge.touched(at)),
        };
        let pledge = replace(&mut desk, pledge);
        let journal = journal(work.today(), kind, &pledge, Vec::new());
        journals.push(journal.because(Some(transfer.document.clone())));
        touched.push(pledge);
        ended.push(transfer);
    }
    let event = match state {
        TransferState::Accepted => "pledge.transferred",
        _ => "pledge.transfer_dropped",
    };
    finish(work, event, touched, &journals).await?;
    store::save(work, &ended).await?;
    Ok(ended)
}
