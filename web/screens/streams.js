// SPDX-License-Identifier: Apache-2.0
// What does the log hold, who reads it, and who keeps old segments from being trimmed?
import {Bytes, Count, Facts, Panel, State, Table, html, useQuestion, useSeries, wordsOf} from '../parts/index.js';
import {STATUS_MS, number, rate} from '../parts/status.js';

const say = wordsOf('streams');

const sample = ({rows: [status]}) => Object.fromEntries((status?.broker?.streams ?? []).map(each => [each.stream, number(each.end)]));

// The readers whose cursor is lowest.
function holders(stream) {
    const readers = stream.readers ?? [];
    const lowest = Math.min(...readers.map(each => number(each.cursor)));
    return readers.filter(each => number(each.cursor) === lowest).map(each => each.reader);
}

// One row a reader of a stream.
const readersOf = streams => streams.flatMap(stream => (stream.readers ?? []).map(each => ({
    ...each, stream: stream.stream, cursor: number(each.cursor), held: number(stream.end) - Math.max(number(each.cursor), number(stream.first)),
    holds: holders(stream).includes(each.reader)})));

const streamColumns = series => [
    {key: 'stream', title: say('stream'), render: row => html`<b>${row.stream}</b>`},
    {key: 'first', title: say('first'), align: 'right', value: row => number(row.first), render: row => html`<${Count} of=${number(row.first)}/>`},
    {key: 'end', title: say('end'), align: 'right', value: row => number(row.end), render: row => html`<${Count} of=${number(row.end)}/>`},
    {key: 'kept', title: say('kept'), align: 'right', value: row => row.end - number(row.first), render: row => html`<${Count} of=${number(row.end) - number(row.first)}/>`},
    {key: 'rate', title: say('rate'), unit: '/s', align: 'right', value: row => rate(series, row.stream), render: row => html`<${Count} of=${rate(series, row.stream)?.toFixed(1)}/>`},
    {key: 'epoch', title: say('epoch'), align: 'right', value: row => number(row.epoch), render: row => html`<${Count} of=${number(row.epoch)}/>`},
    {key: 'holds', title: say('holds'), value: row => holders(row).join(), render: row => holders(row).join(', ') || html`<span class="quiet">${say('nobody')}</span>`},
];

const readerColumns = () => [
    {key: 'reader', title: say('reader'), render: row => html`<b>${row.reader}</b>`},
    {key: 'stream', title: say('stream')},
    {key: 'connected', title: say('connected'), value: row => row.connected ? 0 : 1,
        render: row => row.connected ? html`<${State} kind="good">${say('yes')}<//>` : html`<${State} kind="warn">${say('no')}<//>`},
    {key: 'cursor', title: say('cursor'), align: 'right', render: row => html`<${Count} of=${row.cursor}/>`},
    {key: 'held', title: say('held'), align: 'right', render: row => html`<${Count} of=${row.held}/>`},
    {key: 'holds', title: say('holder'), value: row => row.holds ? 0 : 1, render: row => row.holds ? say('it_holds') : ''},
];

function View() {
    const answer = useQuestion('status', {}, STATUS_MS);
    const series = useSeries(answer, sample);
    const broker = answer.rows[0]?.broker;
    const streams = broker?.streams ?? [];
    return html`<div class="panels">
        <${Panel} wide title=${say('streams')} answer=${answer} hint=${say('epoch_hint')}><${Table} caption=${say('streams')} columns=${streamColumns(series)} rows=${streams} rowKey=${row => row.stream}/><//>
        <${Panel} wide title=${say('readers')} answer=${answer}><${Table} caption=${say('readers')} columns=${readerColumns()} rows=${readersOf(streams)}
            rowKey=${row => `${row.reader} ${row.stream}`} rowKind=${row => row.connected ? 'good' : 'warn'}/><//>
        <${Panel} wide title=${say('segments')} answer=${answer} hint=${say('trim_hint')}><${Facts} rows=${[
            [say('segment_count'), html`<${Count} of=${broker && number(broker.segments)}/>`],
            [say('used'), html`<${Bytes} of=${broker && number(broker.usedBytes)}/>`],
            [say('limit'), html`<${Bytes} of=${broker && number(broker.limitBytes)}/>`],
            [say('free'), html`<${Bytes} of=${broker && number(broker.freeBytes)}/>`]]}/><//></div>`;
}

export const screen = {path: 'streams', order: 2, words: 'streams', role: 'viewer', View};
