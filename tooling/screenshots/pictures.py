"""Which pictures there are: the page, what is clicked, and what has to be seen then."""

from typing import NamedTuple

_ROW = ".o_list_view .o_data_row"
_FORM = ".o_form_view .o_field_widget[name=state]"
_DASHBOARD = ".o_queue_job_running tbody tr"
_TIMELINE = ".o_form_view .nav-link[name=timeline]"
_EVENT = ".o_queue_job_timeline li"


class Picture(NamedTuple):
    """One file. Sizes in pixels; names in braces are places of the scene."""

    name: str
    path: str
    shows: str
    height: int = 900
    width: int = 1400
    clicks: tuple[str, ...] = ()


PICTURES = (
    Picture("dashboard", "/odoo/queue-job", _DASHBOARD, 1140),
    Picture("dashboard_phone", "/odoo/queue-job", _DASHBOARD, 1400, 400),
    Picture("jobs", "/odoo/queue-jobs", _ROW, 800),
    Picture(
        "failed_job",
        "/odoo/queue-jobs/{failed}",
        ".o_queue_job_folded_traceback",
        1240,
    ),
    Picture(
        "failed_job_phone",
        "/odoo/queue-jobs/{failed}",
        ".o_queue_job_folded_traceback",
        1400,
        400,
    ),
    Picture(
        "timeline",
        "/odoo/queue-jobs/{retried}",
        _EVENT,
        1440,
        clicks=(_TIMELINE,),
    ),
    Picture(
        "attempt",
        "/odoo/queue-jobs/{retried}",
        ".modal .o_queue_job_traceback_lines",
        clicks=(
            ".o_form_view .nav-link[name=attempts]",
            ".o_form_view [name=attempt_ids] .o_data_row td[name=exc_message]",
        ),
    ),
    Picture("phone", "/odoo/queue-jobs", ".o_kanban_view .o_kanban_record", 720, 400),
    Picture("explanation", "/odoo/queue-jobs/{waiting}", _FORM, 700),
    Picture("failures", "/odoo/queue-failures", _ROW, 330),
    Picture(
        "health",
        "/odoo/action-queue_job.action_queue_job_health",
        ".o_form_view .o_form_sheet",
        260,
    ),
    Picture("channels", "/odoo/queue-channels", _ROW, 480),
    Picture("actions", "/odoo/queue-actions", _ROW, 330),
    Picture(
        "action",
        "/odoo/queue-actions/{action}",
        ".o_form_view [name=filter_text]",
        760,
    ),
    Picture(
        "graph",
        "/odoo/queue-jobs/{graph}",
        ".o_queue_job_graph svg",
        1100,
        clicks=(".o_form_view .nav-link[name=dependencies]",),
    ),
    Picture(
        "tasks",
        "/odoo/queue.job.demo.order/{order}",
        ".o_queue_job_task",
        640,
        clicks=(".o_queue_job_tasks_button",),
    ),
)
