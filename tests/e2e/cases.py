"""Runs the cases of a driver one after the other, each with an emulator and a folder of its own, and tells how each ended."""

import os
import shutil
import tempfile
import time
import traceback

import running


def run(driver, cases, keep=False):
    """`cases` is a list of (name, function of emulator and folder, flags and options of the emulator). The exit code."""
    folder, failed = tempfile.mkdtemp(prefix=f"tfseal-{driver}-"), []
    for name, case, flags, options in cases:
        base, began = os.path.join(folder, name), time.monotonic()
        os.makedirs(base)
        try:
            with running.Emulator(*flags, log=os.path.join(base, "emulator.log"), **options) as aws:
                case(aws, base)
            word = "       OK "
        except running.Skip:
            raise
        except Exception:
            print(f"{driver} {name}:\n{traceback.format_exc()}", flush=True)
            failed.append(name)
            word = "  FAILED  "
        print(f"[{word}] {driver}.{name} ({int((time.monotonic() - began) * 1000)} ms)", flush=True)
    if failed or keep:
        print(f"{driver}: everything is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0
