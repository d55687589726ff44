// SPDX-License-Identifier: Apache-2.0
// Who is speaking, who is refused and why, and which keys end soon?
import {Bytes, Count, Notice, Panel, Position, State, Table, Time, act, html, language, mayAsk, useQuestion, wordsOf} from '../parts/index.js';
import {STATUS_MS, number} from '../parts/status.js';

const say = wordsOf('parties');
const HEARD_MS = 60000;
const DAY_MS = 24 * 3600 * 1000;
const REGIONS = ['110000', '120000', '130000'];

// ---- parties ----

function contact(row, nowMs) {
    if (!number(row.lastSeenMs))
        return ['unknown', 'never'];
    return nowMs - number(row.lastSeenMs) < HEARD_MS ? ['good', 'heard'] : ['plain', 'quiet'];
}

const counted = (key, title) => ({key, title, align: 'right', value: row => number(row[key]), render: row => html`<${Count} of=${number(row[key])}/>`});

const partyColumns = nowMs => [
    {key: 'party', title: say('party'), render: row => html`<b>${row.party}</b>`},
    {key: 'contact', title: say('contact'), value: row => contact(row, nowMs)[1], render: row => {
        const [kind, word] = contact(row, nowMs);
        return html`<${State} kind=${kind}>${say(word)}<//>`;
    }},
    {key: 'lastSeenMs', title: say('seen'), render: row => html`<${Time} ms=${number(row.lastSeenMs)}/>`},
    {key: 'lastReceiptMs', title: say('receipt'), render: row => html`<${Time} ms=${number(row.lastReceiptMs)}/>`},
    counted('accepted', say('accepted')), counted('refused', say('refused')), counted('busy', say('busy')), counted('limited', say('limited')),
    {key: 'waitingBytes', title: say('waiting'), align: 'right', value: row => number(row.waitingBytes), render: row => html`<${Bytes} of=${number(row.waitingBytes)}/>`},
];

// ---- refused, by reason: the counters of the ingest process ----

const refusalsOf = rows => rows.filter(each => number(each.value) > 0)
    .map(each => ({party: each.labels.party, reason: each.labels.code ?? each.labels.reason, count: number(each.value)}));

function refusalColumns(rules) {
    const meaning = row => rules.find(each => each.code === row.reason)?.[language()] ?? '';
    return [
        {key: 'party', title: say('party'), value: row => row.party ?? '', render: row => row.party ? html`<b>${row.party}</b>` : say('stranger')},
        {key: 'reason', title: say('reason'), render: row => html`<code>${row.reason}</code>`},
        {key: 'meaning', title: say('meaning'), value: meaning, render: meaning},
        {key: 'count', title: say('count'), align: 'right', render: row => html`<${Count} of=${row.count}/>`},
    ];
}

function Refusals() {
    const answer = useQuestion('metrics', {service: 'ingest', prefix: 'hutong_party_refusals_total'}, 3000);
    const connections = useQuestion('metrics', {service: 'ingest', prefix: 'hutong_connections_refused_total'}, 3000);
    const rules = useQuestion('rule', {}, 0);
    return html`<${Panel} wide title=${say('refusals')} answer=${answer} hint=${say('refusals_hint')}><${Table} caption=${say('refusals')} columns=${refusalColumns(rules.rows)}
        rows=${refusalsOf([...answer.rows, ...connections.rows])} empty=${say('refusals_none')} sortBy=${{key: 'count', falling: true}}/><//>`;
}

// ---- keys; the command prints its list as one value ----

const daysLeft = (row, nowMs) => row.ends ? Math.ceil((Date.parse(`${row.ends}T00:00:00+08:00`) + DAY_MS - nowMs) / DAY_MS) : undefined;
const speaks = row => row.state === 'speaks';

function leftKind(days) {
    return days === undefined || days > 30 ? 'good' : days <= 1 ? 'bad' : 'warn';
}

function Left({row, nowMs}) {
    const days = daysLeft(row, nowMs);
    if (days === undefined)
        return html`<span class="quiet">${say('no_end')}</span>`;
    return html`<${State} kind=${leftKind(days)}>${days <= 0 ? say('ended') : say('days', {days})}<//>`;
}

// Of those that end within 30 days what is told, by how near it is.
function Soon({keys, nowMs}) {
    const within = days => keys.filter(each => speaks(each) && daysLeft(each, nowMs) <= days);
    const days = [1, 7, 30].find(each => within(each).length);
    return days && html`<${Notice} kind=${days === 1 ? 'bad' : 'warn'}>${say('soon', {count: within(days).length, days})}<//>`;
}

const KEY_KINDS = {revoked: 'plain', ended: 'bad'};
const KeyState = ({word}) => html`<${State} kind=${KEY_KINDS[word] ?? 'good'}>${word === 'revoked' ? say('revoked') : word === 'ended' ? say('ended') : say('valid')}<//>`;

