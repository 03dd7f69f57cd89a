"""GitLab's Code Quality schema under ajv, on every item of every report."""
import sys

import judges

if __name__ == "__main__":
    sys.exit(judges.node("schemas.mjs", judges.schema("codeclimate.json"), "items", *judges.paths("codequality.json")))
