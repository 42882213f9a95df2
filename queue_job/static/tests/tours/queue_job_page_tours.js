import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const onThePage = (name) => ({
    content: `Turn to the page ${name}`,
    trigger: `.nav-link[name=${name}]`,
    run: "click",
});

// A job that failed is read, run for trial, and run again with other arguments.
tours.add("queue_job_page", {
    steps: () => [
        {
            content: "Of the traceback, the lines of add-ons are read at once",
            trigger:
                ".o_queue_job_traceback_lines:contains(shop/order.py):not(:contains(orm/models.py))",
        },
        {
            content: "It says where the exception was raised",
            trigger: ".o_queue_job_folded_traceback code:contains(shop/order.py:12)",
        },
        {
            content: "Show the rest",
            trigger: ".o_queue_job_traceback_lines button:contains(frames of Odoo)",
            run: "click",
        },
        {
            content: "There it is",
            trigger: ".o_queue_job_traceback_lines:contains(orm/models.py)",
        },
        onThePage("timeline"),
        {
            content: "The first attempt is told with its error; open it",
            trigger:
                "ol.o_queue_job_timeline li[data-kind=attempt]:contains(First refusal) button:contains(Show the attempt)",
            run: "click",
        },
        {
            content: "This is it; close it",
            trigger: ".modal:contains(First refusal) footer button:contains(Close)",
            run: "click",
        },
        onThePage("arguments"),
        {
            content: "Records are links",
            trigger: "ul.o_queue_job_arguments button:contains(A partner to be found)",
        },
        {
            content: "Do a dry run",
            trigger: ".o_statusbar_buttons button[name=open_dry_run]",
            run: "click",
        },
        {
            content: "It says what is real; go on",
            trigger: ".modal:has(.alert-warning:contains(is real)) button[name=run]",
            run: "click",
        },
        {
            content: "It would not be done",
            trigger: ".modal .alert-danger:contains(Job failed)",
        },
        {
            content: "Close it",
            trigger: ".modal footer button:contains(Close)",
            run: "click",
        },
        {
            content: "Run it again",
            trigger:
                "body:not(:has(.modal)) .o_statusbar_buttons button[name=open_run_again]",
            run: "click",
        },
        {
            content: "The arguments are there; change one",
            trigger: ".modal [name=kwargs] .ace_editor:has(.ace_content)",
            run() {
                const editor = window.ace.edit(this.anchor);
                editor.setValue('{"failure_rate": 0}');
            },
        },
        {
            content: "Run",
            trigger: ".modal button[name=run_again]",
            run: "click",
        },
        {
            content: "The new job is open, and its timeline says whence it comes",
            trigger:
                "body:not(:has(.modal)) .o_statusbar_status button.o_arrow_button_current:contains(Pending)",
        },
        onThePage("timeline"),
        {
            content: "It was made of the other one",
            trigger:
                "li[data-kind=created]:contains(with changed arguments) button:contains(Open the job)",
        },
    ],
});

// The same page, read on a phone: nothing is wider than the screen.
tours.add("queue_job_page_phone", {
    steps: () => [
        {
            content: "It says where the exception was raised",
            trigger: ".o_queue_job_folded_traceback code:contains(shop/order.py:12)",
            run: isNoWider,
        },
        onThePage("timeline"),
        {
            content: "It has a story",
            trigger: "ol.o_queue_job_timeline li[data-kind=attempt]",
            run: isNoWider,
        },
        onThePage("arguments"),
        {
            content: "It has arguments",
            trigger: "ul.o_queue_job_arguments button:contains(A partner to be found)",
            run: isNoWider,
        },
    ],
});

function isNoWider() {
    const { scrollWidth, clientWidth } = document.querySelector(".o_content");
    if (scrollWidth > clientWidth) {
        throw new Error(`The page is ${scrollWidth} wide, the screen ${clientWidth}`);
    }
}
