// SPDX-License-Identifier: Apache-2.0
// A part of a screen that shows an answer, how old it is and what is wrong with it. What is not known is grey: it is never shown as well.
import {html, useEffect, useState} from '../vendor/htm-preact.js';
import {language, wordsOf} from './words.js';
import {clock, Unknown} from './values.js';

const say = wordsOf('shell');
let numbered = 0;

const SLOW_MS = 3000; // an answer may be this much late before it counts as stale

export const textOf = error => (error[language()] || error.message) + (error.detail ? `: ${error.detail}` : '');

export const isStale = answer => answer.receivedAt !== undefined && answer.everyMs > 0 &&
    performance.now() - answer.receivedAt + answer.ageMs > 2 * answer.everyMs + SLOW_MS;

function Age({answer}) {
    const [, tick] = useState(0);
    useEffect(() => {
        const timer = setInterval(() => tick(count => count + 1), 1000);
        return () => clearInterval(timer);
    }, []);
    if (answer.receivedAt === undefined)
        return html`<span class="age">${answer.error ? say('unknown') : say('asking')}</span>`;
    const age = Math.max(0, Math.round((performance.now() - answer.receivedAt + answer.ageMs) / 1000));
    return html`<span class="age" title=${say('age_title')}>
        ${say('data_of', {time: clock(answer.askedAtMs)})} · ${say('seconds_ago', {age})}${isStale(answer) ? ' · ' + say('source_down') : ''}</span>`;
}

// What is to be said of an answer: the console's refusal, or what the command complained of.
function Complaint({answer}) {
    if (answer.error)
        return html`<${Notice} kind=${answer.receivedAt === undefined ? 'unknown' : 'bad'}>${textOf(answer.error)}<//>`;
    if (answer.cut || answer.late)
        return html`<${Notice} kind="warn">${answer.cut ? say('cut') : say('late')}<//>`;
    return answer.code > 1 ? html`<${Notice} kind=${answer.code === 3 ? 'unknown' : 'bad'}>${answer.said || say('exit_code', {code: answer.code})}<//>` : null;
}

// `answer`: of useQuestion or usePages; without one, a frame. `actions`: what stands right in the head. `unknown`: what is said where it is not known.
export function Panel({title, answer, hint, actions, children, wide, unknown}) {
    const [id] = useState(() => `panel-${++numbered}`);
    const failed = answer?.code > 1 && answer.rows.length === 0; // the command has said nothing but why: that is not an empty list
    const known = !answer || (answer.receivedAt !== undefined && !failed);
    const doubtful = answer && known && (answer.error || isStale(answer));
    return html`<section class=${`panel${wide ? ' wide' : ''}${doubtful ? ' doubtful' : ''}`} aria-labelledby=${id} data-known=${String(Boolean(known && !doubtful))}>
        <header><h2 id=${id}>${title}</h2>${actions}${answer && html`<${Age} answer=${answer}/>`}</header>
        ${hint && html`<p class="hint">${hint}</p>`}
        ${answer && html`<${Complaint} answer=${answer}/>`}
        ${known ? children : answer.error || failed ? html`<p class="nothing">${unknown ?? html`<${Unknown}/>`}</p>` : html`<p class="nothing">${say('asking')}</p>`}
    </section>`;
}

// Names and their values: [[name, value], …].
export const Facts = ({rows}) => html`<dl class="facts">${rows.filter(Boolean).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value ?? html`<${Unknown}/>`}</dd></div>`)}</dl>`;

// kind: good, warn, bad, unknown, plain.
export const Notice = ({kind = 'plain', children}) => html`<p class=${`notice ${kind}`} role=${kind === 'bad' ? 'alert' : undefined}>${children}</p>`;
