// SPDX-License-Identifier: Apache-2.0
// Questions that are asked again and again, one asker a question however many parts of a screen show it. It stops while the page is hidden,
// and asks less often while nothing answers.
import {useEffect, useState} from '../vendor/htm-preact.js';
import {ask} from './ask.js';
import {language} from './words.js';

const BACK_OFF_MS_MAX = 30000;
const askers = new Map();

// What a part of a screen sees: rows and said of the last answer, `error` where the last question failed, `receivedAt` by this page's
// monotonic clock, `ageMs` when it was received.
const NOTHING = {rows: [], said: '', code: undefined, askedAtMs: undefined, ageMs: 0, receivedAt: undefined, error: null, waiting: true};

class Asker {
    constructor(name, args, everyMs) {
        Object.assign(this, {name, args, everyMs, answer: {...NOTHING, everyMs}, listeners: new Set(), failures: 0, timer: 0, running: false, again: false});
        this.onVisible = () => document.hidden || this.run();
    }

    tell(change) {
        this.answer = {...this.answer, ...change};
        for (const listener of this.listeners)
            listener(this.answer);
    }

    async run() {
        clearTimeout(this.timer);
        this.again = this.running; // what is under way may be from before that for which it is asked anew
        if (this.running || this.listeners.size === 0 || (document.hidden && this.answer.receivedAt !== undefined))
            return;
        this.running = true;
        const began = performance.now();
        try {
            const {rows = [], said = '', code, askedAtMs, ageMs = 0, cut, late} = await ask(this.name, this.args);
            this.failures = 0;
            this.tell({rows, said, code, cut, late, askedAtMs, ageMs, receivedAt: performance.now(), error: null, waiting: false});
        } catch (error) {
            this.failures++;
            this.tell({error, waiting: false});
        }
        this.running = false;
        if (this.again)
            this.run();
        else
            this.later(began);
    }

    // From start to start, so that a slow answer does not make the next one later still.
    later(began) {
        if (!this.everyMs || this.listeners.size === 0)
            return;
        const pause = this.failures ? Math.min(this.everyMs * 2 ** this.failures, Math.max(BACK_OFF_MS_MAX, this.everyMs)) : this.everyMs;
        this.timer = setTimeout(() => this.run(), Math.max(50, pause - (performance.now() - began)));
    }

    listen(listener) {
        this.listeners.add(listener);
        if (this.listeners.size === 1) {
            document.addEventListener('visibilitychange', this.onVisible);
            this.run();
        }
    }

    leave(listener, key) {
        this.listeners.delete(listener);
        if (this.listeners.size === 0) {
            clearTimeout(this.timer);
            document.removeEventListener('visibilitychange', this.onVisible);
            askers.delete(key);
        }
    }
}

// Everything that is shown is asked anew: somebody has acted.
export const refreshAll = () => askers.forEach(each => each.run());

// `everyMs` 0: once, and again by refresh(). `args` null: not asked. The answer carries `everyMs`, by which a Panel knows what is stale.
export function useQuestion(name, args = {}, everyMs = 0) {
    const key = args === null ? null : JSON.stringify([name, args, everyMs, language()]);
    const [state, setState] = useState({key: null, answer: NOTHING});
    useEffect(() => {
        if (key === null)
            return undefined;
        const asker = askers.get(key) ?? new Asker(name, args, everyMs);
        const listener = answer => setState({key, answer});
        askers.set(key, asker);
        listener(asker.answer);
        asker.listen(listener);
        return () => asker.leave(listener, key);
    }, [key]);
    const answer = state.key === key ? state.answer : NOTHING;
    return {...answer, refresh: () => askers.get(key)?.run()};
}

// A command that pages by itself ends a page with a row of its own, {next}: where the next one begins.
const tokenOf = rows => {
    const last = rows[rows.length - 1];
    return last && last.next !== undefined && Object.keys(last).length === 1 ? last.next : null;
};

// A list that the exchange pages. `next(last row, from)`: the `from` of the page after it; there is one where a page is full. Without `next`
// the page says so itself, and the first has no `from`.
export function usePages(name, args, {limit = 50, everyMs = 0, from, next, rowsOf = rows => rows}) {
    const first = next ? from : undefined;
    const start = JSON.stringify([name, args, first]);
    const [state, setState] = useState({start, before: [first]});
    const before = state.start === start ? state.before : [first];
    const at = before[before.length - 1];
    const answer = useQuestion(name, args === null ? null : {...args, from: at, limit}, everyMs);
    const token = next ? null : tokenOf(answer.rows);
    const rows = rowsOf(token === null ? answer.rows : answer.rows.slice(0, -1));
    const behind = next ? (rows.length >= limit ? () => next(rows[rows.length - 1], at) : null) : token !== null ? () => token : null;
    return {...answer, rows, pages: {
        number: before.length,
        limit,
        back: before.length > 1 ? () => setState({start, before: before.slice(0, -1)}) : null,
        on: behind && (() => setState({start, before: [...before, behind()]})),
    }};
}
