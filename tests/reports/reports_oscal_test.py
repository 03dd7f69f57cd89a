"""The OSCAL 1.2.0 schema of assessment results under ajv, on every OSCAL report."""
import sys

import judges

if __name__ == "__main__":
    sys.exit(judges.node("schemas.mjs", judges.schema("oscal_assessment-results_schema.json"), "whole",
                         *judges.paths("oscal.json")))
