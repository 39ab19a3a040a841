//! The log: one event, one line. What clients send may stand in it, so whatever could begin a line of its own, move the cursor of a
//! terminal or turn the direction of text is written as its code.

use crate::http::shape::turns_direction;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Writes the log to this writer, filtered by the directives of `tracing`.
pub fn subscriber<W>(directives: &str, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(directives))
        .with_ansi(false)
        .with_writer(Lines(writer))
        .finish()
}

struct Lines<W>(W);

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for Lines<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        Line(self.0.make_writer())
    }
}

/// Writes an event, which comes as a whole.
struct Line<W>(W);

impl<W: Write> Write for Line<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        if line.chars().any(is_hidden) {
            let plain: String = line
                .chars()
                .map(|char| if is_hidden(char) { char.escape_unicode().to_string() } else { char.to_string() })
                .collect();
            writeln!(self.0, "{plain}")?;
        } else {
            self.0.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn is_hidden(char: char) -> bool {
    char.is_control() || turns_direction(char)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_client_sends_never_begins_a_line_of_its_own() {
        let kept = Kept::default();
        let writer = kept.clone();
        tracing::subscriber::with_default(subscriber("info", move || writer.clone()), || {
            let name = "mill\n2026-01-01T00:00:00Z ERROR forged\r\u{1b}[31m\u{202e}";
            tracing::info!(%name, debugged = ?name, "Registered {name}");
            tracing::warn!("湖北 second");
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.ends_with("湖北 second\n"), "{text}");
        assert!(!text.chars().any(|char| char != '\n' && is_hidden(char)), "{text:?}");
    }
}
