"""The moderators' alert: what it says of an incident, how repeats fold into it, and what is shown as done."""

from __future__ import annotations

from tests.support.pressing import alert, alerts_on, button, ids_of, posts, press, shown
from tests.support.running import CURSE, Running, closed, repost_of, say, wait_for


async def test_an_alert_says_what_was_masked_where_why_and_by_whom_it_was_found(running: Running) -> None:
    await alerts_on(running)
    repost = await repost_of(running, say(running, CURSE))
    told = shown(await alert(running))
    assert "●● 진짜 짜증나네" in told
    assert "시발" not in told
    assert "욕설 0.9" in told
    assert "낱말 목록" in told
    assert f"/{repost.channel_id}/{repost.id}" in told


async def test_an_alert_has_every_action_and_names_its_incident(running: Running) -> None:
    await alerts_on(running)
    incident = await closed(running, say(running, CURSE))
    acts = ("original", "wrong", "right", "remove", "warn", "timeout", "case")
    assert ids_of(await alert(running)) == [f"garim:review:{act}:{incident.id}" for act in acts]


async def test_repeats_by_one_author_fold_into_one_alert(running: Running) -> None:
    await alerts_on(running)
    incidents = []
    for number in range(3):
        incidents.append(await closed(running, say(running, f"{CURSE} {number}")))
        await running.engine.alerts.drain()
    folded = await alert(running)
    told = shown(folded)
    assert "3건" in told
    assert "짜증나네 2" in told
    assert all(f"#{incident.id}" in told for incident in incidents)
    assert button(folded, ":warn:") == f"garim:review:warn:{incidents[-1].id}"
    post = folded.id
    assert await running.storage.alert_posts.incidents_of(post) == [incident.id for incident in incidents]


async def test_an_earlier_incident_of_a_folded_alert_is_chosen_from_its_list(running: Running) -> None:
    await alerts_on(running)
    first = await closed(running, say(running, CURSE))
    await closed(running, say(running, f"{CURSE} 또"))
    await running.engine.alerts.drain()
    panel = await press(running, await alert(running), "seoyeon", "garim:pick", (str(first.id),))
    assert button(panel, ":warn:") == f"garim:review:warn:{first.id}"


async def test_another_authors_incident_has_an_alert_of_its_own(running: Running) -> None:
    await alerts_on(running)
    await closed(running, say(running, CURSE))
    await closed(running, say(running, CURSE, "jiho"))
    await alert(running, 2)


async def test_an_alert_that_was_deleted_is_posted_anew(running: Running) -> None:
    await alerts_on(running)
    await closed(running, say(running, CURSE))
    first = await alert(running)
    running.demo.world.member_delete(running.demo.people["haneul"].id, first.channel_id, first.id)
    await closed(running, say(running, f"{CURSE} 또"))
    assert (await alert(running)).id != first.id


async def test_hostile_words_do_nothing_in_the_moderators_channel(running: Running) -> None:
    await alerts_on(running)
    hostile = f"{CURSE} @everyone <@{running.demo.people['jiho'].id}> [눌러](https://example.com) ||비밀|| `코드"
    await closed(running, say(running, hostile))
    post = await alert(running)
    assert "[눌러](" not in shown(post)
    assert "<@" + str(running.demo.people["jiho"].id) not in post.embeds[0]["description"]
    assert not post.mentions


async def test_what_was_pressed_stands_in_the_alert_with_who_and_when(running: Running) -> None:
    await alerts_on(running)
    await closed(running, say(running, CURSE))
    post = await alert(running)
    await press(running, post, "seoyeon", button(post, ":right:"))
    await wait_for(lambda: "맞다고 판단했어요" in shown(posts(running)[0]))
    told = shown(posts(running)[0])
    assert f"맞다고 판단했어요 · <@{running.demo.people['seoyeon'].id}> · <t:" in told


async def test_a_long_text_fits_an_embed(running: Running) -> None:
    await alerts_on(running)
    await closed(running, say(running, f"{CURSE} " + "*_~|" * 490))
    embed = (await alert(running)).embeds[0]
    assert len(embed["description"]) <= 4_096
    assert not embed["description"].rstrip("…").endswith("\\")
