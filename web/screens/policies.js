// SPDX-License-Identifier: Apache-2.0
// Which rules hold on a day, who stated them where, and what ends soon?
// #/policies, #/policies/show/POSITION, #/policies/diff/A/B, #/policies/catalogue, #/policies/calendar/2026, #/policies/tables, #/policies/table/KIND
import {Count, Day, Facts, Notice, Panel, Position, State, Table, go, html, language, link, useQuestion, usePages, useState, wordsOf} from '../parts/index.js';
import {Region, number, regionName} from '../parts/books.js';
import {Year, workdaysOf} from '../parts/calendar.js';
import {serverNow} from '../parts/session.js';
import {yuan} from '../parts/values.js';

const say = wordsOf('policies');
const LIST_MS = 30000, SOON_DAYS = 60;
const KINDS = ['divisions', 'areas', 'unemployment_standard', 'transfer_parameters', 'care_kinds', 'item_shapes'];

const today = () => new Date(serverNow() + 8 * 3600000).toISOString().slice(0, 10);
const plain = day => Number(String(day).replaceAll('-', ''));
const dashed = day => String(day).replace(/^(....)(..)(..)$/, '$1-$2-$3');
const Grade = ({of}) => of ? html`<span class="grade" title=${say(`grade_${of}`)}>${of}</span>` : '';

// The published names of pooling areas, once for all lists of a page.
function useAreas() {
    const answer = useQuestion('reference-list', {kind: 'areas', limit: 100}, 0);
    const names = new Map(answer.rows.map(row => [row.code, language() === 'zh' ? row.nameZh : row.nameEn]));
    return code => names.has(code) ? `${code} ${names.get(code)}` : `${code} ${regionName(code)}`.replace(`${code} ${code}`, code);
}

const STATES = {in_force: 'good', ended: 'bad', future: 'unknown', past: 'plain'};
const VersionState = ({row}) => html`<${State} kind=${STATES[row.state]}>${say(`state_${row.state}`)}<//>`;

function left(days) {
    const kind = days < 0 ? 'bad' : days <= SOON_DAYS ? 'warn' : 'good';
    return html`<${State} kind=${kind}>${days < 0 ? say('ended_since', {days: -days}) : say('days_left', {days})}<//>`;
}

// ---- what ends soon ----

function Ends({area}) {
    const policies = useQuestion('policy-versions', {ending: SOON_DAYS}, LIST_MS);
    const status = useQuestion('status', {}, LIST_MS);
    const tables = (status.rows[0]?.services ?? []).flatMap(each => each.ends ?? []).filter(each => !each.table.startsWith('policy_') && number(each.daysLeft) <= SOON_DAYS)
        .filter((each, at, all) => all.findIndex(other => other.table === each.table && other.region === each.region) === at);
    const rows = [...policies.rows.map(row => ({what: say('policy_of', {area: area(row.area), type: row.insuranceType}), region: row.sender, lastDay: row.validTo, days: number(row.daysLeft), position: row.position})),
        ...tables.map(row => ({what: say(`table_${row.table}`), region: row.region, lastDay: row.lastDay, days: number(row.daysLeft)}))].sort((a, b) => a.days - b.days);
    return html`<${Panel} wide=${true} title=${say('ends', {days: SOON_DAYS})} answer=${policies} hint=${say('ends_hint')}><${Table} caption=${say('ends', {days: SOON_DAYS})} rows=${rows} rowKind=${row => row.days < 0 ? 'bad' : 'warn'} empty=${say('nothing_ends')} columns=${[
        {key: 'what', title: say('what')}, {key: 'region', title: say('whose'), render: row => row.region ? html`<${Region} of=${row.region}/>` : say('operator')},
        {key: 'lastDay', title: say('last_day'), render: row => html`<${Day} day=${row.lastDay}/>`}, {key: 'days', title: say('left'), render: row => left(row.days)},
        {key: 'position', title: say('position'), render: row => row.position === undefined ? '' : html`<${Position} at=${row.position}/>`}]}/><//>`;
}

// ---- versions over time ----

const YEAR_MS = 365.25 * 86400000, BAR = 14, ROW = 24, LABEL = 150, WIDTH = 900;

