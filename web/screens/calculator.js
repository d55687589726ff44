// SPDX-License-Identifier: Apache-2.0
// What would a bill come to, and why? The engine that settles, by the policy that stands on the log for the day. Nothing is posted.
import {Explained, Findings, Notice, Panel, ask, html, language, useQuestion, useState, wordsOf} from '../parts/index.js';

const say = wordsOf('calculator');
const TYPES = ['310', '390', '510'];
const DRUG = 'XN01AB00000000000000005'; // any of the national shape: what is paid depends on level and share
const own = (row, zh = 'nameZh', en = 'nameEn') => language() === 'zh' ? row[zh] : row[en];
const today = () => new Date(Date.now() + 8 * 3600 * 1000).toISOString().slice(0, 10);
const fenOf = text => /^\d{1,9}(\.\d{1,2})?$/.test(text) ? String(Math.round(Number(text) * 100)) : null;
const numberOf = day => Number(day.replaceAll('-', ''));

// Which field a finding is about, by the path in the message.
const FIELDS = [[/insured_area/, 'area'], [/insurance_type/, 'type'], [/care_kind/, 'care'], [/admission_date/, 'from'], [/discharge_date/, 'to'], [/category/, 'category'], [/special_disease/, 'disease'], [/institution/, 'institution'], [/items\[(\d)\]/, 'item']];
const fieldOf = (path, lines) => {
    const [expression, field] = FIELDS.find(([each]) => each.test(path)) ?? [];
    return field === 'item' ? lines[Number(path.match(expression)[1])]?.field : field;
};

const LINES = [['level1', '01'], ['level2', '02'], ['level3', '03']];

// A line a level: amount, and of the second level its first own share.
function linesOf(form) {
    return LINES.filter(([field]) => form[field]).map(([field, level], index) => ({field, fen: fenOf(form[field]), item: {
        code: DRUG, level, unitPriceMicro: `${fenOf(form[field])}0000`, quantityE4: '10000', amountFen: fenOf(form[field]), lineId: String(index + 1), ...(level === '02' ? {firstOwnShareBp: Math.round(Number(form.share) * 100)} : {})}}));
}

function billOf(form, lines) {
    return {version: 1, sender: form.institution.slice(1, 3) + '0000', billTrial: {
        billId: 'CALCULATOR', institution: form.institution, insuredArea: form.area, insuranceType: form.type, careKind: form.care, admissionDate: numberOf(form.from), dischargeDate: numberOf(form.to),
        diagnosis: form.diagnosis, credential: '01', ...(Number(form.balance) > 0 ? {usePersonalAccount: true} : {}), ...(form.disease ? {specialDisease: form.disease} : {}),
        totalFen: lines.reduce((sum, line) => sum + BigInt(line.fen), 0n).toString(), items: lines.map(line => line.item)}};
}

// What is wrong before anybody is asked: by field.
function faultsOf(form, lines) {
    const faults = {};
    for (const name of ['level1', 'level2', 'level3', 'balance', 'pool'])
        if (form[name] && fenOf(form[name]) === null)
            faults[name] = say('no_amount');
    if (lines.length === 0)
        faults.level1 = say('no_line');
    if (form.to < form.from)
        faults.to = say('before_admission');
    return faults;
}

const START = {area: '', type: '310', category: '1101', age: '40', level: '3', institution: 'H12010199001', care: '21', from: today(), to: today(), diagnosis: 'J18.900', disease: '', filing: '0', poverty: '0', stays: '0', pool: '0', balance: '0', level1: '', level2: '', share: '10', level3: ''};

function Field({name, form, faults, set, children, ...input}) {
    const fault = faults[name], id = `fault-${name}`;
    const given = {name, value: form[name], onInput: event => set(name, event.currentTarget.value), 'aria-invalid': fault ? 'true' : undefined, 'aria-describedby': fault ? id : undefined};
    return html`<label>${say(`field_${name}`)}${children ? html`<select ...${given}>${children}</select>` : html`<input type="text" autocomplete="off" ...${given} ...${input}/>`}${fault && html`<span class="field-error" id=${id}>${fault}</span>`}</label>`;
}

const Options = ({rows}) => rows.map(([value, text]) => html`<option value=${value}>${value}${text && ` ${text}`}</option>`);

