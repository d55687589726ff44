// SPDX-License-Identifier: Apache-2.0
// What the screens of the books share: regions, months, and the books' own names of states, tasks, differences and reasons in words
// (words/clearing.json; tests/browser/books_words.py holds them against the exchange's tables).
import {html} from '../vendor/htm-preact.js';
import {Unknown} from './values.js';
import {session} from './session.js';
import {wordsOf} from './words.js';

const say = wordsOf('clearing');
const REGIONS = ['110000', '120000', '130000'];

// `short`: without the enum's own beginning.
export const short = (name, beginning) => String(name ?? '').replace(beginning, '').toLowerCase();
export const number = value => Number(value ?? 0); // protobuf's JSON leaves zeros out

export const regionName = code => REGIONS.includes(code) ? say(`region_${code}`) : code;
export const Region = ({of}) => of ? html`<span title=${of}>${regionName(of)}</span>` : html`<${Unknown}/>`;
export const Pair = ({insured, care}) => html`<span class="pair">${regionName(insured)}<span aria-hidden="true"> → </span><span class="hidden">${say('in')}</span>${regionName(care)}</span>`;

// 202505 → "2025-05", as commands take it.
export const monthText = month => String(month).replace(/^(....)(..)$/, '$1-$2');
export const isMonth = text => /^20\d\d-(0[1-9]|1[0-2])$/.test(text ?? '');
export const firstDay = month => `${month}-01`;
export const lastDay = month => new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).toISOString().slice(0, 10);

export const differenceText = value => say(`difference_${number(value)}`);
export const reasonText = value => say(`reason_${number(value)}`);

// The region that this user speaks for, by whose key his acts are sent; '': none, he only looks.
export const ownRegion = () => session.now?.party ?? '';
