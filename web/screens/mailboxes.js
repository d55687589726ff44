// SPDX-License-Identifier: Apache-2.0
// Does each party fetch what is for it, and whose waits longest? Looked at from outside: nothing is read out of a box.
import {Count, Duration, Notice, Panel, Position, State, Table, Trend, html, useQuestion, useSeries, wordsOf} from '../parts/index.js';
import {STATUS_MS, number} from '../parts/status.js';

const say = wordsOf('mailboxes');
const LATE_MS = 24 * 3600 * 1000; // a region fetches at least once a day

const partiesOf = status => status?.services.find(each => each.parties)?.parties ?? [];
const nameOf = party => party === 'operator' ? say('operator') : party;

const boxesOf = parties => parties.flatMap(each => [
    {party: each.party, box: 'outcomes', confirmed: number(each.confirmed), waiting: number(each.backlog), oldest: each.oldest},
    {party: each.party, box: 'books', confirmed: number(each.booksConfirmed), waiting: number(each.booksBacklog), oldest: each.booksOldest}]);

const kindOf = row => row.waiting === 0 ? 'good' : row.oldest === undefined ? 'unknown' : row.oldest.ageMs > LATE_MS ? 'warn' : 'good';

const columns = () => [
    {key: 'party', title: say('party'), value: row => nameOf(row.party), render: row => html`<b>${nameOf(row.party)}</b>`},
    {key: 'box', title: say('box'), value: row => row.box, render: row => row.box === 'books' ? say('books') : say('outcomes')},
    {key: 'end', title: say('end'), align: 'right', value: row => row.confirmed + row.waiting, render: row => html`<${Count} of=${row.confirmed + row.waiting}/>`},
    {key: 'confirmed', title: say('confirmed'), align: 'right', render: row => html`<${Count} of=${row.confirmed}/>`},
    {key: 'waiting', title: say('waiting'), align: 'right', render: row => html`<${Count} of=${row.waiting}/>`},
    {key: 'oldest', title: say('oldest'), align: 'right', value: row => row.oldest?.position, render: row => row.waiting === 0 ? html`<span class="quiet">${say('all_confirmed')}</span>` : html`<${Position} at=${row.oldest?.position}/>`},
    {key: 'age', title: say('age'), align: 'right', value: row => row.oldest?.ageMs ?? (row.waiting ? undefined : 0),
        render: row => row.waiting === 0 ? '' : html`<${State} kind=${kindOf(row)}><${Duration} ms=${row.oldest?.ageMs}/><//>`},
];

const sample = ({rows: [status]}) => Object.fromEntries(partiesOf(status).map(each => [each.party, number(each.backlog) + number(each.booksBacklog)]));

function View() {
    const answer = useQuestion('status', {}, STATUS_MS);
    const series = useSeries(answer, sample);
    const parties = partiesOf(answer.rows[0]);
    const regions = parties.filter(each => each.party !== 'operator');
    return html`<div class="panels">
        <${Panel} wide title=${say('boxes')} answer=${answer} hint=${say('boxes_hint')}>
            ${parties.length ? html`<${Table} caption=${say('boxes')} columns=${columns()} rows=${boxesOf(parties)} rowKey=${row => row.party + row.box} rowKind=${kindOf}/>`
                : html`<${Notice} kind="unknown">${say('silent')}<//>`}<//>
        ${parties.length > 0 && html`<${Panel} wide title=${say('trend')} answer=${answer}><${Trend} label=${say('trend_label')} series=${series} lines=${regions.map(each => ({name: each.party, key: each.party}))}/><//>`}
    </div>`;
}

export const screen = {path: 'mailboxes', order: 3, words: 'mailboxes', role: 'viewer', View};
