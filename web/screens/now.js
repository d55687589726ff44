// SPDX-License-Identifier: Apache-2.0
// Is the exchange well at this moment, and if not: which part, why, and since when?
import {Bytes, Count, Duration, Facts, Notice, Panel, Position, State, Table, Trend, html, link, useQuestion, useSeries, wordsOf} from '../parts/index.js';
import {STATUS_MS, answered, behind, behindMs, nameOf, number, rate, verdict} from '../parts/status.js';

const say = wordsOf('now');
const CHECKPOINT_LATE_MS = 60000;

// Of each answer what rates and trends are made of: ends and positions by name.
function sample({rows: [status]}) {
    const ends = Object.fromEntries((status?.broker?.streams ?? []).map(each => [`end:${each.stream}`, number(each.end)]));
    const of = Object.fromEntries((status?.services ?? []).filter(answered).flatMap(each => [
        [`at:${nameOf(each)}`, number(each.position)], [`lag:${nameOf(each)}`, behind(each)],
        [`lagS:${nameOf(each)}`, behindMs(each) === undefined ? undefined : behindMs(each) / 1000]]));
    return {...ends, ...of};
}

// The series of how much a second: an answer's difference to the one about ten seconds before.
const rates = (series, keys) => series.map((each, index) => {
    const until = series.slice(Math.max(0, index - 20), index + 1);
    return {at: each.at, ...Object.fromEntries(keys.map(key => [key, rate(until, key)]))};
});

// How long until it has caught up, at the pace of the last seconds; null: it does not come nearer.
function catchUpMs(each, series) {
    const lag = behind(each);
    if (!lag)
        return lag === 0 ? 0 : undefined;
    const window = series.filter(one => series[series.length - 1].at - one.at <= 10000 && one[`lag:${nameOf(each)}`] !== undefined);
    const [first, last] = [window[0], window[window.length - 1]];
    if (!first || first === last)
        return undefined;
    const shrinks = (first[`lag:${nameOf(each)}`] - lag) / (last.at - first.at);
    return shrinks > 0 ? lag / shrinks : null;
}

function CatchUp({each, series}) {
    const ms = catchUpMs(each, series);
    if (ms === null)
        return html`<${State} kind="warn">${say('never')}<//>`;
    return ms === 0 ? html`<span class="quiet">–</span>` : html`<${Duration} ms=${ms}/>`;
}

const Rate = ({of}) => of === undefined ? html`<${Count}/>` : html`<span class="count">${of >= 100 ? Math.round(of) : of.toFixed(1)}</span>`;
const Share = ({used, limit}) => html`<${Bytes} of=${used}/> <span class="quiet">/ <${Bytes} of=${limit}/></span>`;

function columns(answer, series) {
    const known = render => each => answered(each) ? render(each) : html`<${Count}/>`;
    const of = each => nameOf(each);
    return [
        {key: 'service', title: say('service'), value: of, render: each => html`<b>${of(each)}</b>`},
        {key: 'state', title: say('state'), value: each => verdict(each)[0], render: each => {
            const [kind, word] = verdict(each);
            return html`<${State} kind=${kind}>${say(word)}${each.notReadyReason ? `: ${each.notReadyReason}` : ''}<//>`;
        }},
        {key: 'position', title: say('position'), align: 'right', value: each => number(each.position), render: known(each => html`<${Count} of=${number(each.position)}/>`)},
        {key: 'rate', title: say('rate'), unit: '/s', align: 'right', value: each => rate(series, `at:${of(each)}`), render: known(each => html`<${Rate} of=${rate(series, `at:${of(each)}`)}/>`)},
        {key: 'behind', title: say('behind_records'), align: 'right', value: behind, render: each => html`<${Count} of=${behind(each)}/>`},
        {key: 'seconds', title: say('behind_time'), align: 'right', value: each => behindMs(each), render: each => html`<${Duration} ms=${behindMs(each)}/>`},
        {key: 'catch_up', title: say('catch_up'), align: 'right', value: each => catchUpMs(each, series), render: each => html`<${CatchUp} each=${each} series=${series}/>`},
        {key: 'dead', title: say('dead'), align: 'right', value: each => number(each.deadLetters), render: known(each => html`<${Count} of=${number(each.deadLetters)}/>`)},
        {key: 'map', title: say('map'), align: 'right', value: each => number(each.stateBytes), render: known(each => html`<${Share} used=${number(each.stateBytes)} limit=${number(each.stateLimitBytes)}/>`)},
        {key: 'up', title: say('up_for'), align: 'right', value: each => -number(each.startedAtMs), render: known(each => html`<${Duration} ms=${answer.askedAtMs - number(each.startedAtMs)}/>`)},
        {key: 'restarts', title: say('restarts'), align: 'right', value: each => number(each.restarts), render: known(each => html`<${Count} of=${number(each.restarts)}/>`)},
    ];
}

