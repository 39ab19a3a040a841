//! A take-back of pledged rights: the pledgee is told, and the grams go only after its release or the end of its term. Hubei lets nobody
//! pledge free rights, and only free ones are taken back; so the liens of these stories are kept by a register of their own, as another
//! province's rules would allow.

use super::{granted, holding, stands};
use crate::support::world::Enterprise;
use crate::support::{Client, World};
use accounting::{Holding, Journal, JournalId, JournalKind, Quantity, Subject, SubjectId, SubjectKind, recipes};
use ganhe::access::Action;
use ganhe::db::Work;
use ganhe::db::work::Doing;
use ganhe::decisions::Grounds;
use ganhe::encumbrance::{Binders, Lapse, LienOn, Liens, NewNotice};
use ganhe::kernel::Failure;
use ganhe::kernel::ids::{RightActId, SiteId, fresh};
use ganhe::parties::queries::classes_by_code;
use ganhe::quota::tenure::commands::{ActWord, approve};
use ganhe::quota::tenure::proposing::{NewRightAct, NewWhat, propose};
use ganhe::quota::tenure::{Cause, RightAct};
use std::sync::Mutex;

/// Liens as this register knows them.
#[derive(Default)]
struct Elsewhere(Mutex<Vec<LienOn>>);

impl Elsewhere {
    fn found(&self, is_wanted: impl Fn(&LienOn) -> bool) -> Vec<LienOn> {
        self.0.lock().unwrap().iter().filter(|lien| lien.grams > 0 && is_wanted(lien)).cloned().collect()
    }

    fn change(&self, lien: SubjectId, change: impl FnOnce(&mut LienOn)) {
        change(self.0.lock().unwrap().iter_mut().find(|one| one.lien == lien).unwrap());
    }
}

impl Liens for Elsewhere {
    fn on<'w>(&'w self, _: &'w Work, stocks: &'w [Holding]) -> Doing<'w, Vec<LienOn>> {
        Box::pin(async move { Ok(self.found(|lien| stocks.contains(&lien.stock))) })
    }

    fn lock<'w>(&'w self, _: &'w Work, liens: &'w [SubjectId]) -> Doing<'w, Vec<LienOn>> {
        Box::pin(async move { Ok(self.found(|lien| liens.contains(&lien.lien))) })
    }

    fn notify<'w>(&'w self, _: &'w mut Work, news: &'w [NewNotice]) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            news.iter().for_each(|new| self.change(new.lien, |lien| lien.notices.push(new.notice)));
            Ok(Vec::new())
        })
    }

    fn lapse<'w>(&'w self, _: &'w mut Work, lapses: &'w [Lapse]) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            lapses.iter().for_each(|lapse| self.change(lapse.lien, |lien| lien.grams -= lapse.grams));
            Ok(Vec::new())
        })
    }
}

/// The mill with 10 t of free rights, 6 t of them under a lien.
struct Stage {
    world: World,
    mill: Enterprise,
    class: String,
    register: &'static Elsewhere,
    binders: Binders,
    lien: SubjectId,
}

const TONNE: i64 = 1_000_000;

