//! What nftables filters for instances, and marks for virtual server groups.

/// Settings of nftables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firewall {
    /// `nftables`: the table that filters for instances; none is used without it.
    pub table: Option<String>,
    /// `nftables_priority`: of the base chains.
    pub priority: i32,
    /// `nftables_ifindex`: sets hold interface numbers, not names.
    pub link_numbers: bool,
    /// `nftables_counters`: rules count.
    pub counters: bool,
    /// Marks for virtual server groups.
    pub ipvs: IpvsMarks,
}

/// Marks for virtual server groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpvsMarks {
    /// `nftables_ipvs`: the table that marks; none is used without it.
    pub table: Option<String>,
    /// `nftables_ipvs_priority`: of its chain.
    pub priority: i32,
    /// `nftables_ipvs_start_fwmark`: the first mark to give; never 0.
    pub first_mark: u32,
}

impl IpvsMarks {
    /// The first mark unless another one is set.
    pub const FIRST_MARK: u32 = 1000;
}

impl Default for Firewall {
    fn default() -> Self {
        Self {
            table: None,
            priority: -1,
            link_numbers: false,
            counters: false,
            ipvs: IpvsMarks::default(),
        }
    }
}

impl Default for IpvsMarks {
    fn default() -> Self {
        Self { table: None, priority: -1, first_mark: Self::FIRST_MARK }
    }
}
