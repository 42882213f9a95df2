import { describe, expect, test } from "@odoo/hoot";
import { LONGEST, nextDelay, Poller, SHORTEST } from "@queue_job/dashboard/poller";

describe.current.tags("headless");

/** A poller in a world whose time a test holds. */
function held() {
    const world = { hidden: false, time: 0, timers: [], asked: 0, answers: [] };
    const poller = new Poller(
        () => {
            world.asked++;
            return new Promise((resolve, reject) =>
                world.answers.push({ resolve, reject })
            );
        },
        {
            isHidden: () => world.hidden,
            now: () => world.time,
            setTimer: (act, delay) => world.timers.push({ act, delay }) - 1,
            clearTimer: (number) => {
                if (number !== null) {
                    world.timers[number] = null;
                }
            },
        }
    );
    return { poller, world };
}

const pending = ({ timers }) => timers.filter(Boolean);

test("it pauses longer where answers are slow, or fail", () => {
    expect(nextDelay(0, 0)).toBe(SHORTEST);
    expect(nextDelay(3000, 0)).toBe(12000);
    expect(nextDelay(0, 1)).toBe(2 * SHORTEST);
    expect(nextDelay(1e6, 0)).toBe(LONGEST);
    expect(nextDelay(0, 99)).toBe(LONGEST);
});

test("one question at a time, and the next one by itself", async () => {
    const { poller, world } = held();
    const first = poller.refresh();
    poller.refresh();
    expect(world.asked).toBe(1);
    world.time = 1000;
    world.answers[0].resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(world.asked).toBe(2, { message: "asked once more, for who came meanwhile" });
    world.answers[1].resolve();
    await first;
    expect(pending(world).map(({ delay }) => delay)).toEqual([SHORTEST]);
    pending(world)[0].act();
    expect(world.asked).toBe(3);
});

test("a question without an answer is no reason to stop", async () => {
    const { poller, world } = held();
    const asking = poller.refresh();
    world.answers[0].reject(new Error("gone"));
    await asking;
    expect(pending(world).map(({ delay }) => delay)).toEqual([2 * SHORTEST]);
});

test("a page that nobody sees asks nothing, until it is seen again", async () => {
    const { poller, world } = held();
    poller.schedule(0);
    world.hidden = true;
    poller.visibilityChanged();
    expect(pending(world)).toEqual([]);
    world.hidden = false;
    poller.visibilityChanged();
    expect(world.asked).toBe(1);
});

test("a page that is left asks nothing more", async () => {
    const { poller, world } = held();
    const asking = poller.refresh();
    poller.stop();
    world.answers[0].resolve();
    await asking;
    expect(pending(world)).toEqual([]);
});