impl Stage {
    async fn set() -> Self {
        let world = World::new().await;
        let mill = world.enterprise("临江纸业").await;
        let class = granted(&world, mill.site, "10.000", "free", "2025-12-31").await;
        let register: &'static Elsewhere = Box::leak(Box::default());
        let kept: &'static [&'static dyn Liens] = Box::leak(Box::new([register as &dyn Liens]));
        let binders = Binders { commitments: &[], liens: kept };
        let stage = Self { world, mill, class, register, binders, lien: SubjectId(fresh()) };
        let stock = stage.stock().await;
        let held = LienOn { lien: stage.lien, number: "PL-9".to_owned(), stock, grams: 6 * TONNE, notices: Vec::new() };
        register.0.lock().unwrap().push(held);
        stage.posts(recipes::pledge(stock, stage.lien, Quantity::try_new(6 * TONNE).unwrap()).unwrap()).await;
        stage
    }

    async fn stock(&self) -> Holding {
        let db = &self.world.app.shared.db;
        let found = classes_by_code(db.reader(), std::slice::from_ref(&self.class)).await.unwrap();
        Holding { owner: SiteId(self.mill.site).into(), asset: found[&self.class].id.into() }
    }

    async fn posts(&self, postings: Vec<accounting::Posting>) {
        let shared = &self.world.app.shared;
        let permit = self.world.officer.signed_in(shared).may(Action::OperateReserve).unwrap();
        let subject = Subject { kind: SubjectKind::Pledge, id: fresh(), version: 1 };
        let today = self.world.now().day();
        let journal = Journal::new(JournalId(fresh()), JournalKind::PledgeRegistered, subject, today, postings);
        let posted = shared.db.run(&permit, &journal, |work, journal| {
            Box::pin(async move { ganhe::ledger::post(work, std::slice::from_ref(journal)).await.map(|_| ()) })
        });
        posted.await.unwrap();
    }

    /// The pledgee releases the lien.
    async fn releases(&self) {
        let stock = self.stock().await;
        self.register.change(self.lien, |lien| lien.grams = 0);
        self.posts(recipes::release(stock, self.lien, Quantity::try_new(6 * TONNE).unwrap()).unwrap()).await;
    }

    /// An officer proposes to take so many tonnes back.
    async fn takes_back(&self, tonnes: i64) -> Result<RightActId, Failure> {
        let right_class = ganhe::kernel::ids::RightClassId(self.stock().await.asset.0);
        let what = NewWhat::TakeBack { right_class, reserve: SiteId(self.world.reserve.site) };
        let new = NewRightAct {
            site: SiteId(self.mill.site),
            quantity: Quantity::try_new(tonnes * TONNE).unwrap(),
            cause: Cause::Bankruptcy,
            document: "咸环收〔2022〕4号".to_owned(),
            what,
        };
        let shared = &self.world.app.shared;
        let permit = self.world.officer.signed_in(shared).may(Action::OperateReserve).unwrap();
        let input = (self.binders, [new]);
        let proposed = shared.db.run(&permit, &input, |work, (binders, news)| {
            Box::pin(async move { Ok(propose(work, *binders, news).await?[0].id) })
        });
        proposed.await
    }

    async fn approves(&self, client: &Client, act: RightActId) -> Result<String, Failure> {
        let shared = &self.world.app.shared;
        let permit = client.signed_in(shared).may(Action::DecideRightAct).unwrap();
        let word = ActWord { act, expected: None, grounds: Grounds::default() };
        let input = (self.binders, [word]);
        let done = shared.db.run(&permit, &input, |work, (binders, words)| {
            Box::pin(async move {
                let acts: Vec<RightAct> = approve(work, *binders, words).await?;
                Ok(acts[0].state_word().to_owned())
            })
        });
        done.await
    }

    async fn is_refused_with(&self, act: RightActId, code: &str) {
        let refused = self.approves(&self.world.head, act).await.unwrap_err();
        assert_eq!(refused.violations[0].code, code, "{refused:?}");
    }

    fn notices(&self) -> usize {
        self.register.0.lock().unwrap()[0].notices.len()
    }
}

#[tokio::test]
async fn where_no_rule_sets_a_term_a_lien_stays_until_its_pledgee_lets_go() {
    let stage = Stage::set().await;
    let act = stage.takes_back(7).await.unwrap();
    assert_eq!(stage.notices(), 1, "the pledgee is told when it is proposed");
    stage.is_refused_with(act, "QTA_LIENS_IN_THE_WAY").await;
    stage.world.days_pass(365);
    stage.is_refused_with(act, "QTA_LIENS_IN_THE_WAY").await;
    stage.releases().await;
    assert_eq!(stage.approves(&stage.world.head, act).await.unwrap(), "carried_out");
    assert_eq!(holding(&stage.world, stage.mill.site, &stage.class).await, stands(&[("available", "3.000")]));
    assert_eq!(holding(&stage.world, stage.world.reserve.site, &stage.class).await, stands(&[("available", "7.000")]));
}

#[tokio::test]
async fn after_the_term_what_is_missing_leaves_the_lien() {
    let stage = Stage::set().await;
    stage.world.adopts(&[("take_back_notice_days", "3")]).await.granted();
    let small = stage.takes_back(4).await.unwrap();
    assert_eq!(stage.notices(), 0, "what is free is enough");
    let act = stage.takes_back(7).await.unwrap();
    let until = stage.register.0.lock().unwrap()[0].notices[0].until;
    assert_eq!(until, Some("2022-12-06".parse().unwrap()), "three working days after the first of December");
    stage.world.days_pass(5);
    stage.is_refused_with(act, "QTA_NOTICE_RUNNING").await;
    stage.world.days_pass(1);
    assert_eq!(stage.approves(&stage.world.head, act).await.unwrap(), "carried_out");
    assert_eq!(holding(&stage.world, stage.mill.site, &stage.class).await, stands(&[("pledged", "3.000")]));
    assert_eq!(holding(&stage.world, stage.world.reserve.site, &stage.class).await, stands(&[("available", "7.000")]));
    assert_eq!(stage.register.0.lock().unwrap()[0].grams, 3 * TONNE);
    stage.is_refused_with(small, "QTA_NOT_ENOUGH_AVAILABLE").await;
    let trial = stage.world.auditor.get("/audit/trial-balance").await.granted();
    assert_eq!(trial["is_balanced"], true);
    let found = stage.world.auditor.get("/capacities?area=421222&pollutant=COD").await.granted();
    assert_eq!(found["items"][0]["used"], "3.000", "what is taken back uses the area no more");
}

#[tokio::test]
async fn nobody_takes_more_back_than_is_there() {
    let stage = Stage::set().await;
    let refused = stage.takes_back(11).await.unwrap_err();
    assert_eq!(refused.violations[0].code, "QTA_NOT_ENOUGH_AVAILABLE");
    assert_eq!(stage.notices(), 0);
}