function Timeline({rows, on, area}) {
    const names = [...new Set(rows.map(row => `${row.area} ${row.insuranceType}`))];
    const now = Date.parse(dashed(on)), from = now - 4 * YEAR_MS, to = now + 1.5 * YEAR_MS;
    const x = day => LABEL + (Math.min(Math.max(Date.parse(dashed(day)), from), to) - from) / (to - from) * (WIDTH - LABEL);
    const years = Array.from({length: 7}, (_, at) => new Date(from).getUTCFullYear() + 1 + at).filter(each => Date.UTC(each, 0) < to);
    const bar = row => {
        const at = names.indexOf(`${row.area} ${row.insuranceType}`), begin = x(row.validFrom), end = row.lastDay ? x(row.lastDay) : WIDTH;
        const goesOn = row.state === 'ended' ? html`<rect class="goes-on" x=${end} y=${at * ROW + 24} width=${Math.max(0, x(on) - end)} height=${BAR}/>` : '';
        return end <= LABEL ? '' : html`${goesOn}<a href=${link('policies', ['show', row.position])}><rect class=${`version ${row.state}`} x=${begin} y=${at * ROW + 24} width=${Math.max(3, end - begin - 1)} height=${BAR}>
            <title>${`${area(row.area)} ${row.insuranceType}: ${dashed(row.validFrom)} – ${row.lastDay ? dashed(row.lastDay) : say('open_end')}; ${say(`state_${row.state}`)}; ${row.grade} ${row.source}`}</title></rect></a>`;
    };
    return html`<div class="table" tabindex="0" role="group" aria-label=${say('timeline')}><svg class="timeline" viewBox=${`0 0 ${WIDTH} ${names.length * ROW + 30}`} role="group" aria-label=${say('timeline')}>
        ${years.map(each => html`<line class="grid" x1=${x(`${each}-01-01`)} x2=${x(`${each}-01-01`)} y1="16" y2=${names.length * ROW + 24}/><text class="year-of" x=${x(`${each}-01-01`) + 3} y="12">${each}</text>`)}
        ${names.map((name, at) => html`<text class="name" x="0" y=${at * ROW + 35}>${name}</text>`)}${rows.map(bar)}
        <line class="today" x1=${x(on)} x2=${x(on)} y1="16" y2=${names.length * ROW + 24}/></svg></div>`;
}

function Versions({on, area}) {
    const answer = useQuestion('policy-versions', {on}, LIST_MS);
    const [picked, pick] = useState([]);
    const [all, setAll] = useState(false);
    const rows = all ? answer.rows : answer.rows.filter(row => row.state === 'in_force' || row.state === 'ended');
    const toggle = position => pick(picked.includes(position) ? picked.filter(each => each !== position) : [...picked.slice(-1), position]);
    const actions = html`<label class="choice no-print"><input type="checkbox" checked=${all} onChange=${event => setAll(event.currentTarget.checked)}/> ${say('all_versions')}</label>
        <button type="button" class="no-print" disabled=${picked.length !== 2} onClick=${() => go('policies', ['diff', ...[...picked].sort((a, b) => a - b)])}>${say('compare', {count: picked.length})}</button>`;
    return html`<${Panel} wide=${true} title=${say('timeline')} answer=${answer} hint=${say('timeline_hint', {day: on})}><${Timeline} rows=${answer.rows} on=${plain(on)} area=${area}/><//>
        <${Panel} wide=${true} title=${all ? say('versions') : say('in_force', {day: on})} answer=${answer} actions=${actions} hint=${say('versions_hint')}>
        <${Table} caption=${say('versions')} rows=${rows} empty=${say('no_policy')} rowKey=${row => row.position} rowKind=${row => row.state === 'ended' ? 'bad' : ''} columns=${[
            {key: 'pick', title: say('pick'), sortable: false, render: row => html`<input type="checkbox" aria-label=${say('pick_one', {position: row.position})} checked=${picked.includes(row.position)} onChange=${() => toggle(row.position)}/>`},
            {key: 'area', title: say('area'), render: row => html`<a href=${link('policies', ['show', row.position])}>${area(row.area)}</a>`}, {key: 'insuranceType', title: say('insurance_type')},
            {key: 'validFrom', title: say('from'), render: row => html`<${Day} day=${row.validFrom}/>`}, {key: 'lastDay', title: say('last_day'), render: row => row.lastDay ? html`<${Day} day=${row.lastDay}/>` : html`<span class="quiet">${say('open_end')}</span>`},
            {key: 'state', title: say('state'), render: row => html`<${VersionState} row=${row}/>`}, {key: 'sender', title: say('stated_by'), render: row => html`<${Region} of=${row.sender}/>`},
            {key: 'position', title: say('position'), align: 'right', value: row => number(row.position), render: row => html`<${Position} at=${row.position}/>`},
            {key: 'grade', title: say('grade'), render: row => html`<${Grade} of=${row.grade}/>`}, {key: 'unstated', title: say('unstated'), align: 'right', value: row => number(row.unstated), render: row => html`<${Count} of=${number(row.unstated)}/>`},
            {key: 'source', title: say('source')}]}/><//>`;
}

