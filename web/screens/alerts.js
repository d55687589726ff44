// SPDX-License-Identifier: Apache-2.0
// What has to be dealt with now, and what ends soon? Where no Prometheus is named, alerts are not known, which is said, and is not "none".
import {Day, Notice, Panel, State, Table, Time, act, html, mayAsk, useQuestion, wordsOf} from '../parts/index.js';
import {clock, dayOf} from '../parts/values.js';
import {number} from '../parts/status.js';

const say = wordsOf('alerts');
const ENDS_DAYS = 60; // as `hutong status` tells of them

const severity = row => row.severity === 'page' ? say('page') : row.severity === 'ticket' ? say('ticket') : row.severity;

const Active = ({row}) => row.state === 'firing' ? html`<${State} kind=${row.severity === 'page' ? 'bad' : 'warn'}>${say('firing')}<//>` : html`<${State} kind="warn">${say('pending')}<//>`;

function Acknowledged({row, known}) {
    const found = known.find(each => each.subject === row.alert);
    const until = {name: 'until', title: say('field_until'), pattern: '[0-9]{8}'};
    const offer = (name, title, fields) => mayAsk(name) && html` <button type="button" class="no-print" onClick=${() => act(name, {alert: row.alert}, {title, what: `${row.alert}: ${row.summary}`, fields})}>${title}</button>`;
    if (!found)
        return offer('alert-acknowledge', say('acknowledge'), [until]);
    return html`${say('by', found)}${found.until && say('until', {day: dayOf(Date.parse(found.until) - 1)})}${offer('alert-clear', say('clear'), [])}`;
}

const columns = known => [
    {key: 'state', title: say('state'), render: row => html`<${Active} row=${row}/>`},
    {key: 'severity', title: say('severity'), value: severity, render: row => html`<span class="whole">${severity(row)}</span>`},
    {key: 'alert', title: say('alert'), render: row => html`<b>${row.alert}</b>`},
    {key: 'since', title: say('since'), render: row => html`<${Time} ms=${Date.parse(row.since)}/>`},
    {key: 'summary', title: say('summary')},
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

const leftKind = days => days < 0 ? 'bad' : days <= 30 ? 'warn' : 'good';

const endColumns = () => [
    {key: 'table', title: say('table'), render: row => html`<b>${row.table}</b>`},
    {key: 'region', title: say('region')},
    {key: 'lastDay', title: say('last_day'), render: row => html`<${Day} day=${row.lastDay}/>`},
    {key: 'daysLeft', title: say('left'), align: 'right', render: row => html`<${State} kind=${leftKind(number(row.daysLeft))}>${
        number(row.daysLeft) < 0 ? say('ended', {days: -number(row.daysLeft)}) : say('days', {days: number(row.daysLeft)})}<//>`},
];

function Ends() {
    const answer = useQuestion('status', {}, 5000);
    const ends = (answer.rows[0]?.services ?? []).filter(each => !each.partition).flatMap(each => each.ends ?? []).filter(each => number(each.daysLeft) <= ENDS_DAYS);
    return html`<${Panel} title=${say('ends')} answer=${answer} hint=${say('ends_hint')}><${Table} caption=${say('ends')} columns=${endColumns()} rows=${ends} empty=${say('ends_none')}
        sortBy=${{key: 'daysLeft', falling: false}} rowKey=${row => row.table + (row.region ?? '')} rowKind=${row => leftKind(number(row.daysLeft))}/><//>`;
}

const View = () => html`<${Alerts}/><${Ends}/>`;

export const screen = {path: 'alerts', order: 12, words: 'alerts', role: 'viewer', View};
