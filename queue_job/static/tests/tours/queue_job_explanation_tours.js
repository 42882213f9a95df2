import { registry } from "@web/core/registry";

// A job behind one that failed, in a channel that runs one job after the other.
registry.category("web_tour.tours").add("queue_job_explanation", {
    steps: () => [
        {
            content: "The form says why the job is not running",
            trigger: "[name=explanation]:contains(halts behind one that failed)",
        },
        {
            content: "It names the culprit; go there",
            trigger:
                ".alert-info:contains(A broken job) button:contains(Show what it waits for)",
            run: "click",
        },
        {
            content: "That one has failed, and nothing is said to keep it back",
            trigger:
                ".o_form_view:has(.alert-danger:contains(The shop is closed)):not(:has(.alert-info))",
        },
        {
            content: "Cancel it",
            trigger: ".o_statusbar_buttons button[name=button_cancelled]",
            run: "click",
        },
        {
            content: "Yes, really",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is cancelled",
            trigger:
                ".o_statusbar_status button.o_arrow_button_current:contains(Cancelled)",
        },
        {
            content: "Go back to the job that waited",
            trigger: ".o_breadcrumb a:contains(A waiting job)",
            run: "click",
        },
        {
            content: "Nothing keeps it back any more",
            trigger: "[name=explanation]:contains(it begins at any moment)",
        },
    ],
});
