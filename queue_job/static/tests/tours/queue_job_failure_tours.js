import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("queue_job_failed_alike", {
    steps: () => [
        {
            content: "The form of a failed job counts those like it; open them",
            trigger:
                ".o_form_view .alert:contains(OSError in):has([name=alike_shown]:contains(2)) [name=failure_id] a",
            run: "click",
        },
        {
            content: "There they are",
            trigger: ".o_form_view .oe_stat_button:contains(Failed Jobs):contains(2)",
        },
    ],
});

// Two jobs failed for the same reason.
registry.category("web_tour.tours").add("queue_job_failure", {
    steps: () => [
        {
            content: "The two are one line; open it",
            trigger:
                ".o_data_row:contains(The shop is closed):contains(shop/order.py export) td[name=message]",
            run: "click",
        },
        {
            content: "It counts the jobs, and draws when they failed",
            trigger:
                ".o_form_view:has([name=chart] canvas) .oe_stat_button:contains(Failed Jobs):contains(2)",
        },
        {
            content: "Requeue them all",
            trigger: ".o_statusbar_buttons button[name=requeue_failed_jobs]",
            run: "click",
        },
        {
            content: "The dialogue has counted them",
            trigger: ".modal [name=moving_shown]:contains(2)",
        },
        {
            content: "Yes",
            trigger: ".modal button[name=requeue]",
            run: "click",
        },
        {
            content: "Mark it as fixed",
            trigger:
                "body:not(:has(.modal)) .o_statusbar_buttons button[name=mark_fixed]",
            run: "click",
        },
        {
            content: "It is fixed",
            trigger:
                ".o_statusbar_status button.o_arrow_button_current:contains(Fixed)",
        },
    ],
});
