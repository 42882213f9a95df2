import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const status = (label) =>
    `.o_statusbar_status button.o_arrow_button_current:contains(${label})`;

// 61 jobs have failed, one of them for another reason than the others.
tours.add("queue_job_action_begin", {
    steps: () => [
        {
            content: "Show only failed jobs",
            trigger:
                ".o_search_panel_field .o_search_panel_filter_value:contains(Failed) input",
            run: "click",
        },
        {
            content: "There they are",
            trigger: ".o_pager_limit:contains(61)",
        },
        {
            content: "Choose the page",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Change them",
            trigger: ".o_control_panel button:contains(Change)",
            run: "click",
        },
        {
            content: "The dialogue lists them; it is to change the priority",
            trigger: ".modal .o_radio_input[data-value=change_priority]",
            run: "click",
        },
        {
            content: "Say which",
            trigger: ".modal [name=priority] input",
            run: "edit 3",
        },
        {
            content: "Go",
            trigger: ".modal button[name=change]",
            run: "click",
        },
        {
            content: "It is done; look at the log",
            trigger: "body:not(:has(.modal)) [data-menu-xmlid='queue_job.menu_queue']",
            run: "click",
        },
        {
            content: "Open it",
            trigger:
                ".o-dropdown--menu [data-menu-xmlid='queue_job.menu_queue_job_action']",
            run: "click",
        },
        {
            content: "It says what was done to how many",
            trigger:
                ".o_data_row:contains(Change Priority: 3):contains(61):contains(Done)",
        },
    ],
});

tours.add("queue_job_action_many", {
    steps: () => [
        {
            content: "Show only failed jobs",
            trigger:
                ".o_search_panel_field .o_search_panel_filter_value:contains(Failed) input",
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
            content: "Requeue it",
            trigger: ".o_control_panel button:contains(Requeue)",
            run: "click",
        },
        {
            content: "The dialogue counts, and says that it takes a while",
            trigger:
                ".modal:has(.alert-info:contains(in the background)) p:contains(match the filter):contains(101)",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=requeue]",
            run: "click",
        },
        {
            content: "Its page opens, with the filter in words",
            trigger: `.o_form_view:has(${status("Waiting")}) [name=filter_text]:contains(State is)`,
        },
        {
            content: "Stop it",
            trigger: ".o_statusbar_buttons button[name=stop]",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is stopped; let it go on",
            trigger: `body:has(${status("Stopped")}):not(:has(.modal)) .o_statusbar_buttons button[name=resume]`,
            run: "click",
        },
        {
            content: "It waits",
            trigger: status("Waiting"),
        },
    ],
});

tours.add("queue_job_action_log", {
    steps: () => [
        {
            content: "The log says what became of it; open it",
            trigger:
                ".o_data_row:contains(Requeue):contains(101):contains(Done) [name=what]",
            run: "click",
        },
        {
            content: "It is all there",
            trigger: `.o_form_view:has(${status("Done")}) [name=changed_count]:contains(101)`,
        },
        {
            content: "Who stopped it, too",
            trigger: "[name=note]:contains(Stop:):contains(Resume:)",
        },
    ],
});
