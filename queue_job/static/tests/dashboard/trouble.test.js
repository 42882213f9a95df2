import { describe, expect, test } from "@odoo/hoot";
import { PATIENCE, TroubleWatch } from "@queue_job/dashboard/trouble";

describe.current.tags("headless");

const GUESS = "perhaps it cannot reach Odoo";
const KNOWN = "all channels are paused";

function told({ trouble = GUESS, isGuess = true } = {}) {
    return { trouble, trouble_is_guess: isGuess };
}

test("what is known is said at once", () => {
    const watch = new TroubleWatch();
    expect(watch.look(told({ trouble: KNOWN, isGuess: false }), 0)).toBe(KNOWN);
    expect(watch.look(told({ trouble: false, isGuess: false }), 1)).toBe(false);
});

test("a guess is said if it was so at each look for some seconds", () => {
    const watch = new TroubleWatch();
    expect(watch.look(told(), 1000)).toBe(false);
    expect(watch.look(told(), 3000)).toBe(false);
    expect(watch.look(told(), 1000 + PATIENCE)).toBe(GUESS);
    expect(watch.look(told({ trouble: false, isGuess: false }), 13000)).toBe(false);
    expect(watch.look(told(), 15000)).toBe(false);
    expect(watch.look(told(), 15000 + PATIENCE)).toBe(GUESS);
});

test("after a resume it is watched anew", () => {
    const watch = new TroubleWatch();
    watch.look(told(), 0);
    watch.forget();
    expect(watch.look(told(), PATIENCE)).toBe(false);
    expect(watch.look(told(), 2 * PATIENCE)).toBe(GUESS);
});
