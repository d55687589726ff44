// SPDX-License-Identifier: Apache-2.0
// What could not be decoded, why, and what became of it: by cause, one by one, and off the list.
import {Count, Facts, Panel, Position, State, Table, Time, act, go, html, link, mayAsk, usePages, useQuestion, useState, wordsOf} from '../parts/index.js';

const say = wordsOf('dead');

// Those of validation alone have a way back: what others buried was decoded before.
const canRequeue = service => service === 'validation' && mayAsk('dead-requeue');

function Buttons({requeue, drop}) {
    return html`<span class="buttons no-print">${requeue && html`<button type="button" onClick=${requeue}>${say('requeue')}</button>`}
        ${drop && html`<button type="button" onClick=${drop}>${say('drop')}</button>`}</span>`;
}

function Causes({answer, chosen, onChoose, onDone}) {
    const group = row => ({
        requeue: canRequeue(row.service) && mayAsk('dead-requeue-group') ? () => act('dead-requeue-group', {cause: row.cause},
            {title: say('requeue_group'), what: say('group_what', {count: row.count, cause: row.cause})}).then(onDone) : null,
        drop: mayAsk('dead-drop-group') ? () => act('dead-drop-group', {service: row.service, cause: row.cause},
            {title: say('drop_group'), what: say('group_what', {count: row.count, cause: row.cause}), danger: say('drop_danger')}).then(onDone) : null});
    const columns = [
        {key: 'service', title: say('service'), render: row => html`<b>${row.service}</b>`},
        {key: 'reason', title: say('reason')},
        {key: 'cause', title: say('cause'), render: row => html`<button type="button" aria-pressed=${String(chosen?.cause === row.cause && chosen?.service === row.service)} onClick=${() => onChoose(row)}>${row.cause}</button>`},
        {key: 'count', title: say('count'), align: 'right', render: row => html`<${Count} of=${row.count}/>`},
        {key: 'first', title: say('first'), align: 'right', render: row => html`<${Position} at=${row.first}/>`},
        {key: 'last', title: say('last'), align: 'right', render: row => html`<${Position} at=${row.last}/>`},
        {key: 'act', title: say('act'), sortable: false, render: row => html`<${Buttons} ...${group(row)}/>`},
    ];
    return html`<${Panel} title=${say('causes')} answer=${answer} hint=${say('hint')} wide=${true}>
        <${Table} caption=${say('causes')} columns=${columns} rows=${answer.rows} rowKey=${row => row.service + row.reason + row.cause} empty=${say('none')}/><//>`;
}

function Letter({position}) {
    const answer = useQuestion('dead-show', {position: String(position)});
    const [letter] = answer.rows;
    return html`<${Panel} title=${say('letter', {position})} answer=${answer} wide=${true}>${letter && html`<${Facts} rows=${[
        [say('reason'), letter.reason], [say('cause'), letter.cause], [say('sender'), letter.sender], [say('id'), html`<span class="mono">${letter.messageId}</span>`],
        [say('bytes'), html`<${Count} of=${letter.bytes}/>`], [say('at'), html`<${Time} ms=${Date.parse(letter.acceptedAt)}/>`],
        ...letter.unknown.map(each => [say('unknown_field', {field: each.field}), say('unknown_bytes', {bytes: each.bytes})])]}/>
        ${letter.envelope && html`<h3>${say('masked')}</h3><pre tabindex="0">${JSON.stringify(letter.envelope, null, 1)}</pre>`}`}<//>`;
}

