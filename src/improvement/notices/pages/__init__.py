"""What was sent to whom, who can be reached, and stopping reminders."""

from improvement.notices.pages import log, messages, reach

routes = [*log.routes, *messages.routes, *reach.routes]
