"""A reward program of ten lines: right answers count, and short ones a little more.

    cohort train --set reward.name=right,brevity --set reward.weights=1,0.1 \
        --set reward.programs="python3 protocols/examples/brevity.py"
"""
import json
import sys

print('{"v": 1, "rewards": ["right", "brevity"]}')
for line in sys.stdin:
    item = json.loads(line)
    right = item["completion"].strip() == str(item["columns"].get("answer"))
    rewards = {"right": float(right), "brevity": 1 / (1 + item["tokens"]) if right else None}
    print(json.dumps({"id": item["id"], "rewards": rewards}))
