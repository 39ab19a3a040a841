//! How a paper looks: one page of A4, in Chinese and English, with the check address as a square code and the whole proof attached. The
//! same paper is the same file, to the last byte.

use super::pen::{A4, Align, Face, Ink, Pen, Style, Tenths, points};
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};
use qrcodegen::{QrCode, QrCodeEcc};

const GREEN: Ink = Ink(18, 74, 60);
const GOLD: Ink = Ink(166, 129, 66);
const BLACK: Ink = Ink(28, 30, 32);
const GREY: Ink = Ink(104, 110, 114);
const PALE: Ink = Ink(243, 246, 243);

/// The left and the right edge of what is written.
const LEFT: Tenths = 640;
const RIGHT: Tenths = A4.0 - LEFT;
const MIDDLE: Tenths = A4.0 / 2;
/// Where the values of the table begin.
const VALUES: Tenths = 1_980;

/// The faces of a paper.
pub struct Faces {
    /// For everything.
    pub text: Face,
    /// For the title and the labels.
    pub bold: Face,
}

/// A line of the table: its label in both languages, its value, and what stands small beneath.
pub struct Fact {
    /// In Chinese and English.
    pub label: (&'static str, &'static str),
    /// The value.
    pub value: String,
    /// More of it.
    pub more: String,
}

/// An amount with its label.
pub struct Amount {
    /// In Chinese and English.
    pub label: (&'static str, &'static str),
    /// As a decimal with its unit.
    pub value: String,
}

/// What a paper is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What a site holds of a right class.
    Rights,
    /// A pledge in the register.
    Pledge,
    /// What lies on a site's stock.
    Search,
}

impl Kind {
    /// Its title, in Chinese.
    fn title(self) -> &'static str {
        match self {
            Self::Rights => "排污权证",
            Self::Pledge => "质押登记证明",
            Self::Search => "负担查询证明",
        }
    }

    /// Its title, in English.
    fn english(self) -> &'static str {
        match self {
            Self::Rights => "CERTIFICATE OF EMISSION RIGHTS",
            Self::Pledge => "EXTRACT OF A REGISTERED PLEDGE",
            Self::Search => "EXTRACT OF ENCUMBRANCES",
        }
    }

    /// What is said above its lines, in both languages.
    fn lines(self) -> (&'static str, &'static str) {
        match self {
            Self::Rights => ("权利来源", "Origin of the rights"),
            Self::Pledge => ("质押财产", "What is pledged"),
            Self::Search => ("权利负担", "What lies on it"),
        }
    }
}

/// What stands on the paper.
pub struct Paper {
    /// What it is of.
    pub kind: Kind,
    /// Its number.
    pub number: String,
    /// In Chinese and English: until which instant it speaks.
    pub as_of: (String, String),
    /// Year, month, day, hour, minute, second of that instant.
    pub stamp: (u16, [u8; 5]),
    /// Who and what.
    pub facts: Vec<Fact>,
    /// How much.
    pub amounts: Vec<Amount>,
    /// Where the rights came from, what is pledged, or what lies on a stock: a line each.
    pub lines: Vec<String>,
    /// The registry.
    pub registry: String,
    /// The day of issue, in Chinese and English.
    pub issued: (String, String),
    /// Where anybody can check it.
    pub address: String,
    /// What proves it, a label and a value each.
    pub proof: Vec<(&'static str, String)>,
    /// The attached file.
    pub attachment: Vec<u8>,
}

/// What never changes on the paper, in the bold face.
const CHECK: &str = "查验";

impl Paper {
    /// Everything on it that changes from one to the next, to ask a face whether it has the letters.
    pub fn text(&self) -> String {
        let facts = self.facts.iter().flat_map(|fact| [&fact.value, &fact.more]);
        let amounts = self.amounts.iter().map(|amount| &amount.value);
        let proof = self.proof.iter().map(|(_, value)| value);
        let rest = [&self.number, &self.as_of.0, &self.registry, &self.issued.0, &self.address];
        facts.chain(amounts).chain(&self.lines).chain(proof).chain(rest).cloned().collect()
    }

