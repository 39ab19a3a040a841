//! The peer: cala-ledger, by its own batch call, on the same server.

use crate::Outcome;
use crate::server::Server;
use crate::stage::Dice;
use cala_ledger::account::NewAccount;
use cala_ledger::job::{JobSvcConfig, Jobs};
use cala_ledger::journal::NewJournal;
use cala_ledger::posting::PostingInput;
use cala_ledger::tx_template::{NewParamDefinition, NewTxTemplate, NewTxTemplateEntry, NewTxTemplateTransaction};
use cala_ledger::tx_template::{ParamDataType, Params};
use cala_ledger::{AccountId, CalaLedger, CalaLedgerConfig, JournalId, TransactionId};
use rust_decimal::Decimal;
use sea_orm::sqlx::{Connection, PgConnection, query};

const TEMPLATE: &str = "TRANSFER";

/// A ledger of the peer with its accounts. Nothing that it could leave out is switched on: no account sets, no velocity
/// limits, no effective balances, and its background jobs do not run.
pub struct Peer {
    ledger: CalaLedger,
    accounts: Vec<AccountId>,
    _jobs: Jobs,
}

impl Peer {
    /// Makes it in a database of its own.
    pub async fn on(server: &Server, accounts: usize) -> Outcome<Self> {
        let mut admin = PgConnection::connect(&server.url("postgres")).await?;
        query("CREATE DATABASE peer").execute(&mut admin).await?;
        admin.close().await?;
        let url = server.url("peer");
        let config = CalaLedgerConfig::builder().pg_con(url.clone()).exec_migrations(true).build()?;
        let mut jobs = Jobs::init(JobSvcConfig::builder().pg_con(url).exec_migrations(false).build()?).await?;
        let ledger = CalaLedger::init(config, &mut jobs).await?;
        let journal = JournalId::new();
        ledger.journals().create(NewJournal::builder().id(journal).name("Transfers").build()).await?;
        let new = |at: usize| {
            NewAccount::builder().id(AccountId::new()).name(format!("Owner {at}")).code(format!("OWNER-{at}")).build()
        };
        let made = ledger.accounts().create_all((0..accounts).map(new).collect()).await?;
        let accounts = made.iter().map(|account| account.id()).collect();
        ledger.tx_templates().create(template(journal)?).await?;
        Ok(Self { ledger, accounts, _jobs: jobs })
    }

    /// Transfers in one batch.
    pub async fn bulk(&self, count: usize, dice: &mut Dice) -> Outcome<()> {
        let transfer = |_| {
            let from = dice.below(self.accounts.len());
            let to = (from + 1 + dice.below(self.accounts.len() - 1)) % self.accounts.len();
            let mut params = Params::new();
            params.insert("sender", self.accounts[from]);
            params.insert("recipient", self.accounts[to]);
            params.insert("units", Decimal::ONE);
            PostingInput::new(TransactionId::new(), TEMPLATE, params)
        };
        let posted = self.ledger.post_transactions((0..count).map(transfer).collect()).await?;
        if posted.len() == count { Ok(()) } else { Err("the peer posted fewer transfers than it was given".into()) }
    }
}

/// One amount from one account to another.
fn template(journal: JournalId) -> Outcome<NewTxTemplate> {
    let param = |name: &str, kind: ParamDataType| NewParamDefinition::builder().name(name).r#type(kind).build();
    let side = |kind: &str, account: &str, direction: &str| {
        NewTxTemplateEntry::builder()
            .entry_type(kind)
            .account_id(account)
            .layer("SETTLED")
            .direction(direction)
            .units("params.units")
            .currency("'CNY'")
            .build()
    };
    let transaction =
        NewTxTemplateTransaction::builder().effective("date()").journal_id(format!("uuid('{journal}')")).build()?;
    let params = vec![
        param("sender", ParamDataType::Uuid)?,
        param("recipient", ParamDataType::Uuid)?,
        param("units", ParamDataType::Decimal)?,
    ];
    let entries =
        vec![side("'TRANSFER_DR'", "params.sender", "DEBIT")?, side("'TRANSFER_CR'", "params.recipient", "CREDIT")?];
    let template = NewTxTemplate::builder().id(uuid::Uuid::now_v7()).code(TEMPLATE).params(params);
    Ok(template.transaction(transaction).entries(entries).build())
}
