//! The limiter, in virtual time: nothing is sent above a published limit, and nobody waits for ever.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use azure_core::http::Method;
use futures::future::join_all;
use futures::{StreamExt, stream};
use proptest::prelude::*;
use serde_json::json as value;
use terraform_provider_aks::arm::error::Error;
use terraform_provider_aks::arm::id::ClusterId;
use terraform_provider_aks::arm::limiter::Limiter;
use terraform_provider_aks::arm::limiter::limit::{Key, Limit, Needs};
use tokio::time::{Instant, sleep, timeout};

use super::script::{Reply, Script, client, json, text};
use super::{SUBSCRIPTION, path, prod};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[track_caller]
fn counts(method: Method, below: &str, region: Option<&str>, aks: Limit, of: &str, azure: Limit) {
    let key = |limit, of: &str| Key { limit, of: of.to_owned() };
    let path = format!("/subscriptions/S{below}");
    assert_eq!(Needs::of(method, &path, region), Needs([key(aks, of), key(azure, "s")]), "{path}");
}

#[test]
fn every_request_has_its_buckets() {
    use Limit::{
        Deletes, GetCluster, GetStatus, ListClusters, ListGroup, Other, PutCluster, PutPool, Reads, Writes,
    };
    use Method::{Delete, Get, Post, Put};
    let aks = "/providers/Microsoft.ContainerService";
    let mc = format!("/resourceGroups/RG{aks}/managedClusters/Prod");
    let lower = format!("s{}", mc.to_lowercase());
    let pool = format!("{mc}/agentPools/user1");
    counts(Get, &format!("{aks}/managedClusters"), None, ListClusters, "s", Reads);
    counts(
        Get,
        &format!("/resourceGroups/RG{aks}/managedClusters"),
        None,
        ListGroup,
        &lower[..lower.len() - 5],
        Reads,
    );
    counts(Get, &mc, None, GetCluster, &lower, Reads);
    // Azure names ids in another casing, and its links carry a slash at times.
    counts(Get, &format!("{}/", mc.to_uppercase()), None, GetCluster, &lower, Reads);
    counts(Put, &mc, None, PutCluster, &lower, Writes);
    counts(Put, &pool, None, PutPool, &format!("{lower}/agentpools/user1"), Writes);
    counts(Get, &format!("{aks}/locations/westeurope/operations/1"), None, GetStatus, "s", Reads);
    counts(Get, &format!("{aks}/locations/westeurope/operationresults/1"), None, Other, "s", Reads);
    counts(Get, &format!("{aks}/locations/westeurope/kubernetesVersions"), None, Other, "s", Reads);
    counts(Get, &format!("{mc}/upgradeProfiles/default"), None, Other, "s", Reads);
    counts(Get, &pool, None, Other, "s", Reads);
    counts(Get, &format!("{pool}/upgradeProfiles/default"), None, Other, "s", Reads);
    counts(Post, &format!("{pool}/upgradeNodeImageVersion"), None, Other, "s", Writes);
    counts(Put, &format!("{mc}/maintenanceConfigurations/default"), None, Other, "s", Writes);
    counts(Delete, &format!("{mc}/maintenanceConfigurations/default"), None, Other, "s", Deletes);
    // AKS counts each region by itself, where it does not count a cluster.
    let we = Some("westeurope");
    counts(Get, &format!("{mc}/upgradeProfiles/default"), we, Other, "s in westeurope", Reads);
    counts(Get, &format!("{aks}/locations/westeurope/operations/1"), we, GetStatus, "s in westeurope", Reads);
    counts(Get, &mc, we, GetCluster, &lower, Reads);
    counts(Get, &format!("{aks}/managedClusters"), we, ListClusters, "s", Reads);
    assert_eq!(Needs::of(Get, "/metadata/endpoints", None).0.map(|key| key.of), ["", ""]);
}

/// What went out: when, and from which buckets.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(Instant, usize, Needs)>>>);

