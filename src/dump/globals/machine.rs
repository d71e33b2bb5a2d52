//! How the daemon uses the machine: scheduling, receive buffers, files, reloads.

use conf::{
    BufferPolicy, Buffers, Files, PartScheduling, ReceiveBuffer, ReloadFile, ReloadSettings,
    Scheduling, VrrpBuffer,
};

use super::Sheet;

pub(super) fn scheduling(scheduling: &Scheduling, sheet: &mut Sheet) {
    let Scheduling { vrrp, checkers, bfd, max_auto_priority, min_auto_priority_delay } = scheduling;
    sheet.set("Max auto priority", max_auto_priority);
    let delay = min_auto_priority_delay.as_micros();
    sheet.set("Min auto priority delay", format_args!("{delay} usecs"));
    part("VRRP", vrrp, sheet);
    part("Checker", checkers, sheet);
    part("BFD", bfd, sheet);
}

fn part(name: &str, part: &PartScheduling, sheet: &mut Sheet) {
    let PartScheduling { nice, no_swap, realtime, processors, realtime_limit } = part;
    sheet.set(&format!("{name} process priority"), nice);
    sheet.set(&format!("{name} don't swap"), no_swap);
    sheet.set(&format!("{name} realtime priority"), realtime.unwrap_or(0));
    if !processors.is_empty() {
        let numbers: Vec<String> = processors.iter().map(ToString::to_string).collect();
        sheet.set(&format!("{name} CPU Affinity"), numbers.join(" "));
    }
    let limit = realtime_limit.map_or("none".to_owned(), |limit| limit.as_micros().to_string());
    sheet.set(&format!("{name} realtime limit"), limit);
}

pub(super) fn buffers(buffers: &Buffers, sheet: &mut Sheet) {
    let Buffers { vrrp_commands, vrrp_monitor, process_monitor, lvs_commands, lvs_monitor, vrrp } =
        buffers;
    buffer("vrrp_netlink_cmd", *vrrp_commands, sheet);
    buffer("vrrp_netlink_monitor", *vrrp_monitor, sheet);
    buffer("process_monitor", *process_monitor, sheet);
    buffer("lvs_netlink_cmd", *lvs_commands, sheet);
    buffer("lvs_netlink_monitor", *lvs_monitor, sheet);
    let VrrpBuffer { policy, multiplier } = vrrp;
    let policy = policy.map(|policy| match policy {
        BufferPolicy::Mtu => "MTU".to_owned(),
        BufferPolicy::Advert => "ADVERT".to_owned(),
        BufferPolicy::Bytes(bytes) => bytes.to_string(),
    });
    sheet.given("rx_bufs_policy", policy);
    sheet.set("rx_bufs_multiples", multiplier);
}

fn buffer(name: &str, buffer: ReceiveBuffer, sheet: &mut Sheet) {
    let ReceiveBuffer { bytes, force } = buffer;
    sheet.set(&format!("{name}_rcv_bufs"), bytes.unwrap_or(0));
    sheet.set(&format!("{name}_rcv_bufs_force"), u8::from(force));
}

pub(super) fn files(files: &Files, sheet: &mut Sheet) {
    let Files {
        data_use_instance,
        json_version,
        iproute_usr_directory,
        iproute_etc_directory,
        state_dump,
        stats_dump,
        json_dump,
    } = files;
    sheet.say_if(*data_use_instance, "Use instance name in data dumps");
    sheet.set("json_version", json_version);
    let paths = [
        ("iproute usr directory", iproute_usr_directory),
        ("iproute etc directory", iproute_etc_directory),
        ("state_dump_file", state_dump),
        ("stats_dump_file", stats_dump),
        ("json_dump_file", json_dump),
    ];
    for (name, path) in paths {
        sheet.given(name, path.as_ref().map(|path| path.display()));
    }
}

pub(super) fn reload(reload: &ReloadSettings, sheet: &mut Sheet) {
    let ReloadSettings { check, time_file, repeat, file, save_directory, config_directory } =
        reload;
    sheet.given("Config save dir", save_directory.as_ref().map(|path| path.display()));
    sheet.given("Temporary config dir", config_directory.as_ref().map(|path| path.display()));
    match check {
        Some(file) => {
            sheet.say(format_args!("Test config before reload, log to {}", file.display()));
        }
        None => sheet.say("No test config before reload"),
    }
    let repeat = if *repeat { " (repeat)" } else { "" };
    let time_file = time_file.as_ref().map(|file| format!("{}{repeat}", file.display()));
    sheet.given("Reload time file", time_file);
    match file {
        Some(ReloadFile::At(file)) => sheet.set("Reload_file", file.display()),
        Some(ReloadFile::Usual) => sheet.set("Reload_file", "(default)"),
        None => {}
    }
}