// ---- a version, and what two differ in ----

const SCALES = [[/Fen$/, value => say('value_yuan', {value: yuan(value)})], [/Bp$/, value => `${(Number(value) / 100).toFixed(2)} %`]];
const DATES = /^(validFrom|validTo|filedFrom|effectiveDate|\w+From)$/;

function valueText(key, value) {
    if (value === undefined)
        return '–';
    if (typeof value === 'object')
        return JSON.stringify(value);
    const scale = SCALES.find(([pattern]) => pattern.test(key));
    return scale ? scale[1](value) : DATES.test(key) && String(value).length === 8 ? dashed(value) : value === true ? say('yes') : String(value);
}

// {"inpatient": [{"deductibleFirstFen": …}]} → [["inpatient[0].deductibleFirstFen", …]]
function flat(value, path = '') {
    if (Array.isArray(value))
        return value.flatMap((each, at) => flat(each, `${path}[${at}]`));
    if (value && typeof value === 'object')
        return Object.entries(value).flatMap(([key, each]) => flat(each, path ? `${path}.${key}` : key));
    return [[path, value]];
}

// As the file of policies names a parameter: "inpatient[0].deductible_first".
const fileName = path => path.replace(/(Fen|Bp|Max)$/, '').replace(/[A-Z]/g, letter => '_' + letter.toLowerCase());
const leaf = path => path.replace(/^.*\./, '');

function Show({position, area}) {
    const answer = useQuestion('policy-show', {position}, 0);
    const [policy] = answer.rows;
    const sources = new Map((policy?.sources ?? []).map(each => [each.path, each]));
    const rows = policy ? flat(Object.fromEntries(Object.entries(policy).filter(([key]) => !['sources', 'area', 'insuranceType', 'source', 'grade'].includes(key)))) : [];
    return html`<${Panel} title=${say('policy_at', {position})} answer=${answer}>${policy && html`<${Facts} rows=${[[say('area'), area(policy.area)], [say('insurance_type'), policy.insuranceType],
        [say('from'), html`<${Day} day=${policy.validFrom}/>`], [say('last_day'), policy.validTo ? html`<${Day} day=${policy.validTo}/>` : say('open_end')], [say('grade'), html`<${Grade} of=${policy.grade}/>`],
        [say('position'), html`<${Position} at=${position}/>`], [say('source'), policy.source]]}/>
        <${Table} caption=${say('parameters')} rows=${rows.map(([path, value]) => ({path, value, source: sources.get(fileName(path))}))} columns=${[
            {key: 'path', title: say('parameter'), render: row => html`<code>${fileName(row.path)}</code>`}, {key: 'value', title: say('value'), align: 'right', render: row => valueText(leaf(row.path), row.value)},
            {key: 'grade', title: say('grade'), value: row => row.source?.grade ?? policy.grade, render: row => html`<${Grade} of=${row.source?.grade ?? policy.grade}/>`},
            {key: 'source', title: say('source'), value: row => row.source?.source, render: row => row.source?.source || html`<span class="quiet">${say('as_policy')}</span>`}]}/>`}<//>`;
}

