//! The pen that papers are drawn with: faces, lines of text, rules, boxes and squares on one page. Places and sizes are whole tenths
//! of a point, counted from the upper left corner; the library that writes the file counts in floating points, and only here.

use krilla::Data;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use read_fonts::{FontRef, TableProvider};

/// Tenths of a point.
pub type Tenths = i32;

/// Width and height of A4.
pub const A4: (Tenths, Tenths) = (5953, 8419);

/// Points of so many tenths.
#[expect(
    clippy::float_arithmetic,
    reason = "the writer of the file counts in floating points; nothing of the books is computed"
)]
pub fn points(tenths: Tenths) -> f32 {
    f32::from(i16::try_from(tenths).unwrap_or(i16::MAX)) / 10.0
}

/// A part of an em, of which a face has a thousand units.
#[expect(
    clippy::float_arithmetic,
    reason = "the writer of the file counts in floating points; nothing of the books is computed"
)]
fn em(units: i32) -> f32 {
    f32::from(i16::try_from(units).unwrap_or(i16::MAX)) / 1_000.0
}

/// A colour.
#[derive(Debug, Clone, Copy)]
pub struct Ink(pub u8, pub u8, pub u8);

/// A face, and how wide its glyphs are.
#[derive(Clone)]
pub struct Face {
    bytes: &'static [u8],
    place: u32,
    font: Font,
}

impl Face {
    /// The face at a place of a font file; nothing when it cannot be read or counts an em otherwise.
    pub fn read(bytes: &'static [u8], place: u32) -> Option<Self> {
        let read = FontRef::from_index(bytes, place).ok()?;
        let has_thousand_units = read.head().ok()?.units_per_em() == 1_000;
        let font = Font::new(Data::from(bytes.to_vec()), place).filter(|_| has_thousand_units)?;
        Some(Self { bytes, place, font })
    }

    /// The first character that the face has no glyph for.
    pub fn lacks(&self, text: &str) -> Option<char> {
        let read = FontRef::from_index(self.bytes, self.place).ok();
        let cmap = read.as_ref().and_then(|read| read.cmap().ok());
        text.chars().find(|letter| cmap.as_ref().and_then(|cmap| cmap.map_codepoint(*letter)).is_none())
    }

    /// The glyphs of a line and its width in units of a thousandth of an em; a letter without a glyph is drawn as none.
    fn set(&self, text: &str, spacing: i32) -> (Vec<KrillaGlyph>, i32) {
        let (mut glyphs, mut width) = (Vec::new(), 0);
        let Ok(read) = FontRef::from_index(self.bytes, self.place) else { return (glyphs, width) };
        let (Ok(cmap), Ok(hmtx)) = (read.cmap(), read.hmtx()) else { return (glyphs, width) };
        for (at, letter) in text.char_indices() {
            let glyph = cmap.map_codepoint(letter).unwrap_or_default();
            let advance = hmtx.advance(glyph).map_or(0, i32::from) + spacing;
            width += advance;
            glyphs.push(KrillaGlyph {
                glyph_id: GlyphId::new(glyph.to_u32()),
                text_range: at..at + letter.len_utf8(),
                x_advance: em(advance),
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            });
        }
        (glyphs, width)
    }

    /// How wide a line is.
    pub fn width(&self, text: &str, size: Tenths, spacing: i32) -> Tenths {
        self.set(text, spacing).1 * size / 1_000
    }

    /// The text in lines no wider than this, broken between any two letters as Chinese is, but not within a word of Latin letters that
    /// fits a line.
    pub fn lines(&self, text: &str, size: Tenths, widest: Tenths) -> Vec<String> {
        let (mut lines, mut line) = (Vec::new(), String::new());
        for word in words(text) {
            if !line.is_empty() && self.width(&format!("{line}{}", word.trim_end()), size, 0) > widest {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                if self.width(&format!("{line}{letter}"), size, 0) > widest && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(letter);
            }
        }
        lines.push(line);
        lines
    }
}

