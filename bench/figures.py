# SPDX-License-Identifier: Apache-2.0
"""What scripts/bench makes of what it measured: medians, ratios, tables, the picture of the growth. Pure: no file, no clock."""
import re
import statistics


def spread(values):
    """Smallest, median, largest."""
    return min(values), statistics.median(values), max(values)


def mean(values):
    """None where one of them was not measured."""
    return None if None in values else sum(values) / len(values)


def ratios(ours, theirs):
    """Turn by turn: what was measured next to each other is compared."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def quantity(value):
    """Three figures and a thin line: 18,900; 4.31; 0.0120."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return "{:,}".format(value)
    for limit, form in ((100, "{:,.0f}"), (10, "{:.1f}"), (1, "{:.2f}")):
        if abs(value) >= limit:
            return form.format(value)
    return "{:.3g}".format(value)


def told(values):
    """median (min–max), or the one value there is."""
    values = [each for each in values if each is not None]
    if not values:
        return "–"
    low, middle, high = spread(values)
    return quantity(middle) if len(values) == 1 else "%s (%s–%s)" % (quantity(middle), quantity(low), quantity(high))


def table(head, rows):
    """Of Markdown; the first column is text, the others are figures."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| %s |" % " | ".join(str(each) for each in line) for line in lines) + "\n"


def sectors_written(diskstats, major, minor):
    """Of a line of /proc/diskstats: major minor name, then reads (4), then writes: completed, merged, sectors of 512 bytes. None where the
    device is not listed, as a tmpfs is not."""
    for line in diskstats.splitlines():
        words = line.split()
        if words[:2] == [str(major), str(minor)]:
            return int(words[9])
    return None


def busy_ticks(stat):
    """Of /proc/stat: what all processors did for anybody so far, what was stolen from this machine included; and all ticks."""
    user, nice, system, idle, wait, irq, soft, steal = map(int, stat.split("\n", 1)[0].split()[1:9])
    busy = user + nice + system + irq + soft + steal
    return busy, busy + idle + wait


def mounted_device(mountinfo, path):
    """The source of the mount that holds a path: of what has no device of its own (btrfs, overlay). The longest mount point wins."""
    best = ("", None)
    for line in mountinfo.splitlines():
        words = line.split()
        point, source = words[4], words[words.index("-") + 2]
        if (path + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best[0]):
            best = (point, source)
    return best[1]


def positions(of, but=None):
    """Of all the cores that a process runs, but for one."""
    return [value for name, value in of.items() if re.match(r"hutong_position\b", name) and 'core="%s"' % but not in name]


def replaced_block(page, name, text):
    """The page with what stands between its two marks of that name replaced."""
    begin, end = "<!-- scripts/bench: %s -->\n" % name, "<!-- end of scripts/bench: %s -->" % name
    if begin not in page or end not in page:
        return page + ("\n" if page else "") + begin + text + end + "\n"
    return page[:page.index(begin) + len(begin)] + text + page[page.index(end):]


# ---- the picture ----

STYLE = """<style>
text { font: 12px sans-serif; fill: #333 }
.title { font-weight: bold }
.axis { stroke: #888; stroke-width: 1 }
.grid { stroke: #888; stroke-width: 0.5; opacity: 0.35 }
.line { fill: none; stroke: #0a6fb8; stroke-width: 2 }
.dot { fill: #0a6fb8 }
.level { stroke: #c2571a; stroke-width: 1.5; stroke-dasharray: 6 4 }
.said { fill: #c2571a }
@media (prefers-color-scheme: dark) {
text { fill: #ddd }
.line { stroke: #5cb3f0 }
.dot { fill: #5cb3f0 }
.level { stroke: #f0955c }
.said { fill: #f0955c }
}
</style>"""
WIDTH, LEFT, RIGHT, PANEL, GAP, TOP = 720, 76, 24, 150, 44, 24


def step_of(largest):
    """Of an axis: 1, 2 or 5 times a power of ten, at most five of them up to the largest."""
    power = 10.0 ** -3
    while True:
        for times in (1, 2, 5):
            if largest <= 5 * times * power:
                return times * power
        power *= 10


def panel(top, title, xs, ys, level):
    """One curve over its own axis from zero. `level`: (value, words) of a line to compare with, or None."""
    step = step_of(max([*ys, level[0] if level else 0, 1e-3]))
    high, right = step, max(xs)
    while high < max([*ys, level[0] if level else 0]):
        high += step
    across = lambda x: LEFT + (WIDTH - LEFT - RIGHT) * x / right
    down = lambda y: top + PANEL - PANEL * y / high
    out = ['<text class="title" x="%d" y="%d">%s</text>' % (LEFT, top - 8, title)]
    for i in range(round(high / step) + 1):
        out.append('<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>' % (LEFT, down(i * step), WIDTH - RIGHT, down(i * step)))
        out.append('<text x="%d" y="%.1f" text-anchor="end">%s</text>' % (LEFT - 8, down(i * step) + 4, "{:,.10g}".format(i * step)))
    if level:
        out.append('<line class="level" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>' % (LEFT, down(level[0]), WIDTH - RIGHT, down(level[0])))
        out.append('<text class="said" x="%d" y="%.1f" text-anchor="end">%s</text>' % (WIDTH - RIGHT - 4, down(level[0]) - 5, level[1]))
    out.append('<polyline class="line" points="%s"/>' % " ".join("%.1f,%.1f" % (across(x), down(y)) for x, y in zip(xs, ys)))
    out += ['<circle class="dot" cx="%.1f" cy="%.1f" r="3"/>' % (across(x), down(y)) for x, y in zip(xs, ys)]
    out.append('<line class="axis" x1="%d" y1="%d" x2="%d" y2="%d"/>' % (LEFT, top + PANEL, WIDTH - RIGHT, top + PANEL))
    return out


def growth_picture(millions, curves):
    """SVG: one panel a curve (title with its unit, values by step, line to compare with or None), over millions of bills settled before."""
    height = TOP + len(curves) * (PANEL + GAP) + 20
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">' % (WIDTH, height, WIDTH, height), STYLE]
    for i, (title, values, level) in enumerate(curves):
        out += panel(TOP + 10 + i * (PANEL + GAP), title, millions, values, level)
    bottom = TOP + 10 + (len(curves) - 1) * (PANEL + GAP) + PANEL
    step, x = step_of(max(millions)), 0
    while x <= max(millions) * 1.0001:
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (LEFT + (WIDTH - LEFT - RIGHT) * x / max(millions), bottom + 18, "%g" % x))
        x = round(x + step, 6)
    out.append('<text x="%d" y="%d" text-anchor="middle">bills settled, millions</text>' % ((LEFT + WIDTH - RIGHT) / 2, bottom + 38))
    return "\n".join([*out, "</svg>"]) + "\n"
