// SPDX-License-Identifier: Apache-2.0
// A month's clearing table as a finance office files it, on A4. Every figure, sum and amount in words is the command's (`hutong clearing print`).
import {html} from '../vendor/htm-preact.js';
import {monthText, number, regionName, short} from './books.js';
import {Notice} from './panel.js';
import {Day, Time, yuan} from './values.js';
import {serverNow} from './session.js';
import {wordsOf} from './words.js';

const say = wordsOf('clearing');
const OFFICES = ['110000', '120000', '130000'];

const Amount = ({fen}) => html`<td class="right">${yuan(fen ?? 0)}</td>`;
const Number = ({of}) => html`<td class="right">${String(of ?? 0)}</td>`;
const Heads = ({names}) => html`<thead><tr>${names.map(([name, right]) => html`<th scope="col" class=${right ? 'right' : ''}>${name}</th>`)}</tr></thead>`;

function Tables({sheet}) {
    const word = position => position && String(position) !== '0' ? say('confirmed_at', {position}) : sheet.state === 'CLEARING_STATE_ISSUED' ? say('no_word') : '';
    const names = [[say('nth')], [say('insured')], [say('care')], [say('settlements'), 1], [say('reversals'), 1], [say('total'), 1], [say('to_clear'), 1],
        [say('disputed_rows'), 1], [say('disputed_amount'), 1], [say('word_insured')], [say('word_care')]];
    return html`<table><${Heads} names=${names}/><tbody>${sheet.tables.map((row, at) => html`<tr><td>${at + 1}</td><td>${regionName(row.insuredRegion)}</td>
        <td>${regionName(row.careRegion)}</td><${Number} of=${row.countPositive}/><${Number} of=${row.countNegative}/><${Amount} fen=${row.totalFen}/>
        <${Amount} fen=${row.amountFen}/><${Number} of=${row.disputedCount}/><${Amount} fen=${row.disputedFen}/><td>${word(row.confirmedByInsured)}</td>
        <td>${row.insuredRegion === row.careRegion ? '' : word(row.confirmedByCare)}</td></tr>`)}</tbody>
        <tfoot><tr><td colspan="3">${say('sum')}</td><${Number} of=${sheet.tableSums.countPositive}/><${Number} of=${sheet.tableSums.countNegative}/>
        <${Amount} fen=${sheet.tableSums.totalFen}/><${Amount} fen=${sheet.tableSums.amountFen}/><td></td><${Amount} fen=${sheet.tableSums.disputedFen}/><td></td><td></td></tr></tfoot></table>`;
}

const Nets = ({sheet}) => html`<table><${Heads} names=${[[say('region')], [say('receivable'), 1], [say('payable'), 1], [say('net'), 1]]}/>
    <tbody>${sheet.nets.map(row => html`<tr><td>${regionName(row.region)}</td><${Amount} fen=${row.receivableFen}/><${Amount} fen=${row.payableFen}/><${Amount} fen=${row.netFen}/></tr>`)}</tbody>
    <tfoot><tr><td>${say('sum')}</td><td></td><td></td><${Amount} fen=${sheet.netSums.netFen}/></tr></tfoot></table>`;

const Payments = ({sheet}) => html`<table><${Heads} names=${[[say('payer')], [say('payee')], [say('amount'), 1], [say('in_words')], [say('pay_by')], [say('state')]]}/>
    <tbody>${sheet.payments.map(row => html`<tr><td>${regionName(row.payer)}</td><td>${regionName(row.payee)}</td><${Amount} fen=${row.amountFen}/>
    <td lang="zh-CN">人民币${row.amountWords}</td><td>${row.payBy ? html`<${Day} day=${row.payBy}/>` : ''}${row.provisional ? ` (${say('provisional')})` : ''}</td>
    <td>${say(`payment_${short(row.state, 'PAYMENT_STATE_')}`)}</td></tr>`)}</tbody></table>`;

const Line = ({name}) => html`<span class="sign"><span>${name}</span><span class="blank"></span></span>`;

function Signatures() {
    return html`<div class="signatures"><div class="signs">${['made_by', 'checked_by', 'finance_officer'].map(each => html`<${Line} name=${say(each)}/>`)}<${Line} name=${say('signed_on')}/></div>
        <div class="seals">${OFFICES.map(each => html`<div class="seal"><span>${say('office_of', {region: regionName(each)})}</span><span class="quiet">${say('seal_here')}</span>
        <${Line} name=${say('officer')}/><${Line} name=${say('signed_on')}/></div>`)}</div></div>`;
}

// What it rests on: the cut, the signed log, and where each figure can be looked up.
function Rests({sheet, checkpoint}) {
    const month = monthText(sheet.month);
    return html`<div class="rests"><p>${number(sheet.cutPosition) > 0 ? say('rests_cut', {position: sheet.cutPosition}) : say('rests_open')}
        ${sheet.finalSize > 0 ? say('rests_final', {size: sheet.finalSize}) : ''}
        ${checkpoint ? html`${say('rests_checkpoint', {origin: checkpoint.origin, size: checkpoint.size})} <span class="root">${checkpoint.root}</span>` : ''}</p>
        <p>${say('rests_rows')} <code>hutong clearing rows ${month} --insured R --care R</code>; <code>hutong explain N</code></p></div>`;
}

export function Sheet({sheet, checkpoint, exchange}) {
    const issued = sheet.state === 'CLEARING_STATE_ISSUED';
    const covers = checkpoint && number(checkpoint.size) >= number(sheet.cutPosition) && number(sheet.cutPosition) > 0;
    return html`<article class="sheet" data-month=${sheet.month}>
        <header><h2>${say('sheet_title')}</h2><p class="sub">${say('sheet_month', {year: String(sheet.month).slice(0, 4), month: String(sheet.month).slice(4)})}</p></header>
        ${!issued && html`<${Notice} kind="warn">${say('sheet_draft', {state: say(`state_${short(sheet.state, 'CLEARING_STATE_')}`)})}<//>`}
        <p class="meta"><span>${say('sheet_exchange', {exchange})}</span><span>${say('sheet_state')}${say(`state_${short(sheet.state, 'CLEARING_STATE_')}`)}</span>
        <span>${say('sheet_confirm_by')}<${Day} day=${sheet.confirmBy}/></span><span>${say('sheet_unit')}</span></p>
        <h3>${say('sheet_tables')}</h3><${Tables} sheet=${sheet}/>
        <h3>${say('sheet_nets')}</h3><${Nets} sheet=${sheet}/>
        ${sheet.payments.length > 0 && html`<h3>${say('sheet_payments')}</h3><${Payments} sheet=${sheet}/>`}
        <${Rests} sheet=${sheet} checkpoint=${covers ? checkpoint : null}/><${Signatures}/>
        <p class="printed">${say('printed_at')}<${Time} ms=${serverNow()}/></p></article>`;
}
