"""Redshift: the key of a cluster can be changed."""

from moto.redshift import responses


def correct(_settings):
    modify = responses.RedshiftResponse.modify_cluster

    def modify_cluster(self):
        answer = modify(self)
        if key := self._get_param("KmsKeyId"):
            name = self._get_param("NewClusterIdentifier") or self._get_param("ClusterIdentifier")
            self.redshift_backend.clusters[name].kms_key_id = key
        for name, attribute in (("Encrypted", "encrypted"), ("PubliclyAccessible", "publicly_accessible")):
            if self._get_param(name) is not None:  # moto keeps the text
                setattr(self.redshift_backend.clusters[self._get_param("ClusterIdentifier")], attribute, self._get_bool_param(name))
        return answer

    responses.RedshiftResponse.modify_cluster = modify_cluster
