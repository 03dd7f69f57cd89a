"""RDS: what an account may have and what the region offers; custom endpoints of clusters."""

from moto.core.responses import ActionResult
from moto.rds import models, responses
from moto.rds.exceptions import DBClusterNotFoundError, RDSClientError

# Quotas of a new account, by the names of the RDS API reference (AccountQuota).
QUOTAS = {"DBClusters": 40, "DBInstances": 40, "ManualClusterSnapshots": 100, "ManualSnapshots": 100}
# Versions that are not offered any more.
WITHDRAWN = {("aurora-postgresql", "11.9"), ("postgres", "9.6.1")}


def correct(settings):
    answers = responses.RDSResponse

    def describe_account_attributes(self):
        backend = self.backend
        used = {
            "DBClusters": len(backend.clusters), "DBInstances": len(backend.databases),
            "ManualClusterSnapshots": len(backend.cluster_snapshots), "ManualSnapshots": len(backend.database_snapshots),
        }
        return ActionResult({"AccountQuotas": [
            {"AccountQuotaName": name, "Used": used[name], "Max": limit} for name, limit in QUOTAS.items()]})

    def describe_db_engine_versions(self):
        engine, version = self.params.get("Engine"), self.params.get("EngineVersion")
        versions = [version or models.DBCluster.default_engine_version(engine)]
        return ActionResult({"DBEngineVersions": [
            {"Engine": engine, "EngineVersion": v, "Status": "available", "DBEngineDescription": engine,
             "DBParameterGroupFamily": engine + v.split(".")[0]}
            for v in versions if (engine, v) not in WITHDRAWN]})

    answers.describe_account_attributes = describe_account_attributes
    answers.describe_db_engine_versions = describe_db_engine_versions
    correct_endpoints(answers)


def correct_endpoints(answers):
    def endpoints(self):
        return self.backend.__dict__.setdefault("_custom_endpoints", {})

    def resource_of(self, name):
        if name not in self.backend.clusters:
            raise DBClusterNotFoundError(name)
        return self.backend.clusters[name].db_cluster_resource_id

    def shown(self, endpoint):
        owners = {c.db_cluster_resource_id: c.db_cluster_identifier for c in self.backend.clusters.values()}
        answer = {key: value for key, value in endpoint.items() if key != "resource"}
        return {**answer, "DBClusterIdentifier": owners.get(endpoint["resource"], "")}

    def create_db_cluster_endpoint(self):
        name = self.params["DBClusterEndpointIdentifier"]
        if name in endpoints(self):
            raise RDSClientError("DBClusterEndpointAlreadyExistsFault", f"DB cluster endpoint {name} already exists")
        made = {
            "resource": resource_of(self, self.params["DBClusterIdentifier"]), "DBClusterEndpointIdentifier": name,
            "EndpointType": "CUSTOM", "CustomEndpointType": self.params["EndpointType"], "Status": "available",
            "StaticMembers": self.params.get("StaticMembers", []), "ExcludedMembers": self.params.get("ExcludedMembers", []),
            "Endpoint": f"{name}.cluster-custom-123456789012.{self.region}.rds.amazonaws.com",
        }
        endpoints(self)[name] = made
        return ActionResult(shown(self, made))

    def delete_db_cluster_endpoint(self):
        name = self.params["DBClusterEndpointIdentifier"]
        if name not in endpoints(self):
            raise RDSClientError("DBClusterEndpointNotFoundFault", f"DB cluster endpoint {name} not found")
        return ActionResult({**shown(self, endpoints(self).pop(name)), "Status": "deleting"})

    def describe_db_cluster_endpoints(self):
        cluster, name = self.params.get("DBClusterIdentifier"), self.params.get("DBClusterEndpointIdentifier")
        found = [shown(self, e) for e in endpoints(self).values()]
        found = [e for e in found if (not cluster or e["DBClusterIdentifier"] == cluster)
                 and (not name or e["DBClusterEndpointIdentifier"] == name)]
        return ActionResult({"DBClusterEndpoints": found})

    models.DBCluster.custom_endpoints = property(lambda self: [
        e["Endpoint"] for e in self.backend.__dict__.get("_custom_endpoints", {}).values() if e["resource"] == self.db_cluster_resource_id])
    answers.create_db_cluster_endpoint = create_db_cluster_endpoint
    answers.delete_db_cluster_endpoint = delete_db_cluster_endpoint
    answers.describe_db_cluster_endpoints = describe_db_cluster_endpoints
