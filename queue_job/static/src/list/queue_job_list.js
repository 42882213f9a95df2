import { registry } from "@web/core/registry";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { MultiRecordViewButton } from "@web/views/view_button/multi_record_view_button";

// Everything that matches the filter was chosen: the filter is sent, and no ids, which
// would be cut at some number and take long to carry.

class JobsButton extends MultiRecordViewButton {
    async onClick(ev, newWindow) {
        const { clickParams, domain, list } = this.props;
        if (!list.isDomainSelected) {
            return super.onClick(ev, newWindow);
        }
        clickParams.buttonContext = {
            active_domain: domain,
            active_ids: [],
            active_model: list.resModel,
        };
        this.env.onClickViewButton({
            clickParams,
            getResParams: () => ({
                context: list.context,
                evalContext: list.evalContext,
                resModel: list.resModel,
                resIds: [],
            }),
            newWindow,
        });
    }
}

export class QueueJobListController extends ListController {
    static components = {
        ...ListController.components,
        MultiRecordViewButton: JobsButton,
    };
}

registry.category("views").add("queue_job_list", {
    ...listView,
    Controller: QueueJobListController,
});
