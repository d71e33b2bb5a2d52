//! What a route says about its path (`RTA_METRICS`).

use net::{Metric, RouteMetrics};
use netlink_packet_route::route::RouteMetric;

/// `RTAX_FEATURE_ECN`.
const ECN: u32 = 1;

/// A metric that may be locked: what the kernel is told, and its number (`RTAX_*`).
type Lockable = (Option<Metric>, u32, fn(u32) -> RouteMetric);

/// `RTAX_CC_ALGO`.
const CONGESTION_CONTROL: u32 = 16;

/// Everything that is said; what is not said is left to the kernel.
pub(super) fn all(metrics: &RouteMetrics) -> Vec<RouteMetric> {
    let lockable = lockable(metrics);
    let mut locks = 0;
    let mut all = Vec::new();
    for (metric, number, write) in lockable {
        let Some(metric) = metric else { continue };
        locks |= u32::from(metric.locked) << number;
        all.push(write(metric.value));
    }
    if let Some((name, locked)) = &metrics.congestion_control {
        locks |= u32::from(*locked) << CONGESTION_CONTROL;
        all.push(RouteMetric::CcAlgo(name.to_string()));
    }
    all.extend(plain(metrics).into_iter().flatten());
    if locks != 0 {
        all.push(RouteMetric::Lock(locks));
    }
    all
}

fn lockable(metrics: &RouteMetrics) -> [Lockable; 8] {
    [
        (metrics.mtu, 2, RouteMetric::Mtu),
        (metrics.rtt, 4, RouteMetric::Rtt),
        (metrics.rtt_variance, 5, RouteMetric::RttVar),
        (metrics.slow_start_threshold, 6, RouteMetric::SsThresh),
        (metrics.congestion_window, 7, RouteMetric::Cwnd),
        (metrics.advertised_mss, 8, RouteMetric::Advmss),
        (metrics.reordering, 9, RouteMetric::Reordering),
        (metrics.least_rto, 13, RouteMetric::RtoMin),
    ]
}

fn plain(metrics: &RouteMetrics) -> [Option<RouteMetric>; 7] {
    [
        metrics.window.map(RouteMetric::Window),
        metrics.hop_limit.map(|limit| RouteMetric::Hoplimit(limit.into())),
        metrics.initial_congestion_window.map(RouteMetric::InitCwnd),
        metrics.initial_receive_window.map(RouteMetric::InitRwnd),
        metrics.ecn.then_some(RouteMetric::Features(ECN)),
        metrics.quick_ack.map(|on| RouteMetric::QuickAck(on.into())),
        metrics.fast_open_without_cookie.map(|on| RouteMetric::FastopenNoCookie(on.into())),
    ]
}
