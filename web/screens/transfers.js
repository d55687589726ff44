// SPDX-License-Identifier: Apache-2.0
// Which transfers are open, at which step, whose turn it is, and which are late? Each leads to its conversation.
import {Count, Day, Facts, Money, Panel, Position, State, Table, Time, Unknown, go, html, link, usePages, useQuestion, wordsOf} from '../parts/index.js';

const say = wordsOf('transfers');
const REGIONS = ['110000', '120000', '130000'];
const SCHEMES = ['pension', 'medical', 'unemployment', 'certification'];
const STATES = ['applied', 'accepted', 'carve_out_due', 'carved_out', 'information_sent', 'funds_sent', 'matched', 'mismatched', 'joined', 'confirmed'];
const SOON_WORKDAYS = 5;
const word = (text, prefix) => (text ?? '').replace(prefix, '').toLowerCase();
const stateOf = row => word(row.state, 'TRANSFER_STATE_');
const schemeOf = row => word(row.scheme, 'TRANSFER_SCHEME_');
const left = row => row.workdaysKnown ? Number(row.workdaysLeft ?? 0) : undefined;

// A limit in working days; what the calendar lacks is not known.
function Left({row}) {
    const days = left(row);
    if (days === undefined)
        return html`<${Unknown}/>`;
    const kind = days < 0 ? 'bad' : days <= SOON_WORKDAYS ? 'warn' : 'good';
    return html`<${State} kind=${kind}>${days < 0 ? say('late', {days: -days}) : days === 0 ? say('today') : say('days_left', {days})}<//>`;
}

function Steps({answer, onChoose}) {
    const rows = answer.rows.map(row => ({...row, overdue: Number(row.overdue ?? 0), running: Number(row.running ?? 0)}));
    const columns = [
        {key: 'scheme', title: say('scheme'), render: row => say(`scheme_${row.scheme}`)},
        {key: 'state', title: say('step'), value: row => STATES.indexOf(stateOf(row)), render: row => row.scheme === 'certification' ? say('certificate_asked') : say(`state_${stateOf(row)}`)},
        {key: 'region', title: say('turn'), render: row => say(`region_${row.region}`)},
        {key: 'running', title: say('running'), align: 'right', render: row => html`<${Count} of=${row.running}/>`},
        {key: 'overdue', title: say('overdue'), align: 'right', render: row => row.overdue > 0 ? html`<${State} kind="bad">${String(row.overdue)}<//>` : html`<${Count} of=${0}/>`},
    ];
    return html`<${Panel} title=${say('steps')} answer=${answer} wide=${true}><${Table} caption=${say('steps')} columns=${columns} rows=${rows} onOpen=${onChoose} rowKey=${row => row.scheme + row.state + row.region} empty=${say('none')}/><//>`;
}

function Filter({query}) {
    const set = name => event => go('transfers', [], {...query, [name]: event.currentTarget.value});
    const choice = (name, values, words) => html`<label>${say(`filter_${name}`)}<select name=${name} value=${query[name] ?? ''} onInput=${set(name)}><option value="">${say('any')}</option>${
        values.map(each => html`<option value=${each}>${words(each)}</option>`)}</select></label>`;
    return html`<form class="row no-print" aria-label=${say('filter')} onSubmit=${event => event.preventDefault()}>
        ${choice('due', ['overdue', '1', '3', '5', '10'], each => each === 'overdue' ? say('due_overdue') : say('due_within', {days: each}))}
        ${choice('scheme', SCHEMES, each => say(`scheme_${each}`))}${choice('region', REGIONS, each => say(`region_${each}`))}${choice('state', STATES, each => say(`state_${each}`))}</form>`;
}

const shared = () => [
    {key: 'stepRegion', title: say('turn'), sortable: false, render: row => row.stepRegion ? say(`region_${row.stepRegion}`) : ''},
    {key: 'dueDate', title: say('due'), sortable: false, render: row => row.dueDate ? html`<${Day} day=${row.dueDate}/>${row.dueIsProvisional && html` <span class="quiet">${say('provisional')}</span>`}` : ''},
    {key: 'left', title: say('left'), sortable: false, render: row => row.dueDate ? html`<${Left} row=${row}/>` : ''},
];
const transferColumns = () => [
    {key: 'transferId', title: say('number'), sortable: false, render: row => html`<a class="mono" href=${link('transfers', [row.transferId])}>${row.transferId}</a>`},
    {key: 'scheme', title: say('scheme'), sortable: false, render: row => say(`scheme_${schemeOf(row)}`)},
    {key: 'state', title: say('step'), sortable: false, render: row => say(`state_${stateOf(row)}`)},
    {key: 'way', title: say('way'), sortable: false, render: row => `${row.sourceArea} → ${row.targetArea}`},
    {key: 'personId', title: say('person'), sortable: false, render: row => html`<span class="mono">${row.personId}</span>`},
    ...shared()];
