//! Writing: standard output, files that appear complete or not at all, and errors.

use super::error::Error;
use super::interrupt;
use super::options::{Color, Job, Output, Tensors};
use anstream::{AutoStream, ColorChoice};
use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
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

/// Writes the result where the options say; `-o -` is standard output.
pub(super) fn write(text: &str, output: &Output) -> Result<(), Error> {
    match &output.output {
        Some(path) => write_to(text, path),
        None if output.quiet => Ok(()),
        None => standard(text),
    }
}

/// Writes to a file; `-` is standard output.
pub(super) fn write_to(text: &str, path: &Path) -> Result<(), Error> {
    if path == Path::new("-") { standard(text) } else { files(&[(text, path)]) }
}

/// Writes to standard output. A reader who has gone has read enough: the verdict stands.
pub(super) fn standard(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Error::io("standard output", &e)),
        _ => Ok(()),
    }
}

/// [`distinct`] of a job: of its model, its tensors and its rules, of `-o` and other options.
pub(super) fn distinct_job(
    job: &Job,
    tensors: Option<&Tensors>,
    others: &[(&str, Option<&Path>)],
) -> Result<(), Error> {
    let read: Vec<&Path> = job
        .search
        .rules
        .files()
        .chain(tensors.into_iter().flat_map(Tensors::paths))
        .chain([job.file.as_path()])
        .collect();
    let written: Vec<_> = others.iter().copied().chain([("-o", job.output.output.as_deref())]).collect();
    distinct(&read, &written)
}

/// Refuses to write where something is read from, or twice to one file. Said before anything is done.
pub(super) fn distinct(read: &[&Path], written: &[(&str, Option<&Path>)]) -> Result<(), Error> {
    let standard = Path::new("-");
    let mut seen: Vec<(PathBuf, String)> =
        read.iter().filter(|path| **path != standard).map(|path| (place(path), "is read".to_string())).collect();
    for (option, path) in written {
        let Some(path) = path.filter(|path| *path != standard) else { continue };
        let target = place(path);
        // What is no file, as /dev/null, is not replaced.
        if std::fs::metadata(&target).is_ok_and(|m| !m.is_file()) {
            continue;
        }
        if let Some((_, what)) = seen.iter().find(|(known, _)| *known == target) {
            return Err(Error::Plain(format!("{option} {}: this file {what} by the same command", path.display())));
        }
        seen.push((target, format!("is written with {option}")));
    }
    Ok(())
}

/// The most links that are followed from one to the next, as the system does.
const LINKS: usize = 40;

/// A command as it is typed, without where its result goes.
pub(super) fn command(words: &[OsString]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=,:+@%[]*".contains(c);
    let quoted = |word: &str| match !word.is_empty() && word.chars().all(plain) {
        true => word.to_string(),
        false => format!("'{}'", visible(word).replace('\'', "'\\''")),
    };
    let mut out = String::from("equilaw");
    let mut words = words.iter().skip(1).map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        match word.as_ref() {
            "-o" | "--output" => drop(words.next()),
            word if word.starts_with("--output=") || word.starts_with("-o") => {}
            word => out.push_str(&format!(" {}", quoted(word))),
        }
    }
    out
}

/// The day that `SOURCE_DATE_EPOCH` names, for what bears a date: without it a result has none, and is the same on every day.
///
/// # Errors
/// When it is no number of seconds.
pub(super) fn date() -> Result<Option<String>, Error> {
    const NAME: &str = "SOURCE_DATE_EPOCH";
    let Some(told) = std::env::var_os(NAME).filter(|told| !told.is_empty()) else { return Ok(None) };
    let seconds: Option<u32> = told.to_str().and_then(|told| told.parse().ok());
    let Some(seconds) = seconds else {
        let shown = told.to_string_lossy();
        return Err(Error::Plain(format!("{NAME}: `{shown}` is no number of seconds from 0 to {}", u32::MAX)));
    };
    Ok(Some(day(seconds / 86_400)))
}

