import { describe, expect, test } from "@odoo/hoot";
import {
    formatBegun,
    formatCount,
    formatSeconds,
    series,
} from "@queue_job/dashboard/figures";

describe.current.tags("headless");

test("times are short, whatever their size", () => {
    const told = {
        0: "0 ms",
        0.0034: "3 ms",
        0.9999: "1 s",
        1.25: "1.3 s",
        9.96: "10 s",
        59.4: "59 s",
        60: "1 min",
        125: "2 min 5 s",
        3599.7: "1 h",
        11400: "3 h 10 min",
        187200: "2 d 4 h",
    };
    for (const [seconds, text] of Object.entries(told)) {
        expect(formatSeconds(Number(seconds))).toBe(text);
    }
});

test("what is not known is a dash", () => {
    expect(formatSeconds(null)).toBe("–");
    expect(formatSeconds(undefined)).toBe("–");
});

test("a count that ended at its limit says that there are more", () => {
    expect(formatCount({ count: 7, has_more: false })).toBe("7");
    expect(formatCount({ count: 10000, has_more: true })).toBe("10000+");
});

test("those on their way are told apart from those that have begun", () => {
    expect(formatBegun(11, 9)).toBe("2 + 9");
    expect(formatBegun(2, 0)).toBe("2");
    expect(formatBegun(0, 0)).toBe("0");
});

test("a period has all its parts, those without an end too", () => {
    const history = {
        step: 60,
        seconds: 300,
        points: [
            [600, 5, 1, 2, 0],
            [780, 7, 0, 0, 0],
        ],
    };
    const { times, done, failed, retried } = series(history, 805);
    expect(times).toEqual([540, 600, 660, 720, 780]);
    expect(done).toEqual([0, 5, 0, 0, 7]);
    expect(failed).toEqual([0, 1, 0, 0, 0]);
    expect(retried).toEqual([0, 2, 0, 0, 0]);
});
