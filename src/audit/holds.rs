//! Business beside the books: what stands in `committed`, `pledged` and `frozen` accounts must be exactly what the open offers,
//! trades, registered pledges and freezes say, and what business rows say of the past must be what the entries say of it.

use crate::kernel::Failure;
use accounting::verify::Difference;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

/// Accounts with what they count.
const HELD: &str = "SELECT a.subject_id, CAST(SUM(a.balance) AS bigint) AS units FROM accounts a \
     JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
     WHERE a.book_id = 1 AND a.balance <> 0";
/// Everything that ever entered an account of a subject.
const ENTERED: &str = "SELECT a.subject_id, CAST(SUM(e.amount) AS bigint) AS units FROM accounts a \
     JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
     JOIN entries e ON e.book_id = a.book_id AND e.account_id = a.id \
     WHERE a.book_id = 1 AND e.amount > 0";
/// What the journals about a thing brought in.
const BROUGHT: &str = "SELECT j.subject_id, CAST(SUM(e.amount) AS bigint) AS units FROM journals j \
     JOIN entries e ON e.book_id = j.book_id AND e.journal_id = j.id \
     JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id \
     JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
     WHERE j.book_id = 1 AND e.amount > 0";

/// What the journals about a thing left where they brought it.
const LEFT: &str = "SELECT j.subject_id, CAST(SUM(e.amount) AS bigint) AS units FROM journals j \
     JOIN entries e ON e.book_id = j.book_id AND e.journal_id = j.id \
     JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id WHERE j.book_id = 1";

/// Grams that a junior lien `l` waits for, or that came to nothing while it did: it holds so much less.
const WAITED: &str =
    "COALESCE((SELECT SUM(w.grams) FROM lien_waits w WHERE w.lien_id = l.id AND w.cause <> 'ended'), 0)";

/// Grams that a junior lien `l` never took, of those it was registered with.
const NEVER_CAME: &str = "COALESCE((SELECT SUM(w.grams) FROM lien_waits w WHERE w.lien_id = l.id AND w.cause IN ('registered', 'advanced')), 0)";

/// Grams that a lien `l` holds more, or less below zero, by versions of the terms of its pledge.
const CHANGED: &str = "COALESCE((SELECT SUM(c.grams) FROM lien_changes c WHERE c.lien_id = l.id), 0)";

/// Compares business rows with the books.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn compare(books: &impl ConnectionTrait) -> Result<Vec<Difference>, Failure> {
    let mut differences = Vec::new();
    for (of, sql) in open_holds().into_iter().chain(past()).chain(sums()) {
        collect(books, sql, of, &mut differences).await?;
    }
    Ok(differences)
}

