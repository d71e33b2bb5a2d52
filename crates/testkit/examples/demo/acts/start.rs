//! The pair starts: a master, the same table on both, and an answer from every server.

use std::io;

use testkit::lab::Program;

use super::{ask_as_strangers, heard};
use crate::stage::Stage;
use crate::table::{FILES, MAIL, SERVICES, Service, WEB, settled};
use crate::timeline::Timeline;

pub(super) fn play(program: &Program, timeline: &mut Timeline) -> Stage {
    timeline.heading("1. Three services behind a pair, direct routing (examples/balanced)");
    let mut stage = Stage::start(program, timeline);
    stage.wait_for_master("a", timeline);
    let (table, other) = (stage.a.table(), stage.b.table());
    for service in SERVICES {
        timeline.tell("ipvs", &service.line(&table));
    }
    let full = SERVICES.iter().all(|service| service.servers(&table).len() == 3);
    let same = settled(&table) == settled(&other);
    timeline.check(full && same, "start: three services of three servers each, on a and on b");

    let answers = ask_as_strangers(&mut stage, timeline);
    timeline.check(answers.servers().len() == 3, "start: every server answers for the web");
    let lines = [&MAIL, &FILES].map(|service| greet(&stage, service));
    for (service, line) in [&MAIL, &FILES].into_iter().zip(&lines) {
        timeline.tell(service.what, &heard(line));
    }
    timeline.check(lines.iter().all(Result::is_ok), "start: mail and files answer as well");
    stage.clients.start(&WEB);
    stage
}

fn greet(stage: &Stage, service: &Service) -> io::Result<String> {
    stage.site.client.converse(&service.address())?.say("hello")
}
