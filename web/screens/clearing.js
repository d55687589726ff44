// SPDX-License-Identifier: Apache-2.0
// Where does the month stand, what still differs, who owes whom, and whose turn is it until when?
// #/clearing/2025-05, and below it: tables, rows, differences, sheet.
import {Count, Day, Facts, Money, Notice, Panel, Position, State, Table, act, go, html, link, mayAsk, useEffect, useQuestion, usePages, wordsOf} from '../parts/index.js';
import {Pair, Region, differenceText, firstDay, isMonth, lastDay, monthText, number, ownRegion, reasonText, regionName, short} from '../parts/books.js';
import {Sheet} from '../parts/sheet.js';

const say = wordsOf('clearing');
const MONTHS_MS = 5000, TABLES_MS = 5000, LIST_MS = 10000;

// ---- the month as a state machine: the books' own states, then those of its payments ----

function stageOf(month) {
    const payments = number(month.payments);
    if (month.state === 'CLEARING_STATE_OPEN')
        return 0;
    if (month.state === 'CLEARING_STATE_GENERATED')
        return 1;
    if (payments === number(month.paymentsConfirmed))
        return 4;
    return payments === number(month.paymentsPaid) ? 3 : 2;
}

function Steps({month}) {
    const at = stageOf(month), payments = number(month.payments);
    const steps = [
        ['open', say('step_open', {day: dayText(month.cutOn)})],
        ['generated', say('step_generated', {from: dayText(month.generateOn), until: dayText(month.confirmBy)})],
        ['issued', at >= 2 ? say('step_issued', {count: payments}) : say('step_issued_next', {day: dayText(month.confirmBy)})],
        ['paid', at >= 2 ? say('step_paid', {done: number(month.paymentsPaid), count: payments}) : ''],
        ['confirmed', at >= 2 ? say('step_confirmed', {done: number(month.paymentsConfirmed), count: payments}) : ''],
    ];
    return html`<ol class="steps">${steps.map(([name, text], index) => html`<li key=${name} class=${index < at || at === 4 ? 'done' : index === at ? 'now' : ''}
        aria-current=${index === at ? 'step' : undefined}><b>${say(`state_${name}`)}</b><span>${text}</span></li>`)}</ol>`;
}

const dayText = day => String(day ?? '').replace(/^(....)(..)(..)$/, '$1-$2-$3') || '—';

// ---- acts: by a region alone, with its own key ----

async function acted(answer, refresh) {
    await answer;
    refresh();
}

function replyArgs(month, insured, care) {
    return {month, insured, care};
}

function TurnAct({turn, month, refresh}) {
    const task = short(turn.task, 'CLEARING_TASK_');
    const amount = (BigInt(turn.amountFen ?? 0) / 100n).toString() + '.' + String(BigInt(turn.amountFen ?? 0) % 100n).padStart(2, '0');
    const asked = {
        reply: ['clearing-confirm', replyArgs(month, turn.insuredRegion, turn.careRegion), {title: say('act_confirm'),
            what: say('act_confirm_what', {month, insured: regionName(turn.insuredRegion), care: regionName(turn.careRegion), count: number(turn.count)})}],
        pay: ['books-pay', {month, payer: turn.insuredRegion, payee: turn.careRegion, amount}, payAbout(say('act_pay'), turn, amount)],
        receive: ['books-receive', {month, payer: turn.insuredRegion, payee: turn.careRegion, amount}, payAbout(say('act_receive'), turn, amount)],
    }[task];
    if (!asked || turn.region !== ownRegion() || !mayAsk(asked[0]))
        return null;
    return html`<button type="button" class="no-print" onClick=${() => acted(act(...asked), refresh)}>${asked[2].title}</button>`;
}

function payAbout(title, turn, amount) {
    return {title, what: say('act_pay_what', {payer: regionName(turn.insuredRegion), payee: regionName(turn.careRegion), amount}),
        fields: [{name: 'paid_on', title: say('paid_on'), pattern: '20[0-9]{2}-[01][0-9]-[0-3][0-9]', required: true}]};
}