/// Open business on the one side, every hold on the other; each must find its match. The sides are laid together and summed up by what
/// they are of: SQLite has no index of a made-up table for a full join, and reads the one side for each row of the other.
fn open_holds() -> [(&'static str, String); 3] {
    let beside = |business: &str, holds: &str| {
        format!(
            "SELECT id, COALESCE(MAX(what), 'accounts') AS what, CAST(SUM(wanted) AS bigint) AS wanted, CAST(SUM(held) AS bigint) AS held \
             FROM (SELECT w.id, w.what, w.units AS wanted, 0 AS held FROM ({business}) w \
             UNION ALL SELECT h.subject_id, NULL, 0, h.units FROM ({HELD} AND {holds} GROUP BY a.subject_id) h) sides \
             GROUP BY id HAVING SUM(wanted) <> SUM(held)"
        )
    };
    let rights = format!(
        "SELECT trade_id AS id, 'offers' AS what, quantity AS units FROM offers WHERE state = 'proposed' \
         UNION ALL SELECT id, 'trades', quantity FROM trades WHERE state IN ('matched', 'approved', 'publicised', 'paid') \
         AND consented_sale_id IS NULL \
         UNION ALL SELECT id, 'listings', quantity - sold FROM listings WHERE state IN ('open', 'partly_filled') \
         UNION ALL SELECT id, 'auction_lots', quantity FROM auction_lots WHERE state = 'offered' AND lien_id IS NULL \
         UNION ALL SELECT l.id, 'liens', l.quantity + {CHANGED} - {WAITED} - COALESCE((SELECT SUM(n.lapsed) FROM lien_notices n WHERE n.lien_id = l.id), 0) \
         - COALESCE((SELECT SUM(d.quantity) FROM disposals d WHERE d.lien_id = l.id AND d.state = 'settled'), 0) \
         FROM liens l JOIN pledges p ON p.id = l.pledge_id WHERE p.state IN ('registered', 'defaulted') \
         UNION ALL SELECT id, 'freezes', taken FROM freezes WHERE state IN ('waiting', 'in_force') AND taken > 0"
    );
    let money = "SELECT id, 'trades' AS what, paid AS units FROM trades WHERE state IN ('matched', 'approved', 'publicised', 'paid') \
         UNION ALL SELECT id, 'auction_registrations', deposit FROM auction_registrations WHERE state IN ('registered', 'qualified') \
         UNION ALL SELECT id, 'disposals', deposit FROM disposals WHERE state IN ('proposed', 'agreed') AND deposit > 0";
    let headroom = "SELECT id, 'trades' AS what, quantity AS units FROM trades WHERE state IN ('approved', 'publicised', 'paid') \
         AND (seller_is_reserve OR seller_area_path <> buyer_area_path) \
         UNION ALL SELECT a.id, 'allocations', a.quantity FROM allocations a JOIN sites s ON s.id = a.site_id \
         WHERE a.state = 'confirmed' AND NOT s.is_reserve";
    [
        ("rights", beside(&rights, "s.kind = 'right' AND a.purpose IN ('committed', 'pledged', 'frozen')")),
        ("money", beside(money, "s.kind = 'money' AND a.purpose = 'committed'")),
        ("headroom", beside(headroom, "s.kind = 'capacity' AND a.purpose = 'committed'")),
    ]
}

/// Business that is over: it says what it held or brought, and the entries say it too.
fn past() -> [(&'static str, String); 12] {
    let beside = |business: &str, books: &str, filter: &str| {
        format!(
            "SELECT b.id, b.what, CAST(b.units AS bigint) AS wanted, COALESCE(f.units, 0) AS held FROM ({business}) b \
             LEFT JOIN ({books} AND {filter} GROUP BY 1) f ON f.subject_id = b.subject_id WHERE b.units <> COALESCE(f.units, 0)"
        )
    };
    let rights = format!(
        "SELECT id, trade_id AS subject_id, 'offers' AS what, quantity AS units FROM offers WHERE state <> 'proposed' \
         UNION ALL SELECT id, id, 'trades', \
         CASE WHEN consented_sale_id IS NULL OR state IN ('settled', 'closed') THEN quantity ELSE 0 END FROM trades WHERE state NOT IN ('matched', 'approved', 'publicised', 'paid') \
         UNION ALL SELECT id, id, 'listings', CASE WHEN opened_at IS NULL THEN 0 ELSE quantity END FROM listings \
         WHERE state NOT IN ('open', 'partly_filled') \
         UNION ALL SELECT id, id, 'auction_lots', CASE WHEN state IN ('failed', 'awarded', 'cancelled') AND lien_id IS NULL THEN quantity ELSE 0 END \
         FROM auction_lots WHERE state <> 'offered' \
         UNION ALL SELECT l.id, l.id, 'liens', CASE WHEN p.state IN ('released', 'closed') \
         THEN l.quantity + COALESCE((SELECT SUM(c.grams) FROM lien_changes c WHERE c.lien_id = l.id AND c.grams > 0), 0) - {NEVER_CAME} ELSE 0 END \
         FROM liens l JOIN pledges p ON p.id = l.pledge_id WHERE p.state NOT IN ('registered', 'defaulted') \
         UNION ALL SELECT f.id, f.id, 'freezes', f.taken \
         + COALESCE((SELECT SUM(l.freed) FROM freeze_liftings l WHERE l.freeze_id = f.id), 0) \
         + COALESCE((SELECT SUM(e.quantity) FROM freeze_executions e WHERE e.freeze_id = f.id), 0) \
         FROM freezes f WHERE f.state IN ('lifted', 'executed')"
    );
    let money = "SELECT id, id AS subject_id, 'trades' AS what, paid AS units FROM trades \
         WHERE state NOT IN ('matched', 'approved', 'publicised', 'paid') \
         UNION ALL SELECT id, id, 'auction_registrations', deposit FROM auction_registrations WHERE state NOT IN ('registered', 'qualified') \
         UNION ALL SELECT id, id, 'disposals', CASE WHEN state = 'settled' THEN total ELSE COALESCE(deposit, 0) END FROM disposals";
    let fees = "SELECT id, id AS subject_id, 'trades' AS what, COALESCE(fee, 0) AS units FROM trades";
    // What an override lets into another zone leaves one class and comes into another.
    let turned = "SELECT id, id AS subject_id, 'trades' AS what, CASE WHEN state IN ('settled', 'closed') AND override_id IS NOT NULL \
         THEN quantity ELSE 0 END AS units FROM trades";
    let granted = "SELECT id, id AS subject_id, 'allocations' AS what, CASE WHEN state = 'active' THEN quantity ELSE 0 END AS units \
         FROM allocations WHERE batch_id IS NULL";
    let annual =
        "SELECT id, id AS subject_id, 'compliance_years' AS what, granted + covered AS units FROM compliance_years";
    let excess = "SELECT id, id AS subject_id, 'trades' AS what, CASE WHEN state IN ('settled', 'closed') \
         THEN COALESCE(excess, 0) ELSE 0 END AS units FROM trades \
         UNION ALL SELECT id, id, 'allocations', CASE WHEN state = 'active' THEN COALESCE(excess, 0) ELSE 0 END FROM allocations \
         WHERE batch_id IS NULL";
    // What is renewed leaves one class and enters another, so it comes in twice.
    let acted = "SELECT id, id AS subject_id, 'right_acts' AS what, \
         CASE WHEN state = 'carried_out' THEN moved + converted ELSE 0 END AS units FROM right_acts";
    let bought = "SELECT id, id AS subject_id, 'right_acts' AS what, \
         CASE WHEN state = 'carried_out' THEN COALESCE(total, 0) ELSE 0 END AS units FROM right_acts";
    let moved = "SELECT id, id AS subject_id, 'money_movements' AS what, amount AS units FROM money_movements";
    // What waits in suspense moves a second time when it is decided.
    let received = "SELECT id, id AS subject_id, 'payments' AS what, amount * version AS units FROM payments";
    let suspended = "SELECT id, id AS subject_id, 'payments' AS what, CASE WHEN state = 'unmatched' THEN amount ELSE 0 END AS units \
         FROM payments";
    [
        ("rights", beside(&rights, ENTERED, "s.kind = 'right' AND a.purpose IN ('committed', 'pledged', 'frozen')")),
        ("money", beside(money, ENTERED, "s.kind = 'money' AND a.purpose = 'committed'")),
        ("the fee", beside(fees, BROUGHT, "a.purpose = 'fees' AND j.subject_kind = 'trade'")),
        (
            "rights",
            beside(granted, BROUGHT, "s.kind = 'right' AND a.purpose = 'available' AND j.subject_kind = 'allocation'"),
        ),
        ("the excess", beside(excess, BROUGHT, "a.purpose = 'retired' AND j.subject_kind IN ('trade', 'allocation')")),
        (
            "what an override lets into another zone",
            beside(turned, BROUGHT, "a.purpose = 'converted' AND j.subject_kind = 'trade'"),
        ),
        ("rights", beside(acted, BROUGHT, "s.kind = 'right' AND j.subject_kind = 'tenure'")),
        ("money", beside(bought, BROUGHT, "s.kind = 'money' AND j.subject_kind = 'tenure'")),
        ("rights", beside(annual, BROUGHT, "s.kind = 'right' AND j.subject_kind = 'compliance_year'")),
        ("money", beside(moved, BROUGHT, "s.kind = 'money' AND j.subject_kind = 'money_movement'")),
        ("money", beside(received, BROUGHT, "s.kind = 'money' AND j.subject_kind = 'payment'")),
        ("money in suspense", beside(suspended, LEFT, "a.purpose = 'suspense' AND j.subject_kind = 'payment'")),
    ]
}

/// Rows that carry a sum of others.
fn sums() -> [(&'static str, String); 16] {
    let caps = "SELECT c.id, 'capacities' AS what, c.cap AS wanted, COALESCE(-a.balance, 0) AS held \
         FROM capacities c LEFT JOIN accounts a ON a.book_id = 1 AND a.owner_id = c.area_id AND a.asset_id = c.id \
         AND a.purpose = 'authorised' WHERE c.cap <> COALESCE(-a.balance, 0)";
    let drawn = "SELECT l.facility_id AS id, 'facility_limits' AS what, l.drawn AS wanted, CAST(COALESCE(p.units, 0) AS bigint) AS held \
         FROM facility_limits l LEFT JOIN (SELECT facility_id, pledgor_id, SUM(principal) AS units FROM pledges \
         WHERE state IN ('registered', 'defaulted') GROUP BY facility_id, pledgor_id) p \
         ON p.facility_id = l.facility_id AND p.pledgor_id = l.organisation_id WHERE l.drawn <> COALESCE(p.units, 0)";
    let paid = "SELECT id, 'trades' AS what, total AS wanted, paid AS held FROM trades \
         WHERE state IN ('settled', 'closed') AND total <> paid";
    [
        ("capacity", caps.to_owned()),
        ("principal", drawn.to_owned()),
        ("the secured amount", secured()),
        ("the assessed value", assessed()),
        ("the agreed total", paid.to_owned()),
        ("what is paid of a claim", paid_in_shares()),
        ("rights", bought_from_listings()),
        ("what an override may be used for", taken_of_overrides()),
        ("the deposit that is lost", forfeited()),
        ("rights", granted_in_parts()),
        ("journals", versions()),
        ("the legal date", movement_dates()),
        ("its reversal", reversals()),
        ("its reference", references()),
        ("the statistics", settled()),
        ("the journal of its issue", issues()),
    ]
}

/// What is paid of a claim, and what each of several pledgees gets of it.
fn paid_in_shares() -> String {
    "SELECT d.id, 'disposals' AS what, d.paid_claim AS wanted, CAST(SUM(s.paid) AS bigint) AS held FROM disposals d \
     JOIN disposal_shares s ON s.disposal_id = d.id GROUP BY d.id, d.paid_claim HAVING d.paid_claim <> SUM(s.paid)"
        .to_owned()
}

/// What a pledge secures, and the parts of it that rest on its liens, where each says its own.
fn secured() -> String {
    "SELECT p.id, 'pledges' AS what, p.secured AS wanted, CAST(SUM(l.secured) AS bigint) AS held FROM pledges p \
     JOIN (SELECT l.pledge_id, l.secured + COALESCE((SELECT SUM(c.secured) FROM lien_changes c WHERE c.lien_id = l.id), 0) AS secured \
     FROM liens l) l ON l.pledge_id = p.id GROUP BY p.id, p.secured \
     HAVING COUNT(*) = COUNT(l.secured) AND p.secured <> SUM(l.secured)"
        .to_owned()
}

/// What the rights of a pledge are worth, and the newest valuations of its liens, where each has one.
fn assessed() -> String {
    format!(
        "SELECT p.id, 'pledges' AS what, p.assessed_value AS wanted, CAST(SUM(v.value) AS bigint) AS held FROM pledges p \
     JOIN liens l ON l.pledge_id = p.id JOIN valuations v ON v.pledge_id = p.id AND v.lien_id = l.id \
     WHERE NOT EXISTS (SELECT 1 FROM valuations n WHERE n.pledge_id = v.pledge_id AND n.lien_id = v.lien_id AND n.id > v.id) \
     AND l.quantity + {CHANGED} > 0 GROUP BY p.id, p.assessed_value \
     HAVING COUNT(*) = (SELECT COUNT(*) FROM liens l WHERE l.pledge_id = p.id AND l.quantity + {CHANGED} > 0) \
     AND p.assessed_value <> SUM(v.value)"
    )
}

/// What a listing says that was bought of it, and the trades that came of it.
fn bought_from_listings() -> String {
    "SELECT l.id, 'listings' AS what, l.sold AS wanted, CAST(COALESCE(t.units, 0) AS bigint) AS held FROM listings l \
     LEFT JOIN (SELECT listing_id, SUM(quantity) AS units FROM trades WHERE listing_id IS NOT NULL GROUP BY listing_id) t \
     ON t.listing_id = l.id WHERE l.sold <> COALESCE(t.units, 0)"
        .to_owned()
}

/// What trades have taken of an override is no more than it lifts, and each of them is between its parties, in its class.
fn taken_of_overrides() -> String {
    "SELECT o.id, 'trade_overrides' AS what, o.quantity AS wanted, CAST(t.units AS bigint) AS held FROM trade_overrides o \
     JOIN (SELECT override_id, SUM(quantity) AS units FROM trades WHERE override_id IS NOT NULL \
     AND state NOT IN ('refused', 'cancelled', 'expired') GROUP BY override_id) t ON t.override_id = o.id WHERE t.units > o.quantity \
     UNION ALL SELECT t.id, 'trades', t.quantity, CAST(0 AS bigint) FROM trades t WHERE t.override_id IS NOT NULL \
     AND NOT EXISTS (SELECT 1 FROM trade_overrides o WHERE o.id = t.override_id AND o.seller_site_id = t.seller_site_id \
     AND o.buyer_site_id = t.buyer_site_id AND o.right_class_id = t.right_class_id AND o.boundary = t.lifted_boundary \
     AND o.delivered_class_id = t.delivered_class_id)"
        .to_owned()
}

/// What a buyer has lost who did not pay in time, and what the journal that ended the trade brought to others than the buyer.
fn forfeited() -> String {
    "SELECT t.id, 'trades' AS what, COALESCE(t.forfeited, 0) AS wanted, CAST(COALESCE(e.units, 0) AS bigint) AS held FROM trades t \
     LEFT JOIN (SELECT j.subject_id, b.id AS buyer_trade, SUM(e.amount) AS units FROM journals j \
     JOIN trades b ON b.id = j.subject_id \
     JOIN entries e ON e.book_id = j.book_id AND e.journal_id = j.id \
     JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id \
     JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
     WHERE j.book_id = 1 AND j.kind = 'trade_expired' AND s.kind = 'money' AND e.amount > 0 AND a.owner_id <> b.buyer_id \
     GROUP BY j.subject_id, b.id) e ON e.subject_id = t.id WHERE COALESCE(t.forfeited, 0) <> COALESCE(e.units, 0)"
        .to_owned()
}

/// What the parts of confirmed batches grant to each site of each class, and what their journals brought there. A grant that has
/// lost its part is told by its batch.
fn granted_in_parts() -> String {
    "SELECT part_id AS id, 'allocation_parts' AS what, CAST(SUM(wanted) AS bigint) AS wanted, CAST(SUM(held) AS bigint) AS held FROM (\
     SELECT COALESCE(a.part_id, a.batch_id) AS part_id, a.site_id AS owner_id, a.right_class_id AS asset_id, \
     CASE WHEN b.state = 'active' THEN a.quantity ELSE 0 END AS wanted, 0 AS held FROM allocations a \
     JOIN allocation_batches b ON b.id = a.batch_id \
     UNION ALL SELECT j.subject_id, a.owner_id, a.asset_id, 0, e.amount FROM journals j \
     JOIN entries e ON e.book_id = j.book_id AND e.journal_id = j.id \
     JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id \
     JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
     WHERE j.book_id = 1 AND j.subject_kind = 'allocation_part' AND s.kind = 'right' AND e.amount > 0) sides \
     GROUP BY part_id, owner_id, asset_id HAVING SUM(wanted) <> SUM(held)"
        .to_owned()
}

/// A movement of money is dated like the journal that booked it. Dates are compared as text, which may be broken: the numbers
/// tell one match that is wanted and not there.
fn movement_dates() -> String {
    "SELECT m.id, 'money_movements' AS what, CAST(1 AS bigint) AS wanted, \
     CAST(0 AS bigint) AS held FROM money_movements m \
     JOIN journals j ON j.book_id = 1 AND j.subject_id = m.id AND j.subject_version = 1 \
     WHERE m.effective_on <> j.effective_on \
     UNION ALL SELECT p.id, 'payments', CAST(1 AS bigint), CAST(0 AS bigint) FROM payments p \
     JOIN journals j ON j.book_id = 1 AND j.subject_id = p.id AND j.subject_version = 1 \
     WHERE p.value_date <> j.effective_on"
        .to_owned()
}

/// Every reference of the bank stands once in the list of those that are booked, and nothing else does.
fn references() -> String {
    "SELECT COALESCE(w.id, r.subject_id) AS id, 'bank_references' AS what, \
     CAST(CASE WHEN w.id IS NULL THEN 0 ELSE 1 END AS bigint) AS wanted, \
     CAST(CASE WHEN r.subject_id IS NULL THEN 0 ELSE 1 END AS bigint) AS held FROM (\
     SELECT id, bank_reference AS reference, 'money_movement' AS kind FROM money_movements \
     UNION ALL SELECT id, bank_reference, 'payment' FROM payments \
     UNION ALL SELECT id, return_reference, 'return' FROM payments WHERE return_reference IS NOT NULL) w \
     FULL OUTER JOIN bank_references r ON r.reference = w.reference AND r.subject_kind = w.kind AND r.subject_id = w.id \
     WHERE w.id IS NULL OR r.subject_id IS NULL"
        .to_owned()
}

/// A movement that was undone has a counter-journal that says the same, and the other way round.
fn reversals() -> String {
    let same = "j.reason = r.reason AND j.document_hash = r.document_hash AND j.actor_id = r.reversed_by AND j.recorded_at = r.reversed_at";
    format!(
        "SELECT r.movement_id AS id, 'money_reversals' AS what, CAST(1 AS bigint) AS wanted, CAST(0 AS bigint) AS held \
         FROM money_reversals r WHERE NOT EXISTS (SELECT 1 FROM journals j JOIN journals o ON o.book_id = j.book_id AND o.id = j.reverses_id \
         JOIN money_movements m ON m.id = o.subject_id \
         WHERE j.book_id = 1 AND j.id = r.journal_id AND m.id = r.movement_id AND {same}) \
         UNION ALL SELECT m.id, 'money_reversals', CAST(0 AS bigint), CAST(1 AS bigint) FROM journals j \
         JOIN journals o ON o.book_id = j.book_id AND o.id = j.reverses_id JOIN money_movements m ON m.id = o.subject_id \
         WHERE j.book_id = 1 AND j.reverses_id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM money_reversals r WHERE r.movement_id = m.id AND r.journal_id = j.id AND {same})"
    )
}

/// What the statistics count of a trade is what the trade and its settlement journal say: the rights that its buyer got, the money that
/// its buyer gave, and the day.
fn settled() -> String {
    let moved = |sign: &str, kind: &str| {
        format!(
            "(SELECT COALESCE(SUM({sign}e.amount), 0) FROM entries e JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id \
             JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id WHERE e.book_id = j.book_id AND e.journal_id = j.id \
             AND a.purpose = 'committed' AND s.kind = '{kind}' AND {sign}e.amount > 0)"
        )
    };
    format!(
        "SELECT COALESCE(w.id, s.trade_id) AS id, 'settled_trades' AS what, \
         CAST(CASE WHEN w.id IS NULL THEN 0 ELSE 1 END AS bigint) AS wanted, \
         CAST(CASE WHEN s.trade_id IS NULL THEN 0 ELSE 1 END AS bigint) AS held FROM (\
         SELECT t.id, j.id AS journal_id, j.effective_on, t.pollutant, t.buyer_area_path, t.mode, t.unit_price, t.seller_id, t.buyer_id, \
         {} AS quantity, {} AS total FROM trades t JOIN journals j ON j.book_id = 1 AND j.subject_id = t.id AND j.kind = 'trade_settled') w \
         FULL OUTER JOIN settled_trades s ON s.trade_id = w.id AND s.journal_id = w.journal_id AND s.settled_on = w.effective_on \
         AND s.pollutant = w.pollutant AND s.area_path = w.buyer_area_path AND s.mode = w.mode AND s.unit_price = w.unit_price \
         AND s.seller_id = w.seller_id AND s.buyer_id = w.buyer_id AND s.quantity = w.quantity AND s.total = w.total \
         WHERE w.id IS NULL OR s.trade_id IS NULL",
        moved("-", "right"),
        moved("-", "money")
    )
}

/// The journal of the issue of a certificate, or of an extract, carries the hash of its text.
fn issues() -> String {
    let unproved = |table: &str| {
        format!(
            "SELECT c.id, '{table}' AS what, CAST(1 AS bigint) AS wanted, CAST(0 AS bigint) AS held FROM {table} c \
             LEFT JOIN journals j ON j.book_id = 1 AND j.id = c.journal_id AND j.subject_id = c.id \
             AND j.document_hash = c.content_hash WHERE j.id IS NULL"
        )
    };
    ["certificates", "extracts"].map(unproved).join(" UNION ALL ")
}

/// Every version of a thing came with a journal of its own: as many journals as the newest of them counts, and as many as
/// the thing's own row counts. An accepted offer goes on as its trade, so its last version has none.
fn versions() -> String {
    let tables = [
        "allocations",
        "allocation_batches",
        "objections",
        "right_acts",
        "allocation_applications",
        "reduction_applications",
        "trades",
        "trade_overrides",
        "pledges",
        "capacities",
        "facilities",
        "offers",
        "listings",
        "compliance_years",
        "area_suspensions",
        "capacity_changes",
        "auctions",
        "auction_registrations",
        "payments",
        "freezes",
    ];
    let rows: Vec<String> = tables
        .iter()
        .map(|table| {
            let last =
                if *table == "offers" { "version - CASE WHEN state = 'accepted' THEN 1 ELSE 0 END" } else { "version" };
            // What is decided of a grant of a batch is decided of the batch.
            let own = if *table == "allocations" { " WHERE batch_id IS NULL" } else { "" };
            format!("SELECT id, '{table}' AS what, {last} AS version FROM {table}{own}")
        })
        .collect();
    // A fact is told in one journal and never changes, and so is a certificate or an extract.
    let once = ["facts", "certificates", "extracts"]
        .map(|table| format!("SELECT id, '{table}' AS what, 1 AS version FROM {table}"));
    let rows = [rows, once.to_vec()].concat();
    format!(
        "SELECT b.id, b.what, b.version AS wanted, CAST(COALESCE(j.count, 0) AS bigint) AS held FROM ({}) b \
         LEFT JOIN (SELECT subject_id, COUNT(*) AS count, MAX(subject_version) AS newest FROM journals \
         WHERE book_id = 1 GROUP BY subject_id) j ON j.subject_id = b.id \
         WHERE b.version <> COALESCE(j.count, 0) OR b.version <> COALESCE(j.newest, 0)",
        rows.join(" UNION ALL ")
    )
}

async fn collect(
    books: &impl ConnectionTrait,
    sql: String,
    of: &str,
    differences: &mut Vec<Difference>,
) -> Result<(), Failure> {
    for row in books.query_all_raw(Statement::from_string(books.get_database_backend(), sql)).await? {
        let id: Uuid = row.try_get("", "id")?;
        let what: String = row.try_get("", "what")?;
        let (wanted, held): (i64, i64) = (row.try_get("", "wanted")?, row.try_get("", "held")?);
        let known = [
            "offers",
            "listings",
            "trades",
            "trade_overrides",
            "liens",
            "pledges",
            "allocations",
            "allocation_applications",
            "reduction_applications",
            "allocation_batches",
            "allocation_parts",
            "certificates",
            "extracts",
            "objections",
            "right_acts",
            "facts",
            "money_movements",
            "money_reversals",
            "payments",
            "bank_references",
            "settled_trades",
            "compliance_years",
            "capacities",
            "area_suspensions",
            "capacity_changes",
            "facilities",
            "facility_limits",
            "disposals",
            "auctions",
            "auction_lots",
            "auction_registrations",
            "freezes",
        ];
        let table = known.into_iter().find(|table| *table == what).unwrap_or("accounts");
        differences.push(Difference {
            table,
            row: if table == "accounts" { format!("held for {id}") } else { format!("{id}") },
            fault: format!("the business row says {wanted} of {of}, the books say {held}"),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use migrations::{Migrator, MigratorTrait};
    use sea_orm::{ConnectOptions, Database, DbBackend};

    /// A reading that begins anew for each row of another one takes the square of the book.
    #[tokio::test]
    async fn no_comparison_reads_one_side_for_each_row_of_the_other() {
        let mut one = ConnectOptions::new("sqlite::memory:");
        one.max_connections(1);
        let db = Database::connect(one).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        for (of, sql) in open_holds().into_iter().chain(past()).chain(sums()) {
            let explained = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
            for step in db.query_all_raw(explained).await.unwrap() {
                let step: String = step.try_get("", "detail").unwrap();
                let is_repeated = step.starts_with("SCAN") && step.ends_with("LEFT-JOIN");
                assert!(!is_repeated, "{of}: {step} in {sql}");
            }
        }
    }
}
