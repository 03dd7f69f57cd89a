"""CloudWatch Logs: a log group can be given a key, if the key's policy lets the service use it."""

import json

from moto.core.exceptions import JsonRESTError
from moto.kms.models import kms_backends
from moto.logs import responses


def correct(_settings):
    answers = responses.LogsResponse

    def group(self):
        name = self._get_param("logGroupName") or self._get_param("resourceIdentifier").split(":log-group:")[-1]
        found = self.logs_backend.groups.get(name)
        if found is None:
            raise JsonRESTError("ResourceNotFoundException", "The specified log group does not exist.")
        return found

    def associate_kms_key(self):
        target, arn = group(self), self._get_param("kmsKeyId")
        key = kms_backends[self.current_account][self.region].keys.get(arn.rsplit("/", 1)[-1])
        if key is None or not key.enabled or f"logs.{self.region}.amazonaws.com" not in key.policy:
            raise JsonRESTError("InvalidParameterException", f"The specified KMS key does not exist or is not allowed to be used with Arn '{target.arn}'")
        target.kms_key_id = arn
        return json.dumps({})

    def disassociate_kms_key(self):
        group(self).kms_key_id = None
        return json.dumps({})

    answers.associate_kms_key = associate_kms_key
    answers.disassociate_kms_key = disassociate_kms_key
