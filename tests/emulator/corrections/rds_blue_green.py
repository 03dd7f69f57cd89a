"""RDS: blue/green deployments as the API reference has them: a key for the green side, a green copy that follows the blue
database until the switchover, names that move with all members."""

import copy
import random
import re
import string

from moto.rds import models, responses
from moto.rds.exceptions import RDSClientError

from corrections import rds_states

KEY = re.compile(r"TargetResourceConfigurations\.[A-Za-z]+\.(\d+)\.(SourceArn|TargetKmsKeyId)")
FOLLOW = "_follow"    # of a backend, where databases are real: (blue, green) -> green gets a server that follows that of blue
PROMOTE = "_promote"  # (blue, green) -> green has all that blue has, and blue takes no more


def correct(settings):
    keys_of_green()
    provisioning(settings)
    models.BlueGreenDeployment.switchover = switchover


def keys_of_green():
    """TargetResourceConfigurations is newer than botocore's model, so moto does not see it."""
    answers = responses.RDSResponse
    create = answers.create_blue_green_deployment

    def create_blue_green_deployment(self):
        given = {}
        for name, values in self.querystring.items():
            if match := KEY.fullmatch(name):
                given.setdefault(match[1], {})[match[2]] = values[0]
        self.backend._green_keys = {one["SourceArn"]: one["TargetKmsKeyId"] for one in given.values() if "TargetKmsKeyId" in one}
        return create(self)

    answers.create_blue_green_deployment = create_blue_green_deployment


def provisioning(settings):
    answers, deployment = responses.RDSResponse, models.BlueGreenDeployment
    describe, init = answers.describe_blue_green_deployments, deployment.__init__

    def make_green(self, **_):
        blue = self._get_valid_instance_or_raise(self.source)
        key = getattr(self.backend, "_green_keys", {}).get(self.source)
        if key:
            key = self.backend._validate_kms_key(key)
        for thing in (blue, *members(blue)):
            if thing.status != "available":
                raise RDSClientError("InvalidDBClusterStateFault", f"{thing.resource_id} is in {thing.status} state, but must be available.")
        self._blue, self._green = blue, green_of(blue, key)
        for thing in (self._green, *members(self._green)):
            rds_states.begin(settings, thing, "creating")
        follow = getattr(type(self.backend), FOLLOW, None)
        if follow:
            follow(blue, self._green)
        return arn_of(self._green)

    def new(self, *args, **kw):
        init(self, *args, **kw)
        self.set_status(self.SupportedStates.PROVISIONING)
        self._left = settings.pending

    def describe_blue_green_deployments(self):
        for one in self.backend.blue_green_deployments.values():
            left = getattr(one, "_left", None)
            if left is not None:
                one._left = left - 1 if left > 0 else None
                if left <= 0:
                    one.set_status(one.SupportedStates.AVAILABLE)
        return describe(self)

    deployment._create_green_instance, deployment.__init__ = make_green, new
    answers.describe_blue_green_deployments = describe_blue_green_deployments


def is_cluster(thing):
    return isinstance(thing, models.DBCluster)


def members(thing):
    return list(thing._members) if is_cluster(thing) else []


def arn_of(thing):
    return thing.arn if is_cluster(thing) else thing.db_instance_arn


def some(letters, count):
    return "".join(random.choice(letters) for _ in range(count))


def green_of(blue, key):
    """A copy with every setting of its own; with the key if there is one."""
    green, backend = copy.copy(blue), blue.backend
    green._server = None
    green.tags = list(blue.tags)
    green._left = None
    if key:
        green.storage_encrypted, green.kms_key_id = True, key
    name = f"{blue.resource_id}-green-{some(string.ascii_lowercase, 6)}"
    if not is_cluster(blue):
        green.db_instance_identifier, green.dbi_resource_id = name, "db-" + some(string.ascii_uppercase, 26)
        backend.databases[name] = green
        return green
    green.db_cluster_identifier, green.db_cluster_resource_id = name, "cluster-" + some(string.ascii_uppercase, 26)
    backend.clusters[name] = green
    for member in members(blue):
        one = copy.copy(member)
        one.cluster, one.db_cluster_identifier, one.tags, one._left = green, name, list(member.tags), None
        one.db_instance_identifier = f"{member.resource_id}-green-{some(string.ascii_lowercase, 6)}"
        one.dbi_resource_id = "db-" + some(string.ascii_uppercase, 26)
        backend.databases[one.db_instance_identifier] = one
    return green


def switchover(self):
    blue, green, backend = self._blue, self._green, self.backend
    for thing in (blue, green):
        if thing.status != "available":
            raise RDSClientError("InvalidBlueGreenDeploymentStateFault", f"{thing.resource_id} is in {thing.status} state, but must be available.")
    promote = getattr(type(backend), PROMOTE, None)
    if promote:
        promote(blue, green)
    pairs = list(zip(members(blue), members(green)))  # made in the order of the blue ones
    for old, new in pairs:
        rename(backend.databases, "db_instance_identifier", old, new)
    if is_cluster(blue):
        rename(backend.clusters, "db_cluster_identifier", blue, green)
    else:
        rename(backend.databases, "db_instance_identifier", blue, green)
    for old, new in pairs:
        old.db_cluster_identifier, new.db_cluster_identifier = blue.resource_id, green.resource_id
    self.source, self.target = arn_of(blue), arn_of(green)
    self.set_status(self.SupportedStates.SWITCHOVER_COMPLETED)
    self.status_details = "Switchover completed"


def rename(things, attribute, blue, green):
    """blue gets -old1, green gets the name; the resource ids stay."""
    name = getattr(blue, attribute)
    del things[name], things[getattr(green, attribute)]
    setattr(blue, attribute, name + "-old1")
    setattr(green, attribute, name)
    things[name + "-old1"], things[name] = blue, green