function Diff({before, after, area}) {
    const answer = useQuestion('policy-diff', {before, after}, 0);
    const versions = useQuestion('policy-versions', {}, 0);
    const head = position => {
        const row = versions.rows.find(each => String(each.position) === String(position));
        return row ? `${area(row.area)} ${row.insuranceType}, ${dashed(row.validFrom)}` : `@${position}`;
    };
    const rows = answer.rows.filter(row => !row.path.startsWith('policy.sources'));
    return html`<${Panel} title=${say('diff')} answer=${answer} hint=${say('diff_hint')}><${Facts} rows=${[[say('before'), html`<a href=${link('policies', ['show', before])}>${head(before)}</a>`], [say('after'), html`<a href=${link('policies', ['show', after])}>${head(after)}</a>`]]}/>
        <${Table} caption=${say('diff')} rows=${rows} empty=${say('no_difference')} columns=${[{key: 'path', title: say('parameter'), render: row => html`<code>${fileName(row.path.replace(/^policy\./, ''))}</code>`},
            {key: 'before', title: say('before'), sortable: false, render: row => valueText(leaf(row.path), row.before)}, {key: 'after', title: say('after'), sortable: false, render: row => valueText(leaf(row.path), row.after)}]}/><//>`;
}

// ---- catalogues, calendars, tables ----

const price = micro => number(micro) === 0 ? '–' : say('value_yuan', {value: (number(micro) / 1000000).toFixed(4)});

function Catalogue({query}) {
    const region = query.region ?? '110000', code = query.code ?? '';
    const answer = usePages('reference-list', {kind: 'catalogue_item', region, ...(code ? {code} : {})}, {limit: 50, everyMs: 0});
    const search = event => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        go('policies', ['catalogue'], {region: form.get('region'), code: form.get('code').trim()});
    };
    return html`<${Panel} title=${say('catalogue')} answer=${answer} hint=${say('catalogue_hint')}><form class="row no-print" onSubmit=${search}>
        <label>${say('region')}<select name="region">${['110000', '120000', '130000'].map(each => html`<option value=${each} selected=${each === region}>${say(`region_${each}`)}</option>`)}</select></label>
        <label>${say('code_begins')}<input name="code" type="text" autocomplete="off" maxlength="27" value=${code}/></label><button type="submit">${say('search')}</button></form>
        <${Table} caption=${say('catalogue')} rows=${answer.rows} pages=${answer.pages} empty=${say('no_item')} columns=${[
            {key: 'code', title: say('code'), render: row => html`<code>${row.code}</code>`}, {key: 'effectiveDate', title: say('from'), render: row => html`<${Day} day=${row.effectiveDate}/>`},
            {key: 'endDate', title: say('last_day'), render: row => row.endDate ? html`<${Day} day=${row.endDate}/>` : html`<span class="quiet">${say('open_end')}</span>`}, {key: 'level', title: say('level')},
            {key: 'firstOwnShareBp', title: say('own_share'), align: 'right', value: row => number(row.firstOwnShareBp), render: row => `${(number(row.firstOwnShareBp) / 100).toFixed(2)} %`},
            ...['One', 'Two', 'Three'].map((each, at) => ({key: `priceLimit${each}Micro`, title: say('price_limit', {level: at + 1}), align: 'right', value: row => number(row[`priceLimit${each}Micro`]), render: row => price(row[`priceLimit${each}Micro`])}))]}/><//>`;
}

function Calendar({words}) {
    const tables = useQuestion('reference-tables', {}, LIST_MS);
    const years = tables.rows.filter(row => row.table === 'calendar');
    const last = years[years.length - 1]?.year, year = Number(words[0] ?? (years.some(each => String(each.year) === today().slice(0, 4)) ? today().slice(0, 4) : last));
    const answer = useQuestion('reference-list', year ? {kind: 'calendar', year: String(year), limit: 400} : null, 0);
    const table = years.find(each => number(each.year) === year);
    const rows = answer.rows.filter(row => row.date);
    return html`<${Panel} title=${say('calendar_of', {year: year || ''})} answer=${tables} hint=${say('calendar_hint')}>
        <nav class="row no-print" aria-label=${say('years')}>${years.map(each => html`<a href=${link('policies', ['calendar', each.year])} aria-current=${number(each.year) === year ? 'page' : undefined}>${each.year}</a>`)}</nav>
        ${table ? html`<${Facts} rows=${[[say('workdays'), html`<${Count} of=${workdaysOf(year, rows)}/>`], [say('published_days'), html`<${Count} of=${number(table.rows)}/>`]]}/><p class="hint">${say('source')}: ${table.source}</p>
            <${Year} year=${year} rows=${rows}/><p class="hint">${say('calendar_marks')}</p>
            <${Table} caption=${say('published_days')} rows=${rows} columns=${[{key: 'date', title: say('day'), render: row => html`<${Day} day=${row.date}/>`}, {key: 'name', title: say('name')},
                {key: 'workday', title: say('is'), render: row => row.workday ? say('day_made') : say('day_off')}]}/>` : html`<${Notice} kind="warn">${say('no_calendar', {year: year || ''})}<//>`}<//>`;
}

