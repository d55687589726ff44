// SPDX-License-Identifier: Apache-2.0
// Where has a message been, what was said to it, and why every fen? Found by position, id, or the number of its bill or transfer.
import {Explained, Facts, Findings, Money, Notice, Panel, Position, State, Steps, Table, Time, ask, go, holds, html, language, link, mayAsk, readProof, usePages, useQuestion, useState, wordsOf} from '../parts/index.js';

const say = wordsOf('message');
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const KINDS = {SETTLED: 'good', COMPUTED: 'good', REVERSED: 'good', APPLIED: 'good', MOVED: 'good', NOTICE: 'plain', REFUSED: 'bad', DEAD_LETTER: 'bad'};
const wordOf = outcome => (outcome?.kind ?? '').replace('OUTCOME_KIND_', '');

// A number is asked as a number; what somebody typed never goes into the address.
function Search({onNumber, onFailed}) {
    const send = async event => {
        event.preventDefault();
        const given = new FormData(event.currentTarget), text = given.get('what').trim(), how = given.get('how');
        const kind = how !== 'auto' ? how : ID.test(text) ? 'id' : /^\d{1,12}$/.test(text) ? 'position' : 'number';
        onFailed(null);
        onNumber(null);
        if (kind === 'number')
            return onNumber(text);
        if (kind === 'position')
            return go('message', [text]);
        try {
            const {rows: [found], said} = await ask('track', {message: text});
            return found ? go('message', [found.position]) : onFailed(said);
        } catch (error) {
            return onFailed(error[language()] || error.message);
        }
    };
    return html`<form class="row no-print" role="search" onSubmit=${send}><label>${say('what')}<input name="what" required maxlength="64" size="42" autocomplete="off" spellcheck="false"/></label>
        <label>${say('how')}<select name="how">${['auto', 'position', 'id', 'number'].map(each => html`<option value=${each}>${say(`how_${each}`)}</option>`)}</select></label>
        <button type="submit" class="primary">${say('find')}</button></form>`;
}

function Found({number}) {
    const answer = usePages('flow-list', {number}, {limit: 20, next: last => Number(last.position)});
    const columns = [
        {key: 'position', title: say('position'), align: 'right', render: row => html`<${Position} at=${row.position}/>`},
        {key: 'acceptedAt', title: say('at'), render: row => html`<${Time} ms=${Date.parse(row.acceptedAt)}/>`},
        {key: 'event', title: say('event')},
        {key: 'outcome', title: say('outcome'), render: row => html`<${State} kind=${row.outcome === 'refused' ? 'bad' : 'good'}>${row.outcome}${row.rule ? ` ${row.rule.code}` : ''}<//>`},
        {key: 'amountFen', title: say('amount'), align: 'right', render: row => html`<${Money} fen=${row.amountFen}/>`},
        {key: 'institution', title: say('institution')},
        {key: 'person', title: say('person'), render: row => html`<span class="mono">${row.person ?? ''}</span>`}];
    return html`<${Panel} title=${say('found')} answer=${answer} wide=${true}><${Table} caption=${say('found')} columns=${columns} rows=${answer.rows} pages=${answer.pages} rowKey=${row => row.position} onOpen=${row => go('message', [row.position])} empty=${say('none')}/><//>`;
}

function Trail({answer, message}) {
    const {audit = {}, outcome, hops} = message, kind = wordOf(outcome);
    const columns = [
        {key: 'hop', title: say('hop'), sortable: false, render: row => html`<span class="mono">${row.hop}</span>`},
        {key: 'at', title: say('on_disk'), sortable: false, render: row => html`<${Time} ms=${Date.parse(row.at)}/>`},
        {key: 'afterMs', title: say('after'), unit: 'ms', align: 'right', sortable: false}];
    return html`<${Panel} title=${say('trail', {position: message.position})} answer=${answer} wide=${true}><${Facts} rows=${[
        [say('state'), html`<${State} kind=${message.state === 'delivered' || message.state === 'decided' ? 'good' : message.state === 'accepted' ? 'warn' : 'unknown'}>${say(`state_${message.state.replaceAll(' ', '_')}`)}<//>`],
        [say('outcome'), kind ? html`<${State} kind=${KINDS[kind] ?? 'unknown'}>${say(`kind_${kind}`)}<//>` : undefined],
        [say('event'), audit.event], [say('sender'), audit.sender], [say('delivered_to'), outcome?.deliverTo?.join(', ')],
        [say('id'), html`<span class="mono">${audit.messageId}</span>`],
        outcome?.billId && [say('bill'), html`<span class="mono">${outcome.billId}</span> ${outcome.institution}`],
        outcome?.transfer && [say('transfer'), html`<a href=${link('transfers', [outcome.transfer.transferId])}>${outcome.transfer.transferId}</a>`],
        outcome?.originalPosition && [say('original'), html`<${Position} at=${outcome.originalPosition}/>`],
        outcome?.deadReason && [say('dead'), outcome.deadReason],
        [say('sha'), html`<span class="mono">${message.envelopeSha256}</span>`], [say('chain'), html`<span class="mono">${audit.chain}</span>`]]}/>
        <${Table} caption=${say('hops')} columns=${columns} rows=${hops} rowKey=${row => row.hop}/><//>`;
}