/// What is not broken: a word of Latin letters with the blank behind it, or one letter.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for letter in text.chars() {
        let joins =
            letter.is_ascii() && words.last().is_some_and(|word| word.ends_with(|last: char| last.is_ascii_graphic()));
        match words.last_mut() {
            Some(word) if joins => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    words
}

/// Where a line stands to its place.
#[derive(Debug, Clone, Copy)]
pub enum Align {
    /// It begins there.
    Left,
    /// Its middle is there.
    Middle,
    /// It ends there.
    Right,
}

/// How a line looks.
#[derive(Clone, Copy)]
pub struct Style<'f> {
    /// Its face.
    pub face: &'f Face,
    /// Its size.
    pub size: Tenths,
    /// Its colour.
    pub ink: Ink,
    /// Blank after each letter, in thousandths of an em.
    pub spacing: i32,
    /// Where it stands.
    pub align: Align,
}

impl Style<'_> {
    /// The same in another colour.
    #[must_use]
    pub fn inked(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    /// The same to another side of its place.
    #[must_use]
    pub fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    /// The same with another blank after each letter.
    #[must_use]
    pub fn spaced(self, spacing: i32) -> Self {
        Self { spacing, ..self }
    }
}

/// Draws on a page.
pub struct Pen<'s, 'd> {
    surface: &'s mut Surface<'d>,
}

impl<'s, 'd> Pen<'s, 'd> {
    /// A pen on a page.
    pub fn on(surface: &'s mut Surface<'d>) -> Self {
        Self { surface }
    }

    fn fill(&mut self, ink: Ink) {
        let paint = rgb::Color::new(ink.0, ink.1, ink.2).into();
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::NonZero }));
    }

    /// A line of text on its base line.
    pub fn text(&mut self, (x, y): (Tenths, Tenths), text: &str, style: Style<'_>) {
        let (glyphs, units) = style.face.set(text, style.spacing);
        let width = (units - style.spacing) * style.size / 1_000;
        let left = match style.align {
            Align::Left => x,
            Align::Middle => x - width / 2,
            Align::Right => x - width,
        };
        self.fill(style.ink);
        let start = Point::from_xy(points(left), points(y));
        self.surface.draw_glyphs(start, &glyphs, style.face.font.clone(), text, points(style.size), false);
    }

    /// A straight line.
    pub fn rule(&mut self, from: (Tenths, Tenths), to: (Tenths, Tenths), width: Tenths, ink: Ink) {
        let mut path = PathBuilder::new();
        path.move_to(points(from.0), points(from.1));
        path.line_to(points(to.0), points(to.1));
        self.stroke(path, width, ink);
    }

    /// A box by its upper left corner and its size.
    pub fn frame(&mut self, (x, y): (Tenths, Tenths), (wide, high): (Tenths, Tenths), width: Tenths, ink: Ink) {
        let mut path = PathBuilder::new();
        if let Some(rect) = Rect::from_xywh(points(x), points(y), points(wide), points(high)) {
            path.push_rect(rect);
        }
        self.stroke(path, width, ink);
    }

    /// A filled box.
    pub fn block(&mut self, (x, y): (Tenths, Tenths), (wide, high): (Tenths, Tenths), ink: Ink) {
        let mut path = PathBuilder::new();
        if let Some(rect) = Rect::from_xywh(points(x), points(y), points(wide), points(high)) {
            path.push_rect(rect);
        }
        self.fill(ink);
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    /// A square that stands on its corner, around a middle.
    pub fn diamond(&mut self, (x, y): (Tenths, Tenths), half: Tenths, ink: Ink) {
        let mut path = PathBuilder::new();
        path.move_to(points(x), points(y - half));
        for (x, y) in [(x + half, y), (x, y + half), (x - half, y)] {
            path.line_to(points(x), points(y));
        }
        path.close();
        self.fill(ink);
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    fn stroke(&mut self, path: PathBuilder, width: Tenths, ink: Ink) {
        let paint = rgb::Color::new(ink.0, ink.1, ink.2).into();
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke { paint, width: points(width), ..Stroke::default() }));
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }
}
