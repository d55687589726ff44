// SPDX-License-Identifier: Apache-2.0
// The one-time link: its token stands in the fragment, which no server and no log ever sees, and is taken out of the address at once.
import {html, useState} from '../vendor/htm-preact.js';
import {post} from './ask.js';
import {Notice, textOf} from './panel.js';
import {loadSession} from './session.js';
import {wordsOf} from './words.js';

const say = wordsOf('shell');

export function takeToken() {
    const found = location.hash.match(/^#login=([\w.~-]+)$/);
    if (!found)
        return null;
    history.replaceState(null, '', location.pathname + location.search);
    return found[1];
}

export async function login(token) {
    await post('api/login', {token});
    await loadSession();
}

export function Login({failed}) {
    const [error, setError] = useState(failed);
    const send = async event => {
        event.preventDefault();
        const token = new FormData(event.currentTarget).get('token').trim().replace(/^.*#login=/, '');
        try {
            await login(token);
        } catch (problem) {
            setError(problem);
        }
    };
    return html`<main id="main" class="login" tabindex="-1"><h1>${say('login_title')}</h1>
        ${error && html`<${Notice} kind="bad">${textOf(error)}<//>`}
        <p>${say('login_how')}</p><pre>hutong console</pre>
        <form onSubmit=${send}><label>${say('login_token')}<input name="token" type="password" autocomplete="off" required/></label>
        <button type="submit" class="primary">${say('login_send')}</button></form></main>`;
}
