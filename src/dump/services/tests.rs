//! The sections have keepalived's headings, in its order, and what is configured is in them.

use conf::{Environment, load_text};

const FILE: &str = r#"
global_defs {
 script_user root
}
SSL {
 ca /etc/ca.pem
}
track_file F {
 file /run/f
}
bfd_instance B {
 neighbor_ip 192.0.2.9
}
virtual_server_group G {
 192.0.2.50-52 80
}
virtual_server group G {
 protocol TCP
 lvs_sched rr
 lvs_method NAT
 real_server 192.0.2.11 80 {
  SSL_GET {
   sni_name www
   url {
    path /x
    regex "o+k"
   }
  }
  FILE_CHECK {
   track_file F
  }
  BFD_CHECK {
   name B
  }
 }
}
"#;

#[test]
fn sections_have_their_headings_in_their_order() {
    let config = load_text("test", FILE.as_bytes(), &Environment::default()).config;
    let shown = super::text(&config, None);
    let headings: Vec<&str> = shown.lines().filter(|line| line.contains("------<")).collect();
    assert_eq!(
        headings,
        [
            "------< SSL definitions >------",
            "------< LVS Topology >------",
            " ------< Virtual server group >------",
            " ------< Virtual server >------",
            "   ------< Real server >------",
            "------< Health checkers >------",
            "------< Checker track files >------",
            "------< Checker track BFDs >------",
        ]
    );
    for line in [
        "   Virtual IP Range = 192.0.2.50-192.0.2.52, PORT = 80",
        "   VS GROUP = [G]:0",
        "     RIP = 192.0.2.11, RPORT = 80, WEIGHT = 1",
        " [G]:0 -> [192.0.2.11]:tcp:80",
        "   Keepalive method = SSL_GET",
        "     Regex = o+k",
        "     SNI = www",
        " F",
        " B",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
}
