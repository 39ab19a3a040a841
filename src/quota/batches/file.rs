//! Reading the rows of a batch from a file or a list.

use super::super::error::QuotaRefusal;
use super::BatchRow;
use crate::http::Fields;
use crate::http::table::{Column, ReadRow, Rows, TableFault};
use crate::kernel::{Refusal, Violation};
use crate::parties::place::measure_for;
use crate::parties::{PartyRefusal, Pollutant};
use accounting::{Origin, Validity};
use std::collections::HashMap;

/// How many columns there are.
pub const WIDTH: usize = 8;

/// The cells of a row in the order of the columns; an empty one says nothing.
pub type Cells = [String; WIDTH];

/// Reads the rows of a batch.
pub(super) struct BatchRows<'p> {
    /// The pollutants of the register.
    pub pollutants: &'p HashMap<String, Pollutant>,
}

impl Rows<WIDTH> for BatchRows<'_> {
    type Row = BatchRow;
    const COLUMNS: [Column; WIDTH] = [
        Column::needed("site", "排污单位编号"),
        Column::needed("pollutant", "污染物"),
        Column::needed("origin", "取得方式"),
        Column::needed("valid_from", "有效期起"),
        Column::needed("valid_to", "有效期止"),
        Column::optional("zone", "流域或城市"),
        Column::needed("quantity", "数量"),
        Column::optional("document", "核定文号"),
    ];
    /// A whole province, and room to spare.
    const MOST: usize = 200_000;
    const IS_STRICT: bool = false;

    fn fault(fault: TableFault) -> Violation {
        told(fault).violation()
    }

    fn row(&mut self, line: u64, _: &str, cells: [&str; WIDTH]) -> ReadRow<BatchRow> {
        let [site, pollutant, origin, from, to, zone, quantity, document] = cells;
        let mut fields = Fields::default();
        let site = fields.text("site", site);
        let unknown = || PartyRefusal::UnknownPollutant { code: pollutant.chars().take(50).collect() };
        let known = fields.take("", self.pollutants.get(pollutant).ok_or_else(unknown));
        let quantity = measure_for(known, self.pollutants).and_then(|by| fields.quantity("quantity", quantity, by));
        let origin = fields.word("origin", origin, origin_of, &["free", "paid"]);
        let (valid_from, valid_to) = (fields.date("valid_from", from), fields.date("valid_to", to));
        if valid_from.zip(valid_to).is_some_and(|(from, to)| Validity::try_new(from, to).is_err()) {
            fields.take::<(), _>("", Err(PartyRefusal::BadValidity {}));
        }
        let optional = |text: &'_ str| (!text.is_empty()).then_some(text.to_owned());
        let zone = fields.optional_text("zone", optional(zone).as_deref());
        let document = fields.optional_text("document", optional(document).as_deref());
        let pollutant = known.map(|known| known.code.clone());
        let row = BatchRow { line, site, pollutant, origin, valid_from, valid_to, zone, quantity, document };
        ReadRow { row: Some(row), faults: fields.into_faults() }
    }
}

/// A fault of the table, as quota tells it.
pub(super) fn told(fault: TableFault) -> QuotaRefusal {
    match fault {
        TableFault::Unreadable { reason } => QuotaRefusal::Unreadable { reason },
        TableFault::UnknownColumn { column } => QuotaRefusal::UnknownColumn { column },
        TableFault::DuplicateColumn { column } => QuotaRefusal::DuplicateColumn { column },
        TableFault::MissingColumn { column } => QuotaRefusal::MissingColumn { column },
        TableFault::FieldCount { found, wanted } => {
            QuotaRefusal::FieldCount { found: found.to_string(), wanted: wanted.to_string() }
        }
        TableFault::BadCharacter => QuotaRefusal::BadCharacter {},
        TableFault::TooManyRows { max } => QuotaRefusal::TooManyRows { max: max.to_string() },
        TableFault::NoRows => QuotaRefusal::NoRows {},
        TableFault::MoreFaults { count } => QuotaRefusal::MoreFaults { count: count.to_string() },
    }
}

/// Free or paid, in either language.
fn origin_of(word: &str) -> Option<Origin> {
    match word {
        "free" | "无偿" => Some(Origin::Free),
        "paid" | "有偿" => Some(Origin::Paid),
        _ => None,
    }
}