/// So many days after the first of January 1970.
fn day(mut days: u32) -> String {
    let leap = |year: u32| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u32::from(leap(year)) {
        days -= 365 + u32::from(leap(year));
        year += 1;
    }
    let february = 28 + u32::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

/// The file that a path means: links are followed, so that what they point to is replaced and not the link, also where it
/// is not there yet.
fn place(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        let Ok(next) = std::fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("")).join(next);
    }
    let (parent, name) = (directory(&path), path.file_name());
    match (std::fs::canonicalize(&path), std::fs::canonicalize(parent), name) {
        (Ok(path), ..) => path,
        (_, Ok(parent), Some(name)) => parent.join(name),
        _ => path,
    }
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."))
}

/// A text on its way to a file.
enum Pending<'a> {
    /// Complete under another name, which is to be given up for this one.
    Temporary(tempfile::NamedTempFile, PathBuf),
    /// What cannot be replaced by a file: a device or a pipe.
    Device(&'a str, PathBuf),
}

/// Writes files that appear complete or not at all, and only if all of them can be written.
pub(super) fn files(texts: &[(&str, &Path)]) -> Result<(), Error> {
    let wrong = |path: &Path, e: &std::io::Error| Error::io(&path.display().to_string(), e);
    let mut pending = Vec::new();
    for (text, path) in texts {
        pending.push((prepare(text, path)?, *path));
    }
    for (file, path) in pending {
        match file {
            Pending::Device(text, target) => std::fs::write(target, text).map_err(|e| wrong(path, &e))?,
            Pending::Temporary(temporary, target) => {
                interrupt::done(temporary.path());
                temporary.persist(target).map_err(|e| wrong(path, &e.error))?;
            }
        }
    }
    Ok(())
}

/// Writes a text beside its file.
fn prepare<'a>(text: &'a str, path: &Path) -> Result<Pending<'a>, Error> {
    let shown = path.display().to_string();
    let wrong = |e: std::io::Error| Error::io(&shown, &e);
    let target = place(path);
    let existing = std::fs::metadata(&target).ok();
    if existing.as_ref().is_some_and(|m| m.is_dir()) {
        return Err(Error::Plain(format!("{shown}: is a directory")));
    }
    if existing.as_ref().is_some_and(|m| !m.is_file()) {
        return Ok(Pending::Device(text, target));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".equilaw-");
    #[cfg(unix)]
    builder.permissions(existing.as_ref().map_or_else(default_permissions, |m| m.permissions()));
    let mut temporary = builder.tempfile_in(directory(&target)).map_err(wrong)?;
    interrupt::pending(temporary.path());
    temporary.write_all(text.as_bytes()).map_err(wrong)?;
    temporary.as_file().sync_all().map_err(wrong)?;
    Ok(Pending::Temporary(temporary, target))
}

/// What the umask leaves of read and write for all, as for any new file.
#[cfg(unix)]
fn default_permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

/// A text in which control characters, which a terminal would obey, are written out.
pub(super) fn visible(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// Says on standard error what went wrong.
pub(super) fn complain(error: &Error) {
    let stream = std::io::stderr();
    let color = AutoStream::choice(&stream) != ColorChoice::Never;
    let text = match error {
        Error::Diagnostics(diagnostics) => diagnostics.render(color, width()),
        error => {
            let head = if color { "\x1b[1;31merror:\x1b[0m" } else { "error:" };
            format!("{head} {}\n", visible(&error.to_string()))
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

#[cfg(test)]
mod tests {
    use super::{command, day};

    #[test]
    fn a_command_is_told_without_its_output() {
        let told = |words: &[&str]| command(&words.iter().map(Into::into).collect::<Vec<_>>());
        let words = ["/usr/bin/equilaw", "derive", "my model.eqv", "-o", "a.html", "--seed", "7", "--output=b", "-oc"];
        assert_eq!(told(&words), "equilaw derive 'my model.eqv' --seed 7");
    }

    #[test]
    fn days_are_counted_from_1970() {
        let days =
            [(0, "1970-01-01"), (58, "1970-02-28"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_784, "2026-11-27")];
        for (days, date) in days {
            assert_eq!(day(days), date);
        }
        assert_eq!(day(u32::MAX / 86_400), "2106-02-07");
    }
}
