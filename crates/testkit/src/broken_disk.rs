//! A disk that has stopped answering: whoever reads from it hangs, and not even SIGKILL ends that.
//!
//! It is a file system in user space of which nobody answers for a file. The kernel waits for an
//! answer to what it has asked, whatever becomes of the process that it asks for.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use nix::libc::O_NONBLOCK;
use nix::mount::{MntFlags, MsFlags, mount, umount2};

/// How often it is looked whether the kernel asks for something.
const LOOK: Duration = Duration::from_millis(20);
/// As much as the kernel may ask for at once.
const LONGEST: usize = 1 << 17;
/// The only question that is answered: which version of the protocol is spoken.
const INIT: u32 = 26;
/// That version, in which the answer has [`ANSWER`] bytes.
const VERSION: [u32; 2] = [7, 22];
/// The length of the answer, after its own header of 16 bytes.
const ANSWER: usize = 24;
/// The most that may be written at once, the last word of the answer.
const MOST_WRITTEN: u32 = 4096;

/// As long as this lives, whoever looks for a file in the directory hangs.
#[derive(Debug)]
pub struct BrokenDisk {
    directory: PathBuf,
    _release: Sender<()>,
}

impl BrokenDisk {
    /// Mounts one at this directory. Needs root.
    ///
    /// # Panics
    /// When the kernel has no file systems in user space, or refuses.
    #[must_use]
    pub fn at(directory: &Path) -> Self {
        // Where it is no module it is there.
        let _ = Command::new("modprobe").arg("fuse").status();
        let device = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(O_NONBLOCK)
            .open("/dev/fuse")
            .expect("a kernel with file systems in user space");
        let options = format!("fd={},rootmode=40000,user_id=0,group_id=0", device.as_raw_fd());
        mount(Some("broken"), directory, Some("fuse"), MsFlags::empty(), Some(&*options))
            .expect("a directory, and CAP_SYS_ADMIN");
        let (release, released) = channel();
        std::thread::spawn(move || stay_silent(device, &released));
        Self { directory: directory.to_path_buf(), _release: release }
    }
}

impl Drop for BrokenDisk {
    fn drop(&mut self) {
        // Those that hang still hold it; it goes with the last of them.
        let _ = umount2(&self.directory, MntFlags::MNT_DETACH);
    }
}

/// Reads what the kernel asks, which from then on waits for answers, until this is dropped.
fn stay_silent(mut device: File, released: &Receiver<()>) {
    let mut question = vec![0; LONGEST];
    while released.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        match device.read(&mut question) {
            Ok(length) => {
                if let Some(answer) = answer_to(&question[..length]) {
                    device.write_all(&answer).expect("the kernel takes the answer");
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // It is mounted no longer.
            Err(_) => return,
        }
    }
}

fn answer_to(question: &[u8]) -> Option<Vec<u8>> {
    let (_, kind) = question.get(..8)?.split_last_chunk()?;
    let number = question.get(8..16)?;
    if u32::from_ne_bytes(*kind) != INIT {
        return None;
    }
    let length = u32::try_from(16 + ANSWER).ok()?;
    // The length, no error, the number of the question; read-ahead, flags and background are 0.
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<_>>();
    let limits = [0, 0, 0, MOST_WRITTEN];
    Some([words(&[length, 0]), number.to_vec(), words(&VERSION), words(&limits)].concat())
}
