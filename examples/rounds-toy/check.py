#!/usr/bin/env python3
"""Draws the figures of rounds and fails unless the Fréchet distance falls from each to the next.

    check.py CHART.svg NAME=STATE...
"""

import html
import json
import pathlib
import sys

COLOURS = ["#1f77b4", "#d2691e", "#2e8b57", "#8a2be2"]
PANELS = [
    ("frechet", "Fréchet distance to the proxy data"),
    ("score_first", "mean score under the first head"),
    ("wins_first", "share of wins against round 0"),
    ("unfamiliar_first", "share unfamiliar to the first head"),
]
WIDTH, HEIGHT, LEFT, TOP = 230, 150, 50, 40


def figures(state):
    return [json.loads(path.read_text()) for path in sorted(pathlib.Path(state).glob("*/figures.json"))]


def panel(place, key, title, runs):
    left = LEFT + place * (WIDTH + LEFT + 20)
    values = [row[key] for rows in runs.values() for row in rows if row[key] is not None]
    top = max(values) if key == "frechet" else 1
    rounds = max(row["round"] for rows in runs.values() for row in rows)

    def at(row):
        x = left + WIDTH * row["round"] / rounds
        return f"{x:.1f},{TOP + HEIGHT * (1 - row[key] / top):.1f}"

    out = [f'<text x="{left}" y="{TOP - 14}" font-weight="bold">{title}</text>']
    for share in (0, 0.5, 1):
        y = TOP + HEIGHT * (1 - share)
        out.append(f'<line x1="{left}" x2="{left + WIDTH}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{share * top:.3g}</text>')
    for number in range(rounds + 1):
        x = left + WIDTH * number / rounds
        out.append(f'<text x="{x}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{number}</text>')
    for colour, rows in zip(COLOURS, runs.values()):
        points = [at(row) for row in rows if row[key] is not None]
        out.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for point in points:
            x, y = point.split(",")
            out.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
    return "\n".join(out)


def chart(runs):
    width = len(PANELS) * (WIDTH + LEFT + 20) + 20
    height = TOP + HEIGHT + 60
    parts = [panel(place, key, title, runs) for place, (key, title) in enumerate(PANELS)]
    for place, (name, colour) in enumerate(zip(runs, COLOURS)):
        x = LEFT + 90 * place
        parts.append(f'<circle cx="{x}" cy="{height - 18}" r="4" fill="{colour}"/>'
                     f'<text x="{x + 9}" y="{height - 14}">{html.escape(name)}</text>')
    parts.append(f'<text x="{width - 20}" y="{height - 14}" text-anchor="end">round</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="sans-serif" font-size="11">\n'
            f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    runs = {}
    for argument in sys.argv[2:]:
        name, _, state = argument.partition("=")
        runs[name] = figures(state)
    pathlib.Path(sys.argv[1]).write_text(chart(runs))
    failed = False
    for name, rows in runs.items():
        distances = [row["frechet"] for row in rows]
        falls = len(distances) > 1 and all(a > b for a, b in zip(distances, distances[1:]))
        failed |= not falls
        print(f"{name}: {' > '.join(f'{value:.1f}' for value in distances)}"
              if falls else f"{name}: the distance does not fall: {distances}")
    sys.exit(failed)


main()
