//! A server over a database of its own, on a clock that stands still until a test moves it.

use super::{made, postgres};
use ganhe::access::password::Cost;
use ganhe::access::{Action, Caller, Passwords, SecondFactor, SignInRules};
use ganhe::app;
use ganhe::db::Db;
use ganhe::http::conduct::Rate;
use ganhe::http::outbound::Receivers;
use ganhe::http::{Conduct, Shared};
use ganhe::identity::founding::{Founding, find_installation, found, set_business_time};
use ganhe::identity::keys;
use ganhe::kernel::{Clock, Moment};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;

/// Business time when a test begins.
pub const START: &str = "2022-12-01T09:00:00+08:00";

/// Which database the suite runs on.
#[expect(clippy::disallowed_methods, reason = "the suite is told by its environment which database to use")]
pub fn is_postgres() -> bool {
    std::env::var("GANHE_TEST_DATABASE").is_ok_and(|database| database == "postgres")
}

/// The URL of a new and empty database with its tables.
pub async fn fresh_database() -> String {
    if is_postgres() {
        return made::note(postgres::fresh_database(async |url| migrate(url).await).await);
    }
    let file = fresh_file();
    std::fs::copy(template().await, &file).unwrap();
    made::note(format!("sqlite:{}", file.display()))
}

/// The URL of a new database that says what a closed one says.
async fn copy_of_database(url: &str) -> String {
    made::keep(url);
    if is_postgres() {
        return made::note(postgres::copy_of_database(url).await);
    }
    let file = fresh_file();
    std::fs::copy(url.strip_prefix("sqlite:").unwrap(), &file).unwrap();
    made::note(format!("sqlite:{}", file.display()))
}

fn fresh_file() -> PathBuf {
    let name = format!("ganhe-{}.sqlite", ganhe::kernel::ids::fresh().simple());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A database file with its tables, of which every story gets a copy: made once for a state of the migrations, by whichever test
/// process comes first.
async fn template() -> &'static Path {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    let made = TEMPLATE.get_or_init(async || {
        let name = format!("template-{:016x}.sqlite", postgres::hash_of_migrations().unwrap());
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if !file.exists() {
            let draft = fresh_file();
            migrate(&format!("sqlite:{}", draft.display())).await;
            // The name comes last: whoever finds it finds a finished template.
            std::fs::rename(draft, &file).unwrap();
        }
        file
    });
    made.await
}

async fn migrate(url: &str) {
    Db::migrated(url, Clock::system()).await.unwrap().close().await.unwrap();
}

/// How people sign in to most stories: nobody is asked for a second factor, passwords are cheap to hash, and what was read of a
/// session is remembered as briefly as can be.
pub fn without_second_factor() -> SignInRules {
    let cheap = Cost { memory: 64, passes: 1, ..Cost::default() };
    let passwords = Passwords::new(cheap).unwrap();
    SignInRules { passwords, second_factor: SecondFactor::Off, remembered: Duration::from_millis(200) }
}

/// A running server.
pub struct TestApp {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its requests share.
    pub shared: Shared,
    /// The clock it runs on.
    pub clock: Clock,
    /// The first operator.
    pub operator: Caller,
    /// Its database.
    pub url: String,
}

impl TestApp {
    /// Founds a book in a fresh database and serves it.
    pub async fn start() -> Self {
        Self::start_with(without_second_factor()).await
    }

    /// The same where people sign in by other rules.
    pub async fn start_with(rules: SignInRules) -> Self {
        Self::found(Clock::manual(Moment::parse(START).unwrap()), false, rules).await
    }

    /// The same in the business time of a demonstration, while sign-ins live by the wall: the real program can go on with
    /// this database, and with the tokens of its clients.
    pub async fn start_beside_the_wall() -> Self {
        let now = Clock::system().wall_now();
        let clock = Clock::manual(now);
        clock.set_offset(Moment::parse(START).unwrap().micros() - now.micros());
        let app = Self::found(clock, true, without_second_factor()).await;
        let permit = app.operator.may(Action::RegisterReference).unwrap();
        set_business_time(&app.shared.db, &permit, now, app.clock.business_now()).await.unwrap();
        app
    }

    async fn found(clock: Clock, is_demonstration: bool, rules: SignInRules) -> Self {
        let url = fresh_database().await;
        let db = Db::open(&url, clock.clone()).await.unwrap();
        let founding = Founding {
            province: "420000".to_owned(),
            name: "湖北省".to_owned(),
            operator_code: "91420000MA00009906".to_owned(),
            operator_name: "淦河".to_owned(),
            login: "operator".to_owned(),
            password: None,
            is_demonstration,
            rules_from: "2016-12-01".parse().unwrap(),
        };
        let operator = found(&db, &founding).await.unwrap();
        Self::over(db, url, clock, operator, rules).await
    }

    /// A server over a copy of the database of another, which is closed, by a clock of its own that stands where the other began.
    pub async fn copy_of(other: &Self) -> Self {
        let url = copy_of_database(&other.url).await;
        let clock = Clock::manual(Moment::parse(START).unwrap());
        let db = Db::open(&url, clock.clone()).await.unwrap();
        Self::over(db, url, clock, other.operator.clone(), without_second_factor()).await
    }

    async fn over(db: Db, url: String, clock: Clock, operator: Caller, rules: SignInRules) -> Self {
        let installation = find_installation(&db).await.unwrap().unwrap();
        let tokens = keys::load(&db, &installation.request_secret).await.unwrap();
        // The walks of the tests ask as fast as they can.
        let unhurried = Conduct {
            per_address: Rate::parse("1000000/10s"),
            per_user: Rate::parse("1000000/10s"),
            applications_per_address: Rate::parse("1000000/10s"),
            // Receivers of the stories run beside it.
            receivers: Receivers::Anywhere,
            ..Conduct::default()
        };
        let shared = app::shared(db, tokens, rules).conducted(unhurried);
        let address = serve(shared.clone()).await;
        Self { address, shared, clock, operator, url }
    }
}

/// Serves on a free port until the test ends.
pub async fn serve(shared: Shared) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let conduct = Arc::clone(&shared.conduct);
    tokio::spawn(async move {
        ganhe::http::serve::serve(listener, app::router(shared), &conduct, std::future::pending()).await;
    });
    address
}
