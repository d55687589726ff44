// SPDX-License-Identifier: Apache-2.0
// A year's days as authorities published them: those that do not follow the week, the rest by the week.
import {html} from '../vendor/htm-preact.js';
import {number} from './books.js';
import {wordsOf} from './words.js';

const say = wordsOf('policies');
const WEEK = [1, 2, 3, 4, 5, 6, 0]; // from Monday on

// What a day is: 'off' (published), 'made' (work is made up), 'weekend', 'work'.
export function kindOf(exceptions, date, weekday) {
    const row = exceptions.get(date);
    return row ? (row.workday ? 'made' : 'off') : weekday === 0 || weekday === 6 ? 'weekend' : 'work';
}

function weeksOf(year, month) {
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate(), first = WEEK.indexOf(new Date(Date.UTC(year, month - 1, 1)).getUTCDay());
    const cells = [...Array(first).fill(null), ...Array.from({length: days}, (_, at) => at + 1)];
    while (cells.length % 7)
        cells.push(null);
    return Array.from({length: cells.length / 7}, (_, at) => cells.slice(at * 7, at * 7 + 7));
}

function Month({year, month, exceptions}) {
    const cell = (day, at) => {
        if (day === null)
            return html`<td></td>`;
        const date = year * 10000 + month * 100 + day, kind = kindOf(exceptions, date, WEEK[at]), name = exceptions.get(date)?.name;
        return html`<td class=${`day ${kind}`} title=${name ? `${name}: ${say(`day_${kind}`)}` : undefined}>${day}${kind === 'off' || kind === 'made' ? html`<sup>${say(`mark_${kind}`)}</sup>` : ''}</td>`;
    };
    return html`<table class="month"><caption>${year}-${String(month).padStart(2, '0')}</caption><thead><tr>${WEEK.map(each => html`<th scope="col">${say(`weekday_${each}`)}</th>`)}</tr></thead>
        <tbody>${weeksOf(year, month).map(week => html`<tr>${week.map(cell)}</tr>`)}</tbody></table>`;
}

export function workdaysOf(year, rows) {
    const exceptions = new Map(rows.map(row => [number(row.date), row]));
    let count = 0;
    for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += 86400000) {
        const at = new Date(day), date = at.getUTCFullYear() * 10000 + (at.getUTCMonth() + 1) * 100 + at.getUTCDate();
        count += ['work', 'made'].includes(kindOf(exceptions, date, at.getUTCDay()));
    }
    return count;
}

export function Year({year, rows}) {
    const exceptions = new Map(rows.map(row => [number(row.date), row]));
    return html`<div class="year">${Array.from({length: 12}, (_, at) => html`<${Month} key=${at} year=${year} month=${at + 1} exceptions=${exceptions}/>`)}</div>`;
}
