// SPDX-License-Identifier: Apache-2.0
// Which institutions are unusual this month, by which flag, on which bills, and what is being looked into?
// #/institutions/2025-05, #/institutions/2025-05/H…?flag=reversals
import {Count, Day, Facts, Money, Notice, Panel, Position, State, Table, act, go, html, link, mayAsk, useQuestion, usePages, useState, wordsOf} from '../parts/index.js';
import {differenceText, isMonth, monthText, number, ownRegion, reasonText, short} from '../parts/books.js';

const say = wordsOf('institutions');
const LIST_MS = 10000;
const FLAGS = ['reversals', 'refusals', 'mean cost', 'low mean cost', 'findings', 'overlapping stays', 'same-day duplicates', 'care after death'];
const keyOf = flag => flag.replaceAll(' ', '_').replaceAll('-', '_');
const flagText = flag => say(`flag_${keyOf(flag)}`);

const KINDS = {INSTITUTION_STATUS_ACTIVE: 'good', INSTITUTION_STATUS_SUSPENDED: 'warn', INSTITUTION_STATUS_TERMINATED: 'bad'};
const Status = ({of}) => of ? html`<${State} kind=${KINDS[of]}>${say(`status_${short(of, 'INSTITUTION_STATUS_')}`)}<//>` : html`<${State}>${say('not_registered')}<//>`;

const count = (key, title) => ({key, title, align: 'right', value: row => number(row[key]), render: row => html`<${Count} of=${number(row[key])}/>`});
const money = (key, title) => ({key, title, align: 'right', value: row => number(row[key]), render: row => html`<${Money} fen=${row[key] ?? 0}/>`});

function Flags({row, month}) {
    return (row.unusual ?? []).map(flag => html`<a class="flag" href=${link('institutions', [month, row.institution], {flag})}><${State} kind="warn">${flagText(flag)}<//></a> `);
}

function Figures({month}) {
    const [flagged, setFlagged] = useState(true);
    const answer = usePages('clearing-supervision', {month, flagged}, {limit: flagged ? 200 : 50, everyMs: LIST_MS});
    const columns = [
        {key: 'institution', title: say('institution'), render: row => html`<a href=${link('institutions', [month, row.institution])}>${row.institution}</a>`},
        {key: 'name', title: say('name')}, {key: 'level', title: say('level'), align: 'right', value: row => number(row.level), render: row => row.level ?? '–'},
        count('settled', say('settled')), count('reversed', say('reversed')), count('refused', say('refused')), count('stays', say('stays')),
        money('meanCostFen', say('mean_cost')), money('levelMeanCostFen', say('level_mean')),
        {key: 'unusual', title: say('flags'), value: row => (row.unusual ?? []).length, render: row => html`<${Flags} row=${row} month=${month}/>`},
        {key: 'status', title: say('status'), render: row => html`<${Status} of=${row.status}/>`}];
    const choice = html`<label class="choice no-print"><input type="checkbox" checked=${flagged} onChange=${event => setFlagged(event.currentTarget.checked)}/> ${say('flagged_alone')}</label>`;
    return html`<${Panel} wide=${true} title=${say('figures', {month})} answer=${answer} hint=${say('figures_hint')} actions=${choice}>
        <${Table} caption=${say('figures', {month})} columns=${columns} rows=${answer.rows} pages=${answer.pages} rowKey=${row => row.institution} rowKind=${row => (row.unusual ?? []).length ? 'warn' : ''}
            onOpen=${row => go('institutions', [month, row.institution])} empty=${flagged ? say('no_flag') : say('no_figures')}/><//>`;
}

const Meanings = () => html`<${Panel} title=${say('meanings')} hint=${say('meanings_hint')}><${Table} caption=${say('meanings')} rows=${FLAGS.map(flag => ({flag}))} columns=${[
    {key: 'flag', title: say('flag'), sortable: false, render: row => flagText(row.flag)}, {key: 'means', title: say('means'), sortable: false, render: row => say(`means_${keyOf(row.flag)}`)}]}/><//>`;

function NotActive() {
    const answer = usePages('clearing-institutions', {'not-active': true}, {limit: 50, everyMs: LIST_MS});
    return html`<${Panel} title=${say('not_active')} answer=${answer} hint=${say('not_active_hint')}><${Table} caption=${say('not_active')} rows=${answer.rows} pages=${answer.pages} empty=${say('all_active')} columns=${[
        {key: 'code', title: say('institution')}, {key: 'name', title: say('name')}, {key: 'area', title: say('area')},
        {key: 'status', title: say('status'), render: row => html`<${Status} of=${row.status}/>`}, {key: 'effectiveDate', title: say('since'), render: row => html`<${Day} day=${row.effectiveDate}/>`}, {key: 'reason', title: say('reason')}]}/><//>`;
}

