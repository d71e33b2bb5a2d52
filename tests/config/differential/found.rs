//! Short files that generated ones once led to, each with the difference that it is to show.
//!
//! They keep a class from covering less than what it was made for, and what was mended as it is.

/// A file, and words of the class that explains what differs; without one, nothing does.
pub(super) struct Found {
    pub(super) class: Option<&'static str>,
    pub(super) text: &'static str,
}

pub(super) static FOUND: &[Found] = &[
    Found {
        class: Some("a quote that the last character opens is not closed"),
        text: "vrrp_script broken {\nscript \"/b\"in/true 0\"\n}\n",
    },
    Found {
        class: Some("a server that is refused has no scripts yet"),
        text: "virtual_server 192.0.2.2 80 {\nprotocol TCP\nreal_server 198.!51.100.2 80 {\n\
               weight 1\nnotify_down \"/bin/true down\" root\n}\n}\n",
    },
    Found {
        class: Some("no process of 2.2.7 reads what runs scripts"),
        text: "vrrp_instance VI_2 {\ninterface eth0\nvirtual_routes {\n\
               192.0.2.0/24 dev eth0\n!}\nvirtual_router_id 2\nvirtual_ipaddress {\n192.0.2.2\n}\n}\n\
               global_defs {\nvrrp_notify_fifo_script /bin/true\n}\n",
    },
    Found {
        class: Some("each bad interface of a garp_group is named"),
        text: "garp_group {\ngna_interval 0.1\ninterfaces {\neth0\neth0\n} # a comment\n}\n",
    },
    Found {
        class: Some("unicast peers are refused in strict mode"),
        text: "vrrp_instance VI_2 {\nstrict_mode on\ninterface eth0\nunicast_peer {\n192.0.2.9\n}\n\
               virtual_router_id 2\nvirtual_ipaddress {\n192.0.2.2\n}\n}\n",
    },
    Found {
        class: Some("a block that nothing closes has a line"),
        text: "virtual_server 192.0.2.2 80 {\nsorry_server 2001:db8::3\nprotocol TCP\nlb_algo rr\n\
               lb_kind NAT\nreal_server 198.51.100.2 80 {\nweight 1\n!}\n}\n",
    },
    Found {
        class: Some("an interface that a later line replaces"),
        text: "vrrp_instance VI_2 {\ninterface later0\nvirtual_router_id 2\nvirtual_ipaddress {\n\
               192.0.2.2\n#}\n}\nvrrp_instance VI_3 {\ninterface eth1\n}\n",
    },
    Found {
        class: Some("the status that nothing but explained lines leads to"),
        text: "interface_up_down_delays {\nlater0 2 -1\n}\n",
    },
    Found {
        class: Some("the account is that of the last script line"),
        text: "vrrp_script s {\nscript \"/bin/true 1\"\n@^other script \"/bin/true 2\" root\n}\n\
               global_defs {\nenable_script_security\n}\n",
    },
    Found {
        class: Some("ours does not look at the checks of a server that is left out"),
        text: "global_defs {\nenable_script_security\n}\nvirtual_server 192.0.2.2 80 {\n\
               protocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 2001:db8::1 80 {\nMISC_CHECK {\n\
               misc_path /bin/true\n}\n}\nreal_server 198.51.100.2 80 {\n}\n}\n",
    },
    Found {
        class: Some("ours does not look at the checks of a server that is left out"),
        text: "virtual_server 192.0.2.2 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n\
               quorum_up /nonexistent/up\nreal_server 2001:db8::1 80 {\nMISC_CHECK {\n\
               misc_path /bin/true\n}\n}\nreal_server 198.51.100.2 80 {\n}\n}\n",
    },
    Found {
        class: Some("there is no firewall mark 0"),
        text: "virtual_server fwmark 0 {\nreal_server 198.51.100.1 80 {\nMISC_CHECK {\n\
               misc_path /bin/true\n}\n}\n}\n",
    },
    Found { class: None, text: "interface_up_down_delays {\nlater0 2 1\n}\n" },
    Found {
        class: None,
        text: "virtual_server 192.0.2.2 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n\
               real_server 198.51.100.2 80 {\nDNS_CHECK {\nname .\nname\n}\n}\n}\n",
    },
    Found {
        class: None,
        text: "global_defs {\nscript_user root\nenable_script_security\n}\n\
               virtual_server 192.0.2.2 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n\
               quorum_up /bin/true\nquorum_up /bin/true \\\n\nreal_server 198.51.100.2 80 {\n}\n}\n",
    },
    Found {
        class: None,
        text: "vrrp_instance VI_2 {\nvrf 99999999999999999999\ninterface eth0\n\
               virtual_router_id 2\nvirtual_ipaddress {\n192.0.2.2\n}\n\
               vrf 99999999999999999999\n}\n",
    },
    Found {
        class: None,
        text: "vrrp_instance VI_2 {\nvirtual_ipaddress {\n192.0.2.2 dev later0\n192.0.2.3\n}\n}\n",
    },
    Found {
        class: None,
        text: "vrrp_instance VI_2 {\nstrict_mode on\ninterface quiet0\nunicast_peer {\n192.0.2.9\n}\n\
               virtual_router_id 2\nvirtual_ipaddress {\n192.0.2.2\n}\n}\n",
    },
];
