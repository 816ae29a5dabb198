"""Line charts as SVG, readable on light and on dark pages."""

import math
from xml.sax.saxutils import escape

STYLE = """
    .card { fill: #ffffff; stroke: #d0d7de }
    text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
    .title { font-size: 15px; font-weight: 600 }
    .note { font-size: 12px; fill: #57606a }
    .grid { stroke: #d0d7de; stroke-width: 1 }
    .ours { stroke: #0969da; fill: none; stroke-width: 2.5 }
    .ours-mark, .ours-text { fill: #0969da }
    .theirs { stroke: #bc4c00; fill: none; stroke-width: 2.5; stroke-dasharray: 6 4 }
    .theirs-mark, .theirs-text { fill: #bc4c00 }
    .ours-text, .theirs-text { font-weight: 600 }
    @media (prefers-color-scheme: dark) {
      .card { fill: #161b22; stroke: #3d444d }
      text { fill: #e6edf3 }
      .note { fill: #9da7b3 }
      .grid { stroke: #3d444d }
      .ours { stroke: #58a6ff }
      .ours-mark, .ours-text { fill: #58a6ff }
      .theirs { stroke: #f0883e }
      .theirs-mark, .theirs-text { fill: #f0883e }
    }"""

LEFT, TOP, WIDTH, HEIGHT, GAP = 58, 100, 210, 200, 62


def short(number):
    """A number as people read it on an axis."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{letter}"
    return f"{number:.3g}"


def scale(values, log):
    """The lower and upper end of an axis for these values, and where its lines are."""
    if log:
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return low, high, [10**power for power in range(low, high + 1)]
    step = 10 ** math.floor(math.log10(max(values)))
    step = next(step * part for part in (0.2, 0.25, 0.5, 1, 2) if max(values) / (step * part) <= 5)
    count = math.ceil(max(values) / step)
    return 0, count * step, [step * line for line in range(count + 1)]


def panel(left, name, below, ticks, ours, theirs, log):
    """One chart: the two lines over the same ticks."""
    low, high, lines = scale([*ours, *theirs], log)

    def x(index):
        return left + WIDTH * index / (len(ticks) - 1)

    def y(value):
        value = math.log10(value) if log else value
        return TOP + HEIGHT * (1 - (value - low) / (high - low))

    yield f'<text class="title" x="{left}" y="{TOP - 14}">{escape(name)}</text>'
    for value in lines:
        yield f'<path class="grid" d="M{left} {y(value):.1f}h{WIDTH}"/>'
        yield f'<text class="note" x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{short(value)}</text>'
    for index, tick in enumerate(ticks):
        yield f'<text class="note" x="{x(index):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{tick}</text>'
    yield f'<text class="note" x="{left + WIDTH / 2}" y="{TOP + HEIGHT + 36}" text-anchor="middle">{escape(below)}</text>'
    for style, values in (("theirs", theirs), ("ours", ours)):
        points = [f"{x(index):.1f},{y(value):.1f}" for index, value in enumerate(values)]
        yield f'<polyline class="{style}" points="{" ".join(points)}"/>'
        for point in points:
            across, down = point.split(",")
            yield f'<circle class="{style}-mark" cx="{across}" cy="{down}" r="3.5"/>'


def chart(title, described, panels, below, log=False):
    """An SVG with a panel for each (name, ticks, ours, theirs)."""
    width = LEFT + len(panels) * WIDTH + (len(panels) - 1) * GAP + 24
    height = TOP + HEIGHT + 52
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'aria-labelledby="title desc">',
        f'  <title id="title">{escape(title)}</title>',
        f'  <desc id="desc">{escape(described)}</desc>',
        f"  <style>{STYLE}\n  </style>",
        f'<rect class="card" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"/>',
        f'<text class="title" x="18" y="28">{escape(title)}</text>',
        '<path class="ours" d="M18 46h26"/><text class="ours-text" x="50" y="50">soapstone</text>',
        '<path class="theirs" d="M136 46h26"/><text class="theirs-text" x="168" y="50">gSOAP</text>',
    ]
    for index, (name, ticks, ours, theirs) in enumerate(panels):
        parts += panel(LEFT + index * (WIDTH + GAP), name, below, ticks, ours, theirs, log)
    return "\n".join([*parts, "</svg>"]) + "\n"
