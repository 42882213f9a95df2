const UNITS = [
    [86400, "d", 3600, "h"],
    [3600, "h", 60, "min"],
    [60, "min", 1, "s"],
];

/** A time that people read at a glance: 3 ms, 1.5 s, 2 min 5 s, 3 h 10 min, 2 d 4 h. */
export function formatSeconds(seconds) {
    if (seconds === null || seconds === undefined) {
        return "–";
    }
    if (seconds < 0.9995) {
        return `${Math.round(seconds * 1000)} ms`;
    }
    if (seconds < 9.95) {
        return `${Number(seconds.toFixed(1))} s`;
    }
    const whole = Math.round(seconds);
    for (const [size, unit, smallerSize, smallerUnit] of UNITS) {
        if (whole >= size) {
            const rest = Math.floor((whole % size) / smallerSize);
            const first = `${Math.floor(whole / size)} ${unit}`;
            return rest ? `${first} ${rest} ${smallerUnit}` : first;
        }
    }
    return `${whole} s`;
}

/** How many, or that there are more than were counted. */
export function formatCount({ count, has_more: hasMore }, format = String) {
    return hasMore ? `${format(count)}+` : format(count);
}

/** Of those that were dispatched, how many have begun, and how many are on their way. */
export function formatBegun(dispatched, onTheirWay, format = String) {
    const begun = format(dispatched - onTheirWay);
    return onTheirWay ? `${begun} + ${format(onTheirWay)}` : begun;
}

/**
 * The parts of a period, those in which nothing ended too.
 *
 * @param {Object} history `step` and `seconds` of the period, `points` as
 *  [seconds since 1970, done, failed, retried, cancelled]
 * @param {number} now seconds since 1970
 */
export function series({ step, seconds, points }, now) {
    const found = new Map(points.map(([at, ...counts]) => [at, counts]));
    const times = [];
    const last = Math.floor(now / step) * step;
    for (let at = last - seconds + step; at <= last; at += step) {
        times.push(at);
    }
    const column = (place) => times.map((at) => found.get(at)?.[place] || 0);
    return { times, done: column(0), failed: column(1), retried: column(2) };
}
