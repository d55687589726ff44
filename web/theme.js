// SPDX-License-Identifier: Apache-2.0
// Before the first paint, so that a dark room is not lit up: the theme that was chosen here, or the machine's.
(() => {
    const chosen = localStorage.getItem('hutong.theme');
    if (chosen === 'light' || chosen === 'dark')
        document.documentElement.dataset.theme = chosen;
})();