function Turns({month, answer}) {
    const text = monthText(month.month);
    const columns = [
        {key: 'region', title: say('whose_turn'), value: row => row.region, render: row => html`<b><${Region} of=${row.region}/></b>`},
        {key: 'task', title: say('task'), render: row => say(`task_${short(row.task, 'CLEARING_TASK_')}`)},
        {key: 'pair', title: say('pair'), value: row => row.insuredRegion + row.careRegion, render: row => html`<${Pair} insured=${row.insuredRegion} care=${row.careRegion}/>`},
        {key: 'count', title: say('bills'), align: 'right', value: row => number(row.count), render: row => row.count ? html`<${Count} of=${row.count}/>` : ''},
        {key: 'amountFen', title: say('amount'), align: 'right', value: row => number(row.amountFen), render: row => html`<${Money} fen=${row.amountFen ?? 0}/>`},
        {key: 'until', title: say('until'), value: row => number(row.until), render: row => html`<${Day} day=${row.until}/>${row.provisional ? html` <span class="quiet">${say('provisional')}</span>` : ''}${
            row.late ? html` <${State} kind="bad">${say('late')}<//>` : ''}`},
        {key: 'act', title: say('act'), sortable: false, render: row => html`<${TurnAct} turn=${row} month=${text} refresh=${answer.refresh}/>`},
    ];
    return html`<${Panel} wide=${true} title=${say('turns')} answer=${answer} hint=${say('turns_hint', {day: dayText(month.onDay)})}>
        <${Table} caption=${say('turns')} columns=${ownRegion() ? columns : columns.slice(0, -1)} rows=${month.turns ?? []} rowKind=${row => row.late ? 'bad' : ''} empty=${say('no_turn')}/><//>`;
}

// ---- tables, nets, payments, advances ----

const word = position => position && String(position) !== '0' ? html`<${State} kind="good">${say('confirmed')}<//> <${Position} at=${position}/>` : html`<span class="quiet">—</span>`;

function Tables({month, answer, rows}) {
    const total = key => rows.reduce((sum, row) => sum + BigInt(row[key] ?? 0), 0n);
    const columns = [
        {key: 'pair', title: say('pair'), value: row => row.insuredRegion + row.careRegion,
            render: row => html`<a href=${link('clearing', [month, 'rows'], {insured: row.insuredRegion, care: row.careRegion})}><${Pair} insured=${row.insuredRegion} care=${row.careRegion}/></a>`},
        {key: 'countPositive', title: say('settlements'), align: 'right', value: row => number(row.countPositive), render: row => html`<${Count} of=${number(row.countPositive)}/>`},
        {key: 'countNegative', title: say('reversals'), align: 'right', value: row => number(row.countNegative), render: row => html`<${Count} of=${number(row.countNegative)}/>`},
        {key: 'totalFen', title: say('total'), align: 'right', value: row => number(row.totalFen), render: row => html`<${Money} fen=${row.totalFen ?? 0}/>`},
        {key: 'amountFen', title: say('to_clear'), align: 'right', value: row => number(row.amountFen), render: row => html`<${Money} fen=${row.amountFen ?? 0}/>`},
        {key: 'disputedCount', title: say('disputed_rows'), align: 'right', value: row => number(row.disputedCount), render: row => html`<${Count} of=${number(row.disputedCount)}/>`},
        {key: 'disputedFen', title: say('disputed_amount'), align: 'right', value: row => number(row.disputedFen), render: row => html`<${Money} fen=${row.disputedFen ?? 0}/>`},
        {key: 'confirmedByInsured', title: say('word_insured'), sortable: false, render: row => word(row.confirmedByInsured)},
        {key: 'confirmedByCare', title: say('word_care'), sortable: false, render: row => row.insuredRegion === row.careRegion ? '' : word(row.confirmedByCare)},
    ];
    const sums = {pair: say('sum'), countPositive: html`<${Count} of=${String(total('countPositive'))}/>`, countNegative: html`<${Count} of=${String(total('countNegative'))}/>`,
        totalFen: html`<${Money} fen=${String(total('totalFen'))}/>`, amountFen: html`<${Money} fen=${String(total('amountFen'))}/>`,
        disputedCount: html`<${Count} of=${String(total('disputedCount'))}/>`, disputedFen: html`<${Money} fen=${String(total('disputedFen'))}/>`};
    return html`<${Panel} wide=${true} title=${say('tables')} answer=${answer} hint=${say('tables_hint')}>
        <${Table} caption=${say('tables')} columns=${columns} rows=${rows} total=${rows.length > 1 ? sums : undefined}/><//>`;
}

const money = (key, title) => ({key, title, align: 'right', value: row => number(row[key]), render: row => html`<${Money} fen=${row[key] ?? 0}/>`});

const Nets = ({answer, rows}) => html`<${Panel} title=${say('nets')} answer=${answer} hint=${say('nets_hint')}><${Table} caption=${say('nets')} rows=${rows} columns=${[
    {key: 'region', title: say('region'), render: row => html`<${Region} of=${row.region}/>`}, money('receivableFen', say('receivable')), money('payableFen', say('payable')), money('netFen', say('net'))]}/><//>`;

const PAYMENT_KINDS = {PAYMENT_STATE_NOTIFIED: 'warn', PAYMENT_STATE_PAID: 'warn', PAYMENT_STATE_CONFIRMED: 'good'};
const Payments = ({answer, rows}) => html`<${Panel} title=${say('payments')} answer=${answer}><${Table} caption=${say('payments')} rows=${rows} empty=${say('no_payments')} columns=${[
    {key: 'payer', title: say('payer'), render: row => html`<${Region} of=${row.payer}/>`}, {key: 'payee', title: say('payee'), render: row => html`<${Region} of=${row.payee}/>`},
    money('amountFen', say('amount')), {key: 'state', title: say('state'), render: row => html`<${State} kind=${PAYMENT_KINDS[row.state]}>${say(`payment_${short(row.state, 'PAYMENT_STATE_')}`)}<//>`},
    {key: 'payBy', title: say('pay_by'), render: row => html`<${Day} day=${row.payBy}/>`}, {key: 'confirmBy', title: say('receive_by'), render: row => html`<${Day} day=${row.confirmBy}/>`}]}/><//>`;

