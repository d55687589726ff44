// SPDX-License-Identifier: Apache-2.0
// An action: asks why, in writing, sends it, and shows what came of it. A <dialog> keeps the focus and ends by Escape.
import {html, useEffect, useRef, useState} from '../vendor/htm-preact.js';
import {ask} from './ask.js';
import {textOf, Notice} from './panel.js';
import {refreshAll} from './question.js';
import {wordsOf} from './words.js';

const say = wordsOf('shell');
const REASON_SIZE_MAX = 400;
let open = () => {};

// act('keys-revoke', {name: '110000'}, {title, what, danger, fields: [{name, title, value, pattern, required, options: [[value, text]]}]}).
// Resolves to the answer ({code, rows, said}), or null where it was given up.
export const act = (name, args = {}, about = {}) => new Promise(resolve => open({name, args, about, resolve}));

function Field({field, value, onInput}) {
    const input = event => onInput(field.name, event.currentTarget.value);
    return html`<label>${field.title}${field.options
        ? html`<select name=${field.name} value=${value} required=${field.required} onInput=${input}>${field.options.map(([each, text]) => html`<option value=${each}>${text}</option>`)}</select>`
        : html`<input name=${field.name} type="text" autocomplete="off" value=${value} pattern=${field.pattern} required=${field.required} onInput=${input}/>`}</label>`;
}

// What the command printed: rows as JSON, one a line, and what it said beside.
const Outcome = ({answer}) => html`
    <${Notice} kind=${answer.code === 0 ? 'good' : answer.code === 3 ? 'unknown' : 'bad'}>${answer.code === 0 ? say('act_done') : say('act_not_done', {code: answer.code})}<//>
    ${answer.said && html`<pre tabindex="0" aria-label=${say('act_said')}>${answer.said}</pre>`}
    ${answer.rows.length > 0 && html`<pre tabindex="0" aria-label=${say('act_rows')}>${answer.rows.map(row => JSON.stringify(row, null, 1)).join('\n')}</pre>`}`;

function Form({asked, onDone, onCancel}) {
    const fields = asked.about.fields ?? [];
    const [values, setValues] = useState(Object.fromEntries(fields.map(each => [each.name, each.value ?? each.options?.[0]?.[0] ?? ''])));
    const [reason, setReason] = useState('');
    const [state, setState] = useState({sending: false, error: null});
    const send = async event => {
        event.preventDefault();
        setState({sending: true, error: null});
        try {
            const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
            onDone(await ask(asked.name, {...asked.args, ...given, reason: reason.trim()}));
            refreshAll();
        } catch (error) {
            setState({sending: false, error});
        }
    };
    return html`<form onSubmit=${send}>
        ${asked.about.what && html`<p>${asked.about.what}</p>`}
        ${asked.about.danger && html`<${Notice} kind="warn">${asked.about.danger}<//>`}
        ${fields.map(field => html`<${Field} key=${field.name} field=${field} value=${values[field.name]} onInput=${(name, value) => setValues({...values, [name]: value})}/>`)}
        <label>${say('act_reason')}<textarea name="reason" rows="3" maxlength=${REASON_SIZE_MAX} required value=${reason} onInput=${event => setReason(event.currentTarget.value)}></textarea></label>
        <p class="hint">${say('act_reason_hint')}</p>
        ${state.error && html`<${Notice} kind="bad">${textOf(state.error)}<//>`}
        <footer><button type="button" onClick=${onCancel}>${say('act_cancel')}</button>
        <button type="submit" class="primary" disabled=${state.sending || reason.trim() === ''}>${state.sending ? say('act_sending') : say('act_send')}</button></footer></form>`;
}

// One of it in the page, at its end.
export function ActHost() {
    const [asked, setAsked] = useState(null);
    const [answer, setAnswer] = useState(null);
    const dialog = useRef(null);
    useEffect(() => {
        open = next => {
            setAnswer(null);
            setAsked(next);
        };
    }, []);
    useEffect(() => {
        if (asked && !dialog.current.open)
            dialog.current.showModal();
    }, [asked]);
    const close = () => {
        dialog.current?.close();
        asked?.resolve(answer);
        setAsked(null);
    };
    return asked && html`<dialog ref=${dialog} aria-labelledby="act-title" onCancel=${event => (event.preventDefault(), close())}>
        <h2 id="act-title">${asked.about.title ?? asked.name}</h2>
        ${answer ? html`<${Outcome} answer=${answer}/><footer><button type="button" class="primary" autofocus onClick=${close}>${say('act_close')}</button></footer>`
            : html`<${Form} asked=${asked} onDone=${setAnswer} onCancel=${close}/>`}</dialog>`;
}
