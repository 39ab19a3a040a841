//! Papers that the registry issues: one page of A4 in Chinese and English, as a PDF for archives with everything attached that proves it.
//! What stands on a paper is said by whoever issues it; here it is drawn, with faces that are built in.

mod pen;
pub mod proof;
mod sheet;

pub use sheet::{Amount, Fact, Kind, Paper};

use crate::kernel::{Failure, Moment};
use jiff::civil::Date;
use pen::Face;
use sheet::{Faces, draw};
use std::sync::LazyLock;
use tokio::task::spawn_blocking;

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSerifSC-Regular-GB2312.otf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSerifSC-Bold-Labels.otf");
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

/// A letter that no face has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letterless(pub char);

/// Prints a paper, off the threads that serve requests. The same paper is the same file, to the last byte.
///
/// # Errors
/// A fault of ours; inside it, [`Letterless`] when a name has a letter that no face has.
pub async fn print(paper: Paper) -> Result<Result<Vec<u8>, Letterless>, Failure> {
    spawn_blocking(move || drawn(&paper)).await.map_err(Failure::bug)?
}

fn drawn(paper: &Paper) -> Result<Result<Vec<u8>, Letterless>, Failure> {
    let built_in = BUILT_IN.as_ref().ok_or_else(|| Failure::bug("the built-in faces cannot be read"))?;
    let faces = match built_in.text.lacks(&paper.text()) {
        None => built_in,
        Some(letter) => match WITH_WHOLE.as_ref().filter(|faces| faces.text.lacks(&paper.text()).is_none()) {
            Some(faces) => faces,
            None => return Ok(Err(Letterless(letter))),
        },
    };
    draw(paper, faces).map(Ok).ok_or_else(|| Failure::bug("a paper could not be drawn"))
}

/// A day as it is written on Chinese papers.
pub fn day_in_chinese(day: Date) -> String {
    format!("{}年{:02}月{:02}日", day.year(), day.month(), day.day())
}

/// An instant as it is written on papers, in Chinese and in English: civil time in Asia/Shanghai.
pub fn instant_in_words(at: Moment) -> (String, String) {
    let (day, time) = (at.day(), at.civil_time());
    let clock = format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    (format!("{} {clock}", day_in_chinese(day)), format!("{day} {clock} (UTC+08:00)"))
}

/// Year, month, day, hour, minute, second of an instant, for the date of a file.
///
/// # Errors
/// A fault of ours when it lies before Christ.
pub fn stamp_of(at: Moment) -> Result<(u16, [u8; 5]), Failure> {
    let (day, time) = (at.day(), at.civil_time());
    let small = |number: i8| u8::try_from(number).map_err(Failure::bug);
    let year = u16::try_from(day.year()).map_err(Failure::bug)?;
    let (month, day) = (small(day.month())?, small(day.day())?);
    Ok((year, [month, day, small(time.hour())?, small(time.minute())?, small(time.second())?]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sheet::tests::example;

    #[test]
    fn every_label_is_in_the_bold_face_and_gb_2312_in_the_regular_one() {
        let faces = BUILT_IN.as_ref().unwrap();
        for kind in [Kind::Rights, Kind::Pledge, Kind::Search] {
            let paper = Paper { kind, ..example() };
            for label in paper.labels() {
                assert_eq!(faces.bold.lacks(label), None, "{label}");
            }
        }
        assert_eq!(faces.text.lacks("淦河 咸宁 ABC xyz 0.000 t – · 〔2022〕"), None);
        assert_eq!(faces.text.lacks("龘"), Some('龘'), "not of GB 2312");
    }

    #[test]
    fn the_same_paper_is_the_same_file() {
        let (one, other) = (drawn(&example()).unwrap().unwrap(), drawn(&example()).unwrap().unwrap());
        assert!(one == other && one.starts_with(b"%PDF-"));
        assert!(one.len() < 200_000, "{} bytes: only what is used of the faces is embedded", one.len());
    }

    #[test]
    fn a_paper_whose_address_fits_into_no_square_code_is_not_printed() {
        let paper = |address: String| drawn(&Paper { address, ..example() });
        assert!(paper(format!("https://ganhe.example/{}", "a".repeat(3_000))).is_err());
        assert!(paper(format!("https://ganhe.example/{}", "a".repeat(200))).unwrap().is_ok());
    }

    #[test]
    fn a_rare_letter_is_printed_where_the_whole_face_is_installed_and_named_where_it_is_not() {
        let rare = Paper { registry: "龘县生态环境局".to_owned(), ..example() };
        match drawn(&rare).unwrap() {
            Ok(file) => assert!(std::path::Path::new(WHOLE.0).exists() && file.starts_with(b"%PDF-")),
            Err(letter) => assert_eq!(letter, Letterless('龘')),
        }
    }

    #[test]
    fn endless_names_stay_on_the_page() {
        let long = "湖北省咸宁市通城县隽水镇经济技术开发区循环经济产业园".repeat(8);
        let mut paper = example();
        paper.facts[0].value = long.chars().take(200).collect();
        paper.facts[1].value = "Long Name Paper and Board Manufacturing Company of Tongcheng ".repeat(3);
        assert!(drawn(&paper).unwrap().is_ok());
    }
}
