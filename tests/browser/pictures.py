#!/usr/bin/python3
"""tests/browser/pictures.py PROGRAM DIR

Pictures of the page of a ledger that is at work, for the documents.
"""

import argparse
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from world import Browser, Ledger, go_to, prefer, resize, until


def given_a_shop(ledger):
    for sku, name, stock in (("anvil", "Anvil, 50 kg", 40), ("rope", "Rope, 10 m", 120), ("lamp", "Oil lamp", 15),
                             ("nail-3", "Nails, box of 100", 500), ("saw", "Bow saw", 6), ("bell", "Ship's bell", 1)):
        ledger.given_product(sku, stock, name)
    ids = [ledger.given_order(sku, quantity) for sku, quantity in
           (("anvil", 1), ("rope", 3), ("bell", 1), ("saw", 2), ("anvil", 4), ("lamp", 1), ("nail-3", 20), ("anvil", 2),
            ("rope", 12), ("anvil", 6))]
    ledger.ask("PUT", f"order/{ids[1]}/fulfil/", {"actor": "bob"})
    ledger.ask("PUT", f"order/{ids[4]}/abort/", {"actor": "alice", "reason": "changed my mind"})
    ledger.ask("POST", "product/anvil/receive/", {"quantity": 10, "actor": "bob", "reason": "delivery"})
    ledger.ask("PUT", f"order/{ids[7]}/fulfil/", {"actor": "bob"})


def shop(ledger, is_open):
    """Places and ends orders, more and less often, under different actors."""
    chance = random.Random(1)
    while is_open.is_set():
        for _ in range(chance.randrange(20, 120)):
            sku = chance.choice(("anvil", "rope", "lamp", "nail-3", "saw"))
            status, answer = ledger.ask("POST", "order/", {"product": sku, "quantity": chance.randrange(1, 4),
                                                           "actor": chance.choice(("alice", "bob", "carol"))})
            if status == 409:
                ledger.ask("POST", f"product/{sku}/receive/", {"quantity": 50, "actor": "bob", "reason": "delivery"})
            elif chance.random() < 0.8:
                ending = chance.choice(("abort", "fulfil"))
                ledger.ask("PUT", f"order/{answer['order']}/{ending}/", {"actor": "bob"})
        time.sleep(chance.random())


def take_pictures(program, directory):
    os.makedirs(directory, exist_ok=True)
    ledger = Ledger(program)
    browser = Browser()
    try:
        given_a_shop(ledger)
        browser.open(ledger.url)
        with ThreadPoolExecutor(1) as shoppers:
            open_for_business = threading.Event()
            open_for_business.set()
            shopping = shoppers.submit(shop, ledger, open_for_business)
            try:
                time.sleep(24)  # so that the charts show some time
                take_each(browser, directory)
            finally:
                open_for_business.clear()
            shopping.result()
    finally:
        browser.quit()
        ledger.remove()


def take_each(browser, directory):
    def take(name, size="desk"):
        resize(browser, size)
        browser.driver.save_screenshot(os.path.join(directory, f"page-{name}.png"))

    take("overview")
    prefer(browser, prefers_color_scheme="dark")
    browser.run("location.hash = '#/product/anvil'")
    until("its statement", lambda: browser.all("#statement tr"))
    take("product")
    browser.run("location.hash = '#/'")
    prefer(browser)
    take("phone", "phone")
    go_to(browser, 12)
    until("fewer orders", lambda: len(browser.keys("#orders")) == 6)
    take("past")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("directory")
    chosen = options.parse_args()
    take_pictures(os.path.abspath(chosen.program), chosen.directory)


main()