impl Log {
    /// Sends one request, which Azure answers after a while.
    async fn send(&self, limiter: &Limiter, number: usize, needs: Needs, latency: Duration) {
        self.send_as(false, limiter, number, needs, latency).await;
    }

    async fn send_as(
        &self,
        is_urgent: bool,
        limiter: &Limiter,
        number: usize,
        needs: Needs,
        latency: Duration,
    ) {
        let ticket = limiter.ticket(is_urgent);
        let pass = limiter.enter(ticket, needs.clone()).await;
        self.0.lock().unwrap().push((Instant::now(), number, needs.clone()));
        sleep(latency).await;
        drop(pass);
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Returns when requests went out, by bucket.
    fn by_bucket(&self) -> BTreeMap<Key, Vec<Instant>> {
        let mut buckets: BTreeMap<Key, Vec<Instant>> = BTreeMap::new();
        for (at, _, needs) in self.0.lock().unwrap().iter() {
            needs.0.iter().for_each(|key| buckets.entry(key.clone()).or_default().push(*at));
        }
        buckets
    }

    /// Says the first pair of departures between which more went out than the bucket gives.
    fn excess(&self) -> Option<String> {
        for (key, times) in self.by_bucket() {
            let (burst, interval) = (key.limit.ours() as usize, key.limit.interval());
            for (i, from) in times.iter().enumerate() {
                for (count, to) in (1..).zip(&times[i..]) {
                    let refilled = (*to - *from).as_nanos() / interval.as_nanos();
                    if count > burst + usize::try_from(refilled).unwrap() {
                        return Some(format!("{key:?}: {count} within {:?}", *to - *from));
                    }
                }
            }
        }
        None
    }
}

fn id(cluster: usize) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c{cluster}"
    )
}

fn get(cluster: usize) -> Needs {
    Needs::of(Method::Get, &id(cluster), None)
}

fn profile(cluster: usize) -> Needs {
    Needs::of(Method::Get, &format!("{}/upgradeProfiles/default", id(cluster)), None)
}

/// One request of a stream: when it comes, what it is, how long Azure takes, after how long its caller gives up.
#[derive(Clone, Debug)]
struct Arrival {
    after: Duration,
    needs: Needs,
    latency: Duration,
    patience: Option<Duration>,
}

fn arrival() -> impl Strategy<Value = Arrival> {
    let needs = (0..7_u8, 0..2_usize).prop_map(|(kind, cluster)| {
        let id = id(cluster);
        let region = [None, Some("westeurope")][usize::from(kind == 6)];
        match kind {
            0 => get(cluster),
            1 | 2 => profile(cluster),
            3 => Needs::of(Method::Put, &id, None),
            4 => Needs::of(Method::Put, &format!("{id}/agentPools/user1"), None),
            _ => Needs::of(Method::Post, &format!("{id}/agentPools/user1/upgradeNodeImageVersion"), region),
        }
    });
    // Mostly floods: a stream with pauses is no trial.
    let after = prop_oneof![9 => Just(0), 1 => 0..2_000_u64].prop_map(ms);
    let patience = prop_oneof![4 => Just(None), 1 => (0..90_000_u64).prop_map(|time| Some(ms(time)))];
    (after, needs, (0..3000_u64).prop_map(ms), patience)
        .prop_map(|(after, needs, latency, patience)| Arrival { after, needs, latency, patience })
}

fn virtually<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap().block_on(work)
}