    /// What is written in the bold face.
    #[cfg(test)]
    pub fn labels(&self) -> Vec<&'static str> {
        let facts = self.facts.iter().map(|fact| fact.label.0);
        facts
            .chain(self.amounts.iter().map(|amount| amount.label.0))
            .chain([self.kind.title(), self.kind.lines().0, CHECK])
            .collect()
    }
}

/// Draws the paper as a PDF for archives (PDF/A-3b). Nothing when the library refuses it, or the check address is too long for a square code.
pub fn draw(paper: &Paper, faces: &Faces) -> Option<Vec<u8>> {
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A3_B).finish().ok()?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let stamp = stamp(paper);
    document.set_metadata(
        Metadata::new()
            .title(format!("{} {}", paper.kind.title(), paper.number))
            .language("zh-CN".to_owned())
            .creator("Ganhe".to_owned())
            .authors(vec![paper.registry.clone()])
            .creation_date(stamp)
            .document_id(paper.number.clone()),
    );
    document.embed_file(EmbeddedFile {
        path: "certificate.json".to_owned(),
        mime_type: MimeType::new("application/json"),
        description: Some("The certificate with its proof, to be verified offline".to_owned()),
        association_kind: AssociationKind::Data,
        data: paper.attachment.clone().into(),
        modification_date: Some(stamp),
        compress: Some(true),
        location: None,
    })?;
    let mut page = document.start_page_with(PageSettings::from_wh(points(A4.0), points(A4.1))?);
    let mut surface = page.surface();
    let mut sheet = Sheet { pen: Pen::on(&mut surface), faces };
    sheet.frame();
    sheet.head(paper);
    let end = sheet.table(2_330, &paper.facts);
    let end = sheet.amounts(end + 130, &paper.amounts);
    sheet.lines(end + 240, paper);
    sheet.foot(paper)?;
    surface.finish();
    page.finish();
    document.finish().ok()
}

fn stamp(paper: &Paper) -> DateTime {
    let (year, [month, day, hour, minute, second]) = paper.stamp;
    let date = DateTime::new(year).month(month).day(day).hour(hour).minute(minute).second(second);
    date.utc_offset_hour(8).utc_offset_minute(0)
}

struct Sheet<'s, 'd, 'f> {
    pen: Pen<'s, 'd>,
    faces: &'f Faces,
}

