package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** An authority that gives out certificates for loopback, as PEM files that Kafka reads. */
final class Certificates {

    private final Path dir;
    private final Path key;
    private final Path certificate;

    Certificates(Path parent, String name) throws Exception {
        dir = Files.createDirectories(parent.resolve(name));
        key = dir.resolve("ca.key");
        certificate = dir.resolve("ca.pem");
        openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + name,
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
    }

    /** The certificate that says who is to be believed. */
    Path authority() {
        return certificate;
    }

    /** A key with its certificate, put where {@code file} is in one step. */
    void issue(String name, Path file) throws Exception {
        Path own = dir.resolve(name + ".key");
        Path request = dir.resolve(name + ".csr");
        Path signed = dir.resolve(name + ".pem");
        openssl(
                "req",
                "-new",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj",
                "/CN=" + name,
                "-keyout",
                own.toString(),
                "-out",
                request.toString());
        Path extensions = Files.writeString(dir.resolve(name + ".ext"), "subjectAltName=IP:127.0.0.1");
        openssl(
                "x509",
                "-req",
                "-in",
                request.toString(),
                "-CA",
                certificate.toString(),
                "-CAkey",
                key.toString(),
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                extensions.toString(),
                "-out",
                signed.toString());
        put(Files.readString(own) + Files.readString(signed), file);
    }

    /** Has {@code file} name the authorities that are believed. */
    static void trust(Path file, Certificates... authorities) throws IOException {
        var all = new StringBuilder();
        for (Certificates each : authorities) {
            all.append(Files.readString(each.certificate));
        }
        put(all.toString(), file);
    }

    private static void put(String text, Path file) throws IOException {
        Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void openssl(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        Path said = dir.resolve("openssl.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(said)).isZero();
    }
}
