import { registry } from "@web/core/registry";
import { QueueJobWatch } from "../watch/queue_job_watch";

/** Reads an action on many jobs anew until it is over, as a job that runs. */
export class QueueJobActionWatch extends QueueJobWatch {
    static field = "status";
    static running = ["waiting", "counting", "running"];
}

registry.category("view_widgets").add("queue_job_action_watch", {
    component: QueueJobActionWatch,
    fieldDependencies: [{ name: "status", type: "selection" }],
});
