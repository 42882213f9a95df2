import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, click, queryAllTexts } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { QueueJobTasks } from "@queue_job/tasks/queue_job_tasks";

describe.current.tags("desktop");
defineMailModels();

const BUTTON = ".o_queue_job_tasks_button";
const TASK = ".o_queue_job_task";
const PLAIN = { progress: false, text: false, error: false, parts: false };
let tasks;

beforeEach(() => {
    tasks = [
        { ...PLAIN, id: 3, name: "Export", state: "started", progress: 40.4 },
        { ...PLAIN, id: 2, name: "Import", state: "failed", error: "Send it again" },
        { ...PLAIN, id: 1, name: "Remind", state: "pending" },
    ];
    onRpc("queue.job", "background_tasks", () => {
        expect.step("asked");
        return tasks;
    });
});

async function open() {
    await click(BUTTON);
    await animationFrame();
    await animationFrame();
}

test("the server is not asked before the menu is opened", async () => {
    await mountWithCleanup(QueueJobTasks);
    await advanceTime(10000);
    expect.verifySteps([]);
    await open();
    expect.verifySteps(["asked"]);
    expect(queryAllTexts(`${TASK} .badge`)).toEqual(["Running", "Failed", "Waiting"]);
    expect(`${TASK}[data-id='3'] [aria-valuenow='40']`).toHaveCount(1);
    expect(`${TASK} [role=progressbar]`).toHaveCount(1);
    expect(`${TASK}[data-id='2']`).toHaveText(/Send it again/);
});

test("it is asked again as long as the menu is open and a task is not over", async () => {
    await mountWithCleanup(QueueJobTasks);
    await open();
    await advanceTime(3000);
    await advanceTime(3000);
    expect.verifySteps(["asked", "asked", "asked"]);
    tasks = tasks.map((task) => ({ ...task, state: "done" }));
    await advanceTime(3000);
    await advanceTime(9000);
    expect.verifySteps(["asked"]);
    await animationFrame();
    expect(queryAllTexts(`${TASK} .badge`)).toEqual(["Done", "Done", "Done"]);
});

test("it is not asked any more when the menu is closed", async () => {
    await mountWithCleanup(QueueJobTasks);
    await open();
    await click(BUTTON);
    await advanceTime(9000);
    expect.verifySteps(["asked"]);
});

test("the jobs of a graph are one task, which says how far they are", async () => {
    const parts = { total: 20, done: 12, failed: 0 };
    tasks = [
        { ...PLAIN, id: 3, name: "Export the season", state: "started", parts },
        {
            ...PLAIN,
            id: 2,
            name: "Import",
            state: "failed",
            parts: { ...parts, failed: 1 },
        },
        { ...PLAIN, id: 1, name: "Remind", state: "done" },
    ];
    await mountWithCleanup(QueueJobTasks);
    await open();
    expect.verifySteps(["asked"]);
    expect(queryAllTexts(".o_queue_job_parts")).toEqual([
        "12 of 20 done",
        "12 of 20 done, 1 failed",
    ]);
});

test("without tasks the menu says so", async () => {
    tasks = [];
    await mountWithCleanup(QueueJobTasks);
    await open();
    expect.verifySteps(["asked"]);
    expect(".o_queue_job_tasks").toHaveText(/Nothing that you started/);
});
