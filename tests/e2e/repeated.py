"""What a run must never do: the same change twice."""

import json


def repeated_changes(calls):
    """Successful changes that make something, with the same parameters more than once: [(action, named, times)]."""
    counts = {}
    for call in calls:
        if call["changing"] and call["status"] == 200 and call["action"].startswith(("Create", "Restore", "Copy", "Delete", "Deregister", "Register", "Put")):
            if call["action"] in ("PutMetricData", "RegisterScalableTarget"):
                continue
            key = (call["action"], json.dumps(call["named"], sort_keys=True), call["digest"])
            counts[key] = counts.get(key, 0) + 1
    return [(action, named, times) for (action, named, _), times in counts.items() if times > 1]