function Tables() {
    const answer = useQuestion('reference-tables', {}, LIST_MS);
    return html`<${Panel} title=${say('tables')} answer=${answer} hint=${say('tables_hint')}><${Table} caption=${say('tables')} rows=${answer.rows} empty=${say('no_table')} columns=${[
        {key: 'table', title: say('table'), render: row => html`<a href=${row.table === 'calendar' ? link('policies', ['calendar', row.year]) : link('policies', ['table', row.table], {region: row.region})}>${say(`table_${row.table}`)}${row.year ? ` ${row.year}` : ''}</a>`},
        {key: 'region', title: say('whose'), render: row => row.region ? html`<${Region} of=${row.region}/>` : say('operator')}, {key: 'rows', title: say('rows'), align: 'right', value: row => number(row.rows), render: row => html`<${Count} of=${number(row.rows)}/>`},
        {key: 'source', title: say('source')}]}/><//>`;
}

function OneTable({words, query}) {
    const kind = KINDS.includes(words[0]) ? words[0] : 'areas';
    const answer = usePages('reference-list', {kind, ...(query.region ? {region: query.region} : {}), ...(query.code ? {code: query.code} : {})}, {limit: 50, everyMs: 0});
    const keys = [...new Set(answer.rows.flatMap(row => Object.keys(row)))];
    const search = event => {
        event.preventDefault();
        go('policies', ['table', kind], {region: query.region, code: new FormData(event.currentTarget).get('code').trim()});
    };
    return html`<${Panel} title=${say(`table_${kind}`)} answer=${answer} hint=${say('table_hint')}>${['divisions', 'areas', 'care_kinds'].includes(kind) && html`<form class="row no-print" onSubmit=${search}>
        <label>${say('code_begins')}<input name="code" type="text" autocomplete="off" maxlength="12" value=${query.code ?? ''}/></label><button type="submit">${say('search')}</button></form>`}
        <${Table} caption=${say(`table_${kind}`)} rows=${answer.rows} pages=${answer.pages} empty=${say('no_item')} columns=${keys.map(key => ({key, title: html`<code>${fileName(key)}</code>`, render: row => Array.isArray(row[key]) ? row[key].join(' ') : valueText(key, row[key])}))}/><//>`;
}

function Overview({query, area}) {
    const on = /^20\d\d-\d\d-\d\d$/.test(query.on ?? '') ? query.on : today();
    const choose = event => {
        event.preventDefault();
        go('policies', [], {on: new FormData(event.currentTarget).get('on')});
    };
    return html`<form class="row no-print" onSubmit=${choose}><label>${say('on_day')}<input name="on" type="date" value=${on} required/></label><button type="submit">${say('show')}</button></form>
        <div class="panels"><${Ends} area=${area}/><${Versions} on=${on} area=${area}/></div>`;
}

const PAGES = {
    show: ({words, area}) => html`<${Show} position=${words[0]} area=${area}/>`,
    diff: ({words, area}) => html`<${Diff} before=${words[0]} after=${words[1]} area=${area}/>`,
    catalogue: Catalogue, calendar: Calendar, tables: Tables, table: OneTable,
};

function View({route}) {
    const area = useAreas();
    const [page, ...words] = route.words, Page = PAGES[page] ?? Overview;
    const at = {show: '', diff: '', table: 'tables'}[page] ?? page ?? '';
    return html`<nav class="row ways no-print" aria-label=${say('ways')}>${['', 'catalogue', 'calendar', 'tables'].map(each => html`<a href=${link('policies', each ? [each] : [])} aria-current=${each === at ? 'page' : undefined}>${say(`way_${each || 'policies'}`)}</a>`)}</nav>
        <${Page} words=${words} query=${route.query} area=${area}/>`;
}

export const screen = {path: 'policies', order: 11, words: 'policies', role: 'viewer', View};