// ---- investigations: whose turn follows from the stage ----

const WAITS = {requested: 'answer', overdue: 'answer', answered: 'find', offered: 'ask'};

function InvestigationAct({row, refresh}) {
    const stage = short(row.stage, 'INVESTIGATION_STAGE_');
    const ways = {
        answer: ['investigate-answer', {request: row.request}, {title: say('act_answer'), what: say('act_answer_what', {request: row.request})}],
        find: ['investigate-find', {request: row.request}, {title: say('act_find'), what: say('act_find_what', {request: row.request}),
            fields: [{name: 'verdict', title: say('verdict'), required: true, options: ['confirmed', 'wrong-part', 'wrong-whole'].map(each => [each, say(`verdict_${each.replace('-', '_')}`)])},
                {name: 'amount', title: say('verdict_amount'), pattern: '[0-9]+\\.[0-9]{2}'}]}],
    }[WAITS[stage]];
    if (!ways || !ownRegion() || !mayAsk(ways[0]))
        return null;
    return html`<button type="button" class="no-print" onClick=${async () => (await act(...ways), refresh())}>${ways[2].title}</button>`;
}

function Investigations() {
    const [open, setOpen] = useState(true);
    const answer = usePages('books-investigations', {open}, {limit: 50, everyMs: LIST_MS});
    const stage = row => short(row.stage, 'INVESTIGATION_STAGE_');
    const choice = html`<label class="choice no-print"><input type="checkbox" checked=${open} onChange=${event => setOpen(event.currentTarget.checked)}/> ${say('open_alone')}</label>`;
    return html`<${Panel} wide=${true} title=${say('investigations')} answer=${answer} hint=${say('investigations_hint')} actions=${choice}>
        <${Table} caption=${say('investigations')} rows=${answer.rows} pages=${answer.pages} empty=${say('no_investigations')} rowKind=${row => stage(row) === 'overdue' ? 'bad' : ''} columns=${[
            {key: 'request', title: say('request'), align: 'right', value: row => number(row.request), render: row => html`<${Position} at=${row.request}/>`},
            {key: 'settlement', title: say('settlement'), align: 'right', value: row => number(row.settlement), render: row => html`<${Position} at=${row.settlement}/>`},
            {key: 'stage', title: say('stage'), render: row => html`<${State} kind=${stage(row) === 'overdue' ? 'bad' : stage(row) === 'found' ? 'good' : 'warn'}>${say(`stage_${stage(row)}`)}<//>`},
            {key: 'turn', title: say('turn'), sortable: false, render: row => WAITS[stage(row)] ? say(`turn_${WAITS[stage(row)]}`) : say('turn_nobody')},
            {key: 'answerBy', title: say('answer_by'), render: row => row.answerBy ? html`<${Day} day=${row.answerBy}/>` : ''},
            {key: 'verdict', title: say('verdict'), render: row => row.verdict ? say(`verdict_${short(row.verdict, 'INVESTIGATION_VERDICT_')}`) : ''},
            money('amountFen', say('taken_off')), {key: 'held', title: say('held'), render: row => row.held ? html`<${State} kind="warn">${say('is_held')}<//>` : ''},
            {key: 'act', title: say('act'), sortable: false, render: row => html`<${InvestigationAct} row=${row} refresh=${answer.refresh}/>`}].slice(0, ownRegion() ? 9 : 8)}/><//>`;
}

// ---- one institution's month ----

