"""HTML reports in headless Chromium: on a phone, a tablet and a desk, light, dark and on paper. No complaint on the
console, no request, nothing wider than the screen.

reports_browser_test.py DIR [--screenshots DIR] also takes the pictures of docs/reports.md."""
import os
import pathlib
import subprocess
import sys
import tempfile

import browser
import judges

WIDTHS = (360, 768, 1280)


def pages(scratch):
    """A page of each kind, the hostile ones, and an action plan."""
    z360 = judges.ROOT / "fixtures" / "terraform-json" / "z360"
    plan = pathlib.Path(scratch) / "plan.html"
    subprocess.run([os.environ["TFSEAL_BIN"], "plan", str(z360 / "state-after-create.tfstate.json"), "--config",
                    str(z360 / "tfseal.yaml"), "--now", "2026-06-01T00:00:00Z", "--quiet", "--output", f"html={plan}"],
                   check=True, timeout=120)
    yield plan
    for entry, path in judges.reports():
        if entry["name"].startswith(("hostile-", "z360-04", "z360-state", "waived", "compliant-02")):
            yield path("html")


def look(tab, page, complaints):
    url = page.resolve().as_uri()
    for width in WIDTHS:
        for dark in (False, True):
            wrong = tab.open(url, width, dark=dark, mobile=width < 500)
            wide = tab.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                wrong.append(f"is {wide} wide")
            if tab.evaluate("document.scripts.length") != 0:
                wrong.append("has a script")
            # The style sheet is let in by its digest: without it the page has the browser's own colours.
            if tab.evaluate("getComputedStyle(document.body).backgroundColor") != \
                    ("rgb(16, 20, 27)" if dark else "rgb(246, 247, 249)"):
                wrong.append("is without its style")
            complaints += [f"{page.name} at {width}{' dark' if dark else ''}: {what}" for what in wrong]
    wrong = tab.open(url, 1000, paper=True)
    if tab.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)":
        wrong.append("prints a background")
    complaints += [f"{page.name} on paper: {what}" for what in wrong]


def take_pictures(tab, scratch, out):
    gate = pathlib.Path(scratch) / "gate.html"
    subprocess.run([os.environ["TFSEAL_BIN"], "gate", "04-encrypt-flip-staging.json", "--config", "tfseal.yaml", "--source",
                    "src", "--now", "2026-06-01T00:00:00Z", "--quiet", "--output", f"html={gate}"],
                   cwd=judges.ROOT / "fixtures" / "terraform-json" / "z360", timeout=120)
    plan = pathlib.Path(scratch) / "plan.html"
    out.mkdir(parents=True, exist_ok=True)
    for page, name, width, dark, height in ((gate, "report-360-dark", 360, True, 900), (gate, "report-1280", 1280, False, 1200),
                                            (plan, "plan-1280", 1280, False, 700)):
        tab.open(page.resolve().as_uri(), width, dark=dark, mobile=width < 500)
        tab.screenshot(out / f"{name}.png", height=height)
    tab.open(plan.resolve().as_uri(), 1280)
    top = tab.evaluate("[...document.querySelectorAll('h2')].find(h => h.textContent.startsWith('Wave'))"
                       ".getBoundingClientRect().top")
    tab.screenshot(out / "plan-graph.png", top=top, height=900)


def main():
    if not browser.program():
        judges.skip("no Chromium: apt-get install chromium")
    complaints, judged = [], 0
    tab = browser.Browser()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for page in pages(scratch):
                look(tab, page, complaints)
                judged += 1
            # Would it notice? A page that asks for a picture has to be caught.
            bad = pathlib.Path(scratch) / "bad.html"
            bad.write_text("<!DOCTYPE html><title>x</title><img src='http://127.0.0.1:9/x.png' alt=''>"
                           "<script>console.error('x')</script>")
            if len(tab.open(bad.as_uri(), 360)) < 2:
                complaints.append("a request and a complaint went unnoticed")
            if "--screenshots" in sys.argv:
                take_pictures(tab, scratch, pathlib.Path(sys.argv[sys.argv.index("--screenshots") + 1]))
    finally:
        tab.close()
    judges.end(complaints, judged)


if __name__ == "__main__":
    main()
