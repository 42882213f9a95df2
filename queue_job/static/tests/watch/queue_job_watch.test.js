import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, edit, click } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    MockServer,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class WatchedJob extends models.Model {
    name = fields.Char();
    state = fields.Selection({
        selection: [
            ["started", "Started"],
            ["done", "Done"],
        ],
    });
    _records = [{ id: 1, name: "Export", state: "started" }];
}

defineMailModels();
defineModels([WatchedJob]);

const ARCH = `
    <form>
        <widget name="queue_job_watch"/>
        <field name="name"/>
    </form>`;

async function openForm() {
    onRpc("watched.job", "web_read", () => {
        expect.step("read");
    });
    await mountView({ type: "form", resModel: "watched.job", resId: 1, arch: ARCH });
    expect.verifySteps(["read"]);
}

test("a job that runs is read again, until it is over", async () => {
    await openForm();
    await advanceTime(3000);
    MockServer.env["watched.job"].write([1], { name: "Export more" });
    await advanceTime(3000);
    await animationFrame();
    expect.verifySteps(["read", "read"]);
    expect(".o_field_widget[name=name] input").toHaveValue("Export more");
    MockServer.env["watched.job"].write([1], { state: "done" });
    await advanceTime(3000);
    await advanceTime(9000);
    expect.verifySteps(["read"]);
});

test("what a user types is not read away", async () => {
    await openForm();
    await click(".o_field_widget[name=name] input");
    await edit("Mine");
    await animationFrame();
    await advanceTime(9000);
    expect.verifySteps([]);
    expect(".o_field_widget[name=name] input").toHaveValue("Mine");
});
