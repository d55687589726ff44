// SPDX-License-Identifier: Apache-2.0
// #/PATH/WORD/…?KEY=VALUE: positions, months, reasons. Never anything of a person: addresses are kept by browsers.
export function routeOf(hash) {
    const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
    const [screen, ...words] = path.split('/').map(decodeURIComponent);
    return {path: screen || 'now', words, query: Object.fromEntries(new URLSearchParams(query))};
}

// The address of a screen, for an <a href>; `words` and `query` as routeOf gives them.
export function link(path, words = [], query = {}) {
    const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== '')).toString();
    return '#/' + [path, ...words].map(encodeURIComponent).join('/') + (asked && '?' + asked);
}

export function go(path, words, query) {
    location.hash = link(path, words, query);
}
