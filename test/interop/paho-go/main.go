// Command paho-go is an owlcms replays in miniature (protocol.md 3.7), with a client that subscribes again.
// Arguments: server URI, client id, CA file or "-". Standard input: user name, password, then
// "publish TOPIC PAYLOAD" lines and "quit". Standard output: "version VERSION", then "connected",
// "heard TOPIC PAYLOAD", "published", "lost CAUSE", "failed CAUSE".
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

const filter = "owlcms/fop/#"

var saying sync.Mutex

func say(words ...any) {
	saying.Lock()
	defer saying.Unlock()
	fmt.Println(words...)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Scan()
	user := lines.Text()
	lines.Scan()
	password := lines.Text()
	client := mqtt.NewClient(options(os.Args[1], os.Args[2], os.Args[3], user, password))
	say("version", version())
	client.Connect()
	for lines.Scan() && lines.Text() != "quit" {
		words := strings.SplitN(lines.Text(), " ", 3)
		if words[0] == "publish" {
			go publish(client, words[1], words[2])
		}
	}
}

func options(uri, id, caFile, user, password string) *mqtt.ClientOptions {
	options := mqtt.NewClientOptions().AddBroker(uri).SetClientID(id).SetUsername(user).SetPassword(password)
	options.SetKeepAlive(30 * time.Second).SetCleanSession(true)
	options.SetConnectRetry(true).SetConnectRetryInterval(time.Second)
	options.SetAutoReconnect(true).SetMaxReconnectInterval(time.Second)
	options.SetOnConnectHandler(subscribe)
	options.SetConnectionLostHandler(func(_ mqtt.Client, cause error) { say("lost", cause) })
	if caFile != "-" {
		options.SetTLSConfig(trusting(caFile))
	}
	return options
}

func subscribe(client mqtt.Client) {
	token := client.Subscribe(filter, 0, func(_ mqtt.Client, message mqtt.Message) {
		say("heard", message.Topic(), string(message.Payload()))
	})
	if token.Wait() && token.Error() != nil {
		say("failed", token.Error())
		return
	}
	say("connected")
}

func publish(client mqtt.Client, topic, payload string) {
	token := client.Publish(topic, 1, false, payload)
	if token.Wait() && token.Error() != nil {
		say("failed", token.Error())
		return
	}
	say("published")
}

func trusting(caFile string) *tls.Config {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		panic("no certificate in " + caFile)
	}
	return &tls.Config{RootCAs: pool}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/eclipse/paho.mqtt.golang" {
				return module.Version
			}
		}
	}
	return "unknown"
}