function Postings({postings}) {
    const columns = [{key: 'account', title: say('account'), sortable: false, render: row => html`<span class="mono">${row.account}</span>`},
        {key: 'amountFen', title: say('amount'), align: 'right', sortable: false, render: row => html`<${Money} fen=${row.amountFen}/>`}];
    return html`<${Panel} title=${say('postings')}><${Table} caption=${say('postings')} columns=${columns} rows=${postings}/><//>`;
}

// The record itself stays here: a proof without it shows that the leaf stands on the log.
function Proof({position}) {
    const [state, setState] = useState(null);
    const prove = async () => {
        setState({asking: true});
        try {
            const {rows: [row], said} = await ask('proof', {message: String(position)});
            if (!row)
                return setState({said});
            const proof = readProof(row.proof);
            return setState({proof, text: row.proof, holds: await holds(proof, position)});
        } catch (error) {
            return setState({said: error[language()] || error.message});
        }
    };
    const save = () => {
        const place = document.createElement('a');
        place.href = URL.createObjectURL(new Blob([state.text], {type: 'text/plain'}));
        place.download = `${position}.tlog-proof`;
        place.click();
        URL.revokeObjectURL(place.href);
    };
    return html`<${Panel} title=${say('proof')} hint=${say('proof_hint')}><p class="no-print"><button type="button" disabled=${state?.asking} onClick=${prove}>${say('prove')}</button>${state?.proof && html` <button type="button" onClick=${save}>${say('save')}</button>`}</p>
        ${state?.said !== undefined && html`<${Notice} kind="unknown">${state.said}<//>`}
        ${state?.proof && html`<${Notice} kind=${state.holds ? 'good' : 'bad'}>${state.holds ? say('holds', {position, size: state.proof.size}) : say('holds_not', {position, size: state.proof.size})}<//>
        <${Facts} rows=${[[say('log'), state.proof.origin], [say('size'), state.proof.size], [say('path'), state.proof.path.length], [say('signatures'), state.proof.signatures]]}/>`}<//>`;
}

function Message({position}) {
    const answer = useQuestion('track', {message: position}, 5000);
    const [message] = answer.rows;
    if (!message)
        return html`<${Panel} title=${say('trail', {position})} answer=${answer} wide=${true}>${answer.code === 1 && html`<${Notice} kind="warn">${answer.said}<//>`}<//>`;
    const {findings = [], explained, steps, outcome, envelope} = message;
    return html`<${Trail} answer=${answer} message=${message}/>
        ${findings.length > 0 && html`<${Panel} title=${say('findings')} wide=${true}><${Findings} findings=${findings}/><//>`}
        ${explained && html`<${Panel} title=${say('explained')} wide=${true}><${Explained} explained=${explained}/><//>`}
        ${steps && html`<${Panel} title=${say('explained')} wide=${true}><${Steps} steps=${steps}/><//>`}
        <div class="panels">${outcome?.postings && html`<${Postings} postings=${outcome.postings}/>`}${mayAsk('proof') && html`<${Proof} key=${position} position=${message.position}/>`}</div>
        ${envelope && html`<${Panel} title=${say('envelope')} hint=${say('envelope_hint')} wide=${true}><pre tabindex="0" aria-label=${say('envelope')}>${JSON.stringify(envelope, null, 1)}</pre><//>`}`;
}

function View({route}) {
    const [search, setSearch] = useState(null), [failed, setFailed] = useState(null);
    const [position] = route.words; // what was found is shown until another position is looked at
    return html`<${Search} onNumber=${number => setSearch({number, at: position})} onFailed=${setFailed}/>${failed && html`<${Notice} kind="warn">${failed}<//>`}
        ${search?.at === position && search?.number ? html`<${Found} number=${search.number}/>` : position && html`<${Message} key=${position} position=${position}/>`}`;
}

export const screen = {path: 'message', order: 5, words: 'message', role: 'viewer', View};