function Log({answer, broker}) {
    if (!broker)
        return html`<${Panel} title=${say('log')} answer=${answer}><${Notice} kind="bad">${say('broker_silent')}<//><//>`;
    const share = number(broker.usedBytes) / Math.max(1, number(broker.limitBytes));
    return html`<${Panel} title=${say('log')} answer=${answer}>
        ${broker.full && html`<${Notice} kind="bad">${say('full', {cause: broker.fullCause ?? ''})}<//>`}
        <${Facts} rows=${[
            [say('log_used'), html`<${State} kind=${share > 0.8 ? 'warn' : 'good'}><${Share} used=${number(broker.usedBytes)} limit=${number(broker.limitBytes)}/><//>`],
            [say('disk_free'), html`<${State} kind=${number(broker.freeBytes) < 4 * number(broker.reserveBytes) ? 'warn' : 'good'}><${Bytes} of=${number(broker.freeBytes)}/><//>`],
            [say('disk_reserve'), html`<${Bytes} of=${number(broker.reserveBytes)}/>`],
            [say('segments'), html`<a href=${link('streams')}><${Count} of=${number(broker.segments)}/></a>`],
            [say('up_for'), html`<${Duration} ms=${answer.askedAtMs - number(broker.startedAtMs)}/>`],
            [say('version'), `${broker.version} ${broker.build}`],
        ]}/><//>`;
}

// Of all boxes the record that has waited longest.
const oldest = parties => parties.flatMap(each => [each.oldest, each.booksOldest].filter(Boolean).map(found => ({party: each.party, ...found})))
    .sort((a, b) => b.ageMs - a.ageMs)[0];

function Ends({answer, status}) {
    const audit = status.services.find(each => each.service === 'audit') ?? {};
    const parties = status.services.find(each => each.parties)?.parties;
    const first = oldest(parties ?? []);
    const waiting = parties?.reduce((sum, each) => sum + number(each.backlog) + number(each.booksBacklog), 0);
    const heard = status.services.map(each => each.logAgeMs).filter(each => each !== undefined);
    const late = audit.checkpointAgeMs > CHECKPOINT_LATE_MS && behindMs(audit) > 0;
    return html`<${Panel} title=${say('ends')} answer=${answer}><${Facts} rows=${[
        [say('waiting'), html`<a href=${link('mailboxes')}><${Count} of=${waiting}/></a>`],
        [say('oldest'), first ? html`<${Duration} ms=${first.ageMs}/> <span class="quiet">${first.party}, </span><${Position} at=${first.position}/>`
            : waiting === 0 ? html`<span class="quiet">${say('nothing_waits')}</span>` : html`<${Count}/>`],
        [say('checkpoint'), audit.checkpointAgeMs === undefined ? html`<${Count}/>` : html`<${State} kind=${late ? 'warn' : 'good'}><${Duration} ms=${audit.checkpointAgeMs}/><//>`],
        [say('checkpoint_final'), html`<${Duration} ms=${audit.checkpointFinalAgeMs}/>`],
        [say('log_heard'), heard.length ? html`<${Duration} ms=${Math.min(...heard)}/>` : html`<${Count}/>`],
    ]}/><//>`;
}

function View() {
    const answer = useQuestion('status', {}, STATUS_MS);
    const series = useSeries(answer, sample);
    const [status] = answer.rows;
    const services = status?.services ?? [];
    const flow = ['end:submissions', 'at:settlement', 'at:mailbox'];
    const names = services.map(nameOf).filter(each => ['validation', 'settlement', 'mailbox', 'books'].some(name => each.startsWith(name)) && each !== 'mailbox_books').slice(0, 4);
    return html`<div class="panels">
        <${Panel} wide title=${say('services')} answer=${answer}>
            <${Table} caption=${say('services')} columns=${columns(answer, series)} rows=${services} rowKey=${nameOf} rowKind=${each => verdict(each)[0]}/><//>
        ${status && html`<${Log} answer=${answer} broker=${status.broker}/><${Ends} answer=${answer} status=${status}/>
        <${Panel} title=${say('flow')} answer=${answer}><${Trend} height=${252} label=${say('flow_label')} series=${rates(series, flow)}
            lines=${[{name: say('accepted'), key: flow[0]}, {name: say('decided'), key: flow[1]}, {name: say('delivered'), key: flow[2]}]}/><//>
        <${Panel} title=${say('lag')} answer=${answer}>
            <${Trend} height=${110} label=${say('lag_label')} series=${series} lines=${names.map(name => ({name, key: `lag:${name}`}))}/>
            <${Trend} height=${110} label=${say('lag_seconds_label')} series=${series} lines=${names.map(name => ({name, key: `lagS:${name}`}))}/><//>`}
    </div>`;
}

export const screen = {path: 'now', order: 1, words: 'now', role: 'viewer', View};
