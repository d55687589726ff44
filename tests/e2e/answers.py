# SPDX-License-Identifier: Apache-2.0
"""Answers only move on: ingest, and the books, are killed again and again while others fetch from both boxes, ask what became of messages
and what the books hold, confirm and ping. No end, state, confirmation or sum ever goes back, whoever asks first after a start.

  answers.py [--kills N] [--seed N]"""
import argparse
import random
import threading
import time

from exchange import check, main, wait
from stranger import RANK, bill, connect, gate_pb, load_demo

parser = argparse.ArgumentParser()
parser.add_argument("--kills", type=int, default=25)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()

BOOKS = 1  # the box


class Told:
    """What was said last under each name, by whomever; what went back."""

    def __init__(self):
        self.last, self.back, self.answers, self.early, self.on = {}, [], 0, 0, 0

    def say(self, name, value):
        self.answers += 1
        if value < self.last.get(name, value):
            self.back.append("%s: said %s, then %s" % (name, self.last[name], value))
        self.on += value > self.last.get(name, value)
        self.last[name] = value

    def take(self, reply, kind):
        """The reply's body; None where nothing was stated."""
        if reply is None:
            return None
        if reply.HasField("refusal"):
            check(reply.refusal.code == "SYS-0001" and reply.refusal.retry_helps, "refused: %s" % reply.refusal)
            self.early += 1
            return None
        return getattr(reply, kind)


class Asker(threading.Thread):
    """Asks one kind of question without a pause until it is stopped. Each watches answers of its own: two that overtake each other on
    the way say nothing of the order in which they were made."""

    def __init__(self, exchange, stop, positions, question):
        super().__init__()
        self.gate, self.mailbox = connect(exchange, "120000")
        self.stop, self.positions, self.question = stop, positions, question
        self.told, self.chance, self.position, self.problem = Told(), random.Random(options.seed), None, None

    def run(self):
        try:
            while not self.stop.is_set():
                self.question(self)
        except Exception as problem:  # shown by the main thread
            self.problem = problem

    def ask(self, client, kind, fill):
        request = client.request()
        fill(request)
        return self.told.take(client.ask(request, 2000, 50), kind)


def ask_page(asker, box):
    def fill(request):
        setattr(request.fetch, "from", asker.told.last.get("end", 0))
        request.fetch.box, request.fetch.count_max = box, 100
    page = asker.ask(asker.mailbox, "mailbox_page", fill)
    if page is not None:
        asker.told.say("end", page.end)


def ask_state(asker):
    if not asker.positions:
        return
    if asker.position is None or asker.chance.random() < 0.1:
        asker.position = asker.positions[-1]  # asked again and again: it goes on from accepted to decided
    position = asker.position
    answer = asker.ask(asker.mailbox, "query_answer", lambda request: setattr(request.query, "position", position))
    if answer is not None:
        asker.told.say("state of %d" % position, RANK[answer.state])


def ask_to_confirm(asker):
    def fill(request):
        request.confirm.through = asker.told.last.get("end", 0)
    page = asker.ask(asker.mailbox, "mailbox_page", lambda request: request.fetch.SetInParent())
    if page is not None:
        asker.told.say("end", page.end)
    confirmed = asker.ask(asker.mailbox, "confirmed", fill)
    if confirmed is not None:
        asker.told.say("end", confirmed.through)


def ping(asker, client):
    pong = asker.ask(client, "pong", lambda request: request.ping.SetInParent())
    if pong is not None:
        asker.told.say("end of submissions", pong.submissions_end)
        asker.told.say("end of outcomes", pong.outcomes_end)


def ask_books(asker):
    """Bills alone come in: what was posted grows."""
    answer = asker.ask(asker.mailbox, "books_answer", lambda request: request.books_query.balances.SetInParent())
    if answer is not None:
        check(not answer.next, "more than one page of balances")
        asker.told.say("posted in all", sum(abs(balance.amount_fen) for balance in answer.balances))


QUESTIONS = {"the books' balances": ask_books, "a page of outcomes": lambda asker: ask_page(asker, 0), "a page of the books": lambda asker: ask_page(asker, BOOKS),
             "a state": ask_state, "a confirmation": ask_to_confirm, "a ping of the gate": lambda asker: ping(asker, asker.gate),
             "a ping of the mailbox": lambda asker: ping(asker, asker.mailbox)}


def kill_often(exchange, positions):
    """Bills come in all the time, so that what was told is always ahead of what was committed."""
    chance, gate = random.Random(options.seed), connect(exchange, "120000")[0]
    for number in range(options.kills):
        until = time.time() + chance.uniform(0.2, 0.6)
        while time.time() < until:
            receipts = gate.submit(*[bill(bill_id="A%d-%d-%d" % (number, len(positions), i)) for i in range(20)], timeout_ms=30000)
            positions.extend(gate_pb.Receipt.FromString(each).position for each in receipts)
            time.sleep(0.02)
        for service in ("books", "ingest") if number % 2 == 0 else ("ingest",):
            before = exchange.pid(service)
            check(exchange.kill(service), "%s does not run" % service)
            wait(lambda: exchange.pid(service) not in (0, before), "%s does not come back" % service, 60)


def answers(exchange):
    stop, positions = threading.Event(), []
    askers = {name: Asker(exchange, stop, positions, question) for name, question in QUESTIONS.items()}
    for asker in askers.values():
        asker.start()
    try:
        kill_often(exchange, positions)
        exchange.up_again()
    finally:
        stop.set()
        for asker in askers.values():
            asker.join(30)
    for name, asker in askers.items():
        print("        %s: %d answers, %d times not ready, %d times back" % (name, asker.told.answers, asker.told.early, len(asker.told.back)))
    for name, asker in askers.items():
        check(asker.problem is None, "%s: %r" % (name, asker.problem))
    back = [each for asker in askers.values() for each in asker.told.back]
    check(not back, "; ".join(back[:5]))
    check(askers["the books' balances"].told.on > 1, "the books' balances never grew")
    check(all(asker.told.answers > options.kills for asker in askers.values()), "a question had no answers")


main(answers, "answers", load_demo, tick_interval_ms=50)
