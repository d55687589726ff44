// SPDX-License-Identifier: Apache-2.0
// How a value is written: times in Asia/Shanghai with the zone, fen as yuan, what is not known as such.
import {html} from '../vendor/htm-preact.js';
import {wordsOf} from './words.js';
import {link} from './route.js';

const say = wordsOf('shell');
const SHANGHAI_MS = 8 * 3600 * 1000; // no summer time since 1991: earlier instants do not occur
export const ZONE = '+08:00';

const shanghai = ms => new Date(Number(ms) + SHANGHAI_MS).toISOString();
export const clock = ms => ms ? shanghai(ms).slice(11, 19) : '--:--:--';

export const dayOf = ms => shanghai(ms).slice(0, 10);

export const Unknown = () => html`<span class="unknown">${say('unknown')}</span>`;

// `form`: 'full' (day and time), 'clock' (time of day); `ms` 0 or none: not known.
export function Time({ms, form = 'full'}) {
    if (!ms || Number(ms) === 0)
        return html`<${Unknown}/>`;
    const text = shanghai(ms);
    return html`<time datetime=${text.slice(0, 19) + ZONE} title=${`${text.slice(0, 10)} ${text.slice(11, 23)} ${ZONE} Asia/Shanghai`}>${
        form === 'clock' ? text.slice(11, 19) : `${text.slice(0, 10)} ${text.slice(11, 19)}`}<span class="zone"> ${ZONE}</span></time>`;
}

// 20250110 or "20250110" → 2025-01-10.
export function Day({day}) {
    const text = String(day ?? '');
    return text.length !== 8 ? html`<${Unknown}/>` : html`<time datetime=${text.replace(/(....)(..)(..)/, '$1-$2-$3')}>${text.replace(/(....)(..)(..)/, '$1-$2-$3')}</time>`;
}

// Fen, as a number or as text (int64 in JSON) → yuan with two places.
export function yuan(fen) {
    const text = BigInt(fen).toString(), negative = text.startsWith('-'), digits = text.replace('-', '').padStart(3, '0');
    return (negative ? '−' : '') + digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',') + '.' + digits.slice(-2);
}

export const Money = ({fen}) => fen === undefined || fen === null ? html`<${Unknown}/>`
    : html`<span class=${`money${BigInt(fen) < 0n ? ' negative' : ''}`} title=${say('yuan')}>${yuan(fen)}</span>`;

export const grouped = count => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

// Of whole numbers; a text of an int64 too.
export const Count = ({of}) => of === undefined || of === null || Number.isNaN(of) ? html`<${Unknown}/>` : html`<span class="count">${grouped(of)}</span>`;

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
export function bytesText(bytes) {
    let value = Number(bytes), unit = 0;
    for (; value >= 1024 && unit < UNITS.length - 1; unit++)
        value /= 1024;
    return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
export const Bytes = ({of}) => of === undefined || of === null ? html`<${Unknown}/>` : html`<span class="count">${bytesText(of)}</span>`;

export function durationText(ms) {
    const seconds = Number(ms) / 1000;
    if (seconds > 0 && seconds < 10)
        return say('duration_s', {s: seconds.toFixed(1)});
    if (seconds < 60)
        return say('duration_s', {s: Math.round(seconds)});
    const s = Math.round(seconds), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
    if (s < 3600)
        return say('duration_ms', {m, s: s % 60});
    return s < 86400 ? say('duration_hm', {h, m}) : say('duration_dh', {d: Math.floor(s / 86400), h});
}
export const Duration = ({ms}) => ms === undefined || ms === null ? html`<${Unknown}/>` : html`<span class="count">${durationText(ms)}</span>`;

// A position of the log, leading to its message.
export const Position = ({at}) => at === undefined || at === null || at === '' ? html`<${Unknown}/>`
    : html`<a class="position" href=${link('message', [at])}>${at}</a>`;

// kind: good, warn, bad, unknown, plain; a sign beside the colour, for who does not see it.
const SIGNS = {good: '●', warn: '▲', bad: '■', unknown: '○', plain: '·'};
export const State = ({kind = 'unknown', children}) => html`<span class=${`state ${kind}`}><span aria-hidden="true">${SIGNS[kind]}</span> ${children ?? say('unknown')}</span>`;
