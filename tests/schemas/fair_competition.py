"""A small competition of two rounds as files, and what their reader says."""

from collections.abc import Callable
from pathlib import Path

from judging.errors import RubricError

COMPETITION = """\
key: fair
name: {en: Fair, zh-Hant-HK: 博覽會, zh-Hans-CN: 博览会}
time_zone: Asia/Hong_Kong
languages: [en, zh-Hant-HK, zh-Hans-CN]
cities:
  - {key: hk, name: {en: Hong Kong, zh-Hant-HK: 香港, zh-Hans-CN: 香港}}
  - {key: sh, name: {en: Shanghai, zh-Hant-HK: 上海, zh-Hans-CN: 上海}}
categories:
  - {key: city, name: {en: City, zh-Hant-HK: 城市, zh-Hans-CN: 城市}}
  - {key: bus, name: {en: Bus, zh-Hant-HK: 巴士, zh-Hans-CN: 公交}, parent: city}
rounds: [first, last]
"""
FIRST = """\
key: first
name: {en: First, zh-Hant-HK: 首輪, zh-Hans-CN: 首轮}
briefing: {en: Read., zh-Hant-HK: 請細閱。, zh-Hans-CN: 请细读。}
starts_at: 2023-07-01T09:00:00+08:00
ends_at: 2023-07-15T18:00:00+08:00
rubric:
  scale: {minimum: 1, maximum: 3, step: 1}
  criteria:
    - key: need
      name: {en: Need, zh-Hant-HK: 需要, zh-Hans-CN: 需求}
      description: {en: For whom, zh-Hant-HK: 為誰, zh-Hans-CN: 为谁}
      weight: 60
      levels:
        - {value: 1, description: {en: nobody, zh-Hant-HK: 沒有人, zh-Hans-CN: 没有人}}
        - {value: 3, description: {en: all, zh-Hant-HK: 所有人, zh-Hans-CN: 所有人}}
    - key: form
      name: {en: Form, zh-Hant-HK: 形式, zh-Hans-CN: 形式}
      description: {en: How good, zh-Hant-HK: 如何, zh-Hans-CN: 如何}
      weight: 40
      scale: {minimum: 0, maximum: 1, step: 0.5}
      levels:
        - {value: 0, description: {en: bad, zh-Hant-HK: 差, zh-Hans-CN: 差}}
        - {value: 1, description: {en: good, zh-Hant-HK: 好, zh-Hans-CN: 好}}
shortlist:
  size: 10
  city_minimum: {hk: 2, sh: 2}
  floors: {need: 1.5}
tie_breaks: [raw, criterion:need, people]
readings: {per_proposal: 2, extra: 5, maximum: 3}
"""
LAST = FIRST.replace("key: first", "key: last") + "carries_over: {round: first, weight: 20}\n"


def change(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def refusal_of(load: Callable[[], object]) -> list[str] | None:
    try:
        load()
    except RubricError as error:
        return error.complaints
    return None
