// SPDX-License-Identifier: Apache-2.0
// Who looks. The console decides what somebody may do; here it is only what need not be offered.
let changed = () => {};

// `now`: undefined until asked, null where nobody is logged in, else what GET api/session says.
export const session = {
    now: undefined,
    clockMs: 0, // the exchange's machine's clock minus this one's
    onChange(call) {
        changed = call;
    },
    set(value) {
        session.now = value;
        if (value?.nowMs)
            session.clockMs = value.nowMs - Date.now();
        changed();
    },
};

export async function loadSession() {
    try {
        const response = await fetch('api/session', {credentials: 'same-origin', cache: 'no-store'});
        session.set(response.ok ? await response.json() : null);
    } catch {
        session.set(session.now ?? null);
    }
}

// A question or an action that this user may ask; one that the console does not know is not offered either.
export const mayAsk = name => session.now?.questions?.includes(name) ?? false;

// A viewer's screens are everybody's.
export const mayLook = role => role === 'viewer' || (session.now?.roles ?? []).includes(role);

export const serverNow = () => Date.now() + session.clockMs;