const COLOUR_KINDS = {ADVANCE_COLOUR_GREEN: 'good', ADVANCE_COLOUR_YELLOW: 'warn', ADVANCE_COLOUR_RED: 'bad'};
const rateText = row => row.useRateBp === undefined && !row.colour ? '—' : number(row.useRateBp) < 0 ? say('no_advance') : `${(number(row.useRateBp) / 100).toFixed(2)} %`;
const Advances = ({answer, rows}) => html`<${Panel} wide=${true} title=${say('advances')} answer=${answer} hint=${say('advances_hint')}><${Table} caption=${say('advances')} rows=${rows} columns=${[
    {key: 'pair', title: say('pair'), value: row => row.insuredRegion + row.careRegion, render: row => html`<${Pair} insured=${row.insuredRegion} care=${row.careRegion}/>`},
    money('depositsFen', say('deposits')), money('availableFen', say('available')), money('usedFen', say('used')), money('inTransitFen', say('in_transit')),
    {key: 'useRateBp', title: say('use_rate'), align: 'right', value: row => number(row.useRateBp), render: rateText},
    {key: 'colour', title: say('warning'), render: row => row.colour ? html`<${State} kind=${COLOUR_KINDS[row.colour]}>${say(`colour_${short(row.colour, 'ADVANCE_COLOUR_')}`)}<//>` : ''},
    money('topUpFen', say('top_up'))]}/><//>`;

function Replies({month}) {
    const answer = usePages('clearing-replies', {month}, {limit: 20, everyMs: TABLES_MS});
    const back = row => act('clearing-roll-back', {...replyArgs(month, row.insuredRegion, row.careRegion), reply: row.position}, {title: say('act_roll_back'), what: say('act_roll_back_what', {position: row.position})});
    const columns = [
        {key: 'position', title: say('position'), render: row => html`<${Position} at=${row.position}/>`},
        {key: 'region', title: say('who'), render: row => html`<${Region} of=${row.region}/>`},
        {key: 'action', title: say('reply'), render: row => html`<${State} kind=${row.action === 'CLEARING_ACTION_DISPUTE' ? 'warn' : 'good'}>${say(`action_${short(row.action, 'CLEARING_ACTION_')}`)}<//>`},
        {key: 'pair', title: say('pair'), value: row => row.insuredRegion + row.careRegion, render: row => html`<${Pair} insured=${row.insuredRegion} care=${row.careRegion}/>`},
        {key: 'numbers', title: say('which_rows'), sortable: false, render: row => number(row.rows) === 0 ? say('whole_table')
            : html`${(row.numbers ?? []).map((each, at) => html`${at ? ', ' : ''}<${Position} at=${each}/>`)}${number(row.rows) > (row.numbers ?? []).length ? say('and_more', {count: number(row.rows) - row.numbers.length}) : ''}`},
        {key: 'act', title: say('act'), sortable: false, render: row => row.region === ownRegion() && mayAsk('clearing-roll-back')
            ? html`<button type="button" class="no-print" onClick=${() => acted(back(row), answer.refresh)}>${say('act_roll_back')}</button>` : ''},
    ];
    return html`<${Panel} wide=${true} title=${say('replies')} answer=${answer} hint=${say('replies_hint')}><${Table} caption=${say('replies')} columns=${columns} rows=${answer.rows} pages=${answer.pages} empty=${say('no_replies')}/><//>`;
}