/// Sends a stream, and returns what went out, numbered as it came in.
async fn sent(arrivals: Vec<Arrival>) -> Log {
    let (limiter, log) = (Limiter::default(), Log::default());
    let (mut at, came) = (Duration::ZERO, Cell::new(0));
    let all = arrivals.into_iter().map(|one| {
        at += one.after;
        let (limiter, log, came) = (&limiter, &log, &came);
        async move {
            sleep(at).await;
            // Those of one instant come in any order.
            let number = came.replace(came.get() + 1);
            let sending = log.send(limiter, number, one.needs, one.latency);
            match one.patience {
                Some(patience) => drop(timeout(patience, sending).await),
                None => sending.await,
            }
        }
    });
    join_all(all.collect::<Vec<_>>()).await;
    log
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever comes in, and whoever gives up: what goes out conforms to every bucket, everybody who stays is
    /// served, and in a bucket of AKS nobody overtakes.
    #[test]
    fn what_goes_out_conforms(arrivals in prop::collection::vec(arrival(), 1..400)) {
        let staying = arrivals.iter().filter(|one| one.patience.is_none()).count();
        let log = virtually(sent(arrivals));
        prop_assert_eq!(log.excess(), None);
        prop_assert!(log.len() >= staying);
        let mut last: BTreeMap<Key, (usize, Instant)> = BTreeMap::new();
        for (at, number, needs) in log.0.lock().unwrap().iter() {
            let key = &needs.0[0];
            // Those that may go at one instant go in any order.
            let overtaken = last.get(key).filter(|(before, then)| number < before && then < at);
            prop_assert!(overtaken.is_none(), "{:?} overtook {} at {:?}", overtaken, number, key);
            if last.get(key).is_none_or(|(before, _)| before < number) {
                last.insert(key.clone(), (*number, *at));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_clusters_stay_below_every_limit() {
    let (limiter, log, began) = (Limiter::default(), Log::default(), Instant::now());
    let refreshes = (0..1000).map(|cluster| {
        let (limiter, log) = (&limiter, &log);
        async move {
            log.send(limiter, cluster, get(cluster), ms(50)).await;
            log.send(limiter, cluster, profile(cluster), ms(50)).await;
        }
    });
    // Ten at a time, as Terraform does.
    stream::iter(refreshes).buffer_unordered(10).collect::<Vec<()>>().await;
    assert_eq!(log.excess(), None);
    assert_eq!(log.len(), 2000);
    // Azure gives 60 upgrade profiles at once, of which a process that has just begun takes 20, and one a second.
    let took = began.elapsed().as_secs();
    assert!((980..=982).contains(&took), "{took} s");
}

#[tokio::test(start_paused = true)]
async fn a_few_clusters_do_not_wait_at_all() {
    let (limiter, log, began) = (Limiter::default(), Log::default(), Instant::now());
    for cluster in 0..20 {
        for needs in [get(cluster), profile(cluster)] {
            log.send(&limiter, cluster, needs, Duration::ZERO).await;
        }
    }
    assert_eq!((log.len(), began.elapsed()), (40, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_simulator_in_a_hurry_is_not_waited_for() {
    let (limiter, log, began) = (Limiter::unlimited(), Log::default(), Instant::now());
    join_all((0..500).map(|number| log.send(&limiter, number, profile(0), Duration::ZERO))).await;
    assert_eq!((log.len(), began.elapsed()), (500, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_full_bucket_holds_up_only_those_who_need_it() {
    let (limiter, log, began) = (Limiter::default(), Log::default(), Instant::now());
    let flood = join_all((0..200).map(|number| log.send(&limiter, number, profile(0), Duration::ZERO)));
    let other = async {
        sleep(s(5)).await;
        log.send(&limiter, 1000, get(7), Duration::ZERO).await;
        assert_eq!(began.elapsed(), s(5));
        log.send(&limiter, 1001, profile(7), Duration::ZERO).await;
        began.elapsed()
    };
    let (_, last) = tokio::join!(flood, other);
    // Behind the 200 that came first, in their order.
    assert_eq!(last, s(181));
    let order: Vec<usize> = log.0.lock().unwrap().iter().map(|(_, number, _)| *number).collect();
    assert!(order.iter().filter(|number| **number != 1000).is_sorted(), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_wider_bucket_keeps_its_turn_at_the_narrow_one() {
    // The reads are used up, and clusters are read without end: a profile is served in its turn all the same.
    let (limiter, log, began) = (Limiter::default(), Log::default(), Instant::now());
    let reads = join_all((0..400).map(|cluster| log.send(&limiter, cluster, get(cluster), Duration::ZERO)));
    let flood = async {
        for cluster in 400..900 {
            sleep(ms(20)).await;
            drop(timeout(s(60), log.send(&limiter, cluster, get(cluster), Duration::ZERO)).await);
        }
    };
    let profile = async {
        sleep(ms(1)).await;
        log.send(&limiter, 5000, profile(0), Duration::ZERO).await;
        began.elapsed()
    };
    let (_, (), took) = tokio::join!(reads, flood, profile);
    assert_eq!(took, ms(318 * 40), "after the 317 reads that came before it and had to wait");
    assert_eq!(log.excess(), None);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_the_line_takes_nothing_with_him() {
    let (limiter, log, began) = (Limiter::default(), Log::default(), Instant::now());
    join_all((0..20).map(|number| log.send(&limiter, number, profile(0), Duration::ZERO))).await;
    let leaving = (0..30).map(|number| timeout(ms(500), log.send(&limiter, number, profile(0), s(1))));
    let staying = log.send(&limiter, 99, profile(0), Duration::ZERO);
    tokio::join!(join_all(leaving.collect::<Vec<_>>()), staying);
    assert_eq!(began.elapsed(), s(1), "as if the 30 had never come");
    // Those who leave while they are under way free their place, too.
    let cut = (0..25).map(|cluster| timeout(ms(100), log.send(&limiter, cluster, get(cluster), s(3600))));
    let cut = join_all(cut.collect::<Vec<_>>()).await;
    assert!(cut.iter().all(Result::is_err));
    log.send(&limiter, 0, get(0), Duration::ZERO).await;
    assert_eq!(began.elapsed(), ms(1100));
}

#[tokio::test(start_paused = true)]
async fn a_429_is_shared() {
    let busy = text(429, r#"{"error":{"code":"SubscriptionRequestsThrottled","message":"later"}}"#);
    let script = Script::new([busy.header("retry-after", "30"), json(200, &value!({}))]);
    let client = client(&script).until(Instant::now() + s(3600));
    let reads = (0..100).map(|cluster| {
        let (client, id) = (client.clone(), id(cluster).parse::<ClusterId>().unwrap());
        async move {
            // The first one learns it for all.
            sleep(if cluster == 0 { s(0) } else { s(2) }).await;
            client.cluster(&id).await.unwrap();
        }
    });
    join_all(reads.collect::<Vec<_>>()).await;
    let seen = script.seen();
    assert_eq!(seen.len(), 101, "one 429 and no other");
    // When Azure takes requests again, they come one by one and not all at once.
    let (first, last) = (seen[1].after, seen[100].after);
    assert!(s(30) <= first && last - first >= ms(99 * 40), "{first:?} {last:?}");
    // Those of AKS's own limits touch nobody else.
    assert_eq!(seen[1].line, seen[0].line, "who was refused goes first");
}

#[tokio::test(start_paused = true)]
async fn a_429_of_one_cluster_concerns_nobody_else() {
    let busy = text(
        429,
        r#"{"code":"Throttled","details":null,"message":"The PutManagedClusterHandler.PUT request limit has been exceeded","subcode":""}"#,
    );
    let script = Script::new([busy.header("retry-after", "30"), json(200, &value!({}))]);
    let client = client(&script).until(Instant::now() + s(3600));
    let began = Instant::now();
    let (throttled, other) = (id(0).parse::<ClusterId>().unwrap(), id(1).parse::<ClusterId>().unwrap());
    let (took, ()) = tokio::join!(
        async {
            client.cluster(&throttled).await.unwrap();
            began.elapsed()
        },
        async {
            sleep(s(2)).await;
            let asked = Instant::now();
            client.cluster(&other).await.unwrap();
            assert!(asked.elapsed() < s(3), "{:?}", asked.elapsed());
        }
    );
    assert!(took >= s(30), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_wait_and_says_what_was_waited_for() {
    let script = Script::new([json(200, &value!({}))]);
    let client = client(&script);
    for _ in 0..60 {
        client.upgrade_profile(&prod()).await.unwrap();
    }
    let asked = Instant::now();
    // The minute that the 60 reads took has filled the bucket; a hundred callers empty it.
    let all = (0..200).map(|_| {
        let (client, id) = (client.until(asked + s(20)), prod());
        async move { client.upgrade_profile(&id).await }
    });
    let results = join_all(all.collect::<Vec<_>>()).await;
    let errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
    assert!(errors.len() > 100, "{}", errors.len());
    assert_eq!(asked.elapsed(), s(20));
    assert!(matches!(errors[0], Error::Deadline { .. }));
    assert_eq!(
        errors[errors.len() - 1].to_string(),
        format!(
            "GET {}/upgradeProfiles/default was not sent: its deadline passed while it waited for Azure's limit of \
             60 further AKS requests of a subscription in a region, then one every 1s.",
            path()
        )
    );
}

#[tokio::test(start_paused = true)]
async fn each_region_has_limits_of_its_own() {
    let place = |cluster: usize| if cluster.is_multiple_of(2) { "westeurope" } else { "northeurope" };
    let clusters: Vec<_> = (0..40).map(|at| value!({ "id": id(at), "location": place(at) })).collect();
    let script = Script::new([json(200, &value!({ "value": clusters })), json(200, &value!({}))]);
    let client = client(&script);
    client.clusters(SUBSCRIPTION).await.unwrap();
    let began = Instant::now();
    for cluster in 0..40 {
        client.upgrade_profile(&id(cluster).parse().unwrap()).await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::ZERO, "twenty of each region, which nobody has to wait for");
    client.upgrade_profile(&id(0).parse().unwrap()).await.unwrap();
    assert_eq!(began.elapsed(), s(1));
}

/// Reads 30 clusters after an answer that says what is left, and returns how long that took.
async fn after_hearing(left: Option<&str>) -> Duration {
    let mut first = json(200, &value!({}));
    if let Some(left) = left {
        first = first.header("x-ms-ratelimit-remaining-subscription-reads", left);
    }
    let client = client(&Script::new([first, json(200, &value!({}))]));
    client.cluster(&id(100).parse().unwrap()).await.unwrap();
    let began = Instant::now();
    for cluster in 0..100 {
        client.cluster(&id(cluster).parse().unwrap()).await.unwrap();
    }
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn what_azure_says_is_left_is_believed() {
    assert_eq!(
        after_hearing(None).await,
        ms(18 * 40),
        "a third of 250, one of them used, and no word from Azure"
    );
    assert_eq!(after_hearing(Some("249")).await, Duration::ZERO);
    assert_eq!(after_hearing(Some("11998")).await, Duration::ZERO, "the older way of counting, by the hour");
    assert_eq!(after_hearing(Some("75")).await, ms(50 * 40), "25 are left to others");
    assert_eq!(after_hearing(Some("3")).await, ms(100 * 40));
    assert_eq!(after_hearing(Some("many")).await, ms(18 * 40));
}

/// Another answer that says how much is left does not end a wait that Azure has asked for.
#[tokio::test(start_paused = true)]
async fn a_wait_that_azure_asks_for_is_kept_whatever_it_says_is_left() {
    let busy =
        text(429, r#"{"code":"SubscriptionRequestsThrottled","message":"later"}"#).header("retry-after", "6");
    let well = json(200, &value!({})).header("x-ms-ratelimit-remaining-subscription-reads", "240");
    let late = Reply::Late(s(1), Box::new(well.clone()));
    let script = Script::new([busy, late, well]);
    let client = client(&script).until(Instant::now() + s(600));
    let [first, second, third] = [1, 2, 3].map(|number| id(number).parse().unwrap());
    let after = async {
        // It was under way when Azure refused the first.
        client.cluster(&second).await.unwrap();
        client.cluster(&third).await
    };
    let (first, third) = tokio::join!(client.cluster(&first), after);
    first.and(third).unwrap();
    let sent: Vec<Duration> = script.seen().into_iter().map(|request| request.after).collect();
    assert!(sent[2..].iter().all(|after| *after >= s(6)), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_process_that_waits_says_so_once() {
    let lines = crate::arm::client::Log::default();
    let guard = crate::house::listen::listen(lines.clone());
    let limiter = Limiter::default();
    let log = Log::default();
    let told = || lines.0.lock().unwrap().matches("holds requests back").count();
    let watch = async {
        sleep(ms(9_900)).await;
        assert_eq!((told(), limiter.held_back()), (0, None));
        sleep(ms(200)).await;
        assert_eq!(told(), 1, "{}", lines.0.lock().unwrap());
    };
    let flood = join_all((0..60).map(|number| log.send(&limiter, number, profile(0), Duration::ZERO)));
    tokio::join!(flood, watch);
    let held = limiter.held_back().unwrap();
    assert_eq!((held.limit, held.time), (Limit::Other, s(40)));
    sleep(s(3600)).await;
    assert_eq!(limiter.held_back(), Some(held), "time without anybody who waits is no wait");
    assert_eq!(told(), 1);
    drop(guard);
    assert!(lines.0.lock().unwrap().contains(
        "Azure's limit of 60 further AKS requests of a subscription in a region, then one every 1s, holds requests back; the process waits"
    ));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_azure_asks_for_is_told_too() {
    let busy = text(429, r#"{"code":"Throttled","message":"later"}"#).header("retry-after", "48");
    let client = client(&Script::new([busy, json(200, &value!({}))])).until(Instant::now() + s(600));
    client.upgrade_profile(&prod()).await.unwrap();
    let held = client.held_back().unwrap();
    assert_eq!((held.limit, held.time), (Limit::Other, s(48)));
}

#[tokio::test(start_paused = true)]
async fn an_urgent_request_goes_before_those_that_wait() {
    let (limiter, log, began) = (Limiter::default(), Log::default(), Instant::now());
    let usual = join_all((0..60).map(|number| log.send(&limiter, number, profile(0), Duration::ZERO)));
    let urgent = async {
        sleep(ms(5_500)).await;
        log.send_as(true, &limiter, 1000, profile(1), Duration::ZERO).await;
        began.elapsed()
    };
    let (_, left) = tokio::join!(usual, urgent);
    assert_eq!(
        (left, began.elapsed()),
        (s(6), s(41)),
        "with the next token, and at nobody's cost but a second"
    );
    assert_eq!(log.excess(), None);
}

#[tokio::test(start_paused = true)]
async fn urgent_requests_hold_nobody_up_for_ever() {
    let (limiter, log, began) = (Limiter::default(), Log::default(), Instant::now());
    join_all((0..20).map(|number| log.send(&limiter, number, profile(0), Duration::ZERO))).await;
    // As many come as Azure takes, and all of them are urgent.
    let urgent = (0..120).map(|number| {
        let (limiter, log) = (&limiter, &log);
        async move {
            sleep(s(number)).await;
            log.send_as(true, limiter, 1000, profile(1), Duration::ZERO).await;
        }
    });
    let usual = async {
        sleep(ms(1)).await;
        log.send(&limiter, 99, profile(0), Duration::ZERO).await;
        began.elapsed()
    };
    let (_, left) = tokio::join!(join_all(urgent.collect::<Vec<_>>()), usual);
    assert_eq!(left, s(32), "half a minute, and whoever was before it");
}