function Letters({answer, chosen, onAll, onDone}) {
    const columns = [
        {key: 'position', title: say('position'), align: 'right', render: row => html`<${Position} at=${row.position}/>`},
        {key: 'acceptedAt', title: say('at'), render: row => html`<${Time} ms=${Date.parse(row.acceptedAt)}/>`},
        {key: 'sender', title: say('sender')},
        {key: 'service', title: say('service')},
        {key: 'cause', title: say('cause')},
        {key: 'keptBytes', title: say('bytes'), align: 'right', render: row => html`<${Count} of=${row.keptBytes}/>`},
        {key: 'act', title: say('act'), sortable: false, render: row => html`<a href=${link('dead', [row.position])}>${say('look')}</a> <${Buttons}
            requeue=${canRequeue(row.service) ? () => act('dead-requeue', {position: String(row.position)}, {title: say('requeue_one', {position: row.position})}).then(onDone) : null}
            drop=${mayAsk('dead-drop') ? () => act('dead-drop', {service: row.service, position: String(row.position)}, {title: say('drop_one', {position: row.position}), danger: say('drop_danger')}).then(onDone) : null}/>`},
    ];
    return html`<${Panel} title=${chosen ? say('letters_of', {cause: chosen.cause}) : say('letters')} answer=${answer} wide=${true}
        actions=${chosen && html`<button type="button" class="no-print" onClick=${onAll}>${say('show_all')}</button>`}>
        <${Table} caption=${say('letters')} columns=${columns} rows=${answer.rows} pages=${answer.pages} rowKey=${row => row.service + row.position} onOpen=${row => go('dead', [row.position])} empty=${say('none')}/><//>`;
}

// Requeued or dropped, by the operators' log: by whom, why, and how it ended.
function Left({answer, way, onWay}) {
    const columns = [
        {key: 'subject', title: say('subject'), sortable: false},
        {key: 'action', title: say('what'), sortable: false, render: row => html`<${State} kind="plain">${row.action}<//>`},
        {key: 'at', title: say('when'), sortable: false, render: row => html`<${Time} ms=${Date.parse(row.at)}/>`},
        {key: 'by', title: say('by'), sortable: false, render: row => html`<b>${row.by}</b>`},
        {key: 'reason', title: say('why'), sortable: false},
        {key: 'position', title: say('became'), align: 'right', sortable: false, render: row => html`<${Position} at=${row.position}/>`},
        {key: 'outcome', title: say('outcome'), sortable: false, render: row => html`<${State} kind=${/APPLIED|SETTLED|REVERSED|MOVED|COMPUTED/.test(row.outcome ?? '') ? 'good' : row.outcome ? 'bad' : 'unknown'}>${
            row.outcome ? row.outcome.replace('OUTCOME_KIND_', '').toLowerCase() : undefined}<//>`},
    ];
    return html`<${Panel} title=${say('left')} answer=${answer} hint=${say('left_hint')} wide=${true}>
        <div class="row no-print"><label>${say('way')}<select value=${way} onInput=${event => onWay(event.currentTarget.value)}><option value="requeue">${say('way_requeue')}</option><option value="drop">${say('way_drop')}</option></select></label></div>
        <${Table} caption=${say('left')} columns=${columns} rows=${answer.rows} pages=${answer.pages} rowKey=${row => row.position} empty=${say('none_left')}/><//>`;
}

function View({route}) {
    const [chosen, choose] = useState(null);
    const [way, setWay] = useState('requeue');
    const causes = useQuestion('dead-count', {}, 5000);
    const filter = chosen ? {cause: chosen.cause, service: chosen.service} : {};
    const letters = usePages('dead-list', filter, {limit: 50, everyMs: 5000, next: (last, from) => (from ?? 0) + 50});
    const left = usePages('actions', {action: way === 'requeue' ? 'dead requeue' : 'dead drop'}, {limit: 20, everyMs: 5000, next: last => Number(last.position) - 1});
    const again = () => [causes, letters, left].forEach(each => each.refresh());
    return html`<${Causes} answer=${causes} chosen=${chosen} onChoose=${choose} onDone=${again}/>
        <${Letters} answer=${letters} chosen=${chosen} onAll=${() => choose(null)} onDone=${again}/>
        ${route.words[0] && html`<${Letter} key=${route.words[0]} position=${route.words[0]}/>`}
        <${Left} answer=${left} way=${way} onWay=${setWay}/>`;
}

export const screen = {path: 'dead', order: 7, words: 'dead', role: 'viewer', View};
