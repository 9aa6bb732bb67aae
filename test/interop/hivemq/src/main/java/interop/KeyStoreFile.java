package interop;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Turns a PEM key (elliptic curve, PKCS #8) and certificate into the key store that HiveMQ asks for. */
final class KeyStoreFile {
    /** Guards nothing: the key lies beside it, for the length of one test run. */
    static final String PASSWORD = "changeit";

    private KeyStoreFile() {}

    static void write(Path key, Path certificate, Path target) throws Exception {
        String text = Files.readString(key).replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        var keySpec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text));
        var privateKey = KeyFactory.getInstance("EC").generatePrivate(keySpec);
        byte[] pem = Files.readString(certificate).getBytes(StandardCharsets.US_ASCII);
        Certificate x509 = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("broker", privateKey, PASSWORD.toCharArray(), new Certificate[] {x509});
        try (var out = Files.newOutputStream(target)) {
            store.store(out, PASSWORD.toCharArray());
        }
    }
}