function Aging() {
    const answer = useQuestion('books-aging', {}, LIST_MS);
    return html`<${Panel} wide=${true} title=${say('aging')} answer=${answer} hint=${say('aging_hint')}><${Table} caption=${say('aging')} rows=${answer.rows} empty=${say('no_aging')} columns=${[
        {key: 'pair', title: say('pair'), value: row => row.insuredRegion + row.careRegion, render: row => html`<${Pair} insured=${row.insuredRegion} care=${row.careRegion}/>`},
        {key: 'openReason', title: say('why_open'), value: row => number(row.openReason), render: row => reasonText(row.openReason)},
        {key: 'ageFrom', title: say('age'), align: 'right', value: row => number(row.ageFrom), render: row => row.ageTo ? say('days_between', {from: number(row.ageFrom), to: row.ageTo}) : say('days_over', {from: number(row.ageFrom) - 1})},
        {key: 'count', title: say('bills'), align: 'right', value: row => number(row.count), render: row => html`<${Count} of=${number(row.count)}/>`}, money('amountFen', say('amount')),
        {key: 'oldest', title: say('oldest'), render: row => html`<${Day} day=${row.oldest}/>`}]}/><//>`;
}

// ---- pages below a month ----

const rowColumns = extra => [
    {key: 'number', title: say('number'), align: 'right', value: row => number(row.number), render: row => html`<${Position} at=${row.number}/>`},
    {key: 'day', title: say('day'), render: row => html`<${Day} day=${row.day}/>`},
    {key: 'institution', title: say('institution'), render: row => html`<a href=${link('institutions', [monthText(String(row.day).slice(0, 6)), row.institution])}>${row.institution}</a>`},
    {key: 'billId', title: say('bill_id')}, {key: 'insuredArea', title: say('insured_area')}, {key: 'insuranceType', title: say('insurance_type')},
    money('totalFen', say('total')), money('fundFen', say('fund')), money('accountFen', say('account')),
    {key: 'kind', title: say('kind'), sortable: false, render: row => row.adjustment ? say('kind_adjustment') : row.original ? html`${say('kind_reversal')} <${Position} at=${row.original}/>` : say('kind_settlement')},
    ...extra];

function DisputeAct({row, month, pair, refresh}) {
    if (!pair.insured || !pair.care || ![pair.insured, pair.care].includes(ownRegion()) || !mayAsk('clearing-dispute'))
        return null;
    const dispute = () => act('clearing-dispute', {...replyArgs(month, pair.insured, pair.care), number: [String(row.number)]}, {title: say('act_dispute'), what: say('act_dispute_what', {number: row.number, bill: row.billId})});
    return html`<button type="button" class="no-print" onClick=${() => acted(dispute(), refresh)}>${say('act_dispute')}</button>`;
}

// Rows are for clearing officers and auditors; nobody else's page asks for them.
const NotYours = ({title}) => html`<${Panel} title=${title}><${Notice}>${say('rows_not_yours')}<//><//>`;

