// SPDX-License-Identifier: Apache-2.0
// Words in both languages, a table a screen: words/NAME.json, {"key": {"zh": …, "en": …}}; {x} in a text is filled in.
const tables = new Map();

const chosen = localStorage.getItem('hutong.language');
let current = chosen ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');

export const language = () => current;

export function setLanguage(name) {
    current = name;
    localStorage.setItem('hutong.language', name);
}

export async function loadWords(name) {
    if (!tables.has(name))
        tables.set(name, await (await fetch(`words/${name}.json`)).json());
}

// A key that is missing is shown as it is: seen at once, and by tests/browser/words.py before.
export function wordsOf(name) {
    return (key, values = {}) => {
        const text = tables.get(name)?.[key]?.[current];
        return text === undefined ? `[${name}.${key}]` : text.replace(/\{(\w+)\}/g, (whole, each) => values[each] ?? whole);
    };
}
