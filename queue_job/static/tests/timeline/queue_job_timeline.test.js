import { describe, expect, test } from "@odoo/hoot";
import { click } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class ToldJob extends models.Model {
    timeline = fields.Json();
    _records = [
        {
            id: 1,
            timeline: [
                {
                    kind: "created",
                    at: "2026-11-27 10:00:01",
                    text: "Delayed by Mitchell",
                    details: ["<res.partner>.export"],
                    job_id: 9,
                },
                {
                    kind: "attempt",
                    at: false,
                    text: "Attempt failed",
                    details: ["OSError: <b>closed</b>", "took 0.012 s"],
                    attempt_id: 7,
                    log_id: 8,
                },
            ],
        },
    ];
}

defineMailModels();
defineModels([ToldJob]);

test("a job's story is an ordered list, of which attempts and logs are opened", async () => {
    mockService("action", {
        doAction(action) {
            expect.step(`${action.res_model} ${action.res_id}`);
        },
    });
    mockService("dialog", {
        add(_dialog, { resModel, resId }) {
            expect.step(`${resModel} ${resId}`);
        },
    });
    await mountView({
        type: "form",
        resModel: "told.job",
        resId: 1,
        arch: `<form><field name="timeline" widget="queue_job_timeline"/></form>`,
    });
    expect("ol.o_queue_job_timeline > li").toHaveCount(2);
    expect("li:first time").toHaveText(/10:00:01|11:00:01/);
    expect("li:last time").toHaveCount(0);
    // what a job said is no markup
    expect("li:last b").toHaveCount(0);
    expect("li:last").toHaveText(/OSError: <b>closed<\/b>/);
    await click("li button:contains(Show the attempt)");
    await click("li button:contains(Show its log)");
    await click("li button:contains(Open the job)");
    expect.verifySteps(["queue.job.attempt 7", "queue.job.log 8", "queue.job 9"]);
});
