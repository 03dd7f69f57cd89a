"""botocore's model of Security Hub on every ASFF report, in batches of a hundred."""
import json
import sys

import judges


def main():
    try:
        import botocore.session
        import botocore.validate
    except ImportError:
        judges.skip("no botocore: apt-get install python3-botocore")
    shape = botocore.session.Session().get_service_model("securityhub").operation_model("BatchImportFindings").input_shape
    validator = botocore.validate.ParamValidator()
    complaints, judged = [], 0
    for path in judges.paths("asff.json"):
        findings = json.loads(path.read_text())
        for start in range(0, len(findings), 100):
            batch = findings[start:start + 100]
            report = validator.validate({"Findings": batch}, shape)
            if report.has_errors():
                complaints.append(f"{path.name}: {report.generate_report()[:500]}")
            judged += len(batch)
        # Limits that the model does not have.
        for finding in findings:
            text = finding.get("Remediation", {}).get("Recommendation", {}).get("Text", "")
            if len(finding["Title"]) > 256 or len(finding["Description"]) > 1024 or len(text) > 512 or \
                    len(finding["Id"]) > 512 or len(finding["Resources"][0]["Id"]) > 512 or len(finding["ProductFields"]) > 50:
                complaints.append(f"{path.name}: {finding['Id']} is too long")
        if len({finding["Id"] for finding in findings}) != len(findings):
            complaints.append(f"{path.name}: two findings have one Id")
    if not validator.validate({"Findings": [{"SchemaVersion": "2018-10-08"}]}, shape).has_errors():
        complaints.append("the validator takes everything")
    judges.end(complaints, judged)


if __name__ == "__main__":
    sys.exit(main())
