//! The file of a certificate: it is printed once, when the journal of its issue is in the log, and kept under its hash with the documents.

use super::certificate::Issued;
use super::document::{Names, paper, sha256_of};
use super::paper::{Faces, Paper, draw};
use super::pen::Face;
use super::queries::{Standing, prove};
use super::store;
use crate::access::Permit;
use crate::db::Db;
use crate::decisions::documents::{self, queries::find_content};
use crate::kernel::Failure;
use crate::parties::queries as parties;
use crate::quota::error::QuotaRefusal;
use accounting::RightClass;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::task::spawn_blocking;

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/NotoSerifSC-Regular-GB2312.otf");
const BOLD: &[u8] = include_bytes!("../../../assets/fonts/NotoSerifSC-Bold-Labels.otf");
/// Where Debian's fonts-noto-cjk puts the whole of the regular face, and the place of the simplified Chinese one in it.
const WHOLE: (&str, u32) = ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 2);

/// The faces that are built in: every character of GB 2312.
static BUILT_IN: LazyLock<Option<Faces>> =
    LazyLock::new(|| Some(Faces { text: Face::read(REGULAR, 0)?, bold: Face::read(BOLD, 0)? }));
/// The same with the whole face of the system, where it is installed: for names with rarer characters.
static WITH_WHOLE: LazyLock<Option<Faces>> = LazyLock::new(|| {
    let bytes: &'static [u8] = Box::leak(std::fs::read(WHOLE.0).ok()?.into_boxed_slice());
    Some(Faces { text: Face::read(bytes, WHOLE.1)?, bold: Face::read(BOLD, 0)? })
});

/// The file of a certificate, printed now when it was not before.
///
/// # Errors
/// [`crate::ledger::LogRefusal::NotYet`] while its journal is not in the log, [`QuotaRefusal::CannotPrint`].
pub async fn file_of(
    db: &Db,
    permit: &Permit,
    standing: &Standing,
    public_url: &str,
    patience: Duration,
) -> Result<Vec<u8>, Failure> {
    let sha256 = match &standing.file_sha256 {
        Some(known) => known.clone(),
        None => print(db, permit, &standing.issued, public_url, patience).await?,
    };
    let content = find_content(db, &sha256).await?;
    content.ok_or_else(|| Failure::bug(format!("the file {sha256} of a certificate is lost")))
}

async fn print(
    db: &Db,
    permit: &Permit,
    issued: &Issued,
    public_url: &str,
    patience: Duration,
) -> Result<String, Failure> {
    let proof = prove(db, issued, patience).await?;
    let paper = paper(issued, &proof, &names(db, issued).await?, public_url)?;
    let file = spawn_blocking(move || drawn(&paper)).await.map_err(Failure::bug)??;
    let (id, sha256) = (issued.id, sha256_of(&file));
    let is_in_folder = db.contents().keep(&sha256, &file).await?;
    let kept = (sha256, file, is_in_folder);
    // Whoever printed it a moment earlier is right: that file counts.
    db.run(permit, &kept, |work, (sha256, file, is_in_folder)| {
        Box::pin(async move {
            let size = i64::try_from(file.len()).map_err(Failure::bug)?;
            if !is_in_folder {
                documents::keep_content(work, sha256, file).await?;
            }
            store::keep_file(work, id, sha256, size).await
        })
    })
    .await
}

fn drawn(paper: &Paper) -> Result<Vec<u8>, Failure> {
    let built_in = BUILT_IN.as_ref().ok_or_else(|| Failure::bug("the built-in faces cannot be read"))?;
    let faces = match built_in.text.lacks(&paper.text()) {
        None => built_in,
        Some(letter) => {
            let whole = WITH_WHOLE.as_ref().filter(|faces| faces.text.lacks(&paper.text()).is_none());
            whole.ok_or_else(|| QuotaRefusal::CannotPrint { letter: letter.to_string() })?
        }
    };
    draw(paper, faces).ok_or_else(|| Failure::bug("a certificate could not be drawn"))
}

async fn names(db: &Db, issued: &Issued) -> Result<Names, Failure> {
    let class = RightClass::parse(&issued.certificate.right_class).map_err(Failure::bug)?;
    let pollutant = parties::pollutants(db.reader()).await?.remove(&class.pollutant);
    let codes = [issued.certificate.area.clone(), class.zone.clone()];
    let areas = parties::areas_by_code(db.reader(), &codes).await?;
    let basins = parties::list_basins(db.reader()).await?;
    let basin = basins.into_iter().find(|(code, _)| *code == class.zone).map(|(_, name)| name);
    let area_name = |code: &str| areas.get(code).map(|area| area.name.clone());
    Ok(Names {
        area: area_name(&issued.certificate.area).unwrap_or_default(),
        pollutant: pollutant.map(|known| (known.name_zh, known.name_en)).unwrap_or_default(),
        zone: basin.or_else(|| area_name(&class.zone)).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quota::certificates::document::tests::example;

    #[test]
    fn every_label_is_in_the_bold_face_and_gb_2312_in_the_regular_one() {
        let faces = BUILT_IN.as_ref().unwrap();
        for label in example().labels() {
            assert_eq!(faces.bold.lacks(label), None, "{label}");
        }
        assert_eq!(faces.text.lacks("淦河 咸宁 ABC xyz 0.000 t – · 〔2022〕"), None);
        assert_eq!(faces.text.lacks("龘"), Some('龘'), "not of GB 2312");
    }

    #[test]
    fn the_same_certificate_is_the_same_file() {
        let (one, other) = (drawn(&example()).unwrap(), drawn(&example()).unwrap());
        assert!(one == other && one.starts_with(b"%PDF-"));
        assert!(one.len() < 200_000, "{} bytes: only what is used of the faces is embedded", one.len());
    }

    #[test]
    fn a_rare_letter_is_printed_where_the_whole_face_is_installed_and_named_where_it_is_not() {
        let rare = Paper { registry: "龘县生态环境局".to_owned(), ..example() };
        match drawn(&rare) {
            Ok(file) => assert!(std::path::Path::new(WHOLE.0).exists() && file.starts_with(b"%PDF-")),
            Err(failure) => assert_eq!(failure.violations[0].code, "QTA_CANNOT_PRINT"),
        }
    }

    #[test]
    fn endless_names_stay_on_the_page() {
        let long = "湖北省咸宁市通城县隽水镇经济技术开发区循环经济产业园".repeat(8);
        let mut paper = example();
        paper.facts[0].value = long.chars().take(200).collect();
        paper.facts[1].value = "Long Name Paper and Board Manufacturing Company of Tongcheng ".repeat(3);
        assert!(drawn(&paper).is_ok());
    }
}
