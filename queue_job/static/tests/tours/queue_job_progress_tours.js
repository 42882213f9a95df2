import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const task = (name) => `.o_queue_job_tasks .o_queue_job_task:contains(${name})`;

tours.add("queue_job_tasks", {
    steps: () => [
        {
            content: "Open the background tasks",
            trigger: ".o_menu_systray .o_queue_job_tasks_button",
            run: "click",
        },
        {
            content: "The running one tells how far it is",
            trigger: `${task("A running job")} [role=progressbar][aria-valuenow="40"]`,
        },
        {
            content: "... and what it is at",
            trigger: `${task("A running job")}:contains(Running):contains(Page 40)`,
        },
        {
            content: "One waits",
            trigger: `${task("A waiting job")}:contains(Waiting)`,
        },
        {
            content: "The broken one says why",
            trigger: `${task("A broken job")}:contains(Failed):contains(The shop is closed)`,
        },
        {
            content: "Those of others are not there",
            trigger: `.o_queue_job_tasks:not(:has(${task("A job well done")}))`,
        },
    ],
});

tours.add("queue_job_progress", {
    steps: () => [
        {
            content: "The job runs",
            trigger:
                ".o_statusbar_status button.o_arrow_button_current:contains(Started)",
        },
        {
            content: "A bar shows how far it is",
            trigger:
                ".alert-info .o_field_widget[name=progress] .o_progressbar_value:contains(40)",
        },
        {
            content: "... and the text what it is at",
            trigger:
                ".alert-info .o_field_widget[name=progress_text]:contains(Page 40)",
        },
    ],
});
