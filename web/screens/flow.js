// SPDX-License-Identifier: Apache-2.0
// What went between the three regions on a day? A cell leads to its list, a row to its message.
import {Count, Day, Facts, Money, Notice, Panel, Position, State, Table, Time, Unknown, go, html, link, usePages, useQuestion, useState, wordsOf} from '../parts/index.js';

const say = wordsOf('flow');
const REGIONS = ['110000', '120000', '130000'];
const KINDS = ['bills', 'refused', 'letters'];
const ZERO = {settled: 0, reversed: 0, refused: 0, letters: 0, lettersRefused: 0, totalFen: 0, fundFen: 0, sentFen: 0};
const regionName = code => code ? say(`region_${code}`) : say('unstated');

const sum = cells => cells.reduce((all, cell) => Object.fromEntries(Object.keys(ZERO).map(key => [key, all[key] + Number(cell[key] ?? 0)])), ZERO);

function Numbers({cell, to}) {
    const into = (kind, words, count) => to && count > 0 ? html`<a href=${to(kind)}>${words} <${Count} of=${count}/></a>` : html`<span class=${count > 0 ? '' : 'none'}>${words} <${Count} of=${count}/></span>`;
    const refused = cell.refused + cell.lettersRefused;
    return html`<ul class="cell"><li>${into('bills', say('bills'), cell.settled)}${cell.reversed > 0 && html` <span class="quiet">${say('reversed', {count: cell.reversed})}</span>`}</li>
        <li><span class="quiet">${say('fund')}</span> <${Money} fen=${cell.fundFen}/></li>
        <li>${into('letters', say('letters'), cell.letters)}${cell.sentFen > 0 && html` <span class="quiet">${say('sent')}</span> <${Money} fen=${cell.sentFen}/>`}</li>
        <li class=${refused > 0 ? 'refusals' : ''}>${into('refused', say('refusals'), refused)}</li></ul>`;
}

function Matrix({day, cells}) {
    const cell = (from, to) => ({...ZERO, ...cells.find(each => each.from === from && each.to === to)});
    const columns = cells.some(each => !each.to) ? [...REGIONS, ''] : REGIONS;
    const to = (from, insured) => kind => link('flow', [], {day, care: from, insured, kind});
    return html`<div class="table" tabindex="0" role="group" aria-label=${say('matrix')}><table class="matrix"><caption class="hidden">${say('matrix')}</caption>
        <thead><tr><th scope="col">${say('from_to')}</th>${columns.map(each => html`<th scope="col">${regionName(each)}</th>`)}<th scope="col">${say('all')}</th></tr></thead>
        <tbody>${REGIONS.map(from => html`<tr><th scope="row">${regionName(from)}</th>${columns.map(insured => html`<td><${Numbers} cell=${cell(from, insured)} to=${insured && to(from, insured)}/></td>`)}
            <td><${Numbers} cell=${sum(cells.filter(each => each.from === from))} to=${to(from, undefined)}/></td></tr>`)}</tbody>
        <tfoot><tr><th scope="row">${say('all')}</th>${columns.map(insured => html`<td><${Numbers} cell=${sum(cells.filter(each => each.to === insured))} to=${insured && to(undefined, insured)}/></td>`)}
            <td><${Numbers} cell=${sum(cells)} to=${to(undefined, undefined)}/></td></tr></tfoot></table></div>`;
}

const columns = () => [
    {key: 'position', title: say('position'), align: 'right', sortable: false, render: row => html`<${Position} at=${row.position}/>`},
    {key: 'acceptedAt', title: say('at'), sortable: false, render: row => html`<${Time} ms=${Date.parse(row.acceptedAt)}/>`},
    {key: 'pair', title: say('pair'), sortable: false, render: row => `${regionName(row.from)} → ${regionName(row.to)}`},
    {key: 'event', title: say('event'), sortable: false, render: row => say(`event_${row.event}`)},
    {key: 'outcome', title: say('outcome'), sortable: false, render: row => html`<${State} kind=${row.outcome === 'refused' ? 'bad' : 'good'}>${say(`outcome_${row.outcome}`)}${row.rule ? ` ${row.rule.code}` : ''}<//>`},
    {key: 'amountFen', title: say('amount'), align: 'right', sortable: false, render: row => html`<${Money} fen=${row.amountFen}/>`},
    {key: 'number', title: say('number'), sortable: false, render: row => row.number ? html`<span class="mono">${row.number}</span>` : row.settlement ? html`${say('of_settlement')} <${Position} at=${row.settlement}/>` : html`<${Unknown}/>`},
    {key: 'institution', title: say('institution'), sortable: false, render: row => row.institution ?? ''},
    {key: 'person', title: say('person'), sortable: false, render: row => html`<span class="mono">${row.person ?? ''}</span>`},
];

function List({query}) {
    const {day, care, insured} = query, kind = KINDS.includes(query.kind) ? query.kind : 'bills';
    const answer = usePages('flow-list', {day, care, insured, kind}, {limit: 50, everyMs: 10000, next: last => Number(last.position)});
    const title = say('list_title', {kind: say(`kind_${kind}`), from: care ? regionName(care) : say('all'), to: insured ? regionName(insured) : say('all')});
    return html`<${Panel} title=${title} answer=${answer} wide=${true} actions=${html`<a class="no-print" href=${link('flow', [], {day})}>${say('back')}</a>`}>
        <nav class="row" aria-label=${say('kind')}>${KINDS.map(each => html`<a href=${link('flow', [], {day, care, insured, kind: each})} aria-current=${each === kind ? 'page' : undefined}>${say(`kind_${each}`)}</a>`)}</nav>
        <${Table} caption=${title} columns=${columns()} rows=${answer.rows} pages=${answer.pages} rowKey=${row => row.position} onOpen=${row => go('message', [row.position])} empty=${say('none')}/><//>`;
}

function DayChoice({day}) {
    const choose = event => event.currentTarget.value && go('flow', [], {day: event.currentTarget.value.replaceAll('-', '')});
    return html`<span class="row no-print"><label>${say('day')}<input type="date" value=${String(day).replace(/(....)(..)(..)/, '$1-$2-$3')} onChange=${choose}/></label>
        <a href=${link('flow')}>${say('newest')}</a></span>`;
}

function View({route}) {
    const {query} = route;
    const answer = useQuestion('flow', query.day ? {day: query.day} : {}, 3000);
    const [day] = answer.rows;
    const all = day && sum(day.cells);
    return html`<${Panel} title=${html`${say('matrix')} ${day && html`<${Day} day=${day.day}/>`}`} answer=${answer} hint=${say('hint')} wide=${true}>
        ${day && html`<${DayChoice} day=${day.day}/>
        ${day.countedFrom > 0 && day.firstPosition === day.countedFrom && html`<${Notice} kind="warn">${say('counted_from', {position: day.countedFrom})}<//>`}
        <${Matrix} day=${day.day} cells=${day.cells}/>
        <${Facts} rows=${[[say('total'), html`<${Money} fen=${all.totalFen}/>`], [say('fund'), html`<${Money} fen=${all.fundFen}/>`], [say('sent'), html`<${Money} fen=${all.sentFen}/>`]]}/>`}<//>
        ${query.kind && html`<${List} query=${{...query, day: query.day ?? day?.day}}/>`}`;
}

export const screen = {path: 'flow', order: 6, words: 'flow', role: 'viewer', View};
