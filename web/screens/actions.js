// SPDX-License-Identifier: Apache-2.0
// Who did what, when and why, and what became of it?
import {Panel, Position, State, Table, Time, html, usePages, useState, wordsOf} from '../parts/index.js';

const say = wordsOf('actions');
const KINDS = {applied: 'good'};

// How it ended, in the command's words where it told it, else what became of its event.
function Result({row}) {
    if (row.result)
        return html`<${State} kind=${row.result === 'done' ? 'good' : 'bad'}>${row.result === 'done' ? say('done') : row.result}<//>`;
    return html`<${State} kind=${row.outcome ? KINDS[row.outcome] ?? 'bad' : 'unknown'}>${row.outcome === 'applied' ? say('applied') : row.outcome || say('not_told')}<//>`;
}

const columns = () => [
    {key: 'position', title: say('position'), align: 'right', sortable: false, render: row => html`<${Position} at=${row.position}/>`},
    {key: 'at', title: say('at'), sortable: false, render: row => html`<${Time} ms=${Date.parse(row.at)}/>`},
    {key: 'by', title: say('by'), sortable: false, render: row => html`<b>${row.by}</b>`},
    {key: 'action', title: say('action'), sortable: false, render: row => html`<span title=${`${say('command')}: ${row.command}`}>${row.action}</span>`},
    {key: 'subject', title: say('subject'), sortable: false, render: row => html`<span class="whole">${row.subject}</span>`},
    {key: 'reason', title: say('reason'), sortable: false},
    {key: 'result', title: say('result'), sortable: false, render: row => html`<${Result} row=${row}/>`},
    {key: 'endedAt', title: say('ended'), sortable: false, render: row => row.endedAt && html`<${Time} ms=${Date.parse(row.endedAt)} form="clock"/>`},
];

function Filter({onFilter}) {
    const send = event => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        onFilter(Object.fromEntries([['who', given.get('who').trim()], ['action', given.get('action').trim()], ['since', given.get('since')]].filter(([, value]) => value)));
    };
    return html`<form class="row no-print" aria-label=${say('filter')} onSubmit=${send}><label>${say('who')}<input name="who" maxlength="64" autocomplete="off"/></label>
        <label>${say('action')}<input name="action" maxlength="64" autocomplete="off"/></label><label>${say('since')}<input name="since" pattern="[0-9]{8}" maxlength="8" inputmode="numeric" autocomplete="off"/></label>
        <button type="submit">${say('apply')}</button></form>`;
}

function View() {
    const [filter, setFilter] = useState({});
    const answer = usePages('actions', filter, {limit: 50, everyMs: 5000, next: last => Number(last.position) - 1});
    return html`<${Filter} onFilter=${setFilter}/><${Panel} title=${say('actions')} answer=${answer} hint=${say('hint')}>
        <${Table} caption=${say('actions')} columns=${columns()} rows=${answer.rows} pages=${answer.pages} rowKey=${row => row.position} empty=${say('none')}/><//>`;
}

export const screen = {path: 'actions', order: 13, words: 'actions', role: 'viewer', View};
