//! nginx on a host, serving files of its own: what a real server does, and how it breaks.
//! Decides the configuration of nginx; what the files say is the test's business.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::run::must;
use super::{Host, Process, need};

/// How long nginx may take until it answers, on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(20);
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A web server on one port of a host; it stops when it is dropped.
pub struct WebServer {
    host: Host,
    port: u16,
    directory: PathBuf,
    process: Option<Process>,
}

impl Host {
    /// Starts nginx on this port of every address; `/` and `/test.html` answer with this text.
    ///
    /// # Panics
    /// When it does not answer in time.
    pub fn web_server(&self, port: u16, text: &str) -> WebServer {
        need(&["nginx"]);
        let directory = self.file(&format!("web-{port}"));
        must("make a web server's directory", fs::create_dir_all(directory.join("pages")));
        let mut server = WebServer { host: self.clone(), port, directory, process: None };
        server.put("index.html", text);
        server.put("test.html", text);
        server.start();
        server
    }
}

impl WebServer {
    /// The host it runs on.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Makes a page (`test.html`) say this from now on.
    pub fn put(&self, page: &str, text: &str) {
        must("write a page", fs::write(self.page(page), text));
    }

    /// Takes a page away, so that the answer is 404.
    pub fn remove(&self, page: &str) {
        must("remove a page", fs::remove_file(self.page(page)));
    }

    /// Starts it (again), and returns when it answers.
    ///
    /// # Panics
    /// When it does not answer in time.
    pub fn start(&mut self) {
        let configuration = self.directory.join("nginx.conf");
        must("configure nginx", fs::write(&configuration, self.configuration()));
        let words = ["nginx", "-e", "stderr", "-p"].map(Into::into);
        let places = [self.directory.clone(), "-c".into(), configuration];
        let process = self.host.spawn("nginx", words.into_iter().chain(places));
        let url = format!("http://127.0.0.1:{}/nginx-is-there", self.port);
        self.host.wait_until(&format!("nginx on {}", self.host.name()), START_LIMIT, || {
            assert!(!process.has_ended(), "lab: nginx ended\n{}", process.log().text());
            self.host.get(&url).is_ok()
        });
        self.process = Some(process);
    }

    /// Stops it at once: its port is closed, its connections are reset.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(nix::sys::signal::Signal::SIGTERM);
            let ended = process.wait_exit(STOP_LIMIT);
            assert!(ended.is_some(), "lab: nginx does not stop\n{}", process.log().text());
        }
    }

    /// Stops the process without closing anything: connections are accepted and never answered.
    pub fn hang(&self) {
        self.process.iter().for_each(Process::pause);
    }

    /// Ends [`hang`](Self::hang).
    pub fn resume(&self) {
        self.process.iter().for_each(Process::resume);
    }

    /// Every request so far: `<host asked for> <request line> <status> <user agent>`.
    pub fn requests(&self) -> Vec<String> {
        let text = fs::read_to_string(self.directory.join("requests")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn page(&self, page: &str) -> PathBuf {
        self.directory.join("pages").join(page)
    }

    fn configuration(&self) -> String {
        let (directory, port) = (self.directory.display(), self.port);
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("  {kind}_temp_path {directory}/temporary-{kind};\n"))
            .collect();
        format!(
            "daemon off;\nmaster_process off;\npid {directory}/nginx.pid;\nerror_log stderr;\n\
             events {{ worker_connections 512; }}\n\
             http {{\n{temporary}  default_type text/plain;\n  \
             log_format seen '$http_host $request $status $http_user_agent';\n  \
             server {{\n    listen {port};\n    listen [::]:{port};\n    \
             root {directory}/pages;\n    access_log {directory}/requests seen;\n    \
             location = /nginx-is-there {{ access_log off; return 200 yes; }}\n  }}\n}}\n"
        )
    }
}
