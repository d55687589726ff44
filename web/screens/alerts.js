// SPDX-License-Identifier: Apache-2.0
// What has to be dealt with now, and what ends soon? Where no Prometheus is named, alerts are not known, which is said, and is not "none".
import {Notice, Panel, State, Table, Time, act, html, language, mayAsk, useQuestion, wordsOf} from '../parts/index.js';
import {clock, dayOf} from '../parts/values.js';

const say = wordsOf('alerts');

// Rules of others may have one language alone.
const told = (row, key) => (language() === 'zh' && row[`${key}Zh`]) || row[key];

const severity = row => row.severity === 'page' ? say('page') : row.severity === 'ticket' ? say('ticket') : row.severity;

const Active = ({row}) => row.state === 'firing' ? html`<${State} kind=${row.severity === 'page' ? 'bad' : 'warn'}>${say('firing')}<//>` : html`<${State} kind="warn">${say('pending')}<//>`;

function Acknowledged({row, known}) {
    const found = known.find(each => each.subject === row.alert);
    const until = {name: 'until', title: say('field_until'), pattern: '[0-9]{8}'};
    const offer = (name, title, fields) => mayAsk(name) && html` <button type="button" class="no-print" onClick=${() => act(name, {alert: row.alert}, {title, what: `${row.alert}: ${told(row, 'summary')}`, fields})}>${title}</button>`;
    if (!found)
        return offer('alert-acknowledge', say('acknowledge'), [until]);
    return html`${say('by', found)}${found.until && say('until', {day: dayOf(Date.parse(found.until) - 1)})}${offer('alert-clear', say('clear'), [])}`;
}

const columns = known => [
    {key: 'state', title: say('state'), render: row => html`<${Active} row=${row}/>`},
    {key: 'severity', title: say('severity'), value: severity, render: row => html`<span class="whole">${severity(row)}</span>`},
    {key: 'alert', title: say('alert'), render: row => html`<b>${row.alert}</b>`},
    {key: 'since', title: say('since'), render: row => html`<${Time} ms=${Date.parse(row.since)}/>`},
    {key: 'summary', title: say('summary'), value: row => told(row, 'summary'), render: row => told(row, 'summary')},
    {key: 'do', title: say('to_do'), sortable: false, render: row => told(row, 'do')},
    {key: 'acknowledged', title: say('acknowledged'), sortable: false, render: row => html`<${Acknowledged} row=${row} known=${known}/>`},
];

function Rules({rows}) {
    const failing = rows.filter(each => each.health === 'err');
    const evaluated = Math.max(...rows.map(each => Date.parse(each.evaluatedAt)));
    return html`${failing.length > 0 && html`<${Notice} kind="bad">${say('unhealthy', {count: failing.length, names: failing.map(each => each.alert).join(', ')})}<//>`}
        <p class="hint">${say('rules', {count: new Set(rows.map(each => each.alert)).size, at: clock(evaluated)})}</p>`;
}

function Alerts() {
    const answer = useQuestion('alerts', {all: true}, 5000);
    const acknowledged = useQuestion('actions-acknowledged', {}, 10000);
    const active = answer.rows.filter(each => each.state !== 'inactive');
    return html`<${Panel} title=${say('alerts')} answer=${answer} hint=${say('hint')} unknown=${say('not_known')}>
        <${Rules} rows=${answer.rows}/>
        <${Table} caption=${say('alerts')} columns=${columns(acknowledged.rows)} rows=${active} empty=${say('none')} rowKey=${row => row.alert + JSON.stringify(row.labels)}
            rowKind=${row => row.state === 'firing' && row.severity === 'page' ? 'bad' : 'warn'}/><//>`;
}

// ---- what the doctor finds: faults, and what ends soon ----

const findingColumns = () => [
    {key: 'severity', title: say('severity'), render: row => row.severity === 'act' ? html`<${State} kind="bad">${say('act')}<//>` : html`<${State} kind="plain">${say('note')}<//>`},
    {key: 'what', title: say('finding'), render: row => html`<b>${row.what}</b>`},
    {key: 'where', title: say('where'), value: row => `${row.file} ${row.where}`, render: row => html`${row.file} <span class="quiet">${row.where}</span>`},
    {key: 'do', title: say('to_do'), sortable: false},
];

function Findings() {
    const answer = useQuestion('doctor', {}, 30000);
    return html`<${Panel} title=${say('findings')} answer=${answer} hint=${say('findings_hint')}><${Table} caption=${say('findings')} columns=${findingColumns()} rows=${answer.rows}
        empty=${say('findings_none')} sortBy=${{key: 'severity', falling: false}} rowKey=${row => row.finding + row.file + row.where} rowKind=${row => row.severity === 'act' ? 'bad' : 'plain'}/><//>`;
}

const View = () => html`<${Alerts}/><${Findings}/>`;

export const screen = {path: 'alerts', order: 12, words: 'alerts', role: 'viewer', View};
