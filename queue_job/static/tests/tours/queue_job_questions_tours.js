import { registry } from "@web/core/registry";

const counter = (name) => `.o_queue_job_counter[data-counter=${name}]`;
const dashboard = () => ({
    content: "Back to the dashboard",
    trigger: ".o_navbar .o_menu_brand",
    run: "click",
});

// The questions of an administrator, as docs/administrators.rst lists them, with the
// clicks that lead to the answer.
registry.category("web_tour.tours").add("queue_job_questions", {
    steps: () => [
        {
            content: "How many wait?",
            trigger: `${counter("due")}:contains(1)`,
        },
        {
            content: "Since when does the oldest one?",
            trigger: ".o_queue_job_leader:contains(The oldest due job waits for)",
        },
        {
            content: "How many end per minute?",
            trigger:
                ".o_queue_job_rate:contains(Within the last ten minutes 30 jobs ended, at most 30 of them in one minute)",
        },
        {
            content: "Does a runner live, and where?",
            trigger:
                ".o_queue_job_leader:contains(was last heard) .o_queue_job_leader_about:contains(odoo-1):contains(root:4)",
        },
        {
            content: "When will it be through?",
            trigger:
                ".o_queue_job_channels tr[data-channel='root.shop'] td.o_queue_job_through_in:contains(s)",
        },
        {
            content: "What runs now, since when, on which host?",
            trigger:
                ".o_queue_job_running tr:contains(A running job):contains(min):contains(4711 at)",
        },
        {
            content: "Who paused what?",
            trigger:
                ".o_queue_job_channels tr[data-channel='root.mail'] .o_queue_job_pause_note:contains(was paused by Mitchell Admin), .o_queue_job_channels tr[data-channel='root.mail'] .o_queue_job_pause_note:contains(was paused by Administrator)",
        },
        {
            content: "Why does this job not run? First click: those that are due",
            trigger: counter("due"),
            run: "click",
        },
        {
            content: "Second click: the job",
            trigger: ".o_data_row:contains(A waiting job) td[name=name]",
            run: "click",
        },
        {
            content: "It says why",
            trigger: ".o_form_view [name=explanation]:contains(.)",
        },
        dashboard(),
        {
            content: "What failed in the last hour? One click",
            trigger: `${counter("failed_last_hour")}:contains(1)`,
            run: "click",
        },
        {
            content: "Its list",
            trigger: ".o_list_view .o_data_row:contains(A broken job)",
        },
        dashboard(),
        {
            content: "Which bug fails most? One click",
            trigger: ".o_queue_job_dashboard button[data-action=failures]",
            run: "click",
        },
        {
            content: "The most frequent one comes first",
            trigger:
                ".o_list_view .o_data_row:first:contains(The shop is closed):contains(7)",
        },
        {
            content: "Retry all of it: the second click",
            trigger:
                ".o_data_row:contains(The shop is closed) button[name=requeue_failed_jobs]",
            run: "click",
        },
        {
            content: "The third one",
            trigger: ".modal button[name=requeue]",
            run: "click",
        },
        {
            content: "It is done; how far is my import? One click",
            trigger: "body:not(:has(.modal)) .o_queue_job_tasks_button",
            run: "click",
        },
        {
            content: "So far",
            trigger: ".o_queue_job_task:contains(A running job) [aria-valuenow='40']",
        },
    ],
});
