"""A Paho Python client driven by lines.

Arguments: server URI, client id, CA file or "-". Standard input: user name, password, then
"publish TOPIC PAYLOAD" lines and "quit". Standard output: "version VERSION", then "connected",
"heard TOPIC PAYLOAD", "published", "lost CAUSE", "failed CAUSE".
"""

import sys
import threading
from urllib.parse import urlsplit

import paho.mqtt
import paho.mqtt.client as mqtt

saying = threading.Lock()


def say(*words):
    with saying:
        print(*words, flush=True)


def on_connect(client, _userdata, _flags, reason, _properties):
    if reason.is_failure:
        say("failed", reason)
    else:
        client.subscribe("owlcms/fop/#", 0)


def on_disconnect(_client, _userdata, _flags, reason, _properties):
    say("lost", reason)


def main():
    uri, client_id, ca_file = sys.argv[1:4]
    user, password = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    say("version", paho.mqtt.__version__)
    address = urlsplit(uri)
    transport = "tcp" if address.scheme == "tcp" else "websockets"
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, client_id, clean_session=True, transport=transport
    )
    client.username_pw_set(user, password)
    if transport == "websockets":
        client.ws_set_options(path=address.path)
    if ca_file != "-":
        client.tls_set(ca_file)
    client.reconnect_delay_set(1, 1)
    client.on_connect = on_connect
    client.on_disconnect = on_disconnect
    client.on_subscribe = lambda *_: say("connected")
    client.on_publish = lambda *_: say("published")
    client.on_message = lambda _c, _u, message: say(
        "heard", message.topic, message.payload.decode()
    )
    client.connect_async(address.hostname, address.port, keepalive=60)
    client.loop_start()
    for line in sys.stdin:
        word, *rest = line.rstrip("\n").split(" ", 2)
        if word == "publish":
            client.publish(rest[0], rest[1], qos=1)
        elif word == "quit":
            break


main()
