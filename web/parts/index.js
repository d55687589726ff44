// SPDX-License-Identifier: Apache-2.0
// What a screen is made of. A screen imports from here alone.
export {html, useState, useEffect, useRef, useMemo} from '../vendor/htm-preact.js';
export {wordsOf, language} from './words.js';
export {ask} from './ask.js';
export {useQuestion, usePages} from './question.js';
export {Panel, Facts, Notice} from './panel.js';
export {Table} from './table.js';
export {act} from './act.js';
export {Time, Day, Duration, Money, Count, Bytes, Position, State, Unknown} from './values.js';
export {Trend, useSeries} from './trend.js';
export {go, link} from './route.js';
export {mayAsk} from './session.js';
export {Amounts, Explained, Findings, Steps} from './explained.js';
export {holds, readProof} from './proof.js';
