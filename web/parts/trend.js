// SPDX-License-Identifier: Apache-2.0
// What changes with time, kept by this page since it was opened: a gap stays a gap.
import {html, useEffect, useRef} from '../vendor/htm-preact.js';
import {clock} from './values.js';

const SAMPLES_MAX = 600;

// Points of one series of samples, a sample an answer: [{at: askedAtMs, …numbers}].
export function useSeries(answer, sample) {
    const series = useRef([]);
    const last = series.current[series.current.length - 1];
    if (answer.askedAtMs !== undefined && !answer.error && answer.askedAtMs !== last?.at)
        series.current = [...series.current.slice(1 - SAMPLES_MAX), {at: answer.askedAtMs, ...sample(answer)}];
    return series.current;
}

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options(lines, width, height) {
    const axis = {stroke: colour('--quiet'), grid: {stroke: colour('--line'), width: 1}, ticks: {show: false}, font: '11px system-ui'};
    return {
        width, height, legend: {show: false}, cursor: {show: false}, padding: [8, 8, 0, 0],
        scales: {x: {time: true}, y: {range: (plot, low, high) => [0, Math.max(high ?? 0, 1) * 1.05]}},
        axes: [{...axis, size: 24, space: 80, values: (plot, all) => all.map(each => clock(each * 1000))}, {...axis, size: 56}],
        series: [{}, ...lines.map((line, index) => ({stroke: colour(`--series-${index + 1}`), width: 1.5, dash: index % 2 ? [6, 3] : undefined, points: {show: false}}))],
    };
}

// lines: [{name, key}] of the samples of useSeries. What it shows is told by `label`, for who does not see it.
export function Trend({series, lines, label, height = 140}) {
    const place = useRef(null), plot = useRef(null), shown = useRef(null);
    const data = [series.map(each => each.at / 1000), ...lines.map(line => series.map(each => each[line.key] ?? null))];
    shown.current = data; // of the latest samples, whenever it is drawn anew
    useEffect(() => {
        const draw = () => {
            plot.current?.destroy();
            plot.current = new uPlot(options(lines, place.current.clientWidth, height), shown.current, place.current);
        };
        const observer = new ResizeObserver(draw);
        observer.observe(place.current);
        const dark = new MutationObserver(draw);
        dark.observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme']});
        return () => (observer.disconnect(), dark.disconnect(), plot.current?.destroy());
    }, [lines.map(line => line.key).join()]);
    useEffect(() => plot.current?.setData(data), [series]);
    return html`<figure class="trend"><figcaption>${label}<span class="legend">${lines.map((line, index) => html`<span class=${`series-${index + 1}`}>${line.name}</span>`)}</span></figcaption>
        <div ref=${place} role="img" aria-label=${label}></div></figure>`;
}
