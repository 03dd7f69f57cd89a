"""KMS: keys that are off are off, contexts are bound, rotation periods are kept, the primary stays the primary."""

import copy
import json

from moto.core.exceptions import JsonRESTError
from moto.kms import models, responses, utils


def unusable(settings, key):
    """Why the key cannot be used: (code, message), or None."""
    if key.key_state == "Disabled":
        return "DisabledException", f"{key.arn} is disabled."
    if key.key_state in ("PendingDeletion", "PendingImport"):
        return "KMSInvalidStateException", f"{key.arn} is pending deletion."
    if key.id in settings.denied_keys or key.arn in settings.denied_keys:
        return "AccessDeniedException", f"no key policy allows the kms action on {key.arn}"
    return None


def correct(settings):
    backend = models.KmsBackend

    def check(self, key_id):
        try:
            key = self.describe_key(self.any_id_to_key_id(key_id))
        except Exception:  # moto itself answers that the key is missing
            return
        reason = unusable(settings, key)
        if reason:
            raise JsonRESTError(*reason)

    def checked(original):
        def call(self, key_id, *args, **kw):
            check(self, key_id)
            return original(self, key_id, *args, **kw)
        return call

    for name in ("encrypt", "generate_data_key"):
        setattr(backend, name, checked(getattr(backend, name)))

    decrypt = backend.decrypt

    def checked_decrypt(self, ciphertext_blob, encryption_context, key_id=None):
        try:
            used = utils._deserialize_ciphertext_blob(ciphertext_blob).key_id
        except Exception:  # damaged: moto says so
            used = None
        if used:
            check(self, used)
        return decrypt(self, ciphertext_blob=ciphertext_blob, encryption_context=encryption_context, key_id=key_id)

    backend.decrypt = checked_decrypt
    # moto joins names and values without separators: {"a": "bc"} would equal {"ab": "c"}.
    utils._serialize_encryption_context = lambda encryption_context: json.dumps(encryption_context, sort_keys=True).encode()

    def by_id(original):
        def call(self, key_id, *args, **kw):
            return original(self, self.get_key_id(key_id), *args, **kw)
        return call

    for name in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"):  # they crash for an ARN
        setattr(backend, name, by_id(getattr(backend, name)))

    create = backend.create_key

    def create_key(self, policy, key_usage, key_spec, *args, **kw):  # moto shows null where nothing was asked for
        return create(self, policy, key_usage or "ENCRYPT_DECRYPT", key_spec or "SYMMETRIC_DEFAULT", *args, **kw)

    backend.create_key = create_key
    replicate = backend.replicate_key

    def replicate_key(self, key_id, replica_region):
        replica = replicate(self, key_id, replica_region)
        if replica.multi_region:  # moto shares one dictionary: the primary would turn into a replica
            replica.multi_region_configuration = copy.deepcopy(replica.multi_region_configuration)
        return replica

    backend.replicate_key = replicate_key

    answers = responses.KmsResponse
    enable = answers.enable_key_rotation

    def enable_key_rotation(self):
        reply = enable(self)
        key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
        key._period = self._get_param("RotationPeriodInDays") or 365
        return reply

    status = answers.get_key_rotation_status

    def get_key_rotation_status(self):
        answer = json.loads(status(self))
        key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
        answer["KeyId"] = key.id
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = getattr(key, "_period", 365)
        return json.dumps(answer)

    answers.enable_key_rotation = enable_key_rotation
    answers.get_key_rotation_status = get_key_rotation_status
