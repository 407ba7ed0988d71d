"""The list of projects, its forms, and access to projects."""

from email.message import EmailMessage

from conftest import link_in, register
from litestar_vite.testing import InertiaTestClient

PROJECT = {"name": "Apollo", "status": "active", "description": "To the moon", "due_on": "2027-07-20"}


def create(client: InertiaTestClient, **changes: str) -> None:
    client.visit("/projects")
    client.submit("/projects", {**PROJECT, **changes}).missing_errors()


def test_a_project_is_created_changed_and_deleted(ada: InertiaTestClient) -> None:
    create(ada)
    page = ada.visit("/projects").where("projects.0.name", "Apollo").where("projects.0.due_on", "2027-07-20")
    url = f"/projects/{page.value('projects.0.id')}"
    ada.submit(url, {**PROJECT, "status": "done", "due_on": ""}, method="PUT").where("projects.0.due_on", None)
    ada.submit(url, {}, method="DELETE").has_flash("success", "Apollo was deleted.").where("total", 0)


def test_each_field_that_is_wrong_has_a_message(ada: InertiaTestClient) -> None:
    ada.visit("/projects")
    ada.submit("/projects", {"name": " ", "status": "lost", "due_on": "soon"}).has_errors("name", "status", "due_on")


def test_the_list_is_searched_filtered_sorted_and_cut_into_pages(ada: InertiaTestClient) -> None:
    for number in range(12):
        create(ada, name=f"Project {number:02}", status="done" if number % 2 else "active")
    ada.visit("/projects?sort=name").where("projects.0.name", "Project 00").count("projects", 10).where("pages", 2)
    ada.visit("/projects?sort=-name&page=2").where("projects.1.name", "Project 00")
    ada.visit("/projects?status=done").where("total", 6)
    ada.visit("/projects?search=moon+07").where("total", 1)
    ada.visit("/projects?sort=nonsense&status=nonsense&page=-1").where("total", 12)


def test_the_dashboard_counts_and_shows_what_is_due(ada: InertiaTestClient) -> None:
    create(ada)
    page = ada.visit("/dashboard").where_contains("counts", {"status": "active", "projects": 1}).has_deferred("due")
    page.load_deferred().where("due.0.name", "Apollo")


def test_projects_of_others_do_not_exist(ada: InertiaTestClient, inbox: list[EmailMessage]) -> None:
    create(ada)
    number = ada.visit("/projects").value("projects.0.id")
    ada.submit("/logout", {})
    register(ada, "Eve", "eve@example.org")
    ada.visit(link_in(inbox[-1]))
    ada.visit("/projects").where("total", 0)
    assert ada.inertia("PUT", f"/projects/{number}", json=PROJECT).status_code == 404
    assert ada.inertia("DELETE", f"/projects/{number}").status_code == 404


def test_open_pages_follow_the_projects_of_their_user_only(ada: InertiaTestClient, inbox: list[EmailMessage]) -> None:
    page = ada.visit("/projects")
    (channel,) = {each["channel"]["name"] for prop in page.live_props.values() for each in prop["listeners"]}
    page.has_live("projects", channel).has_live("total", channel)
    ada.submit("/logout", {})
    # A refused stream ends at once.
    assert "event: denied" in ada.get(f"/live?channel={channel}").text
    register(ada, "Eve", "eve@example.org")
    ada.visit(link_in(inbox[-1]))
    assert "event: denied" in ada.get(f"/live?channel={channel}").text


def test_an_unknown_url_shows_the_error_page(client: InertiaTestClient) -> None:
    client.open("/nowhere").status(404).component("Errors/Error").where("status", 404)
