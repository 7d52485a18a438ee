//! Who answers which request.

use crate::simulator::world::World;
use crate::simulator::world::call::Call;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Route;

impl World {
    pub(super) fn dispatch(&mut self, call: &Call) -> Result<Reply, Refusal> {
        use Route as R;
        match (call.method.as_str(), &call.route) {
            ("GET", R::Tenants | R::Subscriptions | R::Subscription(_) | R::Locations(_)) => {
                self.account(call)
            }
            ("GET", R::Groups(_) | R::Group { .. }) => self.account(call),
            ("HEAD", R::Group { subscription, group }) => Ok(self.head_group(subscription, group)),
            ("PUT", R::Group { subscription, group }) => self.put_group(call, subscription, group),
            ("GET", R::Clusters { subscription, group }) => {
                self.list_clusters(call, subscription, group.as_deref())
            }
            ("GET", R::Snapshots { subscription, group }) => {
                self.list_snapshots(call, subscription, group.as_deref())
            }
            ("GET", R::Snapshot(place)) => self.get_snapshot(place),
            ("PUT", R::Snapshot(place)) => self.put_snapshot(call, place),
            ("PATCH", R::Snapshot(place)) => self.patch_snapshot(call, place),
            ("DELETE", R::Snapshot(place)) => Ok(self.delete_snapshot(place)),
            ("GET", R::Fleets { subscription, group }) => {
                self.list_fleets(call, subscription, group.as_deref())
            }
            (_, R::Fleet(place, part)) => self.ask_fleet(call, place, part),
            ("GET", R::Permissions) => Ok(self.permissions()),
            (_, R::Limit(asked)) => self.ask_limits(call, asked),
            ("GET", R::Insights(place)) => self.list_insights(call, place),
            ("GET", R::Insight(place, name)) => self.get_insight(place, name),
            ("GET", R::Versions { location }) => self.region_versions(call, location),
            ("GET", R::NodeImages { location }) => self.region_images(call, location),
            ("GET", R::Status { id }) => self.status(call, id),
            ("GET", R::Result { id }) => self.result(call, id),
            ("GET", R::Cluster(place)) => self.get_cluster(place),
            ("PUT", R::Cluster(place)) => self.put_cluster(call, place),
            ("PATCH", R::Cluster(place)) => self.patch_cluster(call, place),
            ("DELETE", R::Cluster(place)) => self.delete_cluster(call, place),
            ("POST", R::ClusterAction(place, action)) => self.act_on_cluster(call, place, action),
            ("GET", R::UpgradeProfile(place)) => self.upgrade_profile(place),
            ("GET", R::AvailableVersions(place)) => self.available_versions(place),
            ("GET", R::Pools(place)) => self.list_pools(call, place),
            ("GET", R::Pool(place, pool)) => self.get_pool(call, place, pool),
            ("PUT", R::Pool(place, pool)) => self.put_pool(call, place, pool),
            ("DELETE", R::Pool(place, pool)) => self.delete_pool(call, place, pool),
            ("POST", R::PoolAction(place, pool, action)) => self.act_on_pool(call, place, pool, action),
            ("GET", R::PoolProfile(place, pool)) => self.pool_profile(place, pool),
            ("GET", R::Machines(place, pool)) => self.machines(call, place, pool),
            ("GET", R::Machine(place, pool, machine)) => self.machine(call, place, pool, machine),
            ("GET", R::MaintenanceList(place)) => self.list_maintenance(call, place),
            ("GET", R::Maintenance(place, config)) => self.get_maintenance(call, place, config),
            ("PUT", R::Maintenance(place, config)) => self.put_maintenance(call, place, config),
            ("DELETE", R::Maintenance(place, config)) => self.delete_maintenance(call, place, config),
            (_, R::Unknown) if !call.is_of_arm() && !call.is_of_a_provider() => {
                Err(Refusal::no_route(&call.path))
            }
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }
}
