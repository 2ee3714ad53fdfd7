"""The loss curve as an SVG picture: training and held-out loss over the steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from sheetgpt.training.recipe import Report

_WIDTH, _HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 48, 56
_COLOURS = {"training": "#1f77b4", "held out": "#d95f02"}
_STYLE = "font-family: sans-serif; font-size: 13px; fill: #333"


def loss_curve(reports: Sequence[Report], best: Report, title: str) -> str:
    """The picture, for at least one report; a ring marks the weights that were kept."""
    lines = {
        "training": [(report.step, report.loss) for report in reports],
        "held out": [(report.step, report.held_out) for report in reports],
    }
    values = [loss for points in lines.values() for _, loss in points]
    across = _ticks(0, reports[-1].step)
    up = _ticks(min(values), max(values))
    x = _Scale(across[0], across[-1], _LEFT, _WIDTH - _RIGHT)
    y = _Scale(up[0], up[-1], _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" style="{_STYLE}">',
        f"<title>{escape(title)}</title>",
        f"<desc>Loss in nats per token after {reports[-1].step:,} steps: "
        f"{reports[-1].loss:.3f} in training, {reports[-1].held_out:.3f} held out.</desc>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" style="font-size: 15px">{escape(title)}</text>',
    ]
    for tick in up:
        parts += [
            f'<path d="M{_LEFT} {y(tick)}H{_WIDTH - _RIGHT}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>',
        ]
    for tick in across:
        parts.append(
            f'<text x="{x(tick)}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">'
            f"{tick:,g}</text>"
        )
    parts.append(
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 12}" text-anchor="middle">'
        "steps; loss in nats per token</text>"
    )
    for number, (name, points) in enumerate(lines.items()):
        colour = _COLOURS[name]
        path = " ".join(f"{x(step)},{y(loss)}" for step, loss in points)
        right = _WIDTH - _RIGHT - 110 * (len(lines) - number)
        parts += [
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<path d="M{right} 20h20" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{right + 26}" y="24">{name}</text>',
        ]
    parts.append(
        f'<circle cx="{x(best.step)}" cy="{y(best.held_out)}" r="5" fill="none" '
        f'stroke="{_COLOURS["held out"]}" stroke-width="2"><title>kept: step {best.step:,}'
        "</title></circle>"
    )
    return "\n".join([*parts, "</svg>", ""])


class _Scale:
    """From values to places on the picture."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self._low, self._start = low, start
        self._factor = (end - start) / (high - low)

    def __call__(self, value: float) -> float:
        return round(self._start + (value - self._low) * self._factor, 1)


def _ticks(low: float, high: float) -> list[float]:
    """Four to eleven round numbers that enclose both; 1, 2 or 5 times a power of ten apart."""
    span = max(high - low, 1e-3 * max(1.0, abs(high)))
    power = 10 ** math.floor(math.log10(span / 4))
    distance = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 8)
    first, last = math.floor(low / distance), math.ceil(high / distance)
    last = max(last, first + 1)
    return [round(number * distance, 10) for number in range(first, last + 1)]