function Form({form, faults, set, onSend, busy}) {
    const versions = useQuestion('policy-versions', {'in-force': true}), areas = useQuestion('reference-list', {kind: 'areas', limit: 200}), cares = useQuestion('reference-list', {kind: 'care_kinds', limit: 100});
    const named = Object.fromEntries(areas.rows.map(each => [each.code, own(each)]));
    const stated = [...new Set(versions.rows.map(each => each.area))].sort();
    const field = {form, faults, set};
    return html`<form onSubmit=${onSend} novalidate aria-label=${say('bill')}>
        <fieldset class="fields"><legend>${say('person')}</legend>
            <${Field} name="area" ...${field}><${Options} rows=${[['', ''], ...stated.map(each => [each, named[each] ?? ''])]}/><//>
            <${Field} name="type" ...${field}><${Options} rows=${TYPES.map(each => [each, say(`type_${each}`)])}/><//>
            <${Field} name="category" ...${field} pattern="[0-9]{4}" maxlength="4" inputmode="numeric"/><${Field} name="age" ...${field} maxlength="3" inputmode="numeric"/>
            <${Field} name="filing" ...${field}><${Options} rows=${['0', '1', '2', '3', '4'].map(each => [each, say(`filing_${each}`)])}/><//><${Field} name="poverty" ...${field}><${Options} rows=${['0', '1', '2', '3', '4'].map(each => [each, say(`poverty_${each}`)])}/><//>
            <${Field} name="stays" ...${field} maxlength="3" inputmode="numeric"/><${Field} name="pool" ...${field} inputmode="decimal"/><${Field} name="balance" ...${field} inputmode="decimal"/></fieldset>
        <fieldset class="fields"><legend>${say('care')}</legend>
            <${Field} name="institution" ...${field} maxlength="12"/><${Field} name="level" ...${field}><${Options} rows=${['1', '2', '3'].map(each => [each, say(`level_${each}`)])}/><//>
            <${Field} name="care" ...${field}><${Options} rows=${cares.rows.length ? cares.rows.map(each => [each.code, own(each)]) : [[form.care, '']]}/><//>
            <${Field} name="from" ...${field} type="date"/><${Field} name="to" ...${field} type="date"/><${Field} name="diagnosis" ...${field} maxlength="20"/><${Field} name="disease" ...${field} maxlength="6"/></fieldset>
        <fieldset class="fields"><legend>${say('amounts')}</legend>
            <${Field} name="level1" ...${field} inputmode="decimal"/><${Field} name="level2" ...${field} inputmode="decimal"/><${Field} name="share" ...${field} inputmode="decimal"/><${Field} name="level3" ...${field} inputmode="decimal"/></fieldset>
        <p class="no-print"><button type="submit" class="primary" disabled=${busy}>${say('calculate')}</button></p></form>`;
}

function Result({result, bill}) {
    const [copied, setCopied] = useState(false);
    const text = JSON.stringify(bill, null, 1);
    const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false));
    return html`${result.findings && html`<${Panel} title=${say('refused')} wide=${true}><${Findings} findings=${result.findings}/><//>`}
        ${result.said && !result.findings && !result.explained && html`<${Notice} kind="bad">${result.said}<//>`}
        ${result.explained && html`<${Panel} title=${say('result')} hint=${say('by_log')} wide=${true}><${Explained} explained=${result.explained}/><//>`}
        <${Panel} title=${say('json')} hint=${say('json_hint')} wide=${true} actions=${html`<button type="button" class="no-print" onClick=${copy}>${copied ? say('copied') : say('copy')}</button>`}>
            <pre tabindex="0" aria-label=${say('json')}>${text}</pre><//>`;
}

function View() {
    const [form, setForm] = useState(START), [faults, setFaults] = useState({}), [done, setDone] = useState(null), [busy, setBusy] = useState(false);
    const set = (name, value) => setForm(before => ({...before, [name]: value}));
    const send = async event => {
        event.preventDefault();
        const lines = linesOf(form), wrong = faultsOf(form, lines);
        setFaults(wrong);
        if (Object.keys(wrong).length > 0)
            return document.querySelector(`[name=${Object.keys(wrong)[0]}]`)?.focus();
        setBusy(true);
        const bill = billOf(form, lines);
        try {
            const {rows: [row = {}], said} = await ask('calc', {bill: JSON.stringify(bill), level: form.level, category: form.category, filing: form.filing, poverty: form.poverty, age: form.age, stays: form.stays,
                pool_paid: fenOf(form.pool) ?? '0', balance: fenOf(form.balance) ?? '0'});
            setFaults(Object.fromEntries((row.findings ?? []).map(each => [fieldOf(each.path, lines), `${each.code} ${own(each, 'zh', 'en')}`]).filter(([field]) => field)));
            setDone({result: {...row, said}, bill});
        } catch (error) {
            setDone({result: {said: error[language()] || error.message}, bill});
        }
        return setBusy(false);
    };
    return html`<${Panel} title=${say('bill')} hint=${say('hint')} wide=${true}><${Form} form=${form} faults=${faults} set=${set} onSend=${send} busy=${busy}/><//>
        <div aria-live="polite">${done && html`<${Result} ...${done}/>`}</div>`;
}

export const screen = {path: 'calculator', order: 9, words: 'calculator', role: 'viewer', View};
