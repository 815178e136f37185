"""The addresses by which other systems join in, and who may pass there: a part of the access table."""

_CHECKERS, _READERS = "auditor organiser", "auditor chair organiser"
OTHER_SYSTEMS = {
    "chair.bring_outside": _READERS,
    "chair.outside": _READERS,
    "chair.take_back_outside": "chair",
    "comparisons.bring_comparison": _READERS,
    "comparisons.get_comparison": _READERS,
    "comparisons.list_comparisons": _READERS,
    "comparisons.take_back_comparison": "chair",
    "organiser.add_webhook": "organiser",
    "organiser.pause_webhook": "organiser",
    "organiser.remove_webhook": "organiser",
    "organiser.resume_webhook": "organiser",
    "organiser.tell_again": "organiser",
    "organiser.test_webhook": "organiser",
    "organiser.webhook_log": _CHECKERS,
    "organiser.webhooks": _CHECKERS,
    # Of a competition whose policy says nothing else: `tests/api/test_results.py` has the others.
    "results.get_feed": _READERS,
    "results.get_results": _READERS,
    "results.get_results_csv": _READERS,
    "webhooks.add_webhook": "organiser",
    "webhooks.list_deliveries": _CHECKERS,
    "webhooks.list_webhooks": _CHECKERS,
    "webhooks.pause_webhook": "organiser",
    "webhooks.remove_webhook": "organiser",
    "webhooks.resume_webhook": "organiser",
    "webhooks.send_again": "organiser",
    "webhooks.send_test": "organiser",
}
