// SPDX-License-Identifier: Apache-2.0
// A list. It sorts what is on the page; pages are the exchange's (usePages). Rows that lead somewhere are walked by arrow keys and opened by Enter.
import {html, useRef, useState} from '../vendor/htm-preact.js';
import {wordsOf} from './words.js';

const say = wordsOf('shell');

function compared(a, b) {
    const left = Number(a), right = Number(b);
    if (a === undefined || a === null || b === undefined || b === null)
        return (a === undefined || a === null) - (b === undefined || b === null); // what is not known stands last
    return Number.isNaN(left) || Number.isNaN(right) ? String(a).localeCompare(String(b)) : left - right;
}

function sorted(rows, column, falling) {
    if (!column)
        return rows;
    const value = row => column.value ? column.value(row) : row[column.key];
    return [...rows].sort((a, b) => falling ? compared(value(b), value(a)) : compared(value(a), value(b)));
}

function Head({column, sort, onSort}) {
    const at = sort.key === column.key;
    const order = at ? (sort.falling ? 'descending' : 'ascending') : undefined;
    const title = html`${column.title}${column.unit && html`<span class="unit"> ${column.unit}</span>`}`;
    if (!column.title)
        return html`<td></td>`;
    return html`<th scope="col" class=${column.align ?? ''} aria-sort=${order}>${column.sortable === false ? title
        : html`<button type="button" onClick=${() => onSort({key: column.key, falling: at ? !sort.falling : false})}>${title}<span class="arrow" aria-hidden="true">${at ? (sort.falling ? '▾' : '▴') : ''}</span></button>`}</th>`;
}

function Pages({pages, count, of}) {
    return html`<nav class="pages" aria-label=${`${say('pages')}: ${of}`}>
        <button type="button" disabled=${!pages.back} onClick=${pages.back}>${say('page_back')}</button>
        <span>${say('page_number', {number: pages.number, count})}</span>
        <button type="button" disabled=${!pages.on} onClick=${pages.on}>${say('page_on')}</button></nav>`;
}

function onKey(event, open, row) {
    const move = {ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling'}[event.key];
    if (move) {
        event.currentTarget[move]?.focus();
        event.preventDefault();
    } else if (event.key === 'Enter' && event.target === event.currentTarget)
        open(row);
}

// columns: [{key, title, unit, align: 'right', render(row), value(row) to sort by, sortable: false}]. `onOpen(row)`: where a row leads.
// `rowKey(row)` and `rowKind(row)` (good, warn, bad, unknown: a mark at its left). `total`: a last row, by column key.
export function Table({caption, columns, rows, pages, onOpen, rowKey, rowKind, empty, total, sortBy}) {
    const [sort, setSort] = useState(sortBy ?? {key: null, falling: false});
    const body = useRef(null);
    const shown = sorted(rows, columns.find(each => each.key === sort.key), sort.falling);
    if (rows.length === 0 && !(pages?.back))
        return html`<p class="nothing">${empty ?? say('empty')}</p>`;
    const cell = (column, row) => html`<td class=${column.align ?? ''}>${column.render ? column.render(row) : row[column.key]}</td>`;
    return html`<div class="table" tabindex="0" role="group" aria-label=${caption}>
        <table><caption class="hidden">${caption}</caption>
        <thead><tr>${columns.map(column => html`<${Head} key=${column.key} column=${column} sort=${sort} onSort=${setSort}/>`)}</tr></thead>
        <tbody ref=${body}>${shown.map((row, index) => html`<tr key=${rowKey ? rowKey(row) : index} class=${`${rowKind?.(row) ?? ''}${onOpen ? ' opens' : ''}`}
            tabindex=${onOpen ? 0 : undefined} onClick=${onOpen && (event => event.target.closest('a,button') || onOpen(row))}
            onKeyDown=${onOpen && (event => onKey(event, onOpen, row))}>${columns.map(column => cell(column, row))}</tr>`)}</tbody>
        ${total && html`<tfoot><tr>${columns.map(column => html`<td class=${column.align ?? ''}>${total[column.key]}</td>`)}</tr></tfoot>`}
        </table></div>${pages && html`<${Pages} pages=${pages} count=${rows.length} of=${caption}/>`}`;
}