impl<'f> Sheet<'_, '_, 'f> {
    fn plain(&self, size: Tenths) -> Style<'f> {
        Style { face: &self.faces.text, size, ink: BLACK, spacing: 0, align: Align::Left }
    }

    fn bold(&self, size: Tenths) -> Style<'f> {
        Style { face: &self.faces.bold, ink: GREEN, ..self.plain(size) }
    }

    /// The border: a strong line and two fine ones, with a square in each corner.
    fn frame(&mut self) {
        for (inset, width, ink) in [(280, 24, GREEN), (330, 6, GOLD), (352, 4, GREEN)] {
            self.pen.frame((inset, inset), (A4.0 - 2 * inset, A4.1 - 2 * inset), width, ink);
        }
        for x in [352, A4.0 - 352] {
            for y in [352, A4.1 - 352] {
                self.pen.diamond((x, y), 62, GOLD);
                self.pen.diamond((x, y), 34, GREEN);
            }
        }
    }

    fn head(&mut self, paper: &Paper) {
        let middle = |style: Style<'f>| style.aligned(Align::Middle);
        let (size, spacing) = if paper.kind == Kind::Rights { (430, 260) } else { (400, 120) };
        self.pen.text((MIDDLE, 1_010), paper.kind.title(), middle(self.bold(size).spaced(spacing)));
        let english = middle(self.plain(112).inked(GOLD).spaced(150));
        self.pen.text((MIDDLE, 1_230), paper.kind.english(), english);
        self.pen.rule((MIDDLE - 1_150, 1_340), (MIDDLE - 90, 1_340), 6, GOLD);
        self.pen.rule((MIDDLE + 90, 1_340), (MIDDLE + 1_150, 1_340), 6, GOLD);
        self.pen.diamond((MIDDLE, 1_340), 28, GREEN);
        let number = format!("证书编号 No. {}", paper.number);
        self.pen.text((MIDDLE, 1_570), &number, middle(self.plain(124).spaced(30)));
        let (zh, en) = &paper.as_of;
        self.pen.text((MIDDLE, 1_830), zh, middle(self.plain(118)));
        self.pen.text((MIDDLE, 2_000), en, middle(self.plain(86).inked(GREY)));
    }

    /// The facts from a height down; tells where they end.
    fn table(&mut self, top: Tenths, facts: &[Fact]) -> Tenths {
        let mut y = top;
        self.pen.rule((LEFT, y), (RIGHT, y), 8, GREEN);
        for fact in facts {
            let high = self.fact(y, fact);
            y += high;
            self.pen.rule((LEFT, y), (RIGHT, y), 3, GOLD);
        }
        y
    }

    fn fact(&mut self, top: Tenths, fact: &Fact) -> Tenths {
        let (zh, en) = fact.label;
        self.pen.text((LEFT + 40, top + 165), zh, self.bold(104));
        self.pen.text((LEFT + 40, top + 275), en, self.plain(70).inked(GREY));
        let widest = RIGHT - VALUES - 20;
        let (size, lines) = self.fitted(&fact.value, widest);
        let mut y = top + 165;
        for line in &lines {
            self.pen.text((VALUES, y), line, self.plain(size));
            y += size * 13 / 10;
        }
        y = y.max(top + 165 + 110);
        for line in self.faces.text.lines(&fact.more, 76, widest) {
            self.pen.text((VALUES, y), &line, self.plain(76).inked(GREY));
            y += 100;
        }
        (y - top - 40).max(335)
    }

    /// The largest size in which a value takes no more than two lines.
    fn fitted(&self, value: &str, widest: Tenths) -> (Tenths, Vec<String>) {
        let sizes = [118, 104, 92, 80, 68, 58];
        let set = |size: Tenths| (size, self.faces.text.lines(value, size, widest));
        let fits =
            sizes.into_iter().map(set).find(|(size, lines)| lines.len() == 1 || (*size < 118 && lines.len() <= 2));
        fits.unwrap_or_else(|| set(44))
    }

    /// The amounts side by side in a tinted box; tells where it ends.
    fn amounts(&mut self, top: Tenths, amounts: &[Amount]) -> Tenths {
        let (high, count) = (600, Tenths::try_from(amounts.len().max(1)).unwrap_or(1));
        let wide = (RIGHT - LEFT) / count;
        self.pen.block((LEFT, top), (RIGHT - LEFT, high), PALE);
        self.pen.frame((LEFT, top), (RIGHT - LEFT, high), 6, GREEN);
        let mut x = LEFT;
        for (at, amount) in amounts.iter().enumerate() {
            let middle = x + wide / 2;
            if at > 0 {
                self.pen.rule((x, top + 90), (x, top + high - 90), 3, GOLD);
            }
            let (zh, en) = amount.label;
            self.pen.text((middle, top + 180), zh, self.bold(98).aligned(Align::Middle));
            self.pen.text((middle, top + 290), en, self.plain(66).inked(GREY).aligned(Align::Middle));
            let sizes = [150, 128, 108, 90, 74, 60, 48];
            let fits = |size: &Tenths| self.faces.text.width(&amount.value, *size, 0) < wide - 60;
            let size = sizes.into_iter().find(fits).unwrap_or(40);
            self.pen.text((middle, top + 490), &amount.value, self.plain(size).aligned(Align::Middle));
            x += wide;
        }
        top + high
    }

    fn lines(&mut self, top: Tenths, paper: &Paper) {
        let (zh, en) = paper.kind.lines();
        self.pen.text((LEFT, top), zh, self.bold(98));
        self.pen.text((LEFT + 440, top), en, self.plain(70).inked(GREY));
        let mut y = top + 145;
        for line in &paper.lines {
            self.pen.text((LEFT, y), line, self.plain(self.narrowed(line, 72, RIGHT - LEFT)));
            y += 115;
        }
    }

    fn foot(&mut self, paper: &Paper) -> Option<()> {
        let top = 6_600;
        self.square_code((LEFT, top), 980, &paper.address)?;
        let x = LEFT + 1_100;
        self.pen.text((x, top + 80), CHECK, self.bold(90));
        self.pen.text((x + 200, top + 80), "Check", self.plain(68).inked(GREY));
        self.pen.text(
            (x + 440, top + 80),
            &paper.address,
            self.plain(self.narrowed(&paper.address, 68, RIGHT - x - 440)),
        );
        let mut y = top + 215;
        for (label, value) in &paper.proof {
            self.pen.text((x, y), label, self.plain(60).inked(GREY));
            self.pen.text((x + 900, y), value, self.plain(self.narrowed(value, 60, RIGHT - x - 900)));
            y += 98;
        }
        let note = "完整证明以附件 certificate.json 内嵌于本文件，无需联网即可验证。";
        self.pen.text((LEFT, 7_740), note, self.plain(68).inked(GREY));
        let note = "The whole proof is attached to this file as certificate.json and is verified offline.";
        self.pen.text((LEFT, 7_850), note, self.plain(62).inked(GREY));
        let right = |style: Style<'f>| style.aligned(Align::Right);
        self.pen.text((RIGHT, 7_560), &paper.registry, right(self.plain(self.narrowed(&paper.registry, 118, 2_600))));
        self.pen.text((RIGHT, 7_720), &paper.issued.0, right(self.plain(98)));
        self.pen.text((RIGHT, 7_840), &paper.issued.1, right(self.plain(66).inked(GREY)));
        Some(())
    }

    /// The size in which a line is no wider than this.
    fn narrowed(&self, text: &str, size: Tenths, widest: Tenths) -> Tenths {
        let width = self.faces.text.width(text, size, 0).max(1);
        if width <= widest { size } else { size * widest / width }
    }

    /// A square code that opens an address; nothing when that is too long for one: a paper that nobody can check is not printed.
    fn square_code(&mut self, (x, y): (Tenths, Tenths), wide: Tenths, address: &str) -> Option<()> {
        let code = QrCode::encode_text(address, QrCodeEcc::Medium).ok()?;
        let module = wide / code.size();
        for row in 0..code.size() {
            for column in 0..code.size() {
                if code.get_module(column, row) {
                    self.pen.block((x + column * module, y + row * module), (module, module), BLACK);
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The paper of a certificate of a mill.
    pub fn example() -> Paper {
        let fact = |label, value: &str| Fact { label, value: value.to_owned(), more: "91421222MA0000012X".to_owned() };
        let amount = |label, value: &str| Amount { label, value: value.to_owned() };
        Paper {
            kind: Kind::Rights,
            number: "CE-2022-000001".to_owned(),
            as_of: ("截至2022年12月01日 09:00:00。".to_owned(), "At 2022-12-01 09:00:00 (UTC+08:00).".to_owned()),
            stamp: (2022, [12, 1, 9, 0, 0]),
            facts: vec![
                fact(("持有单位", "Holder"), "湖北临江纸业股份有限公司"),
                fact(("排污单位", "Site"), "通城厂区"),
            ],
            amounts: vec![amount(("持有总量", "Held in all"), "120.000 t"), amount(("质押", "Pledged"), "40.000 t")],
            lines: vec![format!("2022-12-01 核定 granted 120.000 t · {}", "8".repeat(64))],
            registry: "咸宁市生态环境局".to_owned(),
            issued: ("签发日期 2022年12月01日".to_owned(), "Issued on 2022-12-01".to_owned()),
            address: "https://ganhe.example/api/v1/public/certificates/CE-2022-000001".to_owned(),
            proof: vec![("证书摘要 SHA-256", "9".repeat(64))],
            attachment: b"{}".to_vec(),
        }
    }
}
