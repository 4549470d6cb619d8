"""The reliability curve: of the tickets judged with about this confidence, how many were right? As rows and as a drawing."""

from collections.abc import Sequence
from itertools import pairwise

Judgement = tuple[float, bool]  # confidence, right
EDGES = (0.5, 0.65, 0.75, 0.85, 0.9, 0.95, 1.0001)
LOWEST = 0.4  # of the drawing: a small band can fall below a coin's toss by chance

WIDTH, HEIGHT, MARGIN = 460, 360, 50


def rows(judged: Sequence[Judgement]) -> list[tuple[str, ...]]:
    """One row a band of confidence, the mean gap below."""
    lines: list[tuple[str, ...]] = [("band", "tickets", "mean confidence", "right")]
    gap = 0.0
    for low, high, band in bands(judged):
        mean, right = means(band)
        gap += len(band) * abs(mean - right)
        lines.append((f"{low:.2f} to {min(high, 1):.2f}", str(len(band)), f"{mean:.3f}", f"{right:.3f}"))
    lines.append(("mean gap", str(len(judged)), "", f"{gap / len(judged):.3f}"))
    return lines


def bands(judged: Sequence[Judgement]) -> list[tuple[float, float, list[Judgement]]]:
    parted = [(low, high, [one for one in judged if low <= one[0] < high]) for low, high in pairwise(EDGES)]
    return [part for part in parted if part[2]]


def means(band: Sequence[Judgement]) -> tuple[float, float]:
    return sum(c for c, _ in band) / len(band), sum(r for _, r in band) / len(band)


def drawing(judged: Sequence[Judgement]) -> str:
    """An SVG: the diagonal is a perfect curve; a dot's area grows with the number of tickets in its band."""
    dots = [(*means(band), len(band)) for _, _, band in bands(judged)]
    line = " ".join(f"{x(mean):.1f},{y(right):.1f}" for mean, right, _ in dots)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t">',
        '<g font-family="sans-serif" font-size="12">',
        '<title id="t">Reliability: confidence against the share of right answers</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *[across(tick / 10) for tick in range(5, 11)],
        *[up(tick / 10) for tick in range(4, 11)],
        f'<path d="M{x(0.5)} {y(0.5)}L{x(1.0)} {y(1.0)}" stroke="#666" stroke-dasharray="5 4" fill="none"/>',
        f'<polyline points="{line}" fill="none" stroke="#0b5394" stroke-width="2"/>',
        *[
            f'<circle cx="{x(mean):.1f}" cy="{y(right):.1f}" r="{2 + (number / len(judged)) ** 0.5 * 9:.1f}"'
            f' fill="#0b5394"><title>{number} tickets, confidence {mean:.2f}, right {right:.2f}</title></circle>'
            for mean, right, number in dots
        ],
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">confidence</text>',
        f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">right</text>',
        "</g></svg>",
    ]
    return "\n".join(parts) + "\n"


def across(value: float) -> str:
    line = f'<path d="M{x(value)} {y(LOWEST)}V{y(1.0)}" stroke="#ddd"/>'
    return line + f'<text x="{x(value)}" y="{y(LOWEST) + 18}" text-anchor="middle">{value:.1f}</text>'


def up(value: float) -> str:
    line = f'<path d="M{x(0.5)} {y(value)}H{x(1.0)}" stroke="#ddd"/>'
    return line + f'<text x="{x(0.5) - 8}" y="{y(value) + 4}" text-anchor="end">{value:.1f}</text>'


def x(confidence: float) -> float:
    return round(MARGIN + (confidence - 0.5) * 2 * (WIDTH - 2 * MARGIN), 1)


def y(right: float) -> float:
    return round(HEIGHT - MARGIN - (right - LOWEST) / (1 - LOWEST) * (HEIGHT - 2 * MARGIN), 1)
