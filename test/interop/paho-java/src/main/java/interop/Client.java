package interop;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * An owlcms-firmata in miniature (protocol.md 3.6): clean session, keep-alive 60 s, QoS 1 out, QoS 0 in,
 * and its own loop that reconnects after 1 s and subscribes again. Arguments: server URI, client id, CA
 * file or "-". Standard input: user name, password, then "publish TOPIC PAYLOAD" lines and "quit".
 * Standard output: "version VERSION", then "connected", "heard TOPIC PAYLOAD", "published", "lost CAUSE", "failed CAUSE".
 */
public final class Client implements MqttCallback {
    private final MqttAsyncClient client;
    private final MqttConnectOptions options = new MqttConnectOptions();

    private Client(String uri, String id, String caFile, String user, String password) throws Exception {
        client = new MqttAsyncClient(uri, id, new MemoryPersistence());
        client.setCallback(this);
        options.setCleanSession(true);
        options.setKeepAliveInterval(60);
        options.setUserName(user);
        options.setPassword(password.toCharArray());
        if (!caFile.equals("-")) options.setSocketFactory(trusting(caFile));
    }

    public static void main(String[] args) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var client = new Client(args[0], args[1], args[2], lines.readLine(), lines.readLine());
        say("version " + jarVersion());
        client.connectAfter(0);
        for (String line = lines.readLine(); line != null && !line.equals("quit"); line = lines.readLine()) {
            String[] words = line.split(" ", 3);
            if (words[0].equals("publish")) client.publish(words[1], words[2]);
        }
        Runtime.getRuntime().halt(0);
    }

    private void connect() throws InterruptedException {
        while (true) {
            try {
                client.connect(options).waitForCompletion();
                client.subscribe("owlcms/fop/#", 0).waitForCompletion();
                say("connected");
                return;
            } catch (MqttException failure) {
                say("failed " + failure);
                Thread.sleep(1000);
            }
        }
    }

    private void publish(String topic, String payload) {
        try {
            client.publish(topic, payload.getBytes(StandardCharsets.UTF_8), 1, false);
        } catch (MqttException failure) {
            say("failed " + failure);
        }
    }

    @Override
    public void connectionLost(Throwable cause) {
        say("lost " + cause);
        connectAfter(1000);
    }

    /** On a thread of its own: neither the library's nor the one that reads our input may wait. */
    private void connectAfter(long millis) {
        new Thread(() -> {
            try {
                Thread.sleep(millis);
                connect();
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            }
        }).start();
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        say("heard " + topic + " " + new String(message.getPayload(), StandardCharsets.UTF_8));
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {
        say("published");
    }

    private static SSLSocketFactory trusting(String caFile) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (var in = new FileInputStream(caFile)) {
            trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private static String jarVersion() {
        String jar = MqttAsyncClient.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        return jar.replaceAll(".*mqttv3-(.*)[.]jar", "$1");
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
