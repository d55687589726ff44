// SPDX-License-Identifier: Apache-2.0
// How amounts came about: what the exchange says of each step, in the page's language, as a calculator would be told it.
import {html} from '../vendor/htm-preact.js';
import {Facts, Notice} from './panel.js';
import {Table} from './table.js';
import {Money, Day, Position} from './values.js';
import {language, wordsOf} from './words.js';

const say = wordsOf('shell');
const own = row => row[language()];

// "18700.00 × 85.00 % =" ; of more than two numbers the sign says how they go together.
function reckoning(step) {
    if (step.sign === '1-(1-a)×b')
        return `1 − (1 − ${step.before}) × ${step.parameter}`;
    if (step.sign)
        return `${step.before} ${step.sign === '-' ? '−' : step.sign} ${step.parameter}`;
    return [step.before, step.parameter].filter(Boolean).join(' · ');
}

const columns = () => [
    {key: 'words', title: say('step'), sortable: false, render: own},
    {key: 'reckoning', title: say('reckoning'), align: 'right', sortable: false, render: row => html`<span class="mono">${reckoning(row)}</span>`},
    {key: 'after', title: say('gives'), align: 'right', sortable: false, render: row => html`<span class="mono">${row.after ?? ''}</span>`},
    {key: 'source', title: say('rests_on'), sortable: false, render: row => html`<span class="sources">${row.path && html`<code>${row.path}</code> `}${row.source && html`<span>[${row.grade}] ${row.source}</span> `}<span class="quiet">${row.document ?? ''}</span></span>`},
];

export const Steps = ({steps}) => html`<${Table} caption=${say('steps')} columns=${columns()} rows=${steps}/>`;

export const Amounts = ({amounts}) => html`<${Facts} rows=${amounts.filter(each => each.fen !== 0 || /total/.test(each.name)).map(each => [own(each), html`<${Money} fen=${each.fen}/>`])}/>`;

// {policy, steps, amounts}, as hutong track and calc print it.
export const Explained = ({explained: {policy, steps, amounts}}) => html`<${Amounts} amounts=${amounts}/>
    <p class="hint">${say('policy')} ${policy.area} ${policy.insuranceType} <${Day} day=${policy.validFrom}/>${policy.position > 0 && html` · ${say('published_at')} <${Position} at=${policy.position}/>`}${policy.source && ` · [${policy.grade}] ${policy.source}`}</p>
    <${Steps} steps=${steps}/>`;

// What was found, and what to do: rows of "findings".
export const Findings = ({findings}) => findings.map(each => html`<${Notice} key=${each.code + each.path} kind=${each.severity === 'warning' ? 'warn' : 'bad'}><b>${each.code}</b> ${own(each)}${each.path && html` <code>${each.path}</code>`}${each.detail && ` (${each.detail})`}<br/>
    ${say('remedy')} ${language() === 'zh' ? each.remedyZh : each.remedyEn}<br/><span class="quiet">${each.source}</span><//>`);
