" Vim syntax file
" Language: keepalived.conf
" Generated from the rows of keepalived-rs by `UPDATE_GOLDENS=1 cargo test --test config`.

if exists("b:current_syntax")
  finish
endif

let s:cpo_save = &cpo
set cpo&vim

syn case match
syn iskeyword @,48-57,_,-,192-255

" Whatever may stand everywhere.
syn match kaComment /\\\@1<![#!].*$/ contains=kaTodo,@Spell
syn keyword kaTodo TODO FIXME XXX contained
syn region kaString start=/"/ skip=/\\./ end=/"/ end=/$/ oneline contains=kaReference
syn match kaNumber /\<[+-]\=\d\+\%(\.\d\+\)\=\>/
syn match kaAddress /\<\d\{1,3}\%(\.\d\{1,3}\)\{3}\%([\/-][0-9.]\+\)\=/
syn match kaAddress /\<\x*:\x*:[0-9a-fA-F:.]*\%(\/\d\+\)\=/
syn match kaAddress /::\x\+\%(:\x\+\)*\%(\/\d\+\)\=/
syn keyword kaBoolean on off yes no true false
syn match kaCondition /^\s*\zs@^\=\S*/
syn match kaDefinition /^\s*\%(@\S\+\s\+\)\=\zs\$\h\w*\ze=/
syn match kaReference /\${\h\w*\%(\s[^}]*\)\=}/
syn match kaReference /\$\h\w*\ze\%([ \t,)]\|$\)/
syn match kaSequence /\~\%(SEQx\=\|LST\)\ze\s*(/
syn match kaInclude /^\s*\zsinclude[rmwba]\=\ze\s/
syn cluster kaEverywhere contains=kaComment,kaString,kaNumber,kaAddress,kaBoolean,kaCondition,kaDefinition,kaReference,kaSequence,kaInclude

" A block of values, and whatever is in braces that no block below claims.
syn region kaValues matchgroup=kaBrace start=/{/ end=/}/ contains=@kaEverywhere,kaValues,kaWord fold
syn keyword kaWord dev scope label brd broadcast via src table metric weight reverse noreverse no_track track_group from to fwmark contained
syn keyword kaWord dev contained
syn keyword kaWord scope contained
syn keyword kaWord label contained
syn keyword kaWord brd contained
syn keyword kaWord broadcast contained
syn keyword kaWord peer contained
syn keyword kaWord preferred_lft contained
syn keyword kaWord home contained
syn keyword kaWord -nodad contained
syn keyword kaWord mngtmpaddr contained
syn keyword kaWord noprefixroute contained
syn keyword kaWord autojoin contained
syn keyword kaWord no_track contained
syn keyword kaWord use_vmac contained
syn keyword kaWord inet contained
syn keyword kaWord inet6 contained
syn keyword kaWord to contained
syn keyword kaWord src contained
syn keyword kaWord from contained
syn keyword kaWord via contained
syn keyword kaWord gw contained
syn keyword kaWord or contained
syn keyword kaWord tos contained
syn keyword kaWord dsfield contained
syn keyword kaWord table contained
syn keyword kaWord vrf contained
syn keyword kaWord protocol contained
syn keyword kaWord scope contained
syn keyword kaWord dev contained
syn keyword kaWord oif contained
syn keyword kaWord onlink contained
syn keyword kaWord encap contained
syn keyword kaWord realms contained
syn keyword kaWord as contained
syn keyword kaWord add contained
syn keyword kaWord prepend contained
syn keyword kaWord append contained
syn keyword kaWord no_track contained
syn keyword kaWord nexthop contained
syn keyword kaWord metric contained
syn keyword kaWord priority contained
syn keyword kaWord preference contained
syn keyword kaWord expires contained
syn keyword kaWord mtu contained
syn keyword kaWord advmss contained
syn keyword kaWord reordering contained
syn keyword kaWord cwnd contained
syn keyword kaWord ssthresh contained
syn keyword kaWord rtt contained
syn keyword kaWord rttvar contained
syn keyword kaWord rto_min contained
syn keyword kaWord window contained
syn keyword kaWord hoplimit contained
syn keyword kaWord initcwnd contained
syn keyword kaWord initrwnd contained
syn keyword kaWord features contained
syn keyword kaWord quickack contained
syn keyword kaWord fastopen_no_cookie contained
syn keyword kaWord congctl contained
syn keyword kaWord pref contained
syn keyword kaWord ttl-propagate contained
syn keyword kaWord weight contained
syn keyword kaWord inet contained
syn keyword kaWord inet6 contained
syn keyword kaWord from contained
syn keyword kaWord to contained
syn keyword kaWord not contained
syn keyword kaWord table contained
syn keyword kaWord lookup contained
syn keyword kaWord preference contained
syn keyword kaWord order contained
syn keyword kaWord priority contained
syn keyword kaWord tos contained
syn keyword kaWord dsfield contained
syn keyword kaWord fwmark contained
syn keyword kaWord realms contained
syn keyword kaWord suppress_prefixlength contained
syn keyword kaWord sup_pl contained
syn keyword kaWord suppress_ifgroup contained
syn keyword kaWord sup_group contained
syn keyword kaWord dev contained
syn keyword kaWord iif contained
syn keyword kaWord oif contained
syn keyword kaWord tunnel-id contained
syn keyword kaWord uidrange contained
syn keyword kaWord protocol contained
syn keyword kaWord ipproto contained
syn keyword kaWord sport contained
syn keyword kaWord dport contained
syn keyword kaWord l3mdev contained
syn keyword kaWord goto contained
syn keyword kaWord type contained
syn keyword kaWord nop contained
syn keyword kaWord blackhole contained
syn keyword kaWord unreachable contained
syn keyword kaWord prohibit contained
syn keyword kaWord no_track contained

" The top of a file
syn keyword kaInTop child_wait_time
syn keyword kaInTop instance
syn keyword kaInTop interface_up_down_delays
syn keyword kaInTop linkbeat_interfaces
syn keyword kaInTop linkbeat_use_polling
syn keyword kaInTop namespace_with_ipsets
syn keyword kaInTop net_namespace
syn keyword kaInTop net_namespace_ipvs
syn keyword kaInTop static_ipaddress
syn keyword kaInTop static_routes
syn keyword kaInTop static_rules
syn keyword kaInTop use_pid_dir
syn keyword kaInTop virtual_server_group
hi def link kaInTop kaKeyword
syn keyword kaOpensTop global_defs
syn keyword kaOpensTop vrrp_instance
syn keyword kaOpensTop vrrp_sync_group
syn keyword kaOpensTop vrrp_script
syn keyword kaOpensTop vrrp_track_process
syn keyword kaOpensTop track_file
syn keyword kaOpensTop vrrp_track_file
syn keyword kaOpensTop track_group
syn keyword kaOpensTop garp_group
syn keyword kaOpensTop bfd_instance
syn keyword kaOpensTop SSL
syn keyword kaOpensTop virtual_server
hi def link kaOpensTop kaBlock

" global_defs
syn keyword kaInGlobalDefs bfd_cpu_affinity contained
syn keyword kaInGlobalDefs bfd_no_swap contained
syn keyword kaInGlobalDefs bfd_priority contained
syn keyword kaInGlobalDefs bfd_process_name contained
syn keyword kaInGlobalDefs bfd_rlimit_rtime contained
syn keyword kaInGlobalDefs bfd_rlimit_rttime contained
syn keyword kaInGlobalDefs bfd_rt_priority contained
syn keyword kaInGlobalDefs checker_cpu_affinity contained
syn keyword kaInGlobalDefs checker_log_all_failures contained
syn keyword kaInGlobalDefs checker_no_swap contained
syn keyword kaInGlobalDefs checker_priority contained
syn keyword kaInGlobalDefs checker_process_name contained
syn keyword kaInGlobalDefs checker_rlimit_rtime contained
syn keyword kaInGlobalDefs checker_rlimit_rttime contained
syn keyword kaInGlobalDefs checker_rt_priority contained
syn keyword kaInGlobalDefs config_save_dir contained
syn keyword kaInGlobalDefs data_use_instance contained
syn keyword kaInGlobalDefs dbus_no_interface_name contained
syn keyword kaInGlobalDefs dbus_service_name contained
syn keyword kaInGlobalDefs default_interface contained
syn keyword kaInGlobalDefs disable_local_igmp contained
syn keyword kaInGlobalDefs dynamic_interfaces contained
syn keyword kaInGlobalDefs enable_dbus contained
syn keyword kaInGlobalDefs enable_script_security contained
syn keyword kaInGlobalDefs enable_snmp_checker contained
syn keyword kaInGlobalDefs enable_snmp_keepalived contained
syn keyword kaInGlobalDefs enable_snmp_rfc contained
syn keyword kaInGlobalDefs enable_snmp_rfcv2 contained
syn keyword kaInGlobalDefs enable_snmp_rfcv3 contained
syn keyword kaInGlobalDefs enable_snmp_vrrp contained
syn keyword kaInGlobalDefs enable_traps contained
syn keyword kaInGlobalDefs fifo_write_vrrp_states_on_reload contained
syn keyword kaInGlobalDefs include_check contained
syn keyword kaInGlobalDefs iproute_etc_dir contained
syn keyword kaInGlobalDefs iproute_usr_dir contained
syn keyword kaInGlobalDefs json_dump_file contained
syn keyword kaInGlobalDefs json_version contained
syn keyword kaInGlobalDefs log_unknown_vrids contained
syn keyword kaInGlobalDefs lvs_audit_interval contained
syn keyword kaInGlobalDefs lvs_flush contained
syn keyword kaInGlobalDefs lvs_flush_on_stop contained
syn keyword kaInGlobalDefs lvs_flush_onstop contained
syn keyword kaInGlobalDefs lvs_netlink_cmd_rcv_bufs contained
syn keyword kaInGlobalDefs lvs_netlink_cmd_rcv_bufs_force contained
syn keyword kaInGlobalDefs lvs_netlink_monitor_rcv_bufs contained
syn keyword kaInGlobalDefs lvs_netlink_monitor_rcv_bufs_force contained
syn keyword kaInGlobalDefs lvs_notify_fifo contained
syn keyword kaInGlobalDefs lvs_notify_fifo_script contained
syn keyword kaInGlobalDefs lvs_process_name contained
syn keyword kaInGlobalDefs lvs_sync_daemon contained
syn keyword kaInGlobalDefs lvs_timeouts contained
syn keyword kaInGlobalDefs max_auto_priority contained
syn keyword kaInGlobalDefs min_auto_priority_delay contained
syn keyword kaInGlobalDefs nftables contained
syn keyword kaInGlobalDefs nftables_counters contained
syn keyword kaInGlobalDefs nftables_ifindex contained
syn keyword kaInGlobalDefs nftables_ipvs contained
syn keyword kaInGlobalDefs nftables_ipvs_priority contained
syn keyword kaInGlobalDefs nftables_ipvs_start_fwmark contained
syn keyword kaInGlobalDefs nftables_priority contained
syn keyword kaInGlobalDefs no_checker_emails contained
syn keyword kaInGlobalDefs no_email_faults contained
syn keyword kaInGlobalDefs notification_email contained
syn keyword kaInGlobalDefs notification_email_from contained
syn keyword kaInGlobalDefs notify_fifo contained
syn keyword kaInGlobalDefs notify_fifo_script contained
syn keyword kaInGlobalDefs process_monitor_rcv_bufs contained
syn keyword kaInGlobalDefs process_monitor_rcv_bufs_force contained
syn keyword kaInGlobalDefs process_name contained
syn keyword kaInGlobalDefs process_names contained
syn keyword kaInGlobalDefs random_seed contained
syn keyword kaInGlobalDefs reload_check_config contained
syn keyword kaInGlobalDefs reload_file contained
syn keyword kaInGlobalDefs reload_repeat contained
syn keyword kaInGlobalDefs reload_time_file contained
syn keyword kaInGlobalDefs router_id contained
syn keyword kaInGlobalDefs rs_init_notifies contained
syn keyword kaInGlobalDefs script_user contained
syn keyword kaInGlobalDefs set_supplementary_groups contained
syn keyword kaInGlobalDefs shutdown_script contained
syn keyword kaInGlobalDefs shutdown_script_timeout contained
syn keyword kaInGlobalDefs smtp_alert contained
syn keyword kaInGlobalDefs smtp_alert_checker contained
syn keyword kaInGlobalDefs smtp_alert_vrrp contained
syn keyword kaInGlobalDefs smtp_connect_timeout contained
syn keyword kaInGlobalDefs smtp_helo_name contained
syn keyword kaInGlobalDefs smtp_server contained
syn keyword kaInGlobalDefs snmp_rs_stats_update_interval contained
syn keyword kaInGlobalDefs snmp_socket contained
syn keyword kaInGlobalDefs snmp_vs_stats_update_interval contained
syn keyword kaInGlobalDefs startup_script contained
syn keyword kaInGlobalDefs startup_script_timeout contained
syn keyword kaInGlobalDefs state_dump_file contained
syn keyword kaInGlobalDefs stats_dump_file contained
syn keyword kaInGlobalDefs tmp_config_directory contained
syn keyword kaInGlobalDefs umask contained
syn keyword kaInGlobalDefs use_symlink_paths contained
syn keyword kaInGlobalDefs v3_checksum_as_v2 contained
syn keyword kaInGlobalDefs vmac_addr_prefix contained
syn keyword kaInGlobalDefs vmac_prefix contained
syn keyword kaInGlobalDefs vrrp_check_unicast_src contained
syn keyword kaInGlobalDefs vrrp_cpu_affinity contained
syn keyword kaInGlobalDefs vrrp_delay_after_boot contained
syn keyword kaInGlobalDefs vrrp_down_timer_adverts contained
syn keyword kaInGlobalDefs vrrp_garp_extra_if contained
syn keyword kaInGlobalDefs vrrp_garp_interval contained
syn keyword kaInGlobalDefs vrrp_garp_lower_prio_delay contained
syn keyword kaInGlobalDefs vrrp_garp_lower_prio_repeat contained
syn keyword kaInGlobalDefs vrrp_garp_master_delay contained
syn keyword kaInGlobalDefs vrrp_garp_master_refresh contained
syn keyword kaInGlobalDefs vrrp_garp_master_refresh_repeat contained
syn keyword kaInGlobalDefs vrrp_garp_master_repeat contained
syn keyword kaInGlobalDefs vrrp_gna_interval contained
syn keyword kaInGlobalDefs vrrp_higher_prio_send_advert contained
syn keyword kaInGlobalDefs vrrp_ipsets contained
syn keyword kaInGlobalDefs vrrp_iptables contained
syn keyword kaInGlobalDefs vrrp_lower_prio_no_advert contained
syn keyword kaInGlobalDefs vrrp_mcast_group4 contained
syn keyword kaInGlobalDefs vrrp_mcast_group6 contained
syn keyword kaInGlobalDefs vrrp_min_garp contained
syn keyword kaInGlobalDefs vrrp_netlink_cmd_rcv_bufs contained
syn keyword kaInGlobalDefs vrrp_netlink_cmd_rcv_bufs_force contained
syn keyword kaInGlobalDefs vrrp_netlink_monitor_rcv_bufs contained
syn keyword kaInGlobalDefs vrrp_netlink_monitor_rcv_bufs_force contained
syn keyword kaInGlobalDefs vrrp_no_swap contained
syn keyword kaInGlobalDefs vrrp_notify_fifo contained
syn keyword kaInGlobalDefs vrrp_notify_fifo_script contained
syn keyword kaInGlobalDefs vrrp_notify_priority_changes contained
syn keyword kaInGlobalDefs vrrp_owner_ignore_adverts contained
syn keyword kaInGlobalDefs vrrp_priority contained
syn keyword kaInGlobalDefs vrrp_process_name contained
syn keyword kaInGlobalDefs vrrp_rlimit_rtime contained
syn keyword kaInGlobalDefs vrrp_rlimit_rttime contained
syn keyword kaInGlobalDefs vrrp_rt_priority contained
syn keyword kaInGlobalDefs vrrp_rx_bufs_multiplier contained
syn keyword kaInGlobalDefs vrrp_rx_bufs_policy contained
syn keyword kaInGlobalDefs vrrp_skip_check_adv_addr contained
syn keyword kaInGlobalDefs vrrp_startup_delay contained
syn keyword kaInGlobalDefs vrrp_strict contained
syn keyword kaInGlobalDefs vrrp_version contained
syn keyword kaInGlobalDefs vrrp_vmac_garp_intvl contained
hi def link kaInGlobalDefs kaKeyword
syn region kaBlockGlobalDefs matchgroup=kaBrace start=/\%(\<\%(global_defs\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInGlobalDefs fold

" vrrp_instance
syn keyword kaInVrrpInstance accept contained
syn keyword kaInVrrpInstance advert_int contained
syn keyword kaInVrrpInstance check_unicast_src contained
syn keyword kaInVrrpInstance debug contained
syn keyword kaInVrrpInstance dont_track_primary contained
syn keyword kaInVrrpInstance down_timer_adverts contained
syn keyword kaInVrrpInstance garp_extra_if contained
syn keyword kaInVrrpInstance garp_lower_prio_delay contained
syn keyword kaInVrrpInstance garp_lower_prio_repeat contained
syn keyword kaInVrrpInstance garp_master_delay contained
syn keyword kaInVrrpInstance garp_master_refresh contained
syn keyword kaInVrrpInstance garp_master_refresh_repeat contained
syn keyword kaInVrrpInstance garp_master_repeat contained
syn keyword kaInVrrpInstance higher_prio_send_advert contained
syn keyword kaInVrrpInstance interface contained
syn keyword kaInVrrpInstance kernel_rx_buf_size contained
syn keyword kaInVrrpInstance linkbeat_use_polling contained
syn keyword kaInVrrpInstance lower_prio_no_advert contained
syn keyword kaInVrrpInstance lvs_sync_daemon_interface contained
syn keyword kaInVrrpInstance mcast_dst_ip contained
syn keyword kaInVrrpInstance mcast_src_ip contained
syn keyword kaInVrrpInstance native_ipv6 contained
syn keyword kaInVrrpInstance no_accept contained
syn keyword kaInVrrpInstance no_virtual_ipaddress contained
syn keyword kaInVrrpInstance nopreempt contained
syn keyword kaInVrrpInstance notify contained
syn keyword kaInVrrpInstance notify_backup contained
syn keyword kaInVrrpInstance notify_deleted contained
syn keyword kaInVrrpInstance notify_fault contained
syn keyword kaInVrrpInstance notify_master contained
syn keyword kaInVrrpInstance notify_master_rx_lower_pri contained
syn keyword kaInVrrpInstance notify_priority_changes contained
syn keyword kaInVrrpInstance notify_stop contained
syn keyword kaInVrrpInstance old_unicast_checksum contained
syn keyword kaInVrrpInstance owner_ignore_adverts contained
syn keyword kaInVrrpInstance preempt contained
syn keyword kaInVrrpInstance preempt_delay contained
syn keyword kaInVrrpInstance priority contained
syn keyword kaInVrrpInstance promote_secondaries contained
syn keyword kaInVrrpInstance skip_check_adv_addr contained
syn keyword kaInVrrpInstance smtp_alert contained
syn keyword kaInVrrpInstance state contained
syn keyword kaInVrrpInstance strict_mode contained
syn keyword kaInVrrpInstance thread_timer_expired contained
syn keyword kaInVrrpInstance timer_expired_backup contained
syn keyword kaInVrrpInstance track_bfd contained
syn keyword kaInVrrpInstance track_file contained
syn keyword kaInVrrpInstance track_interface contained
syn keyword kaInVrrpInstance track_process contained
syn keyword kaInVrrpInstance track_script contained
syn keyword kaInVrrpInstance track_src_ip contained
syn keyword kaInVrrpInstance unicast_fault_no_peer contained
syn keyword kaInVrrpInstance unicast_peer contained
syn keyword kaInVrrpInstance unicast_src_ip contained
syn keyword kaInVrrpInstance unicast_ttl contained
syn keyword kaInVrrpInstance use_ipvlan contained
syn keyword kaInVrrpInstance use_vmac contained
syn keyword kaInVrrpInstance use_vmac_addr contained
syn keyword kaInVrrpInstance v3_checksum_as_v2 contained
syn keyword kaInVrrpInstance version contained
syn keyword kaInVrrpInstance virtual_ipaddress contained
syn keyword kaInVrrpInstance virtual_ipaddress_excluded contained
syn keyword kaInVrrpInstance virtual_router_id contained
syn keyword kaInVrrpInstance virtual_routes contained
syn keyword kaInVrrpInstance virtual_rules contained
syn keyword kaInVrrpInstance vmac_garp_intvl contained
syn keyword kaInVrrpInstance vmac_xmit_base contained
syn keyword kaInVrrpInstance vrf contained
hi def link kaInVrrpInstance kaKeyword
syn keyword kaOpensVrrpInstance authentication contained
syn keyword kaOpensVrrpInstance auth_hmac contained
hi def link kaOpensVrrpInstance kaBlock
syn region kaBlockVrrpInstance matchgroup=kaBrace start=/\%(\<\%(vrrp_instance\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInVrrpInstance,kaOpensVrrpInstance,kaBlockAuthentication,kaBlockAuthHmac fold

" authentication
syn keyword kaInAuthentication auth_pass contained
syn keyword kaInAuthentication auth_type contained
hi def link kaInAuthentication kaKeyword
syn region kaBlockAuthentication matchgroup=kaBrace start=/\%(\<\%(authentication\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInAuthentication fold contained

" auth_hmac
syn keyword kaInAuthHmac active_key contained
syn keyword kaInAuthHmac anti_replay contained
syn keyword kaInAuthHmac key contained
syn keyword kaInAuthHmac mode contained
syn keyword kaInAuthHmac time_window contained
hi def link kaInAuthHmac kaKeyword
syn region kaBlockAuthHmac matchgroup=kaBrace start=/\%(\<\%(auth_hmac\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInAuthHmac fold contained

" vrrp_sync_group
syn keyword kaInVrrpSyncGroup global_tracking contained
syn keyword kaInVrrpSyncGroup group contained
syn keyword kaInVrrpSyncGroup notify contained
syn keyword kaInVrrpSyncGroup notify_backup contained
syn keyword kaInVrrpSyncGroup notify_fault contained
syn keyword kaInVrrpSyncGroup notify_master contained
syn keyword kaInVrrpSyncGroup notify_priority_changes contained
syn keyword kaInVrrpSyncGroup notify_stop contained
syn keyword kaInVrrpSyncGroup smtp_alert contained
syn keyword kaInVrrpSyncGroup sync_group_tracking_weight contained
syn keyword kaInVrrpSyncGroup track_bfd contained
syn keyword kaInVrrpSyncGroup track_file contained
syn keyword kaInVrrpSyncGroup track_interface contained
syn keyword kaInVrrpSyncGroup track_process contained
syn keyword kaInVrrpSyncGroup track_script contained
hi def link kaInVrrpSyncGroup kaKeyword
syn region kaBlockVrrpSyncGroup matchgroup=kaBrace start=/\%(\<\%(vrrp_sync_group\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInVrrpSyncGroup fold

" vrrp_script
syn keyword kaInVrrpScript fall contained
syn keyword kaInVrrpScript init_fail contained
syn keyword kaInVrrpScript interval contained
syn keyword kaInVrrpScript rise contained
syn keyword kaInVrrpScript script contained
syn keyword kaInVrrpScript timeout contained
syn keyword kaInVrrpScript user contained
syn keyword kaInVrrpScript weight contained
hi def link kaInVrrpScript kaKeyword
syn region kaBlockVrrpScript matchgroup=kaBrace start=/\%(\<\%(vrrp_script\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInVrrpScript fold

" vrrp_track_process
syn keyword kaInVrrpTrackProcess delay contained
syn keyword kaInVrrpTrackProcess fork_delay contained
syn keyword kaInVrrpTrackProcess full_command contained
syn keyword kaInVrrpTrackProcess param_match contained
syn keyword kaInVrrpTrackProcess process contained
syn keyword kaInVrrpTrackProcess quorum contained
syn keyword kaInVrrpTrackProcess quorum_max contained
syn keyword kaInVrrpTrackProcess terminate_delay contained
syn keyword kaInVrrpTrackProcess weight contained
hi def link kaInVrrpTrackProcess kaKeyword
syn region kaBlockVrrpTrackProcess matchgroup=kaBrace start=/\%(\<\%(vrrp_track_process\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInVrrpTrackProcess fold

" track_file
syn keyword kaInTrackFile file contained
syn keyword kaInTrackFile init_file contained
syn keyword kaInTrackFile weight contained
hi def link kaInTrackFile kaKeyword
syn region kaBlockTrackFile matchgroup=kaBrace start=/\%(\<\%(track_file\|vrrp_track_file\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInTrackFile fold

" track_group
syn keyword kaInTrackGroup group contained
hi def link kaInTrackGroup kaKeyword
syn region kaBlockTrackGroup matchgroup=kaBrace start=/\%(\<\%(track_group\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInTrackGroup fold

" garp_group
syn keyword kaInGarpGroup garp_interval contained
syn keyword kaInGarpGroup gna_interval contained
syn keyword kaInGarpGroup interface contained
syn keyword kaInGarpGroup interfaces contained
hi def link kaInGarpGroup kaKeyword
syn region kaBlockGarpGroup matchgroup=kaBrace start=/\%(\<\%(garp_group\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInGarpGroup fold

" bfd_instance
syn keyword kaInBfdInstance checker contained
syn keyword kaInBfdInstance hoplimit contained
syn keyword kaInBfdInstance idle_tx contained
syn keyword kaInBfdInstance max_hops contained
syn keyword kaInBfdInstance min_rx contained
syn keyword kaInBfdInstance min_tx contained
syn keyword kaInBfdInstance multihop contained
syn keyword kaInBfdInstance multiplier contained
syn keyword kaInBfdInstance neighbor_ip contained
syn keyword kaInBfdInstance neighbour_ip contained
syn keyword kaInBfdInstance passive contained
syn keyword kaInBfdInstance source_ip contained
syn keyword kaInBfdInstance ttl contained
syn keyword kaInBfdInstance vrrp contained
syn keyword kaInBfdInstance weight contained
hi def link kaInBfdInstance kaKeyword
syn region kaBlockBfdInstance matchgroup=kaBrace start=/\%(\<\%(bfd_instance\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInBfdInstance fold

" SSL
syn keyword kaInSSL ca contained
syn keyword kaInSSL certificate contained
syn keyword kaInSSL key contained
syn keyword kaInSSL password contained
hi def link kaInSSL kaKeyword
syn region kaBlockSSL matchgroup=kaBrace start=/\%(\<\%(SSL\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInSSL fold

" virtual_server
syn keyword kaInVirtualServer alpha contained
syn keyword kaInVirtualServer connect_timeout contained
syn keyword kaInVirtualServer delay_before_retry contained
syn keyword kaInVirtualServer delay_loop contained
syn keyword kaInVirtualServer flag-1 contained
syn keyword kaInVirtualServer flag-2 contained
syn keyword kaInVirtualServer flag-3 contained
syn keyword kaInVirtualServer ha_suspend contained
syn keyword kaInVirtualServer hashed contained
syn keyword kaInVirtualServer hysteresis contained
syn keyword kaInVirtualServer inhibit_on_failure contained
syn keyword kaInVirtualServer ip_family contained
syn keyword kaInVirtualServer lb_algo contained
syn keyword kaInVirtualServer lb_kind contained
syn keyword kaInVirtualServer lvs_method contained
syn keyword kaInVirtualServer lvs_sched contained
syn keyword kaInVirtualServer mh-fallback contained
syn keyword kaInVirtualServer mh-port contained
syn keyword kaInVirtualServer omega contained
syn keyword kaInVirtualServer ops contained
syn keyword kaInVirtualServer persistence_engine contained
syn keyword kaInVirtualServer persistence_granularity contained
syn keyword kaInVirtualServer persistence_timeout contained
syn keyword kaInVirtualServer protocol contained
syn keyword kaInVirtualServer quorum contained
syn keyword kaInVirtualServer quorum_down contained
syn keyword kaInVirtualServer quorum_up contained
syn keyword kaInVirtualServer retry contained
syn keyword kaInVirtualServer sh-fallback contained
syn keyword kaInVirtualServer sh-port contained
syn keyword kaInVirtualServer smtp_alert contained
syn keyword kaInVirtualServer snmp_name contained
syn keyword kaInVirtualServer sorry_server contained
syn keyword kaInVirtualServer sorry_server_inhibit contained
syn keyword kaInVirtualServer sorry_server_lvs_method contained
syn keyword kaInVirtualServer virtualhost contained
syn keyword kaInVirtualServer warmup contained
syn keyword kaInVirtualServer weight contained
hi def link kaInVirtualServer kaKeyword
syn keyword kaOpensVirtualServer real_server contained
hi def link kaOpensVirtualServer kaBlock
syn region kaBlockVirtualServer matchgroup=kaBrace start=/\%(\<\%(virtual_server\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInVirtualServer,kaOpensVirtualServer,kaBlockRealServer fold

" real_server
syn keyword kaInRealServer alpha contained
syn keyword kaInRealServer connect_timeout contained
syn keyword kaInRealServer delay_before_retry contained
syn keyword kaInRealServer delay_loop contained
syn keyword kaInRealServer inhibit_on_failure contained
syn keyword kaInRealServer lthreshold contained
syn keyword kaInRealServer lvs_method contained
syn keyword kaInRealServer notify_down contained
syn keyword kaInRealServer notify_up contained
syn keyword kaInRealServer retry contained
syn keyword kaInRealServer smtp_alert contained
syn keyword kaInRealServer snmp_name contained
syn keyword kaInRealServer uthreshold contained
syn keyword kaInRealServer virtualhost contained
syn keyword kaInRealServer warmup contained
syn keyword kaInRealServer weight contained
hi def link kaInRealServer kaKeyword
syn keyword kaOpensRealServer TCP_CHECK contained
syn keyword kaOpensRealServer PING_CHECK contained
syn keyword kaOpensRealServer HTTP_GET contained
syn keyword kaOpensRealServer SSL_GET contained
syn keyword kaOpensRealServer SMTP_CHECK contained
syn keyword kaOpensRealServer DNS_CHECK contained
syn keyword kaOpensRealServer UDP_CHECK contained
syn keyword kaOpensRealServer MISC_CHECK contained
syn keyword kaOpensRealServer FILE_CHECK contained
syn keyword kaOpensRealServer BFD_CHECK contained
hi def link kaOpensRealServer kaBlock
syn region kaBlockRealServer matchgroup=kaBrace start=/\%(\<\%(real_server\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInRealServer,kaOpensRealServer,kaBlockTCPCHECK,kaBlockHTTPGET,kaBlockSMTPCHECK,kaBlockDNSCHECK,kaBlockUDPCHECK,kaBlockMISCCHECK,kaBlockFILECHECK,kaBlockBFDCHECK fold contained

" TCP_CHECK
syn keyword kaInTCPCHECK alpha contained
syn keyword kaInTCPCHECK bind_if contained
syn keyword kaInTCPCHECK bind_port contained
syn keyword kaInTCPCHECK bindto contained
syn keyword kaInTCPCHECK connect_ip contained
syn keyword kaInTCPCHECK connect_port contained
syn keyword kaInTCPCHECK connect_timeout contained
syn keyword kaInTCPCHECK delay_before_retry contained
syn keyword kaInTCPCHECK delay_loop contained
syn keyword kaInTCPCHECK fwmark contained
syn keyword kaInTCPCHECK log_all_failures contained
syn keyword kaInTCPCHECK retry contained
syn keyword kaInTCPCHECK warmup contained
hi def link kaInTCPCHECK kaKeyword
syn region kaBlockTCPCHECK matchgroup=kaBrace start=/\%(\<\%(TCP_CHECK\|PING_CHECK\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInTCPCHECK fold contained

" HTTP_GET
syn keyword kaInHTTPGET alpha contained
syn keyword kaInHTTPGET bind_if contained
syn keyword kaInHTTPGET bind_port contained
syn keyword kaInHTTPGET bindto contained
syn keyword kaInHTTPGET connect_ip contained
syn keyword kaInHTTPGET connect_port contained
syn keyword kaInHTTPGET connect_timeout contained
syn keyword kaInHTTPGET delay_before_retry contained
syn keyword kaInHTTPGET delay_loop contained
syn keyword kaInHTTPGET enable_sni contained
syn keyword kaInHTTPGET fast_recovery contained
syn keyword kaInHTTPGET fwmark contained
syn keyword kaInHTTPGET http_protocol contained
syn keyword kaInHTTPGET log_all_failures contained
syn keyword kaInHTTPGET nb_get_retry contained
syn keyword kaInHTTPGET retry contained
syn keyword kaInHTTPGET sni_name contained
syn keyword kaInHTTPGET tls_compliant contained
syn keyword kaInHTTPGET tls_verify contained
syn keyword kaInHTTPGET virtualhost contained
syn keyword kaInHTTPGET warmup contained
hi def link kaInHTTPGET kaKeyword
syn keyword kaOpensHTTPGET url contained
hi def link kaOpensHTTPGET kaBlock
syn region kaBlockHTTPGET matchgroup=kaBrace start=/\%(\<\%(HTTP_GET\|SSL_GET\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInHTTPGET,kaOpensHTTPGET,kaBlockUrl fold contained

" url
syn keyword kaInUrl digest contained
syn keyword kaInUrl path contained
syn keyword kaInUrl regex contained
syn keyword kaInUrl regex_max_offset contained
syn keyword kaInUrl regex_min_offset contained
syn keyword kaInUrl regex_no_match contained
syn keyword kaInUrl regex_options contained
syn keyword kaInUrl regex_stack contained
syn keyword kaInUrl status_code contained
syn keyword kaInUrl tls_compliant contained
syn keyword kaInUrl virtualhost contained
hi def link kaInUrl kaKeyword
syn region kaBlockUrl matchgroup=kaBrace start=/\%(\<\%(url\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInUrl fold contained

" SMTP_CHECK
syn keyword kaInSMTPCHECK alpha contained
syn keyword kaInSMTPCHECK bind_if contained
syn keyword kaInSMTPCHECK bind_port contained
syn keyword kaInSMTPCHECK bindto contained
syn keyword kaInSMTPCHECK connect_ip contained
syn keyword kaInSMTPCHECK connect_port contained
syn keyword kaInSMTPCHECK connect_timeout contained
syn keyword kaInSMTPCHECK delay_before_retry contained
syn keyword kaInSMTPCHECK delay_loop contained
syn keyword kaInSMTPCHECK fwmark contained
syn keyword kaInSMTPCHECK helo_name contained
syn keyword kaInSMTPCHECK log_all_failures contained
syn keyword kaInSMTPCHECK retry contained
syn keyword kaInSMTPCHECK warmup contained
hi def link kaInSMTPCHECK kaKeyword
syn keyword kaOpensSMTPCHECK host contained
hi def link kaOpensSMTPCHECK kaBlock
syn region kaBlockSMTPCHECK matchgroup=kaBrace start=/\%(\<\%(SMTP_CHECK\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInSMTPCHECK,kaOpensSMTPCHECK,kaBlockHost fold contained

" host
syn keyword kaInHost bind_if contained
syn keyword kaInHost bind_port contained
syn keyword kaInHost bindto contained
syn keyword kaInHost connect_ip contained
syn keyword kaInHost connect_port contained
syn keyword kaInHost connect_timeout contained
syn keyword kaInHost fwmark contained
hi def link kaInHost kaKeyword
syn region kaBlockHost matchgroup=kaBrace start=/\%(\<\%(host\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInHost fold contained

" DNS_CHECK
syn keyword kaInDNSCHECK alpha contained
syn keyword kaInDNSCHECK bind_if contained
syn keyword kaInDNSCHECK bind_port contained
syn keyword kaInDNSCHECK bindto contained
syn keyword kaInDNSCHECK connect_ip contained
syn keyword kaInDNSCHECK connect_port contained
syn keyword kaInDNSCHECK connect_timeout contained
syn keyword kaInDNSCHECK delay_before_retry contained
syn keyword kaInDNSCHECK delay_loop contained
syn keyword kaInDNSCHECK fwmark contained
syn keyword kaInDNSCHECK log_all_failures contained
syn keyword kaInDNSCHECK name contained
syn keyword kaInDNSCHECK retry contained
syn keyword kaInDNSCHECK type contained
syn keyword kaInDNSCHECK warmup contained
hi def link kaInDNSCHECK kaKeyword
syn region kaBlockDNSCHECK matchgroup=kaBrace start=/\%(\<\%(DNS_CHECK\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInDNSCHECK fold contained

" UDP_CHECK
syn keyword kaInUDPCHECK alpha contained
syn keyword kaInUDPCHECK bind_if contained
syn keyword kaInUDPCHECK bind_port contained
syn keyword kaInUDPCHECK bindto contained
syn keyword kaInUDPCHECK connect_ip contained
syn keyword kaInUDPCHECK connect_port contained
syn keyword kaInUDPCHECK connect_timeout contained
syn keyword kaInUDPCHECK delay_before_retry contained
syn keyword kaInUDPCHECK delay_loop contained
syn keyword kaInUDPCHECK fwmark contained
syn keyword kaInUDPCHECK log_all_failures contained
syn keyword kaInUDPCHECK max_reply_length contained
syn keyword kaInUDPCHECK min_reply_length contained
syn keyword kaInUDPCHECK payload contained
syn keyword kaInUDPCHECK require_reply contained
syn keyword kaInUDPCHECK retry contained
syn keyword kaInUDPCHECK warmup contained
hi def link kaInUDPCHECK kaKeyword
syn region kaBlockUDPCHECK matchgroup=kaBrace start=/\%(\<\%(UDP_CHECK\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInUDPCHECK fold contained

" MISC_CHECK
syn keyword kaInMISCCHECK alpha contained
syn keyword kaInMISCCHECK delay_before_retry contained
syn keyword kaInMISCCHECK delay_loop contained
syn keyword kaInMISCCHECK log_all_failures contained
syn keyword kaInMISCCHECK misc_dynamic contained
syn keyword kaInMISCCHECK misc_path contained
syn keyword kaInMISCCHECK misc_timeout contained
syn keyword kaInMISCCHECK retry contained
syn keyword kaInMISCCHECK user contained
syn keyword kaInMISCCHECK warmup contained
hi def link kaInMISCCHECK kaKeyword
syn region kaBlockMISCCHECK matchgroup=kaBrace start=/\%(\<\%(MISC_CHECK\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInMISCCHECK fold contained

" FILE_CHECK
syn keyword kaInFILECHECK track_file contained
syn keyword kaInFILECHECK weight contained
hi def link kaInFILECHECK kaKeyword
syn region kaBlockFILECHECK matchgroup=kaBrace start=/\%(\<\%(FILE_CHECK\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInFILECHECK fold contained

" BFD_CHECK
syn keyword kaInBFDCHECK alpha contained
syn keyword kaInBFDCHECK name contained
hi def link kaInBFDCHECK kaKeyword
syn region kaBlockBFDCHECK matchgroup=kaBrace start=/\%(\<\%(BFD_CHECK\)\>[^{}#!]*\%([#!].*\)\=\n\=\s*\)\@<={/ end=/}/ contains=@kaEverywhere,kaValues,kaInBFDCHECK fold contained

hi def link kaComment Comment
hi def link kaTodo Todo
hi def link kaString String
hi def link kaNumber Number
hi def link kaAddress Constant
hi def link kaBoolean Boolean
hi def link kaCondition PreCondit
hi def link kaDefinition Define
hi def link kaReference Identifier
hi def link kaSequence Macro
hi def link kaInclude Include
hi def link kaWord Type
hi def link kaKeyword Statement
hi def link kaBlock Structure

syn sync fromstart

let b:current_syntax = "keepalived"

let &cpo = s:cpo_save
unlet s:cpo_save
