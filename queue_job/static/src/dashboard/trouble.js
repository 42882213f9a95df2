/** So many milliseconds a guess has to hold before it is told. */
export const PATIENCE = 10000;

/**
 * What is said of jobs that are due while none runs. What is known is said at once. That
 * nothing begins is a guess: between two jobs nothing runs, either. It is said if it was
 * so at each look for some seconds; the server keeps silent while jobs end.
 */
export class TroubleWatch {
    /** Milliseconds at which the guess was met first; `null` while it is not. */
    since = null;

    /**
     * @param {Object} data what the server told at this look
     * @param {number} now milliseconds of a clock that never jumps
     * @returns {string|false} what to say
     */
    look({ trouble, trouble_is_guess: isGuess }, now) {
        if (!trouble || !isGuess) {
            this.since = null;
            return (!isGuess && trouble) || false;
        }
        this.since ??= now;
        return now - this.since >= PATIENCE && trouble;
    }

    /** Jobs were let begin just now: what was seen before tells nothing of them. */
    forget() {
        this.since = null;
    }
}
