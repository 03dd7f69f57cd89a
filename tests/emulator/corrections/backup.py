"""AWS Backup: tags are listed by ARN."""

import json
from urllib.parse import unquote

from moto.backup import responses


def correct(settings):
    def list_tags(self):
        arn = unquote(self.path.rstrip("/").split("/tags/", 1)[1])
        return json.dumps({"Tags": self.backup_backend.list_tags(resource_arn=arn)})

    responses.BackupResponse.list_tags = list_tags
