"""OpenSearch: dry runs; encryption is switched on once, and its key never changes."""

import json

from moto.core.exceptions import JsonRESTError
from moto.es import urls
from moto.opensearch import responses
from moto.opensearch.models import OpenSearchDomain


def correct(settings):
    answers = responses.OpenSearchServiceResponse
    update, to_dict = answers.update_domain_config, OpenSearchDomain.to_dict

    def refuse_what_aws_refuses(domain, wanted):
        now = domain.encryption_at_rest_options
        if not wanted or wanted == now:
            return
        if now.get("Enabled") and not wanted.get("Enabled"):
            raise JsonRESTError("ValidationException", "Disabling encryption at rest is not supported.")
        if now.get("Enabled"):
            raise JsonRESTError("ValidationException", "Changing the KMS key of an encrypted domain is not supported.")

    def update_domain_config(self):
        domain = self.opensearch_backend.describe_domain(self._get_param("DomainName"))
        wanted = self._get_param("EncryptionAtRestOptions")
        refuse_what_aws_refuses(domain, wanted)
        if self._get_param("DryRun"):
            domain.dry_run = {"EncryptionAtRestOptions": wanted}
            return json.dumps({"DomainConfig": domain.to_config_dict(), "DryRunResults": {"DeploymentType": "Blue/Green", "Message": "This change will require a blue/green deployment."},
                               "DryRunProgressStatus": {"DryRunId": "11111111-2222-3333-4444-555555555555", "DryRunStatus": "pending"}})
        domain.pending = settings.pending
        return update(self)

    def describe_dry_run_progress(self):
        name = self.parsed_url.path.split("/")[-2]
        domain = self.opensearch_backend.describe_domain(name)
        asked = getattr(domain, "dry_run", None)
        if asked is None:
            raise JsonRESTError("ResourceNotFoundException", "No dry run was found for the domain.", code=409)
        return json.dumps({"DryRunProgressStatus": {"DryRunId": "11111111-2222-3333-4444-555555555555", "DryRunStatus": "completed", "ValidationFailures": []},
                           "DryRunConfig": {**to_dict(domain), **asked},
                           "DryRunResults": {"DeploymentType": "Blue/Green", "Message": "This change will require a blue/green deployment."}})

    # A change is under way for `pending` looks.
    def described(self):
        left = getattr(self, "pending", 0)
        self.pending = max(0, left - 1)
        return {**to_dict(self), "Processing": self.deleted or left > 0}

    urls.url_paths["{0}/2021-01-01/opensearch/domain/(?P<domainname>[^/]+)/dryRun"] = answers.dispatch
    answers.update_domain_config = update_domain_config
    answers.describe_dry_run_progress = describe_dry_run_progress
    OpenSearchDomain.to_dict = described