function Rows({month, query}) {
    const pair = {insured: query.insured, care: query.care};
    const months = useQuestion('clearing-months', {month}, MONTHS_MS);
    const answer = usePages('clearing-rows', mayAsk('clearing-rows') ? {month, ...pair} : null, {limit: 50, everyMs: 0});
    const stands = months.rows[0]?.state === 'CLEARING_STATE_GENERATED';
    const columns = rowColumns(stands ? [{key: 'act', title: say('act'), sortable: false, render: row => html`<${DisputeAct} row=${row} month=${month} pair=${pair} refresh=${answer.refresh}/>`}] : []);
    const title = pair.insured && pair.care ? say('rows_of', {insured: regionName(pair.insured), care: regionName(pair.care)}) : say('rows');
    if (!mayAsk('clearing-rows'))
        return html`<${NotYours} title=${title}/>`;
    return html`<${Panel} title=${title} answer=${answer} hint=${stands ? say('rows_hint') : ''}><${Table} caption=${title} columns=${columns} rows=${answer.rows} pages=${answer.pages} empty=${say('no_rows')}/><//>`;
}

function Lines({month}) {
    const answer = usePages('books-reconciliation', {first: firstDay(month), last: lastDay(month), open: true}, {limit: 50, everyMs: LIST_MS});
    const of = (key, title, kind) => ({key, title, align: 'right', value: row => number(row[key]), render: row => number(row[key]) === 0 ? html`<span class="quiet">0</span>`
        : kind ? html`<${State} kind=${kind}>${row[key]}<//>` : html`<${Count} of=${row[key]}/>`});
    return html`<${Panel} title=${say('lines')} answer=${answer} hint=${say('lines_hint')}><${Table} caption=${say('lines')} rows=${answer.rows} pages=${answer.pages} empty=${say('no_lines')} columns=${[
        {key: 'day', title: say('day'), render: row => html`<${Day} day=${row.day}/>`}, {key: 'institution', title: say('institution')},
        {key: 'insuredRegion', title: say('insured'), render: row => html`<${Region} of=${row.insuredRegion}/>`}, of('bills', say('exchange_has')),
        of('careMatched', say('care_matched')), of('careDiffers', say('care_differs'), 'bad'), of('careOnly', say('care_only'), 'warn'),
        of('insuredMatched', say('insured_matched')), of('insuredDiffers', say('insured_differs'), 'bad'), of('insuredOnly', say('insured_only'), 'warn'),
        of('open', say('open_rows'), 'warn'), money('openFen', say('open_amount'))]}/><//>`;
}

function OpenRows({month}) {
    const answer = usePages('clearing-rows', mayAsk('clearing-rows') ? {month, open: true} : null, {limit: 50, everyMs: LIST_MS});
    const columns = rowColumns([{key: 'openReason', title: say('why_open'), value: row => number(row.openReason), render: row => reasonText(row.openReason)},
        {key: 'difference', title: say('difference'), value: row => number(row.difference), render: row => row.difference ? html`<${State} kind="bad">${differenceText(row.difference)}<//>` : ''}]);
    if (!mayAsk('clearing-rows'))
        return html`<${NotYours} title=${say('open_list')}/>`;
    return html`<${Panel} title=${say('open_list')} answer=${answer} hint=${say('open_list_hint')}><${Table} caption=${say('open_list')} columns=${columns} rows=${answer.rows} pages=${answer.pages} rowKind=${row => row.difference ? 'bad' : ''} empty=${say('no_open')}/><//>`;
}

function Theirs({month}) {
    const answer = usePages('books-theirs', {first: firstDay(month), last: lastDay(month)}, {limit: 50, everyMs: LIST_MS});
    return html`<${Panel} title=${say('theirs')} answer=${answer} hint=${say('theirs_hint')}><${Table} caption=${say('theirs')} rows=${answer.rows} pages=${answer.pages} empty=${say('no_theirs')} columns=${[
        {key: 'day', title: say('day'), render: row => html`<${Day} day=${row.day}/>`}, {key: 'institution', title: say('institution')},
        {key: 'region', title: say('who'), render: row => html`<${Region} of=${row.region}/>`}, {key: 'side', title: say('side'), render: row => say(`side_${short(row.side, 'STATEMENT_SIDE_')}`)},
        {key: 'number', title: say('their_number'), align: 'right'}, {key: 'billId', title: say('bill_id')}, money('totalFen', say('total')),
        {key: 'difference', title: say('difference'), render: row => differenceText(row.difference)}, {key: 'statement', title: say('statement'), render: row => html`<${Position} at=${row.statement}/>`},
        {key: 'statedOn', title: say('stated_on'), render: row => html`<${Day} day=${row.statedOn}/>`}]}/><//>`;
}

