"""RDS: DocumentDB is one of its engines; Neptune clusters have no master user."""

from moto.rds import models

DOCDB = {"default_engine_version": "5.0.0", "default_port": 27017, "default_allocated_storage": 1}


def correct(_settings):
    for kind in (models.DBCluster, models.DBInstance):
        for name, value in DOCDB.items():
            original = kind.__dict__.get(name)
            if original is not None:
                setattr(kind, name, staticmethod(knowing(original.__func__, value)))
    models.DBInstance.default_engine_versions["docdb"] = DOCDB["default_engine_version"]
    for engines, listed in ((models.DbInstanceEngine, "valid_db_instance_engine"), (models.ClusterEngine, "list_cluster_engines")):
        setattr(engines, listed, with_docdb(getattr(engines, listed)))
    config = models.DBCluster.get_cfg

    def get_cfg(self):
        self.__dict__.setdefault("_master_user_password", "")
        return config(self)

    models.DBCluster.get_cfg = get_cfg


def with_docdb(original):
    return classmethod(lambda _kind: sorted([*original(), "docdb"]))


def knowing(original, value):
    return lambda engine, *more, **kw: value if engine == "docdb" else original(engine, *more, **kw)
