package interop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * The MQTT half of an owlcms with one platform, as its own client is (docs/owlcms.md 1.2, 1.5): MQTT 3.1.1, clean session, keep-alive
 * 60 s, QoS 1 out, QoS 0 in, no will, its own loop that connects again after 1 s, a lamp test of 1 s before it subscribes, a thread for
 * each message. Arguments: server URI, platform. Standard input: user name, password, then "quit". Standard output: "version VERSION",
 * then "connected", "listening", "took TOPIC PAYLOAD", "lost".
 */
public final class Owlcms implements MqttCallback {
    private static final String[] TOPICS = {
        "refbox/decision", "refbox/downEmitted", "decision", "clock", "jurybox/break", "jurybox/decision",
        "jurybox/juryMember/decision", "jurybox/summon", "test",
    };
    private final String uri;
    private final String platform;
    private final MqttConnectOptions options = new MqttConnectOptions();
    private final String id;
    private MqttAsyncClient client;

    private Owlcms(String uri, String platform, String user, String password) {
        this.uri = uri;
        this.platform = platform;
        this.id = platform + "_owlcms_" + System.currentTimeMillis();
        options.setCleanSession(true);
        options.setUserName(user);
        options.setPassword(password.toCharArray());
    }

    public static void main(String[] args) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var owlcms = new Owlcms(args[0], args[1], lines.readLine(), lines.readLine());
        String jar = MqttAsyncClient.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        say("version " + jar.replaceAll(".*mqttv3-(.*)[.]jar", "$1"));
        new Thread(owlcms::connectLoop).start();
        for (String line = lines.readLine(); line != null && !line.equals("quit"); line = lines.readLine()) {}
        Runtime.getRuntime().halt(0);
    }

    private void connectLoop() {
        try {
            while (true) {
                try {
                    client = new MqttAsyncClient(uri, id, new MemoryPersistence());
                    client.setCallback(this);
                    client.connect(options).waitForCompletion();
                    say("connected");
                    lamps("on");
                    Thread.sleep(1000);
                    lamps("off");
                    for (String topic : TOPICS) client.subscribe("owlcms/" + topic + "/" + platform, 0);
                    client.subscribe("owlcms/config", 0).waitForCompletion();
                    say("listening");
                    return;
                } catch (MqttException failure) {
                    Thread.sleep(1000);
                }
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void lamps(String state) throws MqttException {
        publish("owlcms/fop/startup/" + platform, state);
        publish("owlcms/led/" + platform, state);
    }

    private void publish(String topic, String payload) throws MqttException {
        client.publish(topic, new MqttMessage(payload.getBytes(StandardCharsets.UTF_8)));
    }

    private void handle(String topic, String payload) {
        try {
            if (topic.equals("owlcms/config")) {
                publish("owlcms/fop/config", "{\"jurySize\":5,\"platforms\":[\"" + platform + "\"],\"version\":\"69.0.0\"}");
                return;
            }
            say("took " + topic + " " + payload);
            if (topic.startsWith("owlcms/jurybox/juryMember/")) publish("owlcms/fop/juryMemberDecision/" + platform, payload);
        } catch (MqttException failure) {
            say("failed " + failure);
        }
    }

    @Override
    public void connectionLost(Throwable cause) {
        say("lost");
        new Thread(this::connectLoop).start();
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        String payload = new String(message.getPayload(), StandardCharsets.UTF_8).trim();
        new Thread(() -> handle(topic, payload)).start();
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
