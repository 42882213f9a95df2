import { beforeEach, expect, test } from "@odoo/hoot";
import { advanceTime } from "@odoo/hoot-dom";
import { allowTranslations } from "@web/../tests/web_test_helpers";
import { queueJobTaskNotifications } from "@queue_job/tasks/task_notifications";

let hear, shown;

beforeEach(() => {
    allowTranslations();
    shown = [];
    queueJobTaskNotifications.start(null, {
        action: { doAction: (action) => expect.step(`does ${action.name}`) },
        bus_service: {
            start: () => expect.step("listens"),
            subscribe(type, callback) {
                expect.step(type);
                hear = callback;
            },
        },
        notification: {
            add(message, options) {
                shown.push({ ...options, message: String(message) });
                return () => expect.step("closed");
            },
        },
        orm: {
            call: async (model, method, [id]) => ({ name: `${model}.${method} ${id}` }),
        },
    });
    expect.verifySteps(["queue_job.task_over", "listens"]);
});

function end(id, state = "done", error = false) {
    hear({ id, name: `Task ${id}`, state, error });
}

test("an end is told, with what leads to what it worked on", async () => {
    end(7);
    await advanceTime(500);
    expect(shown).toHaveLength(1);
    expect(shown[0].message).toBe("Task 7 is done.");
    expect(shown[0].type).toBe("success");
    expect(shown[0].sticky).toBe(false);
    await shown[0].buttons[0].onClick();
    await advanceTime(0);
    expect.verifySteps(["closed", "does queue.job.open_background_task 7"]);
});

test("a failure stays, and says why", async () => {
    end(8, "failed", "Send it again");
    await advanceTime(500);
    expect(String(shown[0].title)).toBe("Task 8 has failed.");
    expect(shown[0].message).toBe("Send it again");
    expect(shown[0].type).toBe("danger");
    expect(shown[0].sticky).toBe(true);
});

test("of very many ends one sentence is said", async () => {
    for (let id = 0; id < 50; id++) {
        end(id, id % 10 ? "done" : "failed", "no");
    }
    await advanceTime(500);
    expect(shown).toHaveLength(1);
    expect(shown[0].message).toBe("50 background tasks have ended, 5 of them failed.");
    end(51);
    await advanceTime(500);
    expect(shown).toHaveLength(2);
});