function Bills({month, institution, flag}) {
    const answer = usePages('clearing-flagged', mayAsk('clearing-flagged') ? {month, institution, flag} : null, {limit: 50, everyMs: 0});
    if (!mayAsk('clearing-flagged'))
        return html`<${Panel} wide=${true} title=${flagText(flag)}><${Notice}>${say('bills_not_yours')}<//><//>`;
    const ask = row => act('investigate-open', {settlement: row.number}, {title: say('act_open'), what: say('act_open_what', {number: row.number})});
    return html`<${Panel} wide=${true} title=${say('bills_of', {flag: flagText(flag)})} answer=${answer} hint=${say(`means_${keyOf(flag)}`)}>
        <${Table} caption=${say('bills_of', {flag: flagText(flag)})} rows=${answer.rows} pages=${answer.pages} empty=${flag === 'refusals' ? say('refused_elsewhere') : say('no_bills')} columns=${[
            {key: 'number', title: say('number'), align: 'right', value: row => number(row.number), render: row => html`<${Position} at=${row.number}/>`},
            {key: 'day', title: say('day'), render: row => row.day ? html`<${Day} day=${row.day}/>` : html`<span class="quiet">${say('not_settled')}</span>`},
            {key: 'billId', title: say('bill_id')}, {key: 'insuredArea', title: say('insured_area')}, money('totalFen', say('total')), money('fundFen', say('fund')),
            {key: 'other', title: say('other'), sortable: false, render: row => row.other || row.original ? html`<${Position} at=${row.other || row.original}/>` : ''},
            {key: 'openReason', title: say('clearing'), value: row => number(row.openReason), render: row => row.month ? html`<a href=${link('clearing', [monthText(row.month)])}>${monthText(row.month)}</a>` : row.day ? reasonText(row.openReason) : ''},
            {key: 'difference', title: say('difference'), render: row => row.difference ? differenceText(row.difference) : ''},
            {key: 'act', title: say('act'), sortable: false, render: row => row.day && ownRegion() && mayAsk('investigate-open') ? html`<button type="button" class="no-print" onClick=${() => ask(row)}>${say('act_open')}</button>` : ''}].slice(0, ownRegion() ? 10 : 9)}/><//>`;
}

function Institution({month, institution, flag}) {
    const answer = useQuestion('clearing-supervision', {month}, LIST_MS);
    const row = answer.rows.find(each => each.institution === institution);
    const flags = row?.unusual ?? [], shown = FLAGS.includes(flag) ? flag : flags[0];
    return html`<${Panel} wide=${true} title=${`${institution} ${row?.name ?? ''}`} answer=${answer}>${row ? html`<${Facts} rows=${[
        [say('status'), html`<${Status} of=${row.status}/>`], [say('since'), row.statusSince && html`<${Day} day=${row.statusSince}/>`], row.reason && [say('reason'), row.reason],
        [say('level'), row.level], [say('settled'), html`<${Count} of=${number(row.settled)}/>`], [say('reversed'), html`<${Count} of=${number(row.reversed)}/>`],
        [say('refused'), html`<${Count} of=${number(row.refused)}/>`], [say('stays'), html`<${Count} of=${number(row.stays)}/>`],
        [say('mean_cost'), html`<${Money} fen=${row.meanCostFen ?? 0}/>`], [say('level_mean'), html`<${Money} fen=${row.levelMeanCostFen ?? 0}/>`],
        [say('overlaps'), html`<${Count} of=${number(row.overlappingStays)}/>`], [say('duplicates'), html`<${Count} of=${number(row.sameDayDuplicates)}/>`],
        [say('findings'), html`<${Count} of=${number(row.findings)}/>`], [say('after_death'), html`<${Count} of=${number(row.careAfterDeath)}/>`]]}/>
        <nav class="row no-print" aria-label=${say('flags')}>${FLAGS.map(each => html`<a class="flag" href=${link('institutions', [month, institution], {flag: each})} aria-current=${each === shown ? 'true' : undefined}>${
            flags.includes(each) ? html`<${State} kind="warn">${flagText(each)}<//>` : flagText(each)}</a>`)}</nav>` : html`<p class="nothing">${say('no_month_of', {month})}</p>`}<//>
        ${row && (shown ? html`<${Bills} month=${month} institution=${institution} flag=${shown}/>` : html`<${Notice} kind="good">${say('no_flag_here')}<//>`)}`;
}

function View({route}) {
    const months = useQuestion('clearing-months', {}, LIST_MS);
    const [asked, institution] = route.words;
    const last = months.rows[months.rows.length - 1];
    const month = isMonth(asked) ? asked : last && monthText(last.month);
    if (!month)
        return html`<${Panel} title=${say('figures', {month: ''})} answer=${months}><p class="nothing">${say('no_months')}</p><//>`;
    const choose = event => go('institutions', [event.currentTarget.value]);
    return html`<nav class="row ways no-print" aria-label=${say('which_month')}><label>${say('which_month')}<select value=${month} onChange=${choose}>
        ${[...new Set([...months.rows.map(each => monthText(each.month)), month])].sort().reverse().map(each => html`<option value=${each}>${each}</option>`)}</select></label>
        ${institution && html`<a href=${link('institutions', [month])}>${say('all_of', {month})}</a>`}</nav>
        <div class="panels">${institution ? html`<${Institution} month=${month} institution=${institution} flag=${route.query.flag}/>`
            : html`<${Figures} month=${month}/><${Investigations}/><${NotActive}/><${Meanings}/>`}</div>`;
}

export const screen = {path: 'institutions', order: 10, words: 'institutions', role: 'viewer', View};
