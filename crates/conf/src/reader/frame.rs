//! Where the lines being read come from: files inside files, and generated lines among them.
//!
//! The innermost source is read first. What its lines mean is decided in the parent.

use std::path::{Path, PathBuf};

use crate::diagnostic::Stop;
use crate::encoding;
use crate::include::{Checks, Opened};
use crate::preprocess::Generated;
use crate::report::Report;
use crate::span::Span;

/// How deep files may include each other.
const NESTING: usize = 64;

/// How many files are read at most.
const FILES: usize = 100_000;

/// A source of lines.
pub(super) enum Frame {
    File(File),
    Generated(Generated),
}

/// A file being read.
pub(super) struct File {
    pub(super) file: u32,
    pub(super) at: usize,
    pub(super) directory: PathBuf,
    /// Where it really is.
    path: Option<PathBuf>,
    pub(super) checks_before: Checks,
    pub(super) level: usize,
}

/// The sources, the innermost last.
#[derive(Default)]
pub(super) struct Frames {
    frames: Vec<Frame>,
    entered: usize,
}

impl Frames {
    /// The innermost source.
    pub(super) fn last_mut(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// Leaves the innermost source, and returns it if it is a file.
    pub(super) fn pop(&mut self) -> Option<File> {
        match self.frames.pop()? {
            Frame::File(file) => Some(file),
            Frame::Generated(_) => None,
        }
    }

    /// The innermost file.
    pub(super) fn file(&self) -> Option<&File> {
        self.files().next()
    }

    /// The directory that relative names start from.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.file().map(|file| file.directory.as_path())
    }

    /// This very file is being read.
    pub(super) fn is_open(&self, opened: &Opened) -> bool {
        opened.path.is_some() && self.files().any(|file| file.path == opened.path)
    }

    /// Why no further file can be entered.
    pub(super) fn full(&self) -> Option<&'static str> {
        if self.file().is_some_and(|file| file.level >= NESTING) {
            return Some("files include each other too deeply");
        }
        (self.entered >= FILES).then_some("too many files have been read")
    }

    /// Makes a file the innermost source; at its end the checks are as before.
    pub(super) fn enter(
        &mut self,
        opened: Opened,
        checks_before: Checks,
        level: usize,
        report: &mut Report,
    ) {
        self.entered += 1;
        let content = encoding::prepare(&opened.name, opened.bytes);
        let file = report.sources.add(&opened.name, content.bytes);
        if let Some(mut found) = content.finding {
            // Without the main file there is nothing to run.
            found.stop = (content.refused && level == 0).then_some(Stop::Unusable);
            report.add(found.at(Span::new(file, 0, 0)));
        }
        let Opened { directory, path, .. } = opened;
        let frame = File { file, at: 0, directory, path, checks_before, level };
        self.frames.push(Frame::File(frame));
    }

    /// Makes these the innermost sources.
    pub(super) fn generate(&mut self, made: Vec<Generated>) {
        self.frames.extend(made.into_iter().map(Frame::Generated));
    }

    /// Leaves everything that is generated.
    pub(super) fn drop_generated(&mut self) {
        self.frames.retain(|frame| matches!(frame, Frame::File(_)));
    }

    fn files(&self) -> impl Iterator<Item = &File> {
        self.frames.iter().rev().filter_map(|frame| match frame {
            Frame::File(file) => Some(file),
            Frame::Generated(_) => None,
        })
    }
}
