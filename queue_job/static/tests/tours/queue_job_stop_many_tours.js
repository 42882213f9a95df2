import { registry } from "@web/core/registry";

// 101 jobs run; more than 50 are stopped in the background.
registry.category("web_tour.tours").add("queue_job_stop_many", {
    steps: () => [
        {
            content: "Show only jobs that run",
            trigger:
                ".o_search_panel_field .o_search_panel_filter_value:contains(Started) input",
            run: "click",
        },
        {
            content: "There are more than a page shows",
            trigger: ".o_pager_limit:contains(101)",
        },
        {
            content: "Choose the page",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Choose everything that matches",
            trigger: ".o_select_domain",
            run: "click",
        },
        {
            content: "Stop it",
            trigger: ".o_control_panel button:contains(Stop Jobs)",
            run: "click",
        },
        {
            content: "The dialogue says that it takes a while; say why",
            trigger:
                ".modal:has(.alert-info:contains(in the background)) [name=reason] input",
            run: "edit wrong period",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=stop]",
            run: "click",
        },
        {
            content: "The page of the action opens, and says why",
            trigger:
                ".o_form_view:has([name=filter_text]:contains(State is)) h1 [name=what]:contains(Stop: wrong period)",
        },
    ],
});
