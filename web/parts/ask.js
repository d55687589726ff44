// SPDX-License-Identifier: Apache-2.0
// A question to the exchange: POST api/NAME. What comes back is what `hutong --json` printed, by line, and how it ended.
import {session} from './session.js';
import {language} from './words.js';

const ANSWER_MS_MAX = 25000; // the console ends a command after 20 s

// `zh` and `en` are what the console says of it; `status` 0: it did not answer.
export class Refused extends Error {
    constructor(status, {code = '', zh = '', en = '', detail = ''} = {}) {
        super(en || code || String(status));
        Object.assign(this, {status, code, zh, en, detail});
    }
}

async function bodyOf(response) {
    try {
        return await response.json();
    } catch {
        return {};
    }
}

export async function post(path, body, headers = {}) {
    let response;
    try {
        response = await fetch(path, {
            method: 'POST', body: JSON.stringify(body), credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS_MAX),
            headers: {'Content-Type': 'application/json', ...headers}});
    } catch {
        throw new Refused(0, {code: 'unreachable', zh: '控制台没有应答', en: 'the console does not answer'});
    }
    const answer = await bodyOf(response);
    if (!response.ok)
        throw new Refused(response.status, answer);
    return answer;
}

// Whether somebody did something since the last request: that keeps the session, a page that asks by itself does not.
let active = true;
for (const kind of ['pointerdown', 'keydown', 'hashchange'])
    addEventListener(kind, () => (active = true), {passive: true});

export async function ask(name, args = {}) {
    const doing = active ? {'X-Hutong-Active': '1'} : {};
    active = false;
    try {
        return await post(`api/${name}`, {...args, language: language()}, {'X-Hutong-Token': session.now?.token ?? '', ...doing});
    } catch (error) {
        if (error.status === 401)
            session.set(null);
        throw error;
    }
}
