"""A table of what came of each test, from the suite's reports: the first column from the first report, and so on."""

import json
import sys


def main(*reports):
    runs = [json.load(open(report))["tests"] for report in reports]
    names = sorted(set().union(*runs))
    print("| test |" + " |" * len(runs))
    print("|---|" + "---|" * len(runs))
    totals = [{} for _ in runs]
    for name in names:
        states = []
        for run, total in zip(runs, totals):
            state = run.get(name, {}).get("state", "not run").lower()
            total[state] = total.get(state, 0) + 1
            states.append(f"**{state}**" if state == "failed" else state)
        print(f"| {name} | " + " | ".join(states) + " |")
    print(totals, file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
