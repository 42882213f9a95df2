import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const counter = (name) => `.o_queue_job_counter[data-counter=${name}]`;
const shop = ".o_queue_job_channels tr[data-channel='root.shop']";

tours.add("queue_job_dashboard", {
    steps: () => [
        {
            content: "The app opens on the dashboard",
            trigger: `.o_queue_job_dashboard ${counter("due")}:contains(1)`,
        },
        {
            content: "What ended is drawn, and its times are told",
            trigger:
                ".o_queue_job_dashboard:has(canvas) .o_queue_job_percentiles td:contains(ms)",
        },
        {
            content: "Another period is drawn, too",
            trigger: "button[data-period=day]",
            run: "click",
        },
        {
            content: "It is chosen",
            trigger: "button[data-period=day].active[aria-pressed=true]",
        },
        {
            content: "A job that runs is listed with its process",
            trigger: ".o_queue_job_running tr:contains(A running job):contains(4711)",
        },
        {
            content: "Look at what has failed",
            trigger: `${counter("failed")}:contains(1)`,
            run: "click",
        },
        {
            content: "The list has it, and no other",
            trigger:
                ".o_list_view:not(:contains(A waiting job)) .o_data_row:contains(A broken job)",
        },
        {
            content: "Back to the dashboard",
            trigger: ".o_breadcrumb a:contains(Dashboard), .o_back_button",
            run: "click",
        },
        {
            content: "Pause a channel",
            trigger: `${shop} button[data-action=pause]`,
            run: "click",
        },
        {
            content: "Yes, really",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It says who paused it",
            trigger: `${shop} .o_queue_job_pause_note:contains(was paused by)`,
        },
        {
            content: "Resume it",
            trigger: `body:not(:has(.modal)) ${shop} button[data-action=resume]`,
            run: "click",
        },
        {
            content: "It can be paused again; allow it three jobs at a time",
            trigger: `${shop}:has(button[data-action=pause]) input`,
            run: "edit 3 && click .o_queue_job_channels",
        },
        {
            content: "What is due in the channel",
            trigger: `${shop} button[aria-label='root.shop: 1']`,
            run: "click",
        },
        {
            content: "Its list",
            trigger: ".o_list_view",
        },
    ],
});

tours.add("queue_job_dashboard_empty", {
    steps: () => [
        {
            content: "Where there is no job yet, it says how to delay one",
            trigger: ".o_queue_job_help code:contains(with_delay)",
        },
        {
            content: "All channels are there",
            trigger: ".o_queue_job_channels tr[data-channel=root]",
        },
    ],
});

tours.add("queue_job_dashboard_phone", {
    steps: () => [
        {
            content: "When it will be through is told on a phone, too",
            trigger: `${shop} td.o_queue_job_through_in:contains(s)`,
        },
        {
            content: "Look at what is due",
            trigger: `${counter("due")}:contains(1)`,
            run: "click",
        },
        {
            content: "A card",
            trigger: ".o_kanban_record:contains(A waiting job)",
        },
    ],
});