const certificateColumns = () => [
    {key: 'certificationId', title: say('number'), sortable: false, render: row => html`<span class="mono">${row.certificationId}</span>`},
    {key: 'way', title: say('way_certificate'), sortable: false, render: row => `${row.payingArea} → ${row.residenceArea}`},
    {key: 'personId', title: say('person'), sortable: false, render: row => html`<span class="mono">${row.personId}</span>`},
    {key: 'dueDate', title: say('due'), sortable: false, render: row => html`<${Day} day=${row.dueDate}/>`}];

function List({query}) {
    const certificates = query.scheme === 'certification';
    const args = {...(query.due === 'overdue' ? {overdue: true} : query.due ? {within: query.due} : {}), ...Object.fromEntries(['scheme', 'region', 'state'].filter(each => query[each]).map(each => [each, query[each]]))};
    const answer = usePages('transfer-list', args, {limit: 50, everyMs: 5000, next: (last, from) => (from ?? 0) + 50, rowsOf: rows => (certificates ? rows[0]?.certificates : rows[0]?.transfers) ?? []});
    return html`<${Panel} title=${say('list')} answer=${answer} hint=${say('hint')} wide=${true}><${Filter} query=${query}/>
        <${Table} caption=${say('list')} columns=${certificates ? certificateColumns() : transferColumns()} rows=${answer.rows} pages=${answer.pages} rowKey=${row => row.transferId ?? row.certificationId}
            rowKind=${row => left(row) < 0 ? 'bad' : left(row) <= SOON_WORKDAYS ? 'warn' : ''} onOpen=${certificates ? undefined : row => go('transfers', [row.transferId])} empty=${say('none')}/><//>`;
}

function Conversation({id}) {
    const answer = useQuestion('transfer-show', {id}, 5000);
    const [transfer] = answer.rows[0]?.transfers ?? [];
    const money = key => html`<${Money} fen=${transfer[key] ?? 0}/>`;
    const columns = [
        {key: 'position', title: say('message'), align: 'right', sortable: false, render: row => html`<${Position} at=${row.position}/>`},
        {key: 'acceptedAtMs', title: say('at'), sortable: false, render: row => html`<${Time} ms=${row.acceptedAtMs}/>`},
        {key: 'sender', title: say('sender'), sortable: false, render: row => say(`region_${row.sender}`)},
        {key: 'state', title: say('then'), sortable: false, render: row => say(`state_${stateOf(row)}`)},
        {key: 'amountFen', title: say('amount'), align: 'right', sortable: false, render: row => row.amountFen ? html`<${Money} fen=${row.amountFen}/>` : ''},
        ...shared().slice(0, 2)];
    return html`<${Panel} title=${say('conversation', {id})} answer=${answer} wide=${true} actions=${html`<a class="no-print" href=${link('transfers')}>${say('back')}</a>`}>${transfer ? html`<${Facts} rows=${[
        [say('scheme'), say(`scheme_${schemeOf(transfer)}`)], [say('step'), say(`state_${stateOf(transfer)}`)], [say('way'), `${transfer.sourceArea} → ${transfer.targetArea}`], [say('person'), html`<span class="mono">${transfer.personId}</span>`],
        transfer.stepRegion && [say('turn'), say(`region_${transfer.stepRegion}`)], transfer.dueDate && [say('due'), html`<${Day} day=${transfer.dueDate}/> <${Left} row=${transfer}/>`],
        [say('account'), money('accountTotalFen')], [say('pooled'), money('pooledTotalFen')], [say('total'), money('transferTotalFen')], [say('sent'), money('sentFen')], [say('received'), money('receivedFen')], [say('joined'), money('joinedFen')]]}/>
        <${Table} caption=${say('letters')} columns=${columns} rows=${transfer.history ?? []} rowKey=${row => row.position} onOpen=${row => go('message', [row.position])}/>` : html`<p class="nothing">${say('none')}</p>`}<//>`;
}

function View({route}) {
    const counts = useQuestion('transfer-count', {}, 10000);
    if (route.words[0])
        return html`<${Conversation} key=${route.words[0]} id=${route.words[0]}/>`;
    return html`<${Steps} answer=${counts} onChoose=${row => go('transfers', [], {scheme: row.scheme, region: row.region, state: row.scheme === 'certification' ? '' : stateOf(row)})}/><${List} query=${route.query}/>`;
}

export const screen = {path: 'transfers', order: 8, words: 'transfers', role: 'viewer', View};
