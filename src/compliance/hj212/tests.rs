//! Laws of messages, and the frames that the standard and the world show.

use super::*;
use proptest::prelude::*;

/// The example of HJ 212-2017, appendix A.
const EXAMPLE: &str = "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n";

/// A frame of the totals of a day.
fn daily(data: &str) -> Vec<u8> {
    let segment = format!(
        "QN=20221201001500000;ST=32;CN=2031;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=20221130000000;{data}&&"
    );
    write(&segment).unwrap().into_bytes()
}

fn readings(data: &str) -> Vec<(String, Reading)> {
    let (message, _) = read(&daily(data)).unwrap();
    let daily = Daily::of(&message, &factors_of(Edition::Of2017)).unwrap();
    assert_eq!(daily.day, jiff::civil::date(2022, 11, 30));
    daily.values.into_iter().map(|value| (value.pollutant, value.reading)).collect()
}

#[test]
fn the_example_of_the_standard_is_read_and_its_sum_is_ours() {
    let (message, segment) = read(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(crc16(segment.as_bytes()), 0x1C80);
    assert_eq!((message.command, message.system.as_str(), message.edition()), (1062, "32", Some(Edition::Of2017)));
    assert_eq!((message.mn.as_str(), message.value("RtdInterval")), ("010000A8900016F000169DC0", Some("30")));
    assert_eq!(write(&message.segment()).as_deref(), Some(EXAMPLE));
}

#[test]
fn kilograms_become_grams_rounded_half_up_once() {
    let told = readings(
        "w01018-Cou=46.630,w01018-Avg=196.000,w01018-Flag=N;w21003-Cou=0.0005;w21011-Cou=0.00049999;a21026-Cou=12",
    );
    let grams = |grams| Reading::Grams(grams);
    let wanted = [("COD", grams(46_630)), ("NH3N", grams(1)), ("TP", grams(0)), ("SO2", grams(12_000))];
    assert_eq!(told, wanted.map(|(pollutant, reading)| (pollutant.to_owned(), reading)));
}

#[test]
fn what_cannot_be_is_told_apart_from_what_was_not_measured() {
    for (text, reading) in [
        ("-3.2", Reading::Negative),
        ("-99999999999999999999999999", Reading::Negative),
        ("-0.00", Reading::Grams(0)),
        ("11190000000000", Reading::Grams(11_190_000_000_000_000)),
        ("99999999999999999999", Reading::OutOfRange),
        ("999999999999999999999999999999999999999999999999", Reading::OutOfRange),
        ("----", Reading::Unusable),
        ("", Reading::Unusable),
        ("1e3", Reading::Unusable),
        ("NaN", Reading::Unusable),
        (".5", Reading::Unusable),
    ] {
        assert_eq!(readings(&format!("a21026-Cou={text}")), [("SO2".to_owned(), reading)], "{text:?}");
    }
    for (mark, is_good) in
        [("N", true), ("F", true), ("S", true), ("D", false), ("C", false), ("B", false), ("x", false)]
    {
        let told = readings(&format!("a21026-Cou=1.000,a21026-Flag={mark}"));
        assert_eq!(told[0].1 == Reading::Grams(1_000), is_good, "{mark}");
    }
}

#[test]
fn a_total_that_stands_there_twice_is_none() {
    let (message, _) = read(&daily("w01018-Cou=1;w01018-Cou=2")).unwrap();
    let twice = Fault::Field { name: "w01018-Cou".to_owned() };
    assert_eq!(Daily::of(&message, &factors_of(Edition::Of2017)), Err(twice));
}

#[test]
fn the_flag_tells_the_edition_and_an_older_one_is_not_read() {
    let with = |flag: &str| {
        let segment = format!(
            "QN=20260801085857223;ST=31;CN=2031;PW=123456;MN=010000A8900016F000169DC0;{flag}RF=1;CP=&&DataTime=20260731000000&&"
        );
        read(write(&segment).unwrap().as_bytes()).map(|(message, _)| (message.edition(), message.is_late))
    };
    assert_eq!(with("Flag=5;"), Ok((Some(Edition::Of2017), true)));
    assert_eq!(with("Flag=9;"), Ok((Some(Edition::Of2025), true)));
    for old in ["Flag=0;", "Flag=1;", "Flag=12;", "Flag=300;", "Flag=;", ""] {
        assert_eq!(with(old), Err(Fault::Edition), "{old}");
    }
    assert!(factors_of(Edition::Of2025).is_empty(), "what the later edition says is not guessed");
}

#[test]
fn encrypted_data_are_named_as_such() {
    let segment =
        "QN=20260801085857223;ST=31;CN=2031;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&{0xE4,0x3E}g=N&&";
    assert_eq!(read(write(segment).unwrap().as_bytes()), Err(Fault::Encrypted));
}

#[test]
fn a_stream_is_cut_where_frames_begin() {
    let one = daily("w01018-Cou=1");
    let stream = [one.as_slice(), b"\r\n", &one[..40], one.as_slice()].concat();
    let cut: Vec<bool> = frames(&stream).into_iter().map(|frame| read(frame).is_ok()).collect();
    assert_eq!(cut, [true, false, true]);
    assert_eq!(frames(b"hello").len(), 1, "what is no frame is told, not lost");
    assert!(frames(b" \r\n").is_empty());
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][0-9]{5}-(Cou|Avg|Min|Max|Flag)"
}

fn message() -> impl Strategy<Value = Message> {
    let items = prop::collection::vec((name(), "[0-9A-Z.]{0,8}"), 1..6);
    let head = ("20[0-9]{2}0[1-9][012][1-8][0-9]{9}", "[0-9]{2}", 1000_u16..9999, "[0-9]{6}", "[0-9A-F]{1,24}");
    let tail = (4_u8..12, prop::option::of((1_u16..50, 0_u16..50)), any::<bool>(), prop::collection::vec(items, 0..8));
    (head, tail).prop_map(|((qn, system, command, password, mn), (flag, part, is_late, groups))| Message {
        qn,
        system,
        command,
        password,
        mn,
        flag,
        part: part.map(|(of, at)| (of, at % of + 1)),
        is_late,
        groups,
    })
}

proptest! {
    #[test]
    fn no_bytes_at_all_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for frame in frames(&bytes) {
            let _ = read(frame);
        }
    }

    #[test]
    fn nothing_that_looks_like_a_message_breaks_the_reader(segment in "(QN|ST|CN|MN|Flag|PNUM|PNO|RF|CP|DataTime|w01018-Cou|=|;|,|&&|-|[0-9]{1,17}){0,60}") {
        if let Some(frame) = write(&segment)
            && let Ok((message, _)) = read(frame.as_bytes())
        {
            let _ = Daily::of(&message, &factors_of(Edition::Of2017));
        }
    }

    #[test]
    fn what_is_written_is_read_back(message in message()) {
        let frame = write(&message.segment()).unwrap();
        let (again, segment) = read(frame.as_bytes()).unwrap();
        prop_assert_eq!(&segment, &message.segment());
        prop_assert_eq!(again, message);
    }

    #[test]
    fn one_flipped_bit_is_refused(message in message(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let frame = write(&message.segment()).unwrap().into_bytes();
        let mut broken = frame.clone();
        let at = at.index(frame.len() - 2);
        broken[at] ^= 1 << bit;
        // Whether the digits of the sum are written large or small says nothing.
        prop_assume!(!broken.eq_ignore_ascii_case(&frame) || at < frame.len() - 6);
        prop_assert!(read(&broken).is_err(), "{:?}", String::from_utf8_lossy(&broken));
    }
}
