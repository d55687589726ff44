// SPDX-License-Identifier: Apache-2.0
// The page around the screens: who looks, which screen, which language, light or dark, and whether all is well.
import {html, render, useEffect, useState} from './vendor/htm-preact.js';
import {ActHost} from './parts/act.js';
import {ask} from './parts/ask.js';
import {Login, login, takeToken} from './parts/login.js';
import {Notice, isStale} from './parts/panel.js';
import {useQuestion} from './parts/question.js';
import {link, routeOf} from './parts/route.js';
import {loadSession, mayLook, serverNow, session} from './parts/session.js';
import {State, ZONE, clock, durationText} from './parts/values.js';
import {language, loadWords, setLanguage, wordsOf} from './parts/words.js';
import {STATUS_MS, troubles} from './parts/status.js';
import {GROUPS, SCREENS} from './screens.js';

const say = wordsOf('shell');
const SESSION_MS = 30000;

function useClock() {
    const [, tick] = useState(0);
    useEffect(() => {
        const timer = setInterval(() => tick(count => count + 1), 1000);
        return () => clearInterval(timer);
    }, []);
    return serverNow();
}

// What is not ready, of the same answer that the screen Now shows.
function Health() {
    const answer = useQuestion('status', {}, STATUS_MS);
    const [status] = answer.rows;
    if (!status || answer.error || isStale(answer))
        return html`<span role="status"><a class="health" href=${link('now')}><${State} kind="unknown">${say('health_unknown')}<//></a></span>`;
    const named = kind => troubles(status).filter(([, each]) => each === kind).map(([name]) => name).join(', ');
    const bad = named('bad'), lags = named('warn');
    const says = [bad && say('health_bad', {which: bad}), !bad && !status.ready && say('health_full'), lags && say('health_lags', {which: lags})].filter(Boolean);
    return html`<span role="status"><a class="health" href=${link('now')}><${State} kind=${bad || !status.ready ? 'bad' : lags ? 'warn' : 'good'}>${says.join(' · ') || say('health_good')}<//></a></span>`;
}

function Clock() {
    const now = useClock();
    return html`<span class="clock" title="Asia/Shanghai">${clock(now)}<span class="zone"> ${ZONE}</span></span>`;
}

function SessionClock() {
    const left = session.now.expiresAtMs - useClock();
    const out = async () => {
        await ask('logout').catch(() => {});
        session.set(null);
    };
    return html`<span class="session"><span title=${session.now.roles.map(role => say(`role_${role}`)).join(', ')}>${session.now.user}</span>
        ${session.now.expiresAtMs > 0 && html`<span class=${left < 120000 ? 'soon' : ''} title=${say('session_title')}>${say('session_left', {left: durationText(Math.max(0, left))})}</span>`}
        <button type="button" onClick=${out}>${say('logout')}</button></span>`;
}

function Choices({onLanguage}) {
    const [theme, setTheme] = useState(localStorage.getItem('hutong.theme') ?? 'auto');
    const choose = event => {
        const next = event.currentTarget.value;
        setTheme(next);
        localStorage.setItem('hutong.theme', next);
        if (next === 'auto')
            delete document.documentElement.dataset.theme;
        else
            document.documentElement.dataset.theme = next;
    };
    return html`<span class="choices"><button type="button" lang=${language() === 'zh' ? 'en' : 'zh-CN'} onClick=${onLanguage}>${language() === 'zh' ? 'English' : '中文'}</button>
        <select aria-label=${say('theme')} value=${theme} onChange=${choose}>${['auto', 'light', 'dark'].map(each => html`<option value=${each}>${say(`theme_${each}`)}</option>`)}</select></span>`;
}

function Menu({route}) {
    const [open, setOpen] = useState(false);
    useEffect(() => setOpen(false), [route.path]);
    const listed = group => SCREENS.filter(each => each.group === group && mayLook(each.role));
    return html`<nav class="menu" aria-label=${say('menu')}><button type="button" class="menu-button" aria-expanded=${String(open)} aria-controls="menu-list" onClick=${() => setOpen(!open)}>${say('menu')}</button>
        <div id="menu-list" class=${open ? 'open' : ''}>${GROUPS.filter(group => listed(group).length).map(group => html`<h2>${say(`group_${group}`)}</h2>
        <ul>${listed(group).map(each => html`<li><a href=${link(each.path)} aria-current=${each.path === route.path ? 'page' : undefined}>${wordsOf(each.path)('screen')}</a></li>`)}</ul>`)}</div></nav>`;
}

// The screen of the route: its module is loaded when it is first looked at.
function Screen({route}) {
    const [shown, setShown] = useState({path: null});
    const row = SCREENS.find(each => each.path === route.path && mayLook(each.role));
    useEffect(() => {
        const path = row?.path;
        if (path)
            import(`./screens/${path}.js`).then(({screen}) => setShown({path, View: screen.View}), error => setShown({path, error}));
    }, [row?.path]);
    useEffect(() => {
        document.title = (row ? wordsOf(row.path)('screen') + ' · ' : '') + say('name');
    }, [row?.path, language()]);
    if (!row)
        return html`<${Notice} kind="warn">${say('no_screen', {path: route.path})}<//>`;
    if (shown.path !== row.path)
        return null;
    return shown.error ? html`<${Notice} kind="bad">${say('screen_failed', {why: shown.error.message})}<//>`
        : html`<h1>${wordsOf(row.path)('screen')}</h1><p class="question">${wordsOf(row.path)('question')}</p>
        <${shown.View} key=${row.path} ask=${ask} say=${wordsOf(row.path)} session=${session.now} route=${route}/>`;
}

function Page({route, onLanguage}) {
    const skip = event => {
        event.preventDefault();
        document.getElementById('main').focus();
    };
    return html`<a class="skip" href="#main" onClick=${skip}>${say('skip')}</a>
        <header class="top"><span class="name">${say('name')}</span><span class="exchange">${session.now.exchange}</span><${Health}/><span class="gap"></span>
        <${Clock}/><${Choices} onLanguage=${onLanguage}/><${SessionClock}/></header>
        <div class="body"><${Menu} route=${route}/><main id="main" tabindex="-1"><${Screen} route=${route}/></main></div>
        <footer class="foot">${say('foot', {version: session.now.version ?? ''})}</footer><${ActHost}/>`;
}

function App({failed}) {
    const [, again] = useState(0);
    const [route, setRoute] = useState(routeOf(location.hash));
    const redraw = () => again(count => count + 1);
    useEffect(() => {
        session.onChange(redraw);
        const timer = setInterval(() => session.now && !document.hidden && loadSession(), SESSION_MS);
        const onHash = () => {
            setRoute(routeOf(location.hash));
            window.scrollTo(0, 0);
        };
        window.addEventListener('hashchange', onHash);
        return () => (clearInterval(timer), window.removeEventListener('hashchange', onHash));
    }, []);
    document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en';
    const other = () => {
        setLanguage(language() === 'zh' ? 'en' : 'zh');
        redraw();
    };
    return session.now ? html`<${Page} route=${route} onLanguage=${other}/>`
        : html`<header class="top"><span class="name">${say('name')}</span><span class="gap"></span><${Choices} onLanguage=${other}/></header><${Login} failed=${failed}/>`;
}

async function start() {
    let failed = null;
    const token = takeToken();
    await Promise.all([loadWords('shell'), ...SCREENS.map(each => loadWords(each.path))]);
    if (token)
        await login(token).catch(error => (failed = error));
    if (!session.now)
        await loadSession();
    render(html`<${App} failed=${failed}/>`, document.getElementById('app'));
}
start();
