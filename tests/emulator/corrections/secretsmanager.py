"""Secrets Manager: after AWSCURRENT is moved, get-secret-value without a stage gives the new version."""

from moto.secretsmanager import models


def correct(settings):
    backend = models.SecretsManagerBackend
    move = backend.update_secret_version_stage

    def update_secret_version_stage(self, secret_id, version_stage, remove_from_version_id, move_to_version_id, **kw):
        reply = move(self, secret_id, version_stage, remove_from_version_id, move_to_version_id, **kw)
        if version_stage == "AWSCURRENT" and move_to_version_id:
            self.secrets[secret_id].default_version_id = move_to_version_id
        return reply

    backend.update_secret_version_stage = update_secret_version_stage
