"""The entries of the audit log in words."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask_babel import gettext as _

_SENTENCES: dict[str, Callable[[], str]] = {
    "scoresheet.saved": lambda: _("%(who)s saved a draft of scoresheet %(what)s."),
    "scoresheet.submitted": lambda: _("%(who)s submitted scoresheet %(what)s."),
    "scoresheet.imported": lambda: _("%(who)s imported scoresheet %(what)s."),
    "scoresheet.confirmed": lambda: _("%(who)s confirmed scoresheet %(what)s, which somebody else had entered."),
    "scoresheets.imported": lambda: _("%(who)s imported scores into %(what)s."),
    "assignment.recused": lambda: _("%(who)s stepped back from %(what)s."),
    "assignment.recusal_undone": lambda: _("%(who)s gave %(what)s back to the judge."),
    "assignment.abstained": lambda: _("%(who)s abstained from scoring %(what)s."),
    "assignment.abstention_undone": lambda: _("%(who)s took back the abstention from %(what)s."),
    "conduct.accepted": lambda: _("%(who)s accepted the code of conduct as judge %(what)s."),
    "assignment.made": lambda: _("%(who)s assigned %(what)s."),
    "assignment.withdrawn": lambda: _("%(who)s withdrew the assignment %(what)s."),
    "assignments.planned": lambda: _("%(who)s applied a plan of assignments to %(what)s."),
    "assignments.taken_back": lambda: _("%(who)s took back the open assignments of %(what)s."),
    "assignment.pinned": lambda: _("%(who)s pinned the assignment %(what)s."),
    "assignment.unpinned": lambda: _("%(who)s lets plans change the assignment %(what)s again."),
    "assignment.banned": lambda: _("%(who)s forbade the assignment %(what)s."),
    "assignment.ban_lifted": lambda: _("%(who)s allowed the assignment %(what)s again."),
    "reading.asked": lambda: _("%(who)s asked for a further scoresheet: %(what)s."),
    "person.invited": lambda: _("%(who)s gave a role to %(what)s."),
    "person.deactivated": lambda: _("%(who)s took the roles of %(what)s away."),
    "link.issued": lambda: _("%(who)s made a sign-in link for %(what)s."),
    "link.shown_again": lambda: _(
        "%(who)s is shown a new sign-in link of %(what)s, who had signed in before; earlier sessions end."
    ),
    "links.handed_over": lambda: _("%(who)s made sign-in links of judges, to hand them over: %(what)s."),
    "judges.invited": lambda: _("%(who)s invited all judges without a link: %(what)s."),
    "links.revoked": lambda: _("%(who)s revoked the sign-in links of %(what)s."),
    "signed_in": lambda: _("%(who)s signed in."),
    "password.reset": lambda: _("%(who)s removed the forgotten password of %(what)s."),
    "password.changed": lambda: _("%(who)s changed the password."),
    "signed_out": lambda: _("%(who)s signed out."),
    "signed_out_everywhere": lambda: _("%(who)s signed out everywhere."),
    "session.ended": lambda: _("%(who)s ended a session in another browser."),
    "restored": lambda: _("%(who)s restored the database from a copy; everybody signs in again."),
    "link.requested": lambda: _("Somebody asked for a sign-in link, which goes to the address on record: %(what)s."),
    "message.bounced": lambda: _("A mail server reported that a message did not arrive: %(what)s."),
    "message.sent_again": lambda: _("%(who)s had a message sent again: %(what)s."),
    "appointment.proposed": lambda: _("%(who)s proposed a role for %(what)s; somebody else has to confirm it."),
    "appointment.confirmed": lambda: _("%(who)s confirmed the role proposed for %(what)s."),
    "appointment.refused": lambda: _("%(who)s refused the role proposed for %(what)s."),
    "person.appointed": lambda: _("%(what)s received the proposed role; %(who)s confirmed last."),
    "chairs.told": lambda: _("The chairs were told by e-mail of a new role of %(what)s."),
    "address.proposed": lambda: _("%(who)s proposed another e-mail address for %(what)s."),
    "address.confirmed": lambda: _("%(who)s confirmed another e-mail address of %(what)s."),
    "address.refused": lambda: _("%(who)s refused another e-mail address of %(what)s."),
    "account.address_changed": lambda: _("The e-mail address of %(what)s was changed; last acted %(who)s."),
    "name.proposed": lambda: _("%(who)s proposed another name for %(what)s."),
    "name.confirmed": lambda: _("%(who)s confirmed another name of %(what)s."),
    "name.refused": lambda: _("%(who)s refused another name of %(what)s."),
    "account.name_changed": lambda: _("The name of %(what)s was changed; last acted %(who)s."),
    "account.renamed": lambda: _("%(who)s changed the name of %(what)s."),
    "roster.judge_left": lambda: _("%(who)s deactivated the judge %(what)s."),
    "roster.judge_put_back": lambda: _("%(who)s put the judge %(what)s back."),
    "setup_link.issued": lambda: _("%(who)s made a set-up link for the first organiser."),
    "installation.set_up": lambda: _("%(what)s set up this installation as its first organiser."),
    "factor.begun": lambda: _("%(who)s began to set up an authenticator app."),
    "token.made": lambda: _("%(who)s made an access token."),
    "token.revoked": lambda: _("%(who)s revoked an access token."),
    "factor.added": lambda: _("%(who)s added a second factor."),
    "factor.removed": lambda: _("%(who)s removed a second factor."),
    "factor.reset": lambda: _("%(who)s removed all second factors of %(what)s."),
    "factor.confirmed": lambda: _("%(who)s confirmed with a second factor."),
    "identity.linked": lambda: _("%(who)s signed in by single sign-on for the first time."),
    "competition.loaded": lambda: _("%(who)s loaded the definition of %(what)s."),
    "competition.changed": lambda: _("%(who)s changed the definition of %(what)s on a page."),
    "competition.archived": lambda: _("%(who)s archived the competition %(what)s."),
    "competition.put_back": lambda: _("%(who)s took the competition %(what)s out of the archive."),
    "competition.exported": lambda: _("%(who)s exported %(what)s into a file, for another installation."),
    "competition.imported": lambda: _("%(who)s imported %(what)s from another installation."),
    "removal.asked": lambda: _("%(who)s asked for the removal of personal data from %(what)s; it waits."),
    "removal.confirmed": lambda: _("%(who)s confirmed the removal of personal data from %(what)s."),
    "removal.stopped": lambda: _("%(who)s stopped the removal of personal data from %(what)s."),
    "personal_data.removed": lambda: _("%(who)s had personal data removed from %(what)s."),
    "competition.made": lambda: _("%(who)s made the competition %(what)s on a page."),
    "round.opened": lambda: _("%(who)s opened the round %(what)s."),
    "round.closed": lambda: _("%(who)s closed the round %(what)s."),
    "round.reopened": lambda: _("%(who)s reopened the round %(what)s."),
    "round.reminded": lambda: _("%(who)s reminded the judges of the round %(what)s."),
    "reminders.exported": lambda: _("%(who)s took the reminders of the round %(what)s as a table for mail merge."),
    "round.reminders_set": lambda: _("%(who)s changed when judges of the round %(what)s are reminded."),
    "round.deadline_changed": lambda: _("%(who)s changed the deadline of the round %(what)s."),
    "round.advanced": lambda: _("%(who)s took the released shortlist over into %(what)s."),
    "roster.proposal_withdrawn": lambda: _("%(who)s withdrew the proposal %(what)s."),
    "roster.proposal_put_back": lambda: _("%(who)s put the proposal %(what)s back."),
    "roster.changed": lambda: _("%(who)s changed the rosters by hand: %(what)s."),
    "pitches.ordered": lambda: _("%(who)s changed the running order of %(what)s."),
    "pitches.drawn": lambda: _("%(who)s drew the running order by lot: %(what)s."),
    "pitches.moved": lambda: _("%(who)s led on through the pitches: %(what)s."),
    "webhook.added": lambda: _("%(who)s added a webhook: %(what)s."),
    "webhook.paused": lambda: _("%(who)s paused a webhook: %(what)s."),
    "webhook.resumed": lambda: _("%(who)s let a webhook go on: %(what)s."),
    "webhook.removed": lambda: _("%(who)s removed a webhook: %(what)s."),
    "webhook.tested": lambda: _("%(who)s sent a test message: %(what)s."),
    "webhook.sent_again": lambda: _("%(who)s had a message to a program sent again: %(what)s."),
    "comparison.brought": lambda: _("%(who)s brought a result from outside for comparison: %(what)s."),
    "comparison.taken_back": lambda: _("%(who)s took back a result from outside: %(what)s."),
    "rules.proposed": lambda: _("%(who)s proposed other rules: %(what)s."),
    "rules.consented": lambda: _("%(who)s consented to other rules: %(what)s."),
    "rules.sealed": lambda: _("%(who)s consented last, and the rules are sealed: %(what)s."),
    "rules.withdrawn": lambda: _("%(who)s withdrew the proposed rules: %(what)s."),
    "calibrated": lambda: _("%(who)s calibrated %(what)s."),
    "results.verified": lambda: _("%(who)s let the result be computed again: %(what)s."),
    "decision.made": lambda: _("%(who)s decided on %(what)s."),
    "award.defined": lambda: _("%(who)s defined the award %(what)s."),
    "award.granted": lambda: _("%(who)s gave the award %(what)s."),
    "award.withdrawn": lambda: _("%(who)s withdrew the award %(what)s."),
    "meeting.opened": lambda: _("%(who)s opened %(what)s."),
    "meeting.present": lambda: _("%(who)s changed who is present at %(what)s."),
    "meeting.agenda": lambda: _("%(who)s changed the agenda of %(what)s."),
    "meeting.run": lambda: _("%(who)s let %(what)s go on with another run."),
    "meeting.noted": lambda: _("%(who)s wrote a note at %(what)s."),
    "meeting.closed": lambda: _("%(who)s closed %(what)s."),
    "conflict.declared": lambda: _("%(who)s declared a conflict of interest with %(what)s."),
    "conflict.withdrawn": lambda: _("The conflict of interest with %(what)s was withdrawn by %(who)s."),
    "conflict.entered": lambda: _("%(who)s entered a conflict of interest: %(what)s."),
    "conflict.refused": lambda: _("%(who)s refused a proposed conflict of interest: %(what)s."),
    "conflict.ended": lambda: _("%(who)s ended a conflict of interest: %(what)s."),
    "release.proposed": lambda: _("%(who)s proposed %(what)s."),
    "release.signed": lambda: _("%(who)s signed %(what)s."),
    "release.in_force": lambda: _("%(who)s signed last, and the release is in force: %(what)s."),
    "letters.comments_chosen": lambda: _("%(who)s chose comments for the letters to teams: %(what)s."),
    "appeal.entered": lambda: _("%(who)s entered an appeal: %(what)s."),
    "appeal.computed": lambda: _("%(who)s computed what a further scoresheet could change: %(what)s."),
    "appeal.judge_asked": lambda: _("%(who)s asked a judge to score because of an appeal: %(what)s."),
    "appeal.settled": lambda: _("%(who)s settled an appeal: %(what)s."),
    "paper.typed": lambda: _("%(who)s typed a scoresheet from paper: %(what)s."),
    "paper.printed": lambda: _("%(who)s took blank scoresheets: %(what)s."),
    "letters.made": lambda: _("%(who)s made the letters to teams: %(what)s."),
    "letters.linked": lambda: _("%(who)s made new links to the letters: %(what)s."),
    "mail_text.changed": lambda: _("%(who)s wrote the text of an e-mail: %(what)s."),
    "mail_text.reset": lambda: _("%(who)s went back to the standard text of an e-mail: %(what)s."),
    "letters.mailed": lambda: _("%(who)s sent the letters to teams by e-mail: %(what)s."),
    "letters.exported": lambda: _("%(who)s took the letters to teams as PDF: %(what)s."),
    "letters.links_revoked": lambda: _("%(who)s ended the links to the letters: %(what)s."),
    "file.imported": lambda: _("%(who)s imported the file %(what)s."),
    "file.added": lambda: _("%(who)s added a file: %(what)s."),
    "file.replaced": lambda: _("%(who)s replaced a file: %(what)s."),
    "file.removed": lambda: _("%(who)s removed a file: %(what)s."),
    "file.put_back": lambda: _("%(who)s put an earlier file back: %(what)s."),
    "results.exported": lambda: _("%(who)s took the results %(what)s."),
    "bundle.exported": lambda: _("%(who)s took the results bundle %(what)s."),
    "report.exported": lambda: _("%(who)s took the method report %(what)s."),
    "minutes.exported": lambda: _("%(who)s took the minutes of %(what)s as a file."),
    "log.exported": lambda: _("%(who)s took the audit log of %(what)s."),
    "viewed.proposal": lambda: _("%(who)s looked at the scoresheets of %(what)s."),
    "viewed.ratings": lambda: _("%(who)s took the scores of %(what)s as a table."),
    "viewed.ranking": lambda: _("%(who)s looked at the ranking of %(what)s."),
    "viewed.practice": lambda: _("%(who)s looked at the practice of the judges in %(what)s."),
    "viewed.entered": lambda: _("%(who)s looked at the scores of %(what)s that wait to be confirmed."),
    "viewed.preview": lambda: _("%(who)s computed the effect of other rules on %(what)s."),
    "viewed.sensitivity": lambda: _("%(who)s compared the methods for %(what)s."),
    "log.extended": lambda: _("The audit log was extended over what was stored before (%(what)s)."),
    "rows.stored": lambda: _("Rows were stored without a record of who did it."),
}


def subject_in_words(subject: str) -> str:
    """Return what an entry is about, with words for a round and a run in the reader's language."""
    if found := re.fullmatch(r"round (\S+)", subject):
        return str(_("round %(key)s", key=found[1]))
    if found := re.fullmatch(r"(\S+) run ([0-9]+)", subject):
        return str(_("%(round)s run %(number)s", round=found[1], number=found[2]))
    return subject


def sentence_of(action: str, *, who: str, what: str) -> str:
    """Return an entry as a sentence in the reader's language; an unknown action as its name."""
    words = _SENTENCES.get(action)
    if words is None:
        return f"{who}: {action} {what}".rstrip()
    return words() % {"who": who, "what": what}


def program_name(actor: str) -> str:
    """Return what did something that no person did, in the reader's language."""
    names = {
        "command line": _("The command line"),
        "service": _("The service"),
        "sign-in page": _("Somebody on the sign-in page"),
        "migration": _("An upgrade"),
    }
    return str(names.get(actor, actor))


def kind_names() -> dict[str, str]:
    """Return the name of each kind of entries in the reader's language."""
    return {
        "scores": _("Scores"),
        "assignments": _("Assignments"),
        "people": _("People"),
        "rounds": _("Rounds"),
        "rules": _("Rules"),
        "results": _("Calibrations"),
        "decisions": _("Decisions"),
        "releases": _("Releases"),
        "files": _("Files"),
        "viewed": _("Looked at"),
        "log": _("Audit log"),
    }
