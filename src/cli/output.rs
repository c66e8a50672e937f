//! Writing: standard output, files that appear complete or not at all, and errors.

use super::error::Error;
use super::interrupt;
use super::options::{Color, Output};
use anstream::{AutoStream, ColorChoice};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

/// Whether the result is written in colour.
pub(super) fn in_color(output: &Output) -> bool {
    match output.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => output.output.is_none() && AutoStream::choice(&std::io::stdout()) != ColorChoice::Never,
    }
}

/// The columns of the terminal, as `COLUMNS` or the terminal itself tells; 100 where there is none.
pub(super) fn width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let measured = || {
        terminal_size::terminal_size_of(std::io::stdout())
            .map(|(terminal_size::Width(columns), _)| usize::from(columns))
    };
    told.or_else(measured).unwrap_or(100usize).clamp(60, 160)
}

/// Writes the result where the options say.
pub(super) fn write(text: &str, output: &Output) -> Result<(), Error> {
    match &output.output {
        Some(path) => file(text, path),
        None if output.quiet => Ok(()),
        None => {
            let mut out = std::io::stdout().lock();
            let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            written.map_err(|e| match e.kind() {
                ErrorKind::BrokenPipe => Error::ClosedPipe,
                _ => Error::io("standard output", &e),
            })
        }
    }
}

/// Writes a file that appears complete or not at all.
pub(super) fn file(text: &str, path: &Path) -> Result<(), Error> {
    let shown = path.display().to_string();
    let wrong = |e: std::io::Error| Error::io(&shown, &e);
    // A link is followed, so that what it points to is replaced and not the link.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let existing = std::fs::metadata(&target).ok();
    if existing.as_ref().is_some_and(|m| m.is_dir()) {
        return Err(Error::Plain(format!("{shown}: is a directory")));
    }
    if existing.as_ref().is_some_and(|m| !m.is_file()) {
        // A device or a pipe cannot be replaced by a file.
        return std::fs::write(&target, text).map_err(wrong);
    }
    let directory = match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".equilaw-");
    #[cfg(unix)]
    builder.permissions(existing.as_ref().map_or_else(default_permissions, |m| m.permissions()));
    let mut temporary = builder.tempfile_in(directory).map_err(wrong)?;
    let place = temporary.path().to_path_buf();
    interrupt::guarded(&place, || {
        temporary.write_all(text.as_bytes()).map_err(wrong)?;
        temporary.as_file().sync_all().map_err(wrong)?;
        temporary.persist(&target).map(drop).map_err(|e| wrong(e.error))
    })
}

/// What the umask leaves of read and write for all, as for any new file.
#[cfg(unix)]
fn default_permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

/// Says on standard error what went wrong.
pub(super) fn complain(error: &Error) {
    let stream = std::io::stderr();
    let color = AutoStream::choice(&stream) != ColorChoice::Never;
    let text = match error {
        Error::Diagnostics(diagnostics) => diagnostics.render(color, width()),
        error => {
            let head = if color { "\x1b[1;31merror:\x1b[0m" } else { "error:" };
            format!("{head} {error}\n")
        }
    };
    // Nothing is left to say it to when standard error is gone.
    let _ = stream.lock().write_all(text.as_bytes());
}

/// Says on standard error that a search was cut short by time, where the result itself does not.
pub(super) fn note_late(late: Option<Duration>, output: &Output) {
    if let Some(limit) = late.filter(|_| !output.quiet) {
        note(&crate::report::late(limit));
    }
}

/// Says something on standard error that is no error.
pub(super) fn note(text: &str) {
    // Nothing is left to say it to when standard error is gone.
    let _ = writeln!(std::io::stderr().lock(), "note: {text}");
}
