"""What a browser calls itself, in few words."""

# The first that occurs counts: Edge and Opera call themselves Chrome too, and every one of them Safari.
_NAMES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("MicroMessenger/", "WeChat"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def described(user_agent: str) -> str:
    """Return browser and system, or the beginning of the text when neither is known.

    >>> described("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36")
    'Chrome, Android'
    >>> described("curl/8.5.0"), described("")
    ('curl/8.5.0', '')
    """
    known = [next((name for mark, name in names if mark in user_agent), "") for names in (_NAMES, _SYSTEMS)]
    return ", ".join(filter(None, known)) or user_agent[:60]