function SheetPage({month, session}) {
    const answer = useQuestion('clearing-sheet', {month}, 0);
    const checkpoint = useQuestion('checkpoint', mayAsk('checkpoint') ? {} : null, 0);
    const [sheet] = answer.rows;
    const print = html`<button type="button" class="primary no-print" disabled=${!sheet} onClick=${() => window.print()}>${say('print')}</button>`;
    return html`<${Panel} title=${say('sheet')} answer=${answer} actions=${print}>
        ${sheet && (sheet.tables.length > 0 ? html`<${Sheet} sheet=${sheet} checkpoint=${checkpoint.rows[0]} exchange=${session.exchange}/>` : html`<${Notice}>${say('no_tables')}<//>`)}<//>`;
}

function Month({month, known}) {
    const answer = useQuestion('clearing-show', {month: monthText(month.month)}, TABLES_MS);
    const [shown = {}] = answer.rows;
    const text = monthText(month.month);
    return html`<div class="panels"><${Panel} wide=${true} title=${say('month', {month: text})} answer=${known}><${Steps} month=${month}/>
        <${Facts} rows=${[[say('rows_in'), html`<${Count} of=${number(month.count)}/>`], [say('to_clear'), html`<${Money} fen=${month.amountFen ?? 0}/>`],
            [say('disputed_rows'), html`<${Count} of=${number(month.disputedCount)}/>`], [say('disputed_amount'), html`<${Money} fen=${month.disputedFen ?? 0}/>`],
            [say('cut'), month.cutPosition && String(month.cutPosition) !== '0' ? html`<${Position} at=${month.cutPosition}/>` : say('not_cut')]]}/><//>
        <${Turns} month=${month} answer=${known}/>
        <${Tables} month=${text} answer=${answer} rows=${shown.tables ?? []}/>
        <${Nets} answer=${answer} rows=${shown.nets?.nets ?? []}/><${Payments} answer=${answer} rows=${shown.payments ?? []}/>
        <${Replies} month=${text}/><${Advances} answer=${answer} rows=${shown.advances ?? []}/><${Aging}/></div>`;
}

const PAGES = {rows: Rows, sheet: SheetPage, differences: ({month}) => html`<${Lines} month=${month}/><${OpenRows} month=${month}/><${Theirs} month=${month}/>`};

// Which months there are, and what is below the one that is looked at.
function Ways({months, month, page}) {
    const state = each => say(`state_${['open', 'generated', 'issued', 'paid', 'confirmed'][stageOf(each)]}`);
    return html`<nav class="row ways no-print" aria-label=${say('months')}><label>${say('which_month')}<select value=${month} onChange=${event => go('clearing', [event.currentTarget.value, ...(page ? [page] : [])])}>
        ${months.map(each => html`<option value=${monthText(each.month)}>${monthText(each.month)} · ${state(each)}</option>`)}</select></label>
        ${['', 'differences', 'rows', 'sheet'].map(each => html`<a href=${link('clearing', each ? [month, each] : [month])} aria-current=${each === (page ?? '') ? 'page' : undefined}>${say(`way_${each || 'overview'}`)}</a>`)}</nav>`;
}

function View({route, session}) {
    const known = useQuestion('clearing-months', {}, MONTHS_MS);
    const months = [...known.rows].reverse();
    const [asked, page] = route.words;
    const month = isMonth(asked) ? asked : months[0] && monthText(months[0].month);
    const found = months.find(each => monthText(each.month) === month);
    const Page = PAGES[page];
    useEffect(() => {
        if (!asked && month)
            history.replaceState(null, '', link('clearing', [month]));
    }, [asked, month]);
    if (!month || (known.rows.length > 0 && !found))
        return html`<${Panel} title=${say('months')} answer=${known}><p class="nothing">${asked ? say('no_such_month', {month: asked}) : say('no_months')}</p><//>`;
    return html`<${Ways} months=${months} month=${month} page=${page}/>${Page ? html`<${Page} month=${month} query=${route.query} session=${session}/>` : found && html`<${Month} month=${found} known=${known}/>`}`;
}

export const screen = {path: 'clearing', order: 9, words: 'clearing', role: 'viewer', View};
