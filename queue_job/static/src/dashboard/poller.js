/** Milliseconds between two questions, at least and at most. */
export const SHORTEST = 2000;
export const LONGEST = 60000;
/** After an answer that took long, wait so many times as long. */
const REST = 4;

/**
 * How long to wait before the next question.
 *
 * @param {number} took milliseconds of the latest one
 * @param {number} failures how many in a row had no answer
 */
export function nextDelay(took, failures) {
    const pause = Math.max(SHORTEST, REST * took) * 2 ** Math.min(failures, 5);
    return Math.min(LONGEST, pause);
}

/**
 * Asks again and again, one question at a time, while somebody looks.
 *
 * @param {() => Promise} ask
 * @param {{isHidden, now, setTimer, clearTimer}} world what a test replaces
 */
export class Poller {
    constructor(ask, world) {
        this.ask = ask;
        this.world = world;
        this.failures = 0;
        this.timer = null;
        this.isAsking = false;
        this.isWanted = false;
        this.isStopped = false;
    }

    /** Ask now, or once more as soon as the question under way is answered. */
    async refresh() {
        this.isWanted = true;
        if (this.isAsking) {
            return;
        }
        this.isAsking = true;
        while (this.isWanted && !this.isStopped) {
            this.isWanted = false;
            await this.askOnce();
        }
        this.isAsking = false;
    }

    /** The page is seen again, or hidden: then nothing is asked. */
    visibilityChanged() {
        if (this.world.isHidden()) {
            this.world.clearTimer(this.timer);
        } else {
            this.refresh();
        }
    }

    stop() {
        this.isStopped = true;
        this.world.clearTimer(this.timer);
    }

    async askOnce() {
        this.world.clearTimer(this.timer);
        const began = this.world.now();
        try {
            await this.ask();
            this.failures = 0;
        } catch {
            this.failures++;
        }
        this.schedule(this.world.now() - began);
    }

    /** Ask again later, the later the longer the latest question took. */
    schedule(took) {
        if (!this.isStopped && !this.world.isHidden()) {
            const delay = nextDelay(took, this.failures);
            this.timer = this.world.setTimer(() => this.refresh(), delay);
        }
    }
}
