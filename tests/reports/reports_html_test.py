"""html-validate on every HTML report."""
import sys

import judges

if __name__ == "__main__":
    sys.exit(judges.node("page.mjs", *judges.paths("html")))