function actions(list) {
    const offered = list.filter(([name]) => mayAsk(name));
    return html`<span class="row no-print">${offered.map(([name, title, args, about]) => html`<button type="button" onClick=${() => act(name, args, {title, ...about})}>${title}</button>`)}</span>`;
}

function Signing() {
    const answer = useQuestion('keys-signing', {}, 10000);
    const keys = answer.rows.flat(), nowMs = answer.askedAtMs;
    const party = {name: 'party', title: say('field_party'), options: REGIONS.map(each => [each, each])};
    const columns = [
        {key: 'party', title: say('party'), render: row => html`<b>${row.party}</b>`},
        {key: 'keyId', title: say('key'), render: row => html`<code>${row.keyId}</code>`},
        {key: 'algorithm', title: say('algorithm')},
        {key: 'from', title: say('from'), align: 'right', render: row => html`<${Position} at=${row.from}/>`},
        {key: 'state', title: say('state'), render: row => html`<${KeyState} word=${row.state}/>`},
        {key: 'ends', title: say('ends'), render: row => row.ends ? html`<span class="whole">${row.ends}</span>` : html`<span class="quiet">${say('no_end')}</span>`},
        {key: 'left', title: say('left'), align: 'right', value: row => speaks(row) ? daysLeft(row, nowMs) ?? 1e9 : undefined, render: row => speaks(row) && html`<${Left} row=${row} nowMs=${nowMs}/>`},
        {key: 'acts', title: '', sortable: false, render: row => speaks(row) && actions([
            ['keys-signing-rotate', say('act_rotate'), {name: row.party}, {what: `${row.party} ${row.keyId}. ${say('act_rotate_what')}`}],
            ['keys-signing-revoke', say('act_revoke'), {id: row.keyId}, {what: `${row.party} ${row.keyId}`, danger: say('act_revoke_danger')}]])},
    ];
    return html`<${Panel} wide title=${say('signing')} answer=${answer} actions=${actions([['keys-signing-new', say('act_signing_new'), {}, {what: say('act_signing_what'), fields: [
        party, {name: 'days', title: say('field_days'), value: '365', pattern: '[0-9]{1,5}'}, {name: 'algorithm', title: say('field_algorithm'), options: [['ed25519', 'ed25519'], ['sm2', 'sm2']]},
        {name: 'public', title: say('field_public')}]}]])}>
        <${Soon} keys=${keys} nowMs=${nowMs}/><${Table} caption=${say('signing')} columns=${columns} rows=${keys} rowKey=${row => row.keyId} empty=${say('no_signing')}
        rowKind=${row => speaks(row) ? leftKind(daysLeft(row, nowMs)) : 'plain'}/><//>`;
}

function Transport() {
    const answer = useQuestion('keys-list', {}, 10000);
    const party = {name: 'party', title: say('field_party'), options: [...REGIONS, 'operator'].map(each => [each, each])};
    const columns = [
        {key: 'name', title: say('name'), render: row => html`<b>${row.name}</b>`},
        {key: 'party', title: say('party')},
        {key: 'role', title: say('role'), render: row => row.role === 'operator' ? say('operator') : say('region')},
        {key: 'state', title: say('state'), render: row => html`<${KeyState} word=${row.state}/>`},
        {key: 'on', title: say('on'), render: row => html`<span class="whole">${row.on}</span>`},
        {key: 'public', title: say('public'), sortable: false, render: row => html`<code>${row.public}</code>`},
        {key: 'acts', title: '', sortable: false, render: row => row.state !== 'revoked' && actions([
            ['keys-revoke', say('act_revoke'), {name: row.name}, {what: `${row.name} (${row.party})`, danger: say('act_revoke_danger')}]])},
    ];
    return html`<${Panel} wide title=${say('transport')} answer=${answer} actions=${actions([['keys-new', say('act_new'), {}, {what: say('act_new_what'), fields: [
        party, {name: 'name', title: say('field_name'), pattern: '[A-Za-z0-9][A-Za-z0-9\\-]{0,40}', required: true}]}]])}>
        <${Table} caption=${say('transport')} columns=${columns} rows=${answer.rows.flat()} rowKey=${row => row.name + row.on}/><//>`;
}

function View() {
    const answer = useQuestion('status', {}, STATUS_MS);
    const parties = answer.rows[0]?.services.find(each => each.parties)?.parties ?? [];
    return html`<div class="panels">
        <${Panel} wide title=${say('parties')} answer=${answer} hint=${say('parties_hint')}><${Table} caption=${say('parties')} columns=${partyColumns(answer.askedAtMs)} rows=${parties} rowKey=${row => row.party}/><//>
        <${Refusals}/><${Signing}/><${Transport}/></div>`;
}

export const screen = {path: 'parties', order: 11, words: 'parties', role: 'viewer', View};
